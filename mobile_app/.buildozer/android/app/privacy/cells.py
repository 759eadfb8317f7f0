"""One fixed grid over the globe, the same for every device and every trip.

A grid drawn for each device would be drawn anew with each enrolment: two phones of one household, or one phone enrolled
twice, would show two cells around one home, and their intersection is smaller than either.
"""

from __future__ import annotations

import math
from typing import NamedTuple

METRES_PER_DEGREE = 111_195.0  # of latitude, on the sphere of the mean radius 6 371 008.8 m
POLE_COSINE = 0.01  # columns near the poles do not narrow further: nobody drives there


class Cell(NamedTuple):
    """A square of the grid of `size_m`, by row from the equator and column from Greenwich."""

    size_m: float
    row: int
    column: int


def cell_of(latitude: float, longitude: float, size_m: float) -> Cell:
    """The cell that a place lies in (degrees)."""
    row = math.floor(latitude * METRES_PER_DEGREE / size_m)
    return Cell(size_m, row, math.floor(longitude * _metres_per_degree_east(row, size_m) / size_m))


def outside_m(cell: Cell, latitude: float, longitude: float) -> float:
    """How far outside the cell a place lies, in metres; 0 inside. Right near the cell, roughly right far from it."""
    size_m, row, column = cell
    north = latitude * METRES_PER_DEGREE - (row + 0.5) * size_m
    per_degree = _metres_per_degree_east(row, size_m)
    turn = longitude - (column + 0.5) * size_m / per_degree
    east = ((turn + 180.0) % 360.0 - 180.0) * per_degree
    return math.hypot(max(abs(east) - size_m / 2, 0.0), max(abs(north) - size_m / 2, 0.0))


def middle_of(cell: Cell) -> tuple[float, float]:
    """Latitude and longitude of its middle, degrees."""
    size_m, row, column = cell
    return (row + 0.5) * size_m / METRES_PER_DEGREE, (column + 0.5) * size_m / _metres_per_degree_east(row, size_m)


def _metres_per_degree_east(row: int, size_m: float) -> float:
    """The same for all places of a row, so that its columns are of one width."""
    cosine = math.cos(math.radians((row + 0.5) * size_m / METRES_PER_DEGREE))
    return METRES_PER_DEGREE * max(cosine, POLE_COSINE)
