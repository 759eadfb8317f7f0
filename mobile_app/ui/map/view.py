"""Web Mercator in units of the world: x from 0 at 180° W to 1 at 180° E, y growing northward, 0.5 at the equator.

A `View` is the part of it on the screen. Screen coordinates are pixels from the lower left corner, as kivy counts them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

EARTH_M = 2.0 * math.pi * 6_378_137.0  # around the equator of WGS 84, as Web Mercator has it
HIGHEST = 85.051128  # degrees of latitude; further north the square world ends
CLOSEST_M = 0.02  # of ground in a pixel at the equator: closer, a phone's fixes are a metre of noise a thumb wide
NARROWEST_M = 60.0  # of ground across the screen when fitting: a single place is shown with its street


def world(latitude: ArrayLike, longitude: ArrayLike, around: float | None = None) -> tuple[Array, Array]:
    """x and y of places (degrees, WGS 84). around: an x; of all turns around the globe, x is of the one nearest to it."""
    y = np.radians(np.clip(np.asarray(latitude, dtype=float), -HIGHEST, HIGHEST))
    x = np.asarray(longitude, dtype=float) / 360.0 + 0.5
    if around is not None:
        x = nearest_turn(x, around)
    return x, 0.5 + np.arctanh(np.sin(y)) / (2.0 * math.pi)


def place(x: float, y: float) -> tuple[float, float]:
    """Latitude and longitude in degrees; the longitude within ±180."""
    longitude = ((x - 0.5) * 360.0 + 180.0) % 360.0 - 180.0
    return math.degrees(math.atan(math.sinh((y - 0.5) * 2.0 * math.pi))), longitude


def nearest_turn(x: ArrayLike, around: float) -> Array:
    """The same meridians, written as near to `around` as may be: a way over 180° is in one piece."""
    away = np.asarray(x, dtype=float) - around
    nearest: Array = around + (away - np.round(away))
    return nearest


def metres(y: float) -> float:
    """Metres on the ground of one unit of the world at this y."""
    return EARTH_M / math.cosh((y - 0.5) * 2.0 * math.pi)


@dataclass(frozen=True)
class Box:
    """A part of the world: west ≤ east, south ≤ north; x may run past 0 or 1."""

    west: float
    south: float
    east: float
    north: float

    def grown(self, by: float) -> Box:
        return Box(self.west - by, self.south - by, self.east + by, self.north + by)


def box_of(x: Array, y: Array) -> Box | None:
    """Around the points; None where there are none."""
    if len(x) == 0:
        return None
    return Box(float(x.min()), float(y.min()), float(x.max()), float(y.max()))


@dataclass(frozen=True)
class View:
    """x, y: of the middle. scale: pixels of one unit of the world. width, height: of the screen, px."""

    x: float
    y: float
    scale: float
    width: float
    height: float

    def screen(self, x: ArrayLike, y: ArrayLike) -> tuple[Array, Array]:
        """Pixels of points; of all turns around the globe the one nearest to the middle."""
        px: Array = (nearest_turn(x, self.x) - self.x) * self.scale + self.width / 2
        py: Array = (np.asarray(y, dtype=float) - self.y) * self.scale + self.height / 2
        return px, py

    def at(self, px: float, py: float) -> tuple[float, float]:
        """x and y of a pixel."""
        return self.x + (px - self.width / 2) / self.scale, self.y + (py - self.height / 2) / self.scale

    @property
    def box(self) -> Box:
        """What is seen."""
        half_width, half_height = self.width / 2 / self.scale, self.height / 2 / self.scale
        return Box(self.x - half_width, self.y - half_height, self.x + half_width, self.y + half_height)

    @property
    def metres_per_px(self) -> float:
        """In the middle of the screen."""
        return metres(self.y) / self.scale

    def panned(self, dx: float, dy: float) -> View:
        """With all that is seen moved by so many pixels."""
        return replace(self, x=self.x - dx / self.scale, y=self.y - dy / self.scale)._bounded()

    def zoomed(self, factor: float, px: float, py: float) -> View:
        """Enlarged, the place under a pixel staying there."""
        x, y = self.at(px, py)
        closer = replace(self, scale=self.scale * factor)._bounded()
        dx, dy = (px - self.width / 2) / closer.scale, (py - self.height / 2) / closer.scale
        return replace(closer, x=x - dx, y=y - dy)._bounded()

    def resized(self, width: float, height: float) -> View:
        return replace(self, width=width, height=height)._bounded()

    def centred(self, x: float, y: float) -> View:
        return replace(self, x=x, y=y)._bounded()

    def _bounded(self) -> View:
        """Neither beyond the poles nor nearer or further than anyone would want; the globe goes round."""
        scale = min(max(self.scale, self.width, 1.0), EARTH_M / CLOSEST_M)
        return replace(self, x=self.x % 1.0, y=min(max(self.y, 0.0), 1.0), scale=scale)


def fitted(box: Box, width: float, height: float, border_px: float) -> View:
    """The nearest view that shows the whole box, a border around it free."""
    x, y = (box.west + box.east) / 2, (box.south + box.north) / 2
    least = NARROWEST_M / metres(min(max(y, 0.0), 1.0))
    across, along = max(box.east - box.west, least), max(box.north - box.south, least)
    scale = min(max(width - 2 * border_px, 1.0) / across, max(height - 2 * border_px, 1.0) / along)
    return View(x, y, scale, width, height)._bounded()


def between(one: View, other: View, share: float) -> View:
    """On the way from one view to another of the same size: 0 is the one, 1 the other; the scale grows evenly in factors."""
    scale = one.scale * (other.scale / one.scale) ** share
    closer = abs(other.scale / one.scale - 1.0) > 1e-6
    way = (1 / one.scale - 1 / scale) / (1 / one.scale - 1 / other.scale) if closer else share  # straight on the screen
    x = one.x + (float(nearest_turn(other.x, one.x)) - one.x) * way
    return replace(one, x=x, y=one.y + (other.y - one.y) * way, scale=scale)
