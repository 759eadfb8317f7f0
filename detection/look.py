"""The candidates of one tile, with all that speaks for and against each: the input of posterior, place and kind."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from detection.cluster import Candidates, find_candidates
from detection.evidence import Evidence, weigh
from detection.exposure import Pairs, Passes, count_passes, points_beside
from detection.neighbours import Neighbours
from detection.scene import Bools, Gathered, Ints, Scene
from detection.settings import DefectSettings
from detection.tiles import tile_at
from detection.trace import Floats


@dataclass(frozen=True, eq=False)
class Look:
    """own (c,): whether a candidate is the tile's; the others lie beside such a one and matter to it. beside: track points
    and the candidates that they pass, in either direction."""

    scene: Scene
    candidates: Candidates
    own: Bools
    beside: Pairs
    passes: Passes
    evidence: Evidence
    near: Neighbours


def look_at(scene: Scene, gathered: Gathered, chance_of_trip: Floats, settings: DefectSettings) -> Look:
    """chance_of_trip (trips,): `evidence.chance_of_trips`."""
    confidence = gathered.jolts.confidence[scene.jolts.index]
    every = find_candidates(scene.jolts, np.maximum(confidence, 0.05), settings)
    # a candidate belongs to the tile that the jolt it began at lies on: exactly one, as all tiles see the same
    own = tile_at(scene.jolts.globe_m[every.seed]) == scene.tile
    beside = _beside(every, own, settings.beside_m)
    candidates = every.only(beside)
    pairs = points_beside(scene.points, candidates, settings)
    passes = count_passes(scene, candidates, gathered.jolts, gathered.track, settings, pairs)
    evidence, near = weigh(passes, candidates, gathered, chance_of_trip, settings)
    return Look(scene, candidates, own[beside], pairs, passes, evidence, near)


def _beside(candidates: Candidates, own: Bools, reach_m: float) -> Ints:
    """Positions of the tile's own candidates and of those within reach of one."""
    place = np.c_[candidates.x_m, candidates.y_m]
    if own.all() or not own.any():
        return np.flatnonzero(own)
    gap, _ = cKDTree(place[own]).query(place, distance_upper_bound=reach_m)
    return np.flatnonzero(np.isfinite(gap))
