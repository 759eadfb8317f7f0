"""The big pictures of Home: a car by the road, and what the recorder makes of it. Layers of shapes, painted into one image."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

from mobile_app.ui.shapes import Area, Shape, arc, box, coverage, disc, line
from mobile_app.ui.theme import Palette

GRID = (240.0, 112.0)
Layer = tuple[str, tuple[Shape, ...]]  # a colour of the palette, and what is painted in it


def _hill(top: float, height: float, phase: float) -> Area:
    crest = [(x, top - height * math.sin(x / 240 * 2 * math.pi + phase)) for x in range(-5, 250, 5)]
    return Area((*crest, (245.0, 112.0), (-5.0, 112.0)))


def _car(x: float, lift: float = 0.0) -> tuple[Layer, ...]:
    """Its middle at x."""
    y = 84.0 - lift
    body = Area(
        (
            (x - 40, y - 2),
            (x - 39, y - 12),
            (x - 27, y - 15),
            (x - 15, y - 28),
            (x + 15, y - 28),
            (x + 26, y - 15),
            (x + 38, y - 11),
            (x + 39, y - 2),
        ),
        4.0,
    )
    panes = (
        Area(((x - 17, y - 15), (x - 10, y - 24), (x - 2, y - 24), (x - 2, y - 15)), 1.5),
        Area(((x + 4, y - 15), (x + 4, y - 24), (x + 12, y - 24), (x + 19, y - 15)), 1.5),
    )
    wheels = (disc(x - 23, 86, 9.0), disc(x + 22, 86, 9.0))
    hubs = (disc(x - 23, 86, 3.6), disc(x + 22, 86, 3.6))
    return ("accent", (body,)), ("soft", panes), ("tyre", wheels), ("soft", hubs), ("warn", (line((x + 39, y - 8), width=4.5),))


def _scene(*more: Layer) -> tuple[Layer, ...]:
    ground: tuple[Layer, ...] = (
        ("hill", (_hill(78, 12, 0.6), _hill(84, 8, 3.4))),
        ("road", (Area(((-5, 91), (245, 91), (245, 117), (-5, 117))),)),
        ("soft", tuple(line((x, 102), (x + 13, 102), width=2.4) for x in range(6, 240, 30))),
    )
    return ground + more


def _badge(colour: str, *inside: Shape) -> tuple[Layer, ...]:
    """A round sign at the upper right."""
    return ("card", (disc(206, 32, 22.5),)), (colour, (disc(206, 32, 20.0),)), ("card", inside)


_TREE: tuple[Layer, ...] = (
    ("road", (line((196, 90), (196, 68), width=4.0),)),
    ("good", (disc(196, 54, 14), disc(187, 62, 9), disc(206, 62, 9))),
)
_SIGN: tuple[Layer, ...] = (
    ("road", (line((44, 90), (44, 62), width=3.0),)),
    ("accent", (box(32, 38, 56, 62, 4.0),)),
    (
        "on_accent",
        (line((41, 57), (41, 43), (46, 43), width=2.8), arc(46, 47, 4, -90, 90, 2.8), line((46, 51), (41, 51), width=2.8)),
    ),
)
_WAVE = (
    (14, 34),
    (40, 34),
    (46, 29),
    (52, 38),
    (58, 34),
    (84, 34),
    (91, 12),
    (99, 52),
    (106, 26),
    (111, 34),
    (150, 34),
    (155, 30),
    (160, 37),
    (164, 34),
    (170, 34),
)
PICTURES: dict[str, tuple[Layer, ...]] = {
    "parked": _scene(*_SIGN, *_TREE, *_car(122)),
    "driving": _scene(
        ("road", (line((30, 66), (60, 66), width=2.4), line((16, 76), (54, 76), width=2.4), line((36, 86), (58, 86), width=2.4))),
        ("accent", (line(*_WAVE, width=2.6),)),
        ("trouble", (disc(95, 32, 4.6),)),
        *_car(122, 2.0),
        *_badge("good", disc(206, 32, 8.0)),
    ),
    "looking": _scene(
        *_TREE,
        *_car(122),
        ("accent", (arc(122, 52, 12, 215, 325, 2.8), arc(122, 52, 22, 215, 325, 2.8), arc(122, 52, 32, 215, 325, 2.8))),
    ),
    "paused": _scene(*_TREE[:0], *_SIGN, *_car(122), *_badge("warn", box(199, 23, 203, 41, 1.0), box(209, 23, 213, 41, 1.0))),
    "trouble": _scene(*_SIGN, *_car(122), *_badge("trouble", line((206, 21), (206, 34), width=4.4), line((206, 42), width=5.0))),
}


@cache
def painted(name: str, palette: Palette, height_px: int) -> NDArray[np.uint8]:
    """The picture as rows of RGBA, the top one first; its corners are round."""
    frame = coverage((box(0, 0, GRID[0], GRID[1], 14.0),), GRID, height_px)
    image = np.empty((*frame.shape, 3))
    image[:] = palette.soft[:3]
    for colour, shapes in PICTURES[name]:
        share = coverage(shapes, GRID, height_px)[..., None] / 255.0
        image = image * (1.0 - share) + np.asarray(getattr(palette, colour)[:3]) * share
    return np.dstack([np.asarray(image * 255.0 + 0.5, dtype=np.uint8), frame])
