"""Defects from the surveys of many trips: candidates, exposure, posterior, place.

Pure: the same surveys always give the same defects, in any order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

import numpy as np

from detection.calibration import Calibration, Severities, calibrate, level_of
from detection.cluster import Candidates, find_candidates
from detection.columns import KINDS, Codes, Floats, Texts
from detection.defects import Defects
from detection.exposure import Passes, count_passes
from detection.geo import heading_of
from detection.identity import distinct
from detection.jolts import Survey
from detection.posterior import chance_at, chance_of_trips, posterior, weigh
from detection.scene import Gathered, Scene, gather, scenes
from detection.settings import DefectSettings
from detection.tiles import tile_at

DEFAULT = DefectSettings()


def find_defects(
    surveys: Sequence[Survey], settings: DefectSettings = DEFAULT, calibration: Calibration | None = None
) -> Defects:
    """The defects that these trips speak for, most certain first.

    Trips without a device id count as a device each. Confidence includes the passes without a jolt. Severity is what
    the middle car of the fleet would show: by `calibration`, or one made from these trips.
    """
    return find_defects_and_severities(surveys, settings, calibration)[0]


def find_defects_and_severities(
    surveys: Sequence[Survey], settings: DefectSettings = DEFAULT, calibration: Calibration | None = None
) -> tuple[Defects, Severities]:
    """`find_defects`, and the severity of each with its 90 % interval in the same order."""
    known = calibrate(surveys) if calibration is None else calibration
    parts = _by_tile(None, surveys, known, settings).values()
    found, severities = Defects.concatenate(part[0] for part in parts), Severities.concatenate(part[1] for part in parts)
    order = _order(found)
    return replace(found[order], id=distinct(found.id[order])), severities[order]


def find_defects_in(
    tiles: Collection[int] | None, surveys: Sequence[Survey], calibration: Calibration, settings: DefectSettings = DEFAULT
) -> dict[int, Defects]:
    """The defects of each of these tiles (None: of all); tiles without any are left out.

    A tile's defects are the same whatever other tiles are asked for, and whatever trips drive elsewhere: `surveys` may
    leave out those that touch none of the tiles (`detection.defect_map.tiles_touched`).
    """
    return {tile: found for tile, (found, _) in _by_tile(tiles, surveys, calibration, settings).items() if len(found)}


def joined(parts: Iterable[Defects]) -> Defects:
    """The defects of several tiles, most certain first, each with an id of its own."""
    found = Defects.concatenate(parts)
    order = _order(found)
    return replace(found[order], id=distinct(found.id[order]))


def _order(found: Defects) -> np.ndarray:
    return np.lexsort((found.longitude, found.latitude, found.id.astype(str), -found.confidence))


def _by_tile(
    tiles: Collection[int] | None, surveys: Sequence[Survey], calibration: Calibration, settings: DefectSettings
) -> dict[int, tuple[Defects, Severities]]:
    gathered = gather(sorted(surveys, key=lambda survey: survey.trip_id))
    chance = chance_of_trips(gathered, settings)
    return {
        scene.tile: _defects_of(scene, gathered, chance, calibration, settings) for scene in scenes(gathered, settings, tiles)
    }


def _defects_of(
    scene: Scene, gathered: Gathered, chance_of_trip: Floats, calibration: Calibration, settings: DefectSettings
) -> tuple[Defects, Severities]:
    confidence = gathered.jolts.confidence[scene.jolts.index]
    every = find_candidates(scene.jolts, np.maximum(confidence, 0.05), settings)
    # a candidate belongs to the tile that the jolt it began at lies on: exactly one, as all tiles see the same
    candidates = every.only(np.flatnonzero(tile_at(scene.jolts.globe_m[every.seed]) == scene.tile))
    passes = count_passes(scene, candidates, gathered.jolts, gathered.track, settings)
    evidence = weigh(passes, len(candidates), settings)
    probability = posterior(evidence, chance_at(passes, chance_of_trip, len(candidates), settings), settings)
    table, severities = _measured(scene, gathered, candidates, passes, calibration, settings)
    found = _assembled(scene, candidates, passes, probability, evidence.devices, table)
    keep = (found.confidence >= settings.min_confidence) & (found.hits > 0)
    return found[keep], severities[keep]


def _measured(
    scene: Scene,
    gathered: Gathered,
    candidates: Candidates,
    passes: Passes,
    calibration: Calibration,
    settings: DefectSettings,
) -> tuple[dict[str, Floats], Severities]:
    """Robust place, severity, kind and times of each candidate from its hits, each device weighing the same."""
    hit = np.flatnonzero(passes.jolt >= 0)
    owner, jolt, count = passes.candidate[hit], passes.jolt[hit], len(candidates)
    row = np.searchsorted(scene.jolts.index, jolt)
    x, y = scene.jolts.x_m[row], scene.jolts.y_m[row]
    weight = np.maximum(passes.hit[hit], 0.05) / _passes_of_device(owner, passes.device[hit])
    weight = weight / np.maximum(np.nan_to_num(gathered.jolts.position_sigma_m[jolt], nan=5.0), 1.0) ** 2
    cx, cy, spread = _robust_mean(x, y, weight, owner, candidates)
    kind = _vote(owner, gathered.jolts.kind[jolt], weight, count).astype(np.int8)
    felt = gathered.jolts[jolt]
    device = gathered.device_names[passes.device[hit]]
    severities = calibration.fused(owner, count, level_of(felt), felt.speed_mps, device, kind[owner])
    seen = gathered.started_at_s[passes.trip[hit]] + passes.t_s[hit]
    witnesses = np.maximum(np.bincount(owner, 1.0 / _passes_of_device(owner, passes.device[hit]), count), 1.0)
    # digits beyond the ninth depend on the order in which devices were summed, which is that of their random names
    severities = replace(severities, severity=np.round(severities.severity, 9))
    table = {
        "x": cx,
        "y": cy,
        "radius": np.hypot(spread / np.sqrt(witnesses), settings.systematic_m),
        "severity": severities.severity,
        "kind": kind,
        "first": _reduce(np.fmin, owner, seen, count, np.inf),
        "last": _reduce(np.fmax, owner, seen, count, -np.inf),
    }
    return table, severities


def _assembled(
    scene: Scene,
    candidates: Candidates,
    passes: Passes,
    probability: Floats,
    devices: np.ndarray,
    table: dict[str, Floats],
) -> Defects:
    count = len(candidates)
    hits = np.bincount(passes.candidate[passes.jolt >= 0], minlength=count)
    observed = (passes.weight > 0) | (passes.jolt >= 0)
    total = np.bincount(passes.candidate[observed], minlength=count)
    latitude, longitude = scene.plane.to_degrees(table["x"], table["y"])
    heading = heading_of(candidates.east, candidates.north)
    heading[(candidates.east == 0) & (candidates.north == 0)] = np.nan
    rate = hits / np.maximum(total, 1)
    return Defects(
        id=_names(latitude, longitude, heading),
        latitude=latitude,
        longitude=longitude,
        kind=table["kind"].astype(np.int8),
        severity=table["severity"],
        confidence=probability,
        hits=hits.astype(np.int64),
        passes=total.astype(np.int64),
        devices=devices.astype(np.int64),
        hit_rate=rate,
        heading=heading,
        radius=table["radius"],
        first_seen=table["first"],
        last_seen=table["last"],
        status=np.zeros(count, np.int8),
        priority=probability * table["severity"] * rate * np.log1p(total),
    )


def _passes_of_device(owner: np.ndarray, device: np.ndarray) -> Floats:
    """For each hit, how many hits its device has at that candidate, (h,)."""
    _, which, count = np.unique(np.c_[owner, device], axis=0, return_inverse=True, return_counts=True)
    return count[which.ravel()].astype(np.float64)


def _robust_mean(
    x: Floats, y: Floats, weight: Floats, owner: np.ndarray, candidates: Candidates
) -> tuple[Floats, Floats, Floats]:
    """Weighted mean with Huber weights around the mode, three rounds; spread: weighted RMS distance along an axis, m."""
    count = len(candidates)
    cx, cy = candidates.x_m.copy(), candidates.y_m.copy()
    spread = np.full(count, 5.0)
    for _ in range(3):
        gap = np.hypot(x - cx[owner], y - cy[owner])
        robust = weight * np.minimum(1.0, 5.0 / np.maximum(gap, 1e-6))  # beyond 5 m (GPS 1 σ) influence stops growing
        total = np.maximum(np.bincount(owner, robust, count), 1e-12)
        cx, cy = np.bincount(owner, robust * x, count) / total, np.bincount(owner, robust * y, count) / total
        spread = np.sqrt((np.bincount(owner, robust * gap**2, count) / total + 9.0) / 2.0)  # one prior hit 3 m off
    return cx, cy, spread


def _vote(owner: np.ndarray, kind: Codes, weight: Floats, count: int) -> Floats:
    """The kind with most weight; unknown only where nothing else is spoken for."""
    cast = np.where(kind == 0, 1e-6, 1.0) * weight
    ballots = np.bincount(owner * len(KINDS) + kind, cast, count * len(KINDS)).reshape(count, len(KINDS))
    return np.asarray(ballots.argmax(axis=1), np.float64)


def _reduce(how: np.ufunc, owner: np.ndarray, values: Floats, count: int, start: float) -> Floats:
    out = np.full(count, start)
    how.at(out, owner, values)
    return np.where(np.isfinite(out), out, np.nan)


def _names(latitude: Floats, longitude: Floats, heading: Floats) -> Texts:
    """Ids from place (about 1 m) and direction; the server carries them over when places move a little."""
    keys = zip(np.round(latitude, 5), np.round(longitude, 5), np.nan_to_num(heading, nan=-1.0) // 45, strict=True)
    names = [hashlib.blake2s(repr(tuple(map(float, key))).encode(), digest_size=6).hexdigest() for key in keys]
    return np.array(names, dtype=object)
