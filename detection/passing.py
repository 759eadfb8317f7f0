"""Tracks as steps of even length, so that passes through a place can be compared: what streets and crossings are read from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detection.columns import Counts, Floats
from detection.geo import LocalMetres
from detection.jolts import Survey

BREAK_M = 30.0  # track points come every 10 m; further apart the trip was not observed in between
PLANE_DEG = 0.1  # about 10 km: a plane is true within 100 km of its centre
SLACK = 1e-3  # of a step: a leg of ten metres and a rounding error is two steps of five, not three
SHORTEST_M = 0.5  # of two points nearer than that the second says nothing


@dataclass(frozen=True, eq=False)
class Steps:
    """Rows (n,) in order of trip and of way: xy (n, 2) m, ahead (n, 2) of length 1, speed_mps, roughness_mps2; way_m: distance
    driven since the first step of this stretch; stretch: number of the stretch, which is one trip's, observed without a break;
    trip, device: their numbers in order of name."""

    xy: Floats
    ahead: Floats
    speed_mps: Floats
    roughness_mps2: Floats
    way_m: Floats
    stretch: Counts
    trip: Counts
    device: Counts

    def __len__(self) -> int:
        return len(self.way_m)


def steps_of(surveys: Sequence[Survey], step_m: float) -> tuple[LocalMetres, Steps]:
    """All tracks cut into steps of at most `step_m` (and a thousandth), and the plane that they lie in.

    Trips without a device id count as a device each. Speeds lie between those of the points as under constant acceleration.
    Raises ValueError where no trip has a track.
    """
    driven = [survey for survey in sorted(surveys, key=lambda survey: survey.trip_id) if len(survey.track) > 1]
    if not driven:
        raise ValueError("no trip has a track")
    latitude, longitude = (
        np.concatenate([getattr(survey.track, name) for survey in driven]) for name in ("latitude_deg", "longitude_deg")
    )
    plane = LocalMetres.around(latitude, longitude, PLANE_DEG)
    names = {name: number for number, name in enumerate(sorted({survey.owner for survey in driven}))}
    parts, stretches = [], 0
    for trip, survey in enumerate(driven):
        part = _cut(survey, plane, step_m, stretches, trip, names[survey.owner])
        stretches = int(part.stretch.max(initial=stretches - 1)) + 1
        parts.append(part)
    return plane, Steps(*(np.concatenate(columns) for columns in zip(*(vars(part).values() for part in parts), strict=True)))


def _cut(survey: Survey, plane: LocalMetres, step_m: float, first_stretch: int, trip: int, device: int) -> Steps:
    track = survey.track
    xy = np.c_[plane.to_xy(track.latitude_deg, track.longitude_deg)]
    legs = np.diff(xy, axis=0)
    length = np.hypot(legs[:, 0], legs[:, 1])
    broken = length > BREAK_M
    count = np.where(broken | (length < SHORTEST_M), 0, np.ceil(length / step_m - SLACK)).astype(np.int64)
    leg = np.repeat(np.arange(len(legs)), count)
    share = (np.arange(len(leg)) - np.repeat(np.cumsum(count) - count, count)) / np.maximum(count[leg], 1)
    stretch = np.cumsum(broken)[leg]
    _, stretch = np.unique(stretch, return_inverse=True)
    driven = np.where(broken, 0.0, length)
    way = np.cumsum(driven) - driven
    square = track.speed_mps**2
    return Steps(
        xy[leg] + legs[leg] * share[:, None],
        legs[leg] / np.maximum(length[leg], SHORTEST_M)[:, None],
        np.sqrt(np.maximum(square[leg] + share * (square[leg + 1] - square[leg]), 0.0)),
        track.roughness_mps2[leg],
        way[leg] + share * length[leg],
        (stretch + first_stretch).astype(np.int64),
        np.full(len(leg), trip, np.int64),
        np.full(len(leg), device, np.int64),
    )


def distinct(group: npt.NDArray[np.int64], code: npt.NDArray[np.int64], groups: int) -> npt.NDArray[np.int64]:
    """How many different codes (n,) each group (n,) of so many has."""
    return np.bincount(np.unique(np.c_[group, code], axis=0)[:, 0], minlength=groups)
