"""Candidates beside candidates: a stronger one in the same direction, and one in the opposite direction at the same place.

A jolt that GPS puts far off the thing that caused it makes a candidate of its own beside the real one; a rough stretch
makes several along it; a hump across the road makes one in each direction.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from detection.cluster import Candidates
from detection.scene import Ints
from detection.settings import DefectSettings
from detection.trace import Floats

ALONG, AGAINST = 1, -1


@dataclass(frozen=True, eq=False)
class Neighbours:
    """stronger (c,): the strongest candidate within reach in the same direction that is stronger than this one, -1 none;
    stronger_m (c,): how far along the road it lies, inf where none; opposite (c,): the strongest in the opposite direction,
    -1 none."""

    stronger: Ints
    stronger_m: Floats
    opposite: Ints


def find_neighbours(candidates: Candidates, strength: Floats, settings: DefectSettings) -> Neighbours:
    """Of each candidate, by strength (c,); of equals the first is the stronger."""
    one, other, gap, turn = _pairs(candidates, settings.neighbour_m)
    aligned = np.cos(np.radians(settings.max_turn_deg))
    ahead = (strength[other] > strength[one]) | ((strength[other] == strength[one]) & (other < one))
    along = (turn > aligned) & ahead
    across = (turn < -aligned) & (gap <= settings.opposite_reach_m)
    stronger = _strongest(one[along], other[along], strength)
    gap_x, gap_y = candidates.x_m[stronger] - candidates.x_m, candidates.y_m[stronger] - candidates.y_m
    distance = np.abs(gap_x * candidates.east + gap_y * candidates.north)
    return Neighbours(stronger, np.where(stronger >= 0, distance, np.inf), _strongest(one[across], other[across], strength))


def _pairs(candidates: Candidates, reach_m: float) -> tuple[Ints, Ints, Floats, Floats]:
    """Ordered pairs no further apart, their distance and the cosine between their directions; sorted."""
    place = np.c_[candidates.x_m, candidates.y_m]
    pairs = cKDTree(place).query_pairs(reach_m, output_type="ndarray") if len(place) else np.empty((0, 2), np.intp)
    both = np.concatenate([pairs, pairs[:, ::-1]]).astype(np.int64)
    one, other = both[np.lexsort((both[:, 1], both[:, 0]))].T
    turn = candidates.east[one] * candidates.east[other] + candidates.north[one] * candidates.north[other]
    return one, other, np.hypot(*(place[one] - place[other]).T), turn


def _strongest(one: Ints, other: Ints, strength: Floats) -> Ints:
    """For each candidate (c,) the strongest of its others; of equals the first; -1 none."""
    best = np.full(len(strength), -1)
    order = np.lexsort((-other, strength[other]))
    best[one[order]] = other[order]  # the last written stays: the strongest
    return best
