"""The squares in which nothing is sent, with the margin around them, as outlines and as what fills them."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

from mobile_app.privacy import Ends
from mobile_app.privacy.cells import METRES_PER_DEGREE, Cell, middle_of
from mobile_app.ui.map.view import Array, world

CORNER_STEPS = 6  # of each rounded corner
CORNERS = 4 * (CORNER_STEPS + 1)


@cache
def outline(cell: tuple[float, int, int], margin_m: float | None = None) -> tuple[Array, Array]:
    """x and y (`view.world`), anticlockwise, of all within the margin of a cell. margin_m: None for that of the rules."""
    size_m, row, column = cell
    if margin_m is None:
        margin_m = Ends.of_cell(size_m).reach_m
    latitude, longitude = middle_of(Cell(size_m, row, column))
    degrees_across = middle_of(Cell(size_m, row, 1))[1] - middle_of(Cell(size_m, row, 0))[1]
    angles = np.linspace(0.0, math.tau, CORNERS + 1)[:-1].reshape(4, -1)
    angles = np.stack([np.linspace(start, start + math.tau / 4, CORNER_STEPS + 1) for start in angles[:, 0]])
    east = np.array([1, -1, -1, 1])[:, None] * size_m / 2 + margin_m * np.cos(angles)
    north = np.array([1, 1, -1, -1])[:, None] * size_m / 2 + margin_m * np.sin(angles)
    return world(latitude + north.ravel() / METRES_PER_DEGREE, longitude + east.ravel() * degrees_across / size_m)


def fans(outlines: Array, period_px: float, origin_px: tuple[float, float]) -> tuple[NDArray[np.float32], NDArray[np.uint16]]:
    """Corners (x, y, u, v) and triangles that fill convex outlines (n, corners, 2; px).

    period_px: of a pattern that is laid over them from the origin on: it stays with the ground when the map moves.
    """
    count, around = outlines.shape[:2]
    pattern = (outlines - np.asarray(origin_px)) / period_px
    pattern -= np.floor(pattern[:, :1])  # small numbers: a phone's processor counts textures coarsely
    corners = np.concatenate((outlines, pattern), axis=2).astype(np.float32).reshape(-1, 4)
    fan = np.column_stack((np.zeros(around - 2, dtype=int), np.arange(1, around - 1), np.arange(2, around)))
    triangles = np.arange(count)[:, None] * around + fan.ravel()
    return corners, triangles.astype(np.uint16).ravel()
