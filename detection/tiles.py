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
BITS = 21  # an axis: ± 1 048 576 cubes, where the earth needs ± 6 379


def tile_of(latitude_deg: Floats, longitude_deg: Floats) -> Counts:
    """The tile (n,) of each place, a positive 63 bit number that never changes."""
    return tile_at(on_globe(latitude_deg, longitude_deg))


def tile_at(globe_m: Floats) -> Counts:
    """The tile (n,) of each place (n, 3) in geocentric metres."""
    return _numbered(_cube(globe_m).astype(np.int64))


def middle_of(tile: int) -> Floats:
    """Geocentric metres (3,) of the middle of a tile's cube."""
    offset = 1 << (BITS - 1)
    cube = [((tile >> shift) & ((1 << BITS) - 1)) - offset for shift in (2 * BITS, BITS, 0)]
    return np.array(cube) * TILE_M


def tiles_within(globe_m: Floats, reach_m: float) -> tuple[Counts, Counts, Bools]:
    """Triples (row, tile, whether the row lies on it), each once: the tiles within `reach_m` (< TILE_M / 2) of each place."""
    cube = _cube(globe_m)
    near = np.flatnonzero((np.abs(globe_m - cube * TILE_M) >= TILE_M / 2 - reach_m).any(axis=1))
    rows, tiles = [np.arange(len(globe_m))], [_numbered(cube.astype(np.int64))]
    if len(near):
        corners = np.array(list(itertools.product((-reach_m, reach_m), repeat=3)))
        around = np.sort(tile_at((globe_m[near, None] + corners).reshape(-1, 3)).reshape(-1, 8), axis=1)
        fresh = np.c_[np.ones(len(near), bool), np.diff(around, axis=1) != 0] & (around != tiles[0][near, None])
        rows.append(np.repeat(near, fresh.sum(axis=1)))
        tiles.append(around[fresh])
    row = np.concatenate(rows)
    return row, np.concatenate(tiles), np.arange(len(row)) < len(globe_m)


def _cube(globe_m: Floats) -> Floats:
    """Whole numbers (n, 3). The middle of the earth is the middle of a cube: equator, date line and poles are no borders."""
    return np.asarray(np.floor(globe_m / TILE_M + 0.5))


def _numbered(cube: Counts) -> Counts:
    offset = 1 << (BITS - 1)
    return ((cube[:, 0] + offset) << (2 * BITS)) | ((cube[:, 1] + offset) << BITS) | (cube[:, 2] + offset)
