"""The candidates of one tile, with all that speaks for and against each: the input of posterior, place and kind."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from detection.cluster import Candidates, Modes, find_modes
from detection.evidence import Evidence, weigh
from detection.exposure import Pairs, Passes, count_passes, points_beside
from detection.neighbours import Neighbours
from detection.scene import AT_ONCE, Batch, Bools, Gathered, Ints, Scene, Spread, batches, scene_of, spread, unit_headings
from detection.settings import DefectSettings
from detection.tiles import rows_of, tile_at
from detection.trace import Floats

LEAST_WEIGHT = 0.05  # of a jolt among others


@dataclass(frozen=True, eq=False)
class Look:
    """own (c,): whether a candidate is the tile's; the others lie beside such a one and matter to it. beside: track points
    and the candidates that they pass, in either direction. The scene's jolts are those that belong to a candidate."""

    scene: Scene
    candidates: Candidates
    own: Bools
    beside: Pairs
    passes: Passes
    evidence: Evidence
    near: Neighbours


def looks(
    gathered: Gathered,
    chance_of_trip: Floats,
    settings: DefectSettings,
    tiles: Collection[int] | None = None,
    most: int = AT_ONCE,
) -> Iterator[Look]:
    """At each of the tiles, or all, that has a jolt of its own, in order of tile.

    chance_of_trip (trips,): `evidence.chance_of_trips`. most: about so many jolts are clustered at once; for any number a tile
    looks the same.
    """
    points = spread(gathered.point_globe_m, settings.passing_m, tiles)
    for batch in batches(gathered, settings, tiles, most):
        found = _found(batch, gathered, settings)
        for tile in batch.tiles.tolist():
            yield _look_at(tile, found, points.on(tile), gathered, chance_of_trip, settings)


@dataclass(frozen=True, eq=False)
class _Found:
    """The modes (m,) among some jolts (j,), indices. tile (m,): the one that each belongs to; near: those that may matter to
    each tile; member: positions in jolts in order of their mode, nobody's first; bound (m + 1,): where each mode's begin."""

    jolts: Ints
    modes: Modes
    tile: Ints
    near: Spread
    member: Ints
    bound: Ints


def _found(batch: Batch, gathered: Gathered, settings: DefectSettings) -> _Found:
    globe_m = gathered.jolt_globe_m[batch.jolts]
    heading = np.c_[unit_headings(gathered.jolts.heading_deg[batch.jolts])]
    weight = np.maximum(gathered.jolts.confidence[batch.jolts], LEAST_WEIGHT)
    modes = find_modes(globe_m, heading, weight, settings)
    # a mode belongs to the tile that the jolt it began at lies on: exactly one, as all tiles see the same
    tile = tile_at(globe_m[modes.seed])
    near = spread(modes.globe_m, settings.beside_m + 2.0 * settings.drift_m)  # of its tile: it may have left it
    member = np.argsort(modes.member, kind="stable")
    bound = np.searchsorted(modes.member, np.arange(len(modes) + 1), sorter=member)
    return _Found(batch.jolts, modes, tile, near, member, bound)


def _look_at(
    tile: int, found: _Found, points: Ints, gathered: Gathered, chance_of_trip: Floats, settings: DefectSettings
) -> Look:
    around = found.near.on(tile)
    which = around[_beside(found.modes.globe_m[around], found.tile[around] == tile, settings.beside_m)]
    many = found.bound[which + 1] - found.bound[which]
    row, of = found.member[rows_of(found.bound[which], many)], np.repeat(np.arange(len(which)), many)
    order = np.argsort(row)
    scene = scene_of(gathered, found.jolts[row[order]], points, tile)
    candidates = found.modes.on(scene.plane, which, of[order])
    pairs = points_beside(scene.points, candidates, settings)
    passes = count_passes(scene, candidates, gathered.jolts, gathered.track, settings, pairs)
    evidence, near = weigh(passes, candidates, gathered, chance_of_trip, settings)
    return Look(scene, candidates, found.tile[which] == tile, pairs, passes, evidence, near)


def _beside(globe_m: Floats, own: Bools, reach_m: float) -> Ints:
    """Positions of the tile's own candidates and of those within reach of one."""
    if own.all() or not own.any():
        return np.flatnonzero(own)
    gap, _ = cKDTree(globe_m[own]).query(globe_m, distance_upper_bound=reach_m)
    return np.flatnonzero(np.isfinite(gap))
