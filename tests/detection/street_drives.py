"""Surveys of drives along one straight street, made by hand where a test must say exactly who passed and who felt what."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from detection import Jolts, Survey, Track
from detection.cluster import Candidates, find_modes
from detection.geo import LocalMetres
from detection.scene import Gathered, Scene, scene_of
from detection.settings import DefectSettings
from detection.tiles import tile_of

MARIENPLATZ = (48.137, 11.575)


def drive(
    trip: str,
    *,
    hits: Sequence[float] = (),
    device: str | None = None,
    heading: float = 90.0,
    confidence: float = 0.8,
    off_m: tuple[float, float] = (0.0, 0.0),
    length_m: float = 600.0,
    speed_mps: float = 11.0,
    started_at_s: float = np.nan,
    laps: int = 1,
    origin: tuple[float, float] = MARIENPLATZ,
) -> Survey:
    """One trip along the street, with jolts `hits` metres from its western end (its southern end for heading 0).

    off_m: along and across, the GPS error of the whole trip. laps: so many times the same way, two minutes apart.
    """
    station = np.arange(0.0, length_m, 10.0)
    track = Track.from_columns(
        _repeated(station if heading < 180.0 else station[::-1], heading, length_m, speed_mps, laps, off_m, origin)
        | {name: np.full(len(station) * laps, value) for name, value in {"roughness_mps2": 0.4, "weight": 1.0}.items()}
    )
    places = np.sort(np.asarray(hits, float))
    where = _repeated(places if heading < 180.0 else places[::-1], heading, length_m, speed_mps, laps, off_m, origin)
    rest = {name: np.full(len(places) * laps, value) for name, value in (_A_JOLT | {"confidence": confidence}).items()}
    return Survey(trip, device, started_at_s, Jolts.from_columns(where | rest), track)


_A_JOLT = {
    "severity": 3.0,
    "peak_mps2": 4.0,
    "kind": 1.0,
    "score": 2.5,
    "duration_s": 0.1,
    "first_swing_mps2": -3.0,
    "position_sigma_m": 4.0,
    "weight": 1.0,
    "pothole": 0.7,
    "speed_bump": 0.1,
    "joint": 0.1,
    "rough": 0.1,
}


def one_scene(gathered: Gathered) -> Scene:
    """All jolts and track points as one scene, across whatever tiles they lie on."""
    placed = np.flatnonzero(np.isfinite(gathered.jolts.latitude_deg))
    tile = int(tile_of(gathered.jolts.latitude_deg[placed[:1]], gathered.jolts.longitude_deg[placed[:1]])[0])
    return scene_of(gathered, placed, np.flatnonzero(np.isfinite(gathered.track.latitude_deg)), tile)


def candidates_of(scene: Scene, weight: np.ndarray, rules: DefectSettings) -> Candidates:
    """Every mode of a scene's jolts as a candidate on its plane."""
    jolts = scene.jolts
    modes = find_modes(jolts.globe_m, np.c_[jolts.east, jolts.north], weight, rules)
    return modes.on(scene.plane, np.arange(len(modes)), modes.member)


def _repeated(
    station: np.ndarray,
    heading: float,
    length_m: float,
    speed_mps: float,
    laps: int,
    off_m: tuple[float, float],
    origin: tuple[float, float],
) -> dict[str, np.ndarray]:
    """Columns of places in the order driven, lap after lap; stations count from the western (southern) end either way."""
    gone = station if heading < 180.0 else length_m - station
    t_s = np.concatenate([gone / speed_mps + lap * (length_m / speed_mps + 120.0) for lap in range(laps)])
    line = np.radians(heading % 180.0)
    along, across = np.tile(station, laps) + off_m[0] - length_m / 2, off_m[1]
    x, y = along * np.sin(line) + across * np.cos(line), along * np.cos(line) - across * np.sin(line)
    latitude, longitude = LocalMetres(*origin).to_degrees(x, y)
    same = {name: np.full(len(t_s), value) for name, value in {"heading_deg": heading, "speed_mps": speed_mps}.items()}
    return {"t_s": t_s, "latitude_deg": latitude, "longitude_deg": longitude} | same
