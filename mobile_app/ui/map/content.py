"""What there is to show on a map, in units of the world (`view.world`)."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from mobile_app.ui.map.lines import Lines
from mobile_app.ui.map.squares import outline
from mobile_app.ui.map.view import Array, Box, box_of, nearest_turn, world

Square = tuple[float, int, int]  # a cell of `privacy`


@dataclass(frozen=True)
class Marks:
    """Pictures at places, the weightiest on top. picture: index into `sprites.PICTURES`. size: dp. keys: told when tapped."""

    x: Array
    y: Array
    weight: Array
    picture: NDArray[np.intp]
    size: Array
    keys: tuple[Hashable, ...]

    def __len__(self) -> int:
        return len(self.keys)


def marks(
    places: Sequence[tuple[float, float]],
    weight: Sequence[float],
    picture: Sequence[int],
    size: Sequence[float],
    keys: Sequence[Hashable],
) -> Marks:
    """From latitudes and longitudes."""
    x, y = world([one for one, _ in places], [one for _, one in places])
    return Marks(x, y, np.array(weight, dtype=float), np.array(picture, dtype=np.intp), np.array(size, dtype=float), tuple(keys))


NO_MARKS = marks((), (), (), (), ())


@dataclass(frozen=True)
class Own:
    """Where the phone is. accuracy_m: None where unknown; heading: degrees clockwise from north."""

    latitude: float
    longitude: float
    accuracy_m: float | None = None
    heading: float | None = None


@dataclass(frozen=True)
class Content:
    """streets: known roads, quietly. ways: what was driven. squares: nothing is sent from there. crowd: gathered where dense;
    marks: each drawn by itself."""

    streets: Lines = field(default_factory=Lines)
    ways: Lines = field(default_factory=Lines)
    squares: tuple[Square, ...] = ()
    crowd: Marks = NO_MARKS
    marks: Marks = NO_MARKS

    @property
    def box(self) -> Box | None:
        """Around all of it but the streets, which are only there to find one's way; around them where there is nothing else."""
        parts = [(self.ways.x, self.ways.y), (self.crowd.x, self.crowd.y), (self.marks.x, self.marks.y)]
        parts += [outline(square) for square in self.squares]
        return _around(parts) or _around([(self.streets.x, self.streets.y)])


def lines(pieces: Sequence[Sequence[tuple[float, float]]]) -> Lines:
    """From latitudes and longitudes."""
    return Lines(world([one for one, _ in piece], [one for _, one in piece]) for piece in pieces)


def with_streets(content: Content, streets: Lines) -> Content:
    return replace(content, streets=streets)


def _around(parts: list[tuple[Array, Array]]) -> Box | None:
    x, y = (np.concatenate([part[at] for part in parts]) for at in (0, 1))
    if len(x) == 0:
        return None
    return box_of(nearest_turn(x, float(x[0])), y)
