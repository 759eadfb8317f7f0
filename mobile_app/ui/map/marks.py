"""The pictures of marks, drawn by distance fields: sharp and soft-edged at any density, no image files.

Each kind of defect has the outline, the colour (Okabe and Ito's palette) and the sign it has on the city's map, so that
colour is never the only difference; a hollow one is not yet sure. Reports made by hand are pins.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from mobile_app.ui.map.view import Array
from mobile_app.ui.shapes import Area, Point, Shape, Stroke, arc_points, coverage, line

BOX = 32.0  # the pictures are described in a box of 32 × 32, y downward as in SVG
MARGIN = 1.2  # left free around the box: pictures lie side by side in one sheet and must not shine into each other
SPAN = BOX + 2 * MARGIN
SIGN_WIDTH = 2.6  # of the sign's strokes, in the box
EDGE = 2.2  # of the light edge around the outline
PIN_HEAD = (16.0, 13.0)  # middle of a pin's head, and the point that it stands on
PIN_TIP = (16.0, 29.0)
PIN_SIGN, PIN_STROKE = 0.74, 2.1  # size of a sign on a pin, and width of its strokes


@dataclass(frozen=True)
class Look:
    """colour, ink: of the ground and of the sign on it. ground: one area, for a pin two. tip: the point a pin stands on."""

    colour: str
    ink: str
    ground: tuple[Area, ...]
    sign: tuple[Stroke, ...] = ()
    tip: Point | None = None


def bezier(start: Point, one: Point, other: Point, end: Point, steps: int = 8) -> tuple[Point, ...]:
    """Points of a cubic curve, its start left out."""
    t = np.linspace(0.0, 1.0, steps + 1)[1:, None]
    p = [np.asarray(point) for point in (start, one, other, end)]
    curve = (1 - t) ** 3 * p[0] + 3 * t * (1 - t) ** 2 * p[1] + 3 * t**2 * (1 - t) * p[2] + t**3 * p[3]
    return tuple((float(x), float(y)) for x, y in curve)


def _sign(*strokes: tuple[Point, ...]) -> tuple[Stroke, ...]:
    return tuple(line(*points, width=SIGN_WIDTH) for points in strokes)


_DISC = (Area(((16.0, 16.0),), 12.5),)
_TRIANGLE = (Area(((16.0, 6.2), (27.6, 25.8), (4.4, 25.8)), 2.3),)
_SQUARE = (Area(((7.5, 7.5), (24.5, 7.5), (24.5, 24.5), (7.5, 24.5)), 3.0),)
_DIAMOND = (Area(((16.0, 5.0), (27.0, 16.0), (16.0, 27.0), (5.0, 16.0)), 2.6),)
_HEXAGON = (Area(((10.5, 6.0), (21.5, 6.0), (27.0, 16.0), (21.5, 26.0), (10.5, 26.0), (5.0, 16.0)), 1.8),)
_PIN = (Area((PIN_HEAD,), 10.4), Area((PIN_TIP, (7.1, 18.2), (24.9, 18.2))))

_HOLE = _sign(
    (
        *((8, 13), (12, 13), *bezier((12, 13), (13.6, 13), (13.8, 19.5), (16, 19.5))),
        *(*bezier((16, 19.5), (18.2, 19.5), (18.4, 13), (20, 13)), (24, 13)),
    )
)
_HUMP = _sign(
    (
        *((8.5, 23), (10.5, 23), *bezier((10.5, 23), (12.5, 23), (13, 16), (16, 16))),
        *(*bezier((16, 16), (19, 16), (19.5, 23), (21.5, 23)), (23.5, 23)),
    )
)
_JOINT = _sign(((12.5, 9.5), (12.5, 22.5)), ((19.5, 9.5), (19.5, 22.5)), ((8.5, 16), (12.5, 16)), ((19.5, 16), (23.5, 16)))
_WAVES = _sign(((7.5, 17.5), (10.9, 13.5), (14.3, 19), (17.7, 13.5), (21.1, 19), (24.5, 15)))
_QUESTION = _sign((*arc_points(16, 12.9, 3.2, 180, 400), (16.3, 17), (16, 18.2)), ((16, 22),))
_LAMP = _sign(
    ((12, 24), (12, 9), *arc_points(15.5, 9, 3.5, 180, 360), (19, 11)),
    *(((16.2, 13), (21.8, 13)), ((19, 16.6), (19, 18.6)), ((15.4, 15.8), (14.6, 17.4)), ((22.6, 15.8), (23.4, 17.4))),
)
_SPRAY = _sign(
    (
        *((8.5, 19), *bezier((8.5, 19), (10, 7), (14, 7), (12.5, 15)), *bezier((12.5, 15), (11, 23), (16, 23), (17, 15))),
        *(*bezier((17, 15), (18, 8), (21, 8), (20, 15)), *bezier((20, 15), (19, 21), (22, 21), (24, 18))),
    )
)
_POST = _sign(((16, 17.5), (16, 24)), ((16, 8), (20.7, 12.7), (16, 17.4), (11.3, 12.7), (16, 8)))
_DOTS = _sign(((11, 16),), ((16, 16),), ((21, 16),))


def _pin(colour: str, sign: tuple[Stroke, ...]) -> Look:
    """Its sign, described in the middle of the box, is moved up and made smaller to fit the pin's head."""
    smaller = tuple(
        Stroke(tuple((16 + PIN_SIGN * (x - 16), PIN_HEAD[1] + PIN_SIGN * (y - 16)) for x, y in one.points), PIN_STROKE)
        for one in sign
    )
    return Look(colour, "#ffffff", _PIN, smaller, PIN_TIP)


DEFECTS = {
    "pothole": Look("#d55e00", "#ffffff", _DISC, _HOLE),
    "speed_bump": Look("#0072b2", "#ffffff", _TRIANGLE, _HUMP),
    "joint": Look("#cc79a7", "#1d1420", _SQUARE, _JOINT),
    "rough": Look("#e69f00", "#241900", _DIAMOND, _WAVES),
    "unknown": Look("#727d8b", "#ffffff", _HEXAGON, _QUESTION),
}
REPORTS = {
    "pothole": _pin("#d55e00", _HOLE),
    "lamp": _pin("#8a6d00", _LAMP),
    "graffiti": _pin("#7a4a9e", _SPRAY),
    "sign_not_visible": _pin("#0b6e57", _POST),
    "unknown": _pin("#5b6675", _DOTS),
}
JOLT = Look("#a63a00", "#ffffff", (Area(((16.0, 16.0),), 9.0),), _sign(((16, 16),)))
GROUP = Look("#1f2a37", "#ffffff", (Area(((16.0, 16.0),), 13.0),))


@cache
def picture(look: Look, size_px: int, hollow: bool = False) -> NDArray[np.uint8]:
    """RGBA rows from the top, (size_px, size_px, 4), its edges soft over a pixel; alpha is not multiplied in."""
    rgb = np.ones((size_px, size_px, 3))
    _paint(rgb, look.colour, _cover(look.ground, size_px))
    if hollow:
        _paint(rgb, "#ffffff", _cover(_grown(look.ground, -SIGN_WIDTH), size_px))
    _paint(rgb, look.colour if hollow else look.ink, _cover(look.sign, size_px))
    alpha = _cover(_grown(look.ground, EDGE), size_px)
    return np.round(np.dstack((rgb, alpha)) * 255).astype(np.uint8)


@cache
def disc(radius_px: float) -> NDArray[np.uint8]:
    """A white disc with a soft edge over a pixel, as RGBA; a pixel of nothing around it."""
    size = 2 * math.ceil(radius_px + 1)
    y, x = np.mgrid[:size, :size] + 0.5 - size / 2
    alpha = np.clip(radius_px - np.hypot(x, y) + 0.5, 0.0, 1.0)
    return np.dstack((np.full((size, size, 3), 255), np.round(alpha * 255))).astype(np.uint8)


@cache
def hatch(period_px: int, width_px: float) -> NDArray[np.uint8]:
    """White strokes from lower left to upper right, RGBA, to be laid side by side."""
    y, x = np.mgrid[:period_px, :period_px] + 0.5
    away = np.abs((x + y) % period_px - period_px / 2) / math.sqrt(2)
    alpha = np.clip(width_px / 2 - away + 0.5, 0.0, 1.0)
    return np.dstack((np.full((period_px, period_px, 3), 255), np.round(alpha * 255))).astype(np.uint8)


@cache
def beam(size_px: int) -> NDArray[np.uint8]:
    """Which way somebody looks: a white beam from the middle upward that fades, RGBA."""
    y, x = (np.mgrid[:size_px, :size_px] + 0.5 - size_px / 2) / (size_px / 2)
    away = np.hypot(x, y)
    angle = np.abs(np.arctan2(x, -y))
    alpha = np.clip((math.radians(32) - angle) * away * size_px / 2, 0.0, 1.0) * np.clip(1.0 - away, 0.0, 1.0)
    return np.dstack((np.full((size_px, size_px, 3), 255), np.round(alpha * 255))).astype(np.uint8)


@cache
def needle(size_px: int) -> NDArray[np.uint8]:
    """An arrow to the north, white, RGBA."""
    left, right = Area(((16, 3), (16, 22), (7, 28))), Area(((16, 3), (25, 28), (16, 22)))
    alpha = np.maximum(_cover((right,), size_px), 0.55 * _cover((left,), size_px))
    return np.dstack((np.full((size_px, size_px, 3), 255), np.round(alpha * 255))).astype(np.uint8)


def _grown(areas: tuple[Area, ...], by: float) -> tuple[Area, ...]:
    return tuple(replace(area, round=area.round + by) for area in areas)


def _cover(shapes: tuple[Shape, ...], size_px: int) -> Array:
    """0 to 1 for each pixel, of shapes in the box."""
    moved = tuple(replace(one, points=tuple((x + MARGIN, y + MARGIN) for x, y in one.points)) for one in shapes)
    if not moved:
        return np.zeros((size_px, size_px))
    covered: Array = coverage(moved, (SPAN, SPAN), size_px) / 255.0
    return covered


def _paint(rgb: Array, colour: str, cover: Array) -> None:
    rgb += (np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]) - rgb) * cover[..., None]
