"""How results are compared with truth: one found thing to one true thing, by optimal assignment.

Events, not windows; splitting one defect into five costs precision. Used by the demo, tests and benchmarks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from detection.geo import LocalMetres, turn_deg
from detection.trace import Floats

Pairs = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Figures:
    """Counts of one comparison; sums over trips with `+`."""

    found: int = 0
    true: int = 0
    matched: int = 0

    def __add__(self, other: Figures) -> Figures:
        return Figures(self.found + other.found, self.true + other.true, self.matched + other.matched)

    @property
    def precision(self) -> float:
        return self.matched / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        return self.matched / self.true if self.true else 1.0

    @property
    def f1(self) -> float:
        both = self.found + self.true
        return 2.0 * self.matched / both if both else 1.0


def match_jolts(found_s: Floats, true_s: Floats, tolerance_s: float = 1.0) -> tuple[Figures, Pairs]:
    """Times of one trip, (a,) and (b,), matched one to one within the tolerance; pairs (k, 2) of indices."""
    pairs = assign(np.abs(found_s[:, None] - true_s[None, :]), tolerance_s)
    return Figures(len(found_s), len(true_s), len(pairs)), pairs


def match_defects(
    found: tuple[Floats, Floats, Floats], true: tuple[Floats, Floats, Floats], radius_m: float = 15.0, max_turn_deg: float = 60.0
) -> tuple[Figures, Pairs, Floats]:
    """Places (latitude, longitude, heading; NaN heading agrees with any) matched within radius and turn.

    Returns figures, pairs (k, 2) and the distance of each pair in m, (k,).
    """
    if not len(found[0]) or not len(true[0]):
        return Figures(len(found[0]), len(true[0]), 0), np.empty((0, 2), np.intp), np.empty(0)
    plane = LocalMetres.around(true[0], true[1])
    a, b = np.c_[plane.to_xy(found[0], found[1])], np.c_[plane.to_xy(true[0], true[1])]
    distance = np.linalg.norm(a[:, None] - b[None, :], axis=2)
    turn = np.nan_to_num(np.abs(turn_deg(found[2][:, None], true[2][None, :])))
    pairs = assign(np.where(turn <= max_turn_deg, distance, np.inf), radius_m)
    return Figures(len(a), len(b), len(pairs)), pairs, distance[pairs[:, 0], pairs[:, 1]]


def assign(cost: npt.NDArray[Any], limit: float) -> Pairs:
    """Pairs (k, 2) of an optimal one-to-one assignment in which every pair costs at most `limit`."""
    if not cost.size:
        return np.empty((0, 2), np.intp)
    rows, columns = linear_sum_assignment(np.where(cost <= limit, cost, limit * 1e6 + 1.0))
    good = cost[rows, columns] <= limit
    return np.asarray(np.c_[rows[good], columns[good]])
