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
    own, edge = np.empty(len(globe_m), np.int64), np.empty(len(globe_m), bool)
    for start in range(0, len(globe_m), PIECE):
        piece = slice(start, start + PIECE)
        own[piece], edge[piece] = _on_tile(globe_m[piece], reach_m)
    near = np.flatnonzero(edge)
    low, high, cube = (_cube(globe_m[near] + gone) for gone in (-reach_m, reach_m, 0.0))
    rows, tiles = [np.arange(len(globe_m))], [own]
    for corner in itertools.product((False, True), repeat=3):  # of the box around a place, each tile at one of them only
        there = np.where(corner, high, low)
        fresh = ((high != low) | ~np.array(corner)).all(axis=1) & (there != cube).any(axis=1)
        rows.append(near[fresh])
        tiles.append(_numbered(there[fresh]))
    row = np.concatenate(rows)
    return row, np.concatenate(tiles), np.arange(len(row)) < len(globe_m)


def _on_tile(globe_m: Floats, reach_m: float) -> tuple[Counts, Bools]:
    """The tile of each place (n,), and whether another one is within reach of it."""
    cube = _cube(globe_m)
    x, y, z = (np.abs(globe_m - cube * TILE_M) >= TILE_M / 2 - reach_m).T
    return _numbered(cube), np.asarray(x | y | z)


def _cube(globe_m: Floats) -> Floats:
    """Whole numbers (n, 3). The middle of the earth is the middle of a cube: equator, date line and poles are no borders."""
    return np.asarray(np.floor(globe_m / TILE_M + 0.5))


def _numbered(cube: Floats) -> Counts:
    offset = 1 << (BITS - 1)
    x, y, z = cube.astype(np.int64).T + offset
    return np.asarray((x << (2 * BITS)) | (y << BITS) | z)
