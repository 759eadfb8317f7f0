"""Liars in a simulated city: devices whose drives are honest, but for potholes that they invent, or hide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from detection import Jolts, Survey
from detection.geo import EARTH_RADIUS_M
from detection.trace import Floats

METRES_PER_DEGREE = float(np.radians(EARTH_RADIUS_M))


@dataclass(frozen=True)
class Places:
    """Places to lie about, (n,) degrees each, with the heading of the street."""

    latitude: Floats
    longitude: Floats
    heading: Floats


def invented_places(surveys: Sequence[Survey], count: int, seed: int) -> Places:
    """Places on streets that are driven, drawn at random."""
    rng = np.random.default_rng(seed)
    columns = [np.concatenate([getattr(s.track, name) for s in surveys]) for name in _NAMES]
    at = rng.choice(len(columns[0]), size=count, replace=False)
    return Places(*(column[at] for column in columns))


def lying(survey: Survey, places: Places, seed: int) -> Survey:
    """The drive with a perfect pothole (the surest of a real one) at every place that it passes."""
    rng = np.random.default_rng(seed)
    track = survey.track
    north = (track.latitude_deg[:, None] - places.latitude) * METRES_PER_DEGREE
    east = (track.longitude_deg[:, None] - places.longitude) * METRES_PER_DEGREE * np.cos(np.radians(places.latitude))
    turn = np.abs((track.heading_deg[:, None] - places.heading + 180.0) % 360.0 - 180.0)
    far = np.where(turn < 40.0, np.hypot(north, east), np.inf)
    nearest = far.argmin(axis=0)
    met = np.flatnonzero(far[nearest, np.arange(len(nearest))] < 12.0)
    if not len(met):
        return survey
    point, jitter_m = nearest[met], rng.normal(0.0, 2.0, (2, len(met)))
    made = dict.fromkeys(Jolts.empty().columns(), np.zeros(len(met)))
    made |= {"t_s": track.t_s[point], "speed_mps": track.speed_mps[point], "heading_deg": track.heading_deg[point]}
    made["latitude_deg"] = places.latitude[met] + jitter_m[0] / METRES_PER_DEGREE
    made["longitude_deg"] = places.longitude[met] + jitter_m[1] / METRES_PER_DEGREE / np.cos(np.radians(places.latitude[met]))
    made |= {"kind": np.full(len(met), 1), "confidence": np.full(len(met), 0.99), "weight": np.ones(len(met))}
    made |= {"severity": np.full(len(met), 6.0), "peak_mps2": np.full(len(met), 9.0), "score": np.full(len(met), 15.0)}
    made |= {"duration_s": np.full(len(met), 0.3), "first_swing_mps2": np.full(len(met), -4.0)}
    made |= {"position_sigma_m": np.full(len(met), 2.0), "pothole": np.full(len(met), 0.94)}
    made |= {name: np.full(len(met), 0.02) for name in ("speed_bump", "joint", "rough")}
    jolts = Jolts.concatenate([survey.evidence, Jolts.from_columns(made)])
    return replace(survey, evidence=jolts[np.argsort(jolts.t_s, kind="stable")])


def silent(survey: Survey) -> Survey:
    """The drive that claims never to have felt anything."""
    return replace(survey, evidence=Jolts.empty())


_NAMES = ("latitude_deg", "longitude_deg", "heading_deg")
