"""Boxes on the globe as conditions on plain latitude and longitude columns; why so: docs/decisions/0002-storage.md."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.orm import InstrumentedAttribute

T = TypeVar("T")
AColumn = InstrumentedAttribute[float] | InstrumentedAttribute[float | None] | ColumnElement[float]

METRES_PER_DEGREE = 111_195.0  # of latitude, on the sphere


@dataclass(frozen=True)
class Box:
    """WGS 84 degrees; west greater than east is a box across the antimeridian, as in RFC 7946."""

    west: float
    south: float
    east: float
    north: float

    def holds(self, latitude: AColumn, longitude: AColumn) -> ColumnElement[bool]:
        """Points inside."""
        return and_(latitude.between(self.south, self.north), self._between(longitude, longitude))

    def meets(
        self,
        south: AColumn,
        north: AColumn,
        west: AColumn,
        east: AColumn,
    ) -> ColumnElement[bool]:
        """Boxes that share a point with this one; they do not themselves cross the antimeridian."""
        return and_(south <= self.north, north >= self.south, self._between(west, east))

    def _between(self, west: AColumn, east: AColumn) -> ColumnElement[bool]:
        if self.west <= self.east:
            return and_(west <= self.east, east >= self.west)
        return or_(east >= self.west, west <= self.east)


def box_around(latitude: float, longitude: float, reach_m: float) -> Box:
    """Holds all places within so many metres, near a pole more; over the antimeridian where it must."""
    north = reach_m / METRES_PER_DEGREE
    east = north / max(math.cos(math.radians(min(abs(latitude) + north, 89.9))), 1e-3)
    west, to = ((longitude + side * east + 180.0) % 360.0 - 180.0 for side in (-1, 1))
    return Box(west, max(latitude - north, -90.0), to, min(latitude + north, 90.0))


def in_parts(values: Iterable[T], size: int = 500) -> Iterator[list[T]]:
    """Values in lists that fit into one IN (…): a statement takes some ten thousand at most."""
    held = list(values)
    for first in range(0, len(held), size):
        yield held[first : first + size]
