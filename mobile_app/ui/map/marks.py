"""The pictures of marks, drawn by distance fields: sharp and soft-edged at any density, no image files.

Each kind of defect has the outline, the colour (Okabe and Ito's palette) and the sign it has on the city's map, so that
colour is never the only difference; a hollow one is not yet sure. Reports made by hand are pins.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mobile_app.ui.map.view import Array

Point = tuple[float, float]
Stroke = tuple[Point, ...]

BOX = 32.0  # the pictures are described in a box of 32 × 32, y downward as in SVG
MARGIN = 1.2  # left free around the box: pictures lie side by side in one sheet and must not shine into each other
SPAN = BOX + 2 * MARGIN
SIGN_WIDTH = 2.6  # of the sign's strokes, in the box
EDGE = 2.2  # of the light edge around the outline
PIN_HEAD = (16.0, 13.0)  # middle of a pin's head, and the point that it stands on
PIN_TIP = (16.0, 29.0)
PIN_SIGN = 0.74  # size of a sign on a pin


@dataclass(frozen=True)
class Look:
    """colour, ink: of the ground and of the sign on it. corners: of the outline, rounded by `round`; one: a circle's middle.

    tip: of a pin, the point below the circle that it stands on.
    """

    colour: str
    ink: str
    corners: Stroke
    round: float
    sign: tuple[Stroke, ...] = ()
    tip: Point | None = None


def bezier(start: Point, one: Point, other: Point, end: Point, steps: int = 8) -> Stroke:
    """Points of a cubic curve, its start left out."""
    t = np.linspace(0.0, 1.0, steps + 1)[1:, None]
    p = [np.asarray(point) for point in (start, one, other, end)]
    curve = (1 - t) ** 3 * p[0] + 3 * t * (1 - t) ** 2 * p[1] + 3 * t**2 * (1 - t) * p[2] + t**3 * p[3]
    return tuple((float(x), float(y)) for x, y in curve)


def arc(middle: Point, radius: float, from_deg: float, to_deg: float, steps: int = 12) -> Stroke:
    """Points of an arc; degrees clockwise from the right, as y grows downward."""
    angles = np.radians(np.linspace(from_deg, to_deg, steps + 1))
    return tuple((middle[0] + radius * math.cos(a), middle[1] + radius * math.sin(a)) for a in angles)


_MIDDLE = ((16.0, 16.0),)
_TRIANGLE = ((16.0, 6.2), (27.6, 25.8), (4.4, 25.8))
_SQUARE = ((7.5, 7.5), (24.5, 7.5), (24.5, 24.5), (7.5, 24.5))
_DIAMOND = ((16.0, 5.0), (27.0, 16.0), (16.0, 27.0), (5.0, 16.0))
_HEXAGON = ((10.5, 6.0), (21.5, 6.0), (27.0, 16.0), (21.5, 26.0), (10.5, 26.0), (5.0, 16.0))
_HOLE = ((8.0, 13.0), (12.0, 13.0), *bezier((12, 13), (13.6, 13), (13.8, 19.5), (16, 19.5)))
_HOLE += (*bezier((16, 19.5), (18.2, 19.5), (18.4, 13), (20, 13)), (24.0, 13.0))
_HUMP = ((8.5, 23.0), (10.5, 23.0), *bezier((10.5, 23), (12.5, 23), (13, 16), (16, 16)))
_HUMP += (*bezier((16, 16), (19, 16), (19.5, 23), (21.5, 23)), (23.5, 23.0))
_JOINT = (((12.5, 9.5), (12.5, 22.5)), ((19.5, 9.5), (19.5, 22.5)), ((8.5, 16.0), (12.5, 16.0)), ((19.5, 16.0), (23.5, 16.0)))
_WAVES = ((7.5, 17.5), (10.9, 13.5), (14.3, 19.0), (17.7, 13.5), (21.1, 19.0), (24.5, 15.0))
_QUESTION = ((*arc((16, 12.9), 3.2, 180, 400), (16.3, 17.0), (16.0, 18.2)), ((16.0, 22.0), (16.0, 22.2)))
_LAMP = (((12.0, 24.0), (12.0, 9.0), *arc((15.5, 9.0), 3.5, 180, 360), (19.0, 11.0)), ((16.2, 13.0), (21.8, 13.0)))
_LAMP += (((19.0, 16.6), (19.0, 18.6)), ((15.4, 15.8), (14.6, 17.4)), ((22.6, 15.8), (23.4, 17.4)))
_SPRAY = ((8.5, 19.0), *bezier((8.5, 19), (10, 7), (14, 7), (12.5, 15)), *bezier((12.5, 15), (11, 23), (16, 23), (17, 15)))
_SPRAY += (*bezier((17, 15), (18, 8), (21, 8), (20, 15)), *bezier((20, 15), (19, 21), (22, 21), (24, 18)))
_SIGN = (((16.0, 17.5), (16.0, 24.0)), ((16.0, 8.0), (20.7, 12.7), (16.0, 17.4), (11.3, 12.7), (16.0, 8.0)))
_DOTS = (((11.0, 16.0), (11.0, 16.1)), ((16.0, 16.0), (16.0, 16.1)), ((21.0, 16.0), (21.0, 16.1)))

DEFECTS = {
    "pothole": Look("#d55e00", "#ffffff", _MIDDLE, 12.5, (_HOLE,)),
    "speed_bump": Look("#0072b2", "#ffffff", _TRIANGLE, 2.3, (_HUMP,)),
    "joint": Look("#cc79a7", "#1d1420", _SQUARE, 3.0, _JOINT),
    "rough": Look("#e69f00", "#241900", _DIAMOND, 2.6, (_WAVES,)),
    "unknown": Look("#727d8b", "#ffffff", _HEXAGON, 1.8, _QUESTION),
}


def _pin(colour: str, *sign: Stroke) -> Look:
    """Its sign, described in the middle of the box, is moved up and made smaller to fit the pin's head."""
    smaller = tuple(tuple((16 + PIN_SIGN * (x - 16), PIN_HEAD[1] + PIN_SIGN * (y - 16)) for x, y in stroke) for stroke in sign)
    return Look(colour, "#ffffff", (PIN_HEAD,), 10.4, smaller, PIN_TIP)


REPORTS = {
    "pothole": _pin("#d55e00", _HOLE),
    "lamp": _pin("#8a6d00", *_LAMP),
    "graffiti": _pin("#7a4a9e", _SPRAY),
    "sign": _pin("#0b6e57", *_SIGN),
    "other": _pin("#5b6675", *_DOTS),
}
JOLT = Look("#a63a00", "#ffffff", _MIDDLE, 9.0, (((16.0, 16.0), (16.0, 16.1)),))
GROUP = Look("#1f2a37", "#ffffff", _MIDDLE, 13.0)


@cache
def picture(look: Look, size_px: int, hollow: bool = False) -> NDArray[np.uint8]:
    """RGBA rows from the top, (size_px, size_px, 4), its edges soft over a pixel; alpha is not multiplied in."""
    unit = SPAN / size_px  # of the box in a pixel
    y, x = (np.mgrid[:size_px, :size_px] + 0.5) * unit - MARGIN
    outline = _outline(x, y, look)
    light, dark = _rgb("#ffffff"), _rgb(look.colour)
    rgb = np.broadcast_to(light, (size_px, size_px, 3)).copy()
    ground = np.abs(outline + SIGN_WIDTH / 2) - SIGN_WIDTH / 2 if hollow else outline
    _paint(rgb, dark, _cover(ground, unit))
    for stroke in look.sign:
        _paint(rgb, dark if hollow else _rgb(look.ink), _cover(_outside_stroke(x, y, stroke) - SIGN_WIDTH / 2, unit))
    alpha = _cover(outline - EDGE, unit)
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
    unit = BOX / size_px
    y, x = (np.mgrid[:size_px, :size_px] + 0.5) * unit
    left, right = ((16.0, 3.0), (16.0, 22.0), (7.0, 28.0)), ((16.0, 3.0), (25.0, 28.0), (16.0, 22.0))
    alpha = np.maximum(_cover(_outside(x, y, right), unit), 0.55 * _cover(_outside(x, y, tuple(reversed(left))), unit))
    return np.dstack((np.full((size_px, size_px, 3), 255), np.round(alpha * 255))).astype(np.uint8)


def _outline(x: Array, y: Array, look: Look) -> Array:
    """How far outside the whole outline each point lies, negative inside."""
    outside = _outside(x, y, look.corners) - look.round
    if look.tip is None:
        return outside
    (middle_x, middle_y), reach = look.corners[0], look.round * 0.86
    spike = (look.tip, (middle_x - reach, middle_y + look.round * 0.5), (middle_x + reach, middle_y + look.round * 0.5))
    smaller: Array = np.minimum(outside, _outside(x, y, spike))
    return smaller


def _outside(x: Array, y: Array, corners: Stroke) -> Array:
    """How far outside a convex outline each point lies, negative inside."""
    if len(corners) == 1:
        distance: Array = np.hypot(x - corners[0][0], y - corners[0][1])
        return distance
    away = _outside_stroke(x, y, (*corners, corners[0]))
    within = np.ones(x.shape, dtype=bool)
    for (x0, y0), (x1, y1) in zip(corners, (*corners[1:], corners[0]), strict=True):
        within &= (x1 - x0) * (y - y0) - (y1 - y0) * (x - x0) >= 0
    return np.where(within, -away, away)


def _outside_stroke(x: Array, y: Array, stroke: Stroke) -> Array:
    """How far from the stroke's middle line each point lies."""
    nearest = np.full(x.shape, np.inf)
    for (x0, y0), (x1, y1) in pairwise(stroke):
        dx, dy = x1 - x0, y1 - y0
        along = np.clip(((x - x0) * dx + (y - y0) * dy) / max(dx * dx + dy * dy, 1e-12), 0.0, 1.0)
        nearest = np.minimum(nearest, np.hypot(x - x0 - along * dx, y - y0 - along * dy))
    return nearest


def _cover(outside: Array, unit: float) -> Array:
    """How much of each pixel is covered, by the distance of its middle from the edge."""
    covered: Array = np.clip(0.5 - outside / unit, 0.0, 1.0)
    return covered


def _paint(rgb: Array, colour: Array, cover: Array) -> None:
    rgb += (colour - rgb) * cover[..., None]


def _rgb(text: str) -> Array:
    return np.array([int(text[at : at + 2], 16) / 255 for at in (1, 3, 5)])
