"""Where cars drive beside a candidate: the line of its own lane, and that of the lane the other way.

Every pass knows how far right or left of a candidate it went, with a jolt or not; the jolts alone are fewer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from detection.cluster import Candidates
from detection.exposure import Pairs, points_beside
from detection.robust import robust_mean
from detection.scene import Ints, Rows
from detection.settings import DefectSettings, TrackSettings
from detection.trace import Floats
from detection.weight import as_often, votes

SPACING_M = TrackSettings().spacing_m


@dataclass(frozen=True, eq=False)
class Lanes:
    """own_m, opposite_m (c,): how far right of the candidate's middle cars drive in its direction, and in the other, in m;
    own, opposite (c,): effective passes that say so, 0: nothing is known."""

    own_m: Floats
    own: Floats
    opposite_m: Floats
    opposite: Floats


def find_lanes(points: Rows, candidates: Candidates, settings: DefectSettings, beside: Pairs | None = None) -> Lanes:
    """The lanes of each candidate (without a heading: none), from the track points within `pass_reach_m`: `beside`, where
    `exposure.points_beside` is at hand."""
    point, of = points_beside(points, candidates, settings) if beside is None else beside
    turn = points.east[point] * candidates.east[of] + points.north[point] * candidates.north[of]
    aligned = np.cos(np.radians(settings.max_turn_deg))
    sides = [_line(points, point[side], candidates, of[side], settings) for side in (turn > aligned, turn < -aligned)]
    return Lanes(*sides[0], *sides[1])


def _line(points: Rows, point: Ints, candidates: Candidates, of: Ints, settings: DefectSettings) -> tuple[Floats, Floats]:
    """Metres right of each candidate at which these track points pass it, and how many effective passes say so."""
    gap_x, gap_y = points.x_m[point] - candidates.x_m[of], points.y_m[point] - candidates.y_m[of]
    along = gap_x * candidates.east[of] + gap_y * candidates.north[of]
    right = gap_x * candidates.north[of] - gap_y * candidates.east[of]
    near = np.maximum(1.0 - np.abs(along) / SPACING_M, 0.0)  # two points a spacing apart: their linear interpolation
    trips = int(points.trip.max(initial=0)) + 1
    key, trip = np.unique(of * trips + points.trip[point], return_inverse=True)
    held = np.bincount(trip, near, len(key))
    seen = held > 0.1
    of_trip = (key // trips)[seen]
    device = np.zeros(len(key), np.int64)
    device[trip] = points.device[point]
    place = np.bincount(trip, near * right, len(key))[seen] / held[seen]
    vote = votes(as_often(of_trip, device[seen]), settings.device_correlation)
    total = np.bincount(of_trip, vote, len(candidates))
    middle, _ = robust_mean(place[:, None], vote, of_trip, np.zeros((len(candidates), 1)))
    return middle[:, 0], np.asarray(total, np.float64)
