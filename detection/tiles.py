"""Tiles: a fixed grid on the globe that says what must be estimated again when a trip arrives.

Cubes of 1.5 km in geocentric metres: wherever the surface cuts one, that is a tile. No row of tiles is special,
neither at the date line nor at a pole, and a place knows its tile and its neighbours from three divisions. The price is
that tiles are patches of unequal size (a region has up to √3 times as many as squares of that edge).
"""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt

from detection.columns import Counts, Floats
from detection.geo import on_globe

Bools = npt.NDArray[np.bool_]

TILE_M = 1500.0  # a trip of 10 km touches ten; smaller tiles spend more on their halos, larger ones more on each update
PIECE = 1 << 14  # places: they stay in a processor's cache from one step to the next
BITS = 21  # an axis: ± 1 048 576 cubes, where the earth needs ± 6 379
UNITS = (1 << 2 * BITS, 1 << BITS, 1)  # what a step along each axis adds to a tile's number


def tile_of(latitude_deg: Floats, longitude_deg: Floats) -> Counts:
    """The tile (n,) of each place, a positive 63 bit number that never changes."""
    return tile_at(on_globe(latitude_deg, longitude_deg))


def tile_at(globe_m: Floats) -> Counts:
    """The tile (n,) of each place (n, 3) in geocentric metres."""
    return _numbered(_cube(globe_m))


def middle_of(tile: int) -> Floats:
    """Geocentric metres (3,) of the middle of a tile's cube."""
    offset = 1 << (BITS - 1)
    cube = [((tile >> shift) & ((1 << BITS) - 1)) - offset for shift in (2 * BITS, BITS, 0)]
    return np.array(cube) * TILE_M


def tiles_within(globe_m: Floats, reach_m: float) -> tuple[Counts, Counts, Bools]:
    """Triples (row, tile, whether the row lies on it), each once: the tiles within `reach_m` (< TILE_M / 2) of each place."""
    start, length, tile, own = stretches(globe_m, reach_m)
    return rows_of(start, length), np.repeat(tile, length), np.repeat(own, length)


def rows_of(start: Counts, length: Counts) -> Counts:
    """All rows of stretches, one stretch after the other."""
    before = np.cumsum(length) - length
    return np.asarray(np.repeat(start - before, length) + np.arange(int(length.sum())))


def stretches(globe_m: Floats, reach_m: float) -> tuple[Counts, Counts, Counts, Bools]:
    """What `tiles_within` says, a row for a stretch of places (first one, how many) that have a tile in common.

    Trips stay on a tile for a while: what is done for each stretch costs nothing beside what is done for each place.
    """
    held = [_sides(globe_m[start : start + PIECE], reach_m) for start in range(0, len(globe_m), PIECE)]
    own, side = (np.concatenate(parts) for parts in zip(*held, strict=True)) if held else (np.empty(0, np.int64),) * 2
    change = np.r_[True, (own[1:] != own[:-1]) | (side[1:] != side[:-1])][: len(own)]
    start = np.flatnonzero(change)
    length = np.diff(np.r_[start, len(own)])
    steps = [side[start] // place % 3 - 1 for place in (9, 3, 1)]
    which, tiles = [], []
    for corner in itertools.product((False, True), repeat=3):  # of the box around a place, each tile at one of them only
        axes = [axis for axis in range(3) if corner[axis]]
        there = np.flatnonzero(np.logical_and.reduce([steps[axis] != 0 for axis in axes])) if axes else np.arange(len(start))
        moved = sum(steps[axis][there].astype(np.int64) * UNITS[axis] for axis in axes)
        which.append(there)
        tiles.append(own[start[there]] + moved)
    of = np.concatenate(which)
    return start[of], length[of], np.concatenate(tiles), np.arange(len(of)) < len(start)


def _sides(globe_m: Floats, reach_m: float) -> tuple[Counts, npt.NDArray[np.int8]]:
    """The tile of each place (n,), and which sides of it are within reach: three digits of base 3, one an axis, 0 the low
    side, 1 neither, 2 the high one."""
    place = np.divide(globe_m.T, TILE_M, order="C") + 0.5
    cube = np.floor(place)
    place -= cube
    side = np.ones(place.shape, np.int8)
    side[place < reach_m / TILE_M] = 0
    side[place >= 1.0 - reach_m / TILE_M] = 2
    return _numbered(cube.T), 9 * side[0] + 3 * side[1] + side[2]


def _cube(globe_m: Floats) -> Floats:
    """Whole numbers (n, 3). The middle of the earth is the middle of a cube: equator, date line and poles are no borders."""
    return np.asarray(np.floor(globe_m / TILE_M + 0.5))


def _numbered(cube: Floats) -> Counts:
    offset = 1 << (BITS - 1)
    x, y, z = cube.astype(np.int64).T + offset
    return np.asarray((x << (2 * BITS)) | (y << BITS) | z)
