"""Which cells a trip must not be seen in: those where it began, ended, stood for long or was lost sight of."""

from __future__ import annotations

import math
from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple, overload

from mobile_app.privacy.cells import METRES_PER_DEGREE, Cell, cell_of, outside_m


@dataclass(frozen=True)
class Ends:
    """How ends are withheld. A larger cell is more private; nothing else makes up for a small one."""

    # a home is known to this square: half of all guesses at its middle err by more than 0.4 of it; 400 m left 145 m
    # to the best attack (benchmarks/privacy)
    cell_m: float = 500.0
    margin_m: float = 200.0  # around the cell, so that a home at its edge is as far from what is seen
    snap_m: float = 50.0  # an end this near to a cell of earlier ends is in that one: fixes of a parked car spread so
    trusted_m: float = 50.0  # fixes with a coarser radius say nothing about where a trip began
    stop_s: float = 300.0  # who stands for longer has arrived: traffic lights take two minutes
    stop_m: float = 100.0  # … and stands while within this
    lost_s: float = 120.0  # unseen for longer it may have stood in a garage; long tunnels take one or two minutes
    fastest_mps: float = 70.0  # a faster jump is a place remembered from before, or an error: both sides count as ends
    jump_m: float = 150.0  # … unless it is within the errors of two fixes
    settle_s: float = 2.0  # fixes lag behind the car: so much more goes at each side of a gap, and no jolt is found at a seam
    least_s: float = 20.0  # shorter pieces between two withheld ones tell of the driver more than of the road

    def __post_init__(self) -> None:
        if not (10 <= self.cell_m <= 65_535 and 0 <= self.margin_m <= 65_535):
            raise ValueError(f"cell_m={self.cell_m}, margin_m={self.margin_m}: give 10 to 65535 m, and a margin from 0")

    @property
    def reach_m(self) -> float:
        """How far around a cell nothing is seen: the margin also of an end that was taken for one of the next cell."""
        return self.margin_m + self.snap_m

    @classmethod
    def of_cell(cls, cell_m: float) -> Ends:
        """The same shape at another size: margin and snap shrink with the cell."""
        return cls(cell_m, margin_m=0.4 * cell_m, snap_m=0.1 * cell_m)


class Fix(NamedTuple):
    """t_s on any clock; degrees; accuracy_m NaN where the phone did not say."""

    t_s: float
    latitude: float
    longitude: float
    accuracy_m: float = math.nan


class Fixes(Sequence[Fix]):
    """Fixes as four columns: a day of them is 3 MB, as objects 17."""

    def __init__(self, fixes: Iterable[Fix] = ()) -> None:
        self._columns = tuple(array("d") for _ in Fix._fields)
        for fix in fixes:
            for column, value in zip(self._columns, fix, strict=True):
                column.append(value)

    def __len__(self) -> int:
        return len(self._columns[0])

    @overload
    def __getitem__(self, at: int) -> Fix: ...
    @overload
    def __getitem__(self, at: slice) -> list[Fix]: ...
    def __getitem__(self, at: int | slice) -> Fix | list[Fix]:
        if isinstance(at, slice):
            return list(map(Fix, *(column[at] for column in self._columns)))
        return Fix(*(column[at] for column in self._columns))

    def __iter__(self) -> Iterator[Fix]:
        return map(Fix, *self._columns)


def cells_to_withhold(fixes: Sequence[Fix], rules: Ends, known: Collection[Cell] = ()) -> set[Cell]:
    """Cells of all ends of the trip whose trusted fixes these are, in order of time. known: cells of earlier trips' ends.

    An end near a known cell takes that one: else a home at the edge would lie in the one cell or the other by chance, and
    whoever sees both knows the edge.
    """
    found: set[Cell] = set()
    for latitude, longitude in _ends(fixes, rules):
        found.add(_settled(latitude, longitude, rules, [*found, *known]))
    return found


def trusted(fixes: Iterable[Fix], rules: Ends) -> Fixes:
    """Those that say where the phone was, in order of time, the last one of each stamp."""
    held = Fixes(fix for fix in fixes if not fix.accuracy_m > rules.trusted_m and (fix.latitude or fix.longitude))
    if all(before.t_s < after.t_s for before, after in pairwise(held)):
        return held
    by_stamp = {fix.t_s: fix for fix in held}
    return Fixes(by_stamp[t_s] for t_s in sorted(by_stamp))


def _ends(fixes: Sequence[Fix], rules: Ends) -> Iterator[tuple[float, float]]:
    """Latitude and longitude of each: the first and the last place, both sides of what was not seen, and long stops."""
    if not fixes:
        return
    yield fixes[0][1:3]
    yield fixes[-1][1:3]
    for before, after in pairwise(fixes):
        elapsed_s = after.t_s - before.t_s
        if elapsed_s > rules.lost_s or apart_m(before, after) > rules.jump_m + rules.fastest_mps * elapsed_s:
            yield before[1:3]
            yield after[1:3]
    yield from _stops(fixes, rules)


def _stops(fixes: Sequence[Fix], rules: Ends) -> Iterator[tuple[float, float]]:
    """Mean places of stretches of at least stop_s within stop_m of where they begin."""
    begin = 0
    standing = False
    for end, fix in enumerate(fixes):
        while apart_m(fixes[begin], fix) > rules.stop_m:
            begin, standing = begin + 1, False
        if not standing and fix.t_s - fixes[begin].t_s >= rules.stop_s:
            standing = True
            held = fixes[begin : end + 1]
            yield sum(f.latitude for f in held) / len(held), held[0].longitude + _mean_turn(held)


def _mean_turn(held: Sequence[Fix]) -> float:
    first = held[0].longitude
    return sum((f.longitude - first + 180.0) % 360.0 - 180.0 for f in held) / len(held)


def _settled(latitude: float, longitude: float, rules: Ends, known: Collection[Cell]) -> Cell:
    """Its own cell if known, else the nearest known one within snap_m, else its own."""
    own = cell_of(latitude, longitude, rules.cell_m)
    if own in known:
        return own
    near = [(outside_m(cell, latitude, longitude), cell) for cell in known if cell.size_m == rules.cell_m]
    metres, nearest = min(near, default=(math.inf, own))
    return nearest if metres <= rules.snap_m else own


def apart_m(one: Fix, other: Fix) -> float:
    """Metres between two fixes, on the flat."""
    north = (other.latitude - one.latitude) * METRES_PER_DEGREE
    turn = (other.longitude - one.longitude + 180.0) % 360.0 - 180.0
    return math.hypot(north, turn * METRES_PER_DEGREE * math.cos(math.radians(one.latitude)))
