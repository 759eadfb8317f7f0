"""Icons and pictures as lines and areas on a grid, and how much of each pixel they cover; nothing of Kivy.

Drawn here rather than taken from a font: a few dozen strokes need no licence, no file and no builder, and are smooth at
every size.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Point = tuple[float, float]  # to the right and down, on the grid of the icon


@dataclass(frozen=True)
class Stroke:
    """A line with round ends through points; one point alone is a dot."""

    points: tuple[Point, ...]
    width: float = 2.0


@dataclass(frozen=True)
class Area:
    """A filled polygon, its corners rounded by `round`."""

    points: tuple[Point, ...]
    round: float = 0.0


Shape = Stroke | Area


def line(*points: Point, width: float = 2.0) -> Stroke:
    return Stroke(points, width)


def dot(x: float, y: float, width: float = 2.6) -> Stroke:
    return Stroke(((x, y),), width)


def arc(x: float, y: float, radius: float, begin_deg: float, end_deg: float, width: float = 2.0) -> Stroke:
    """Clockwise from begin to end; 0 is to the right, 90 down."""
    return Stroke(arc_points(x, y, radius, begin_deg, end_deg), width)


def circle(x: float, y: float, radius: float, width: float = 2.0) -> Stroke:
    return arc(x, y, radius, 0.0, 360.0, width)


def disc(x: float, y: float, radius: float) -> Area:
    return Area(arc_points(x, y, radius, 0.0, 360.0))


def box(left: float, top: float, right: float, bottom: float, round: float = 0.0) -> Area:
    inset = round
    return Area(
        (
            (left + inset, top + inset),
            (right - inset, top + inset),
            (right - inset, bottom - inset),
            (left + inset, bottom - inset),
        ),
        round,
    )


def frame(left: float, top: float, right: float, bottom: float, round: float, width: float = 2.0) -> Stroke:
    """The outline of a rectangle with rounded corners."""
    points: list[Point] = []
    corners = ((right - round, top + round, -90.0), (right - round, bottom - round, 0.0), (left + round, bottom - round, 90.0))
    for x, y, begin_deg in (*corners, (left + round, top + round, 180.0)):
        points += arc_points(x, y, round, begin_deg, begin_deg + 90.0)
    return Stroke((*points, points[0]), width)


def arc_points(x: float, y: float, radius: float, begin_deg: float, end_deg: float) -> tuple[Point, ...]:
    steps = max(2, math.ceil(abs(end_deg - begin_deg) / 10.0))
    angles = [math.radians(begin_deg + (end_deg - begin_deg) * step / steps) for step in range(steps + 1)]
    return tuple((x + radius * math.cos(angle), y + radius * math.sin(angle)) for angle in angles)


def coverage(shapes: tuple[Shape, ...], grid: Point, height_px: int) -> NDArray[np.uint8]:
    """How much of each pixel the shapes cover, 0 to 255; row 0 is the top. grid: width and height that the shapes lie in."""
    scale = height_px / grid[1]
    width_px = round(grid[0] * scale)
    x, y = np.meshgrid((np.arange(width_px) + 0.5) / scale, (np.arange(height_px) + 0.5) / scale)
    nearest = np.full(x.shape, np.inf)
    for shape in shapes:
        inside = _to_line(x, y, shape) if isinstance(shape, Stroke) else _to_area(x, y, shape)
        nearest = np.minimum(nearest, inside)
    return np.asarray(np.clip(0.5 - nearest * scale, 0.0, 1.0) * 255.0 + 0.5, dtype=np.uint8)


def _to_line(x: NDArray[np.float64], y: NDArray[np.float64], stroke: Stroke) -> NDArray[np.float64]:
    """Distance to the edge of the stroke, negative within."""
    return _to_segments(x, y, stroke.points) - stroke.width / 2


def _to_area(x: NDArray[np.float64], y: NDArray[np.float64], area: Area) -> NDArray[np.float64]:
    closed = (*area.points, area.points[0])
    within = np.zeros(x.shape, dtype=bool)
    for (x0, y0), (x1, y1) in pairwise(closed):
        if y0 != y1:
            within ^= ((y0 > y) != (y1 > y)) & (x < (x1 - x0) * (y - y0) / (y1 - y0) + x0)
    away = _to_segments(x, y, closed)
    return np.where(within, -away, away) - area.round


def _to_segments(x: NDArray[np.float64], y: NDArray[np.float64], points: tuple[Point, ...]) -> NDArray[np.float64]:
    ends = points[1:] or points
    nearest = np.full(x.shape, np.inf)
    for (x0, y0), (x1, y1) in zip(points, ends, strict=False):
        along_x, along_y = x1 - x0, y1 - y0
        length = along_x**2 + along_y**2
        share = np.clip(((x - x0) * along_x + (y - y0) * along_y) / length, 0.0, 1.0) if length else 0.0
        nearest = np.minimum(nearest, np.hypot(x - x0 - share * along_x, y - y0 - share * along_y))
    return nearest
