"""Marks in a crowd: those that share a square of the screen are drawn as one, with their number.

The squares lie fixed in the world and their size is one of a few steps, so that nothing flickers while the map is moved.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mobile_app.ui.map.view import Array, Box, nearest_turn

STEPS = 2  # sizes of squares in a doubling of the scale
INWARD = 0.22  # a group is drawn no further from its square's middle (of its width), so that two never overlap


@dataclass(frozen=True)
class Groups:
    """x, y: where to draw it. leader: its weightiest mark. count: of its marks. ordered: all marks, group after group."""

    x: Array
    y: Array
    leader: NDArray[np.intp]
    count: NDArray[np.intp]
    ordered: NDArray[np.intp]

    def members(self, group: int) -> NDArray[np.intp]:
        """Indices of its marks, the weightiest first."""
        begin = int(self.count[:group].sum())
        return self.ordered[begin : begin + int(self.count[group])]


def square(scale: float, width_px: float) -> float:
    """Width of a square in units of the world, at least `width_px` on the screen and less than half as much again."""
    stepped: float = 2.0 ** (math.floor(math.log2(scale) * STEPS) / STEPS)
    return width_px / stepped


def grouped(x: Array, y: Array, weight: Array, width: float) -> Groups:
    """One group for each square of that width that holds any mark. A mark alone stays where it is."""
    column, row = np.floor(x / width).astype(np.int64), np.floor(y / width).astype(np.int64)
    order = np.lexsort((-weight, row, column))
    column, row = column[order], row[order]
    first = np.ones(len(order), dtype=bool)
    first[1:] = (column[1:] != column[:-1]) | (row[1:] != row[:-1])
    begin = np.flatnonzero(first)
    count = np.diff(np.append(begin, len(order)))
    if len(begin) == 0:
        return Groups(np.empty(0), np.empty(0), order, count, order)
    mean_x, mean_y = np.add.reduceat(x[order], begin) / count, np.add.reduceat(y[order], begin) / count
    leader, alone = order[begin], count == 1
    gx, gy = _inward(mean_x, column[begin], width), _inward(mean_y, row[begin], width)
    return Groups(np.where(alone, x[leader], gx), np.where(alone, y[leader], gy), leader, count, order)


def inside(x: Array, y: Array, box: Box) -> NDArray[np.intp]:
    """Indices of the points in the box, by whichever turn around the globe."""
    x = nearest_turn(x, (box.west + box.east) / 2)
    return np.flatnonzero((x >= box.west) & (x <= box.east) & (y >= box.south) & (y <= box.north))


def nearest(x: Array, y: Array, px: float, py: float, reach_px: float) -> int | None:
    """Index of the point nearest to a tap, px; None where none is within reach."""
    if len(x) == 0:
        return None
    away = np.hypot(x - px, y - py)
    at = int(np.argmin(away))
    return at if away[at] <= reach_px else None


def _inward(mean: Array, number: NDArray[np.int64], width: float) -> Array:
    middle = (number + 0.5) * width
    moved: Array = middle + np.clip(mean - middle, -INWARD * width, INWARD * width)
    return moved
