"""Exposure: which trips passed each candidate in its direction, which of them felt it, and whose they were.

A pass is one trip going along a place once; a hit is a pass with a jolt there. Passes that could not have noticed
(phone in the hand, too slow) count with the weight of what they could.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from detection.cluster import Candidates, balls
from detection.jolts import Jolts, Track
from detection.scene import Ints, Rows, Scene
from detection.settings import DefectSettings
from detection.trace import Floats


@dataclass(frozen=True, eq=False)
class Passes:
    """One row a pass (p,): candidate, device and trip codes, t_s in the trip, weight 0..1 of the observation,
    hit 0..1 (confidence of the best jolt there, 0 none), jolt (index into the table of jolts, -1 none)."""

    candidate: Ints
    device: Ints
    trip: Ints
    t_s: Floats
    weight: Floats
    hit: Floats
    jolt: Ints


def count_passes(scene: Scene, candidates: Candidates, jolts: Jolts, track: Track, settings: DefectSettings) -> Passes:
    """Every pass of every candidate; linear in track points near candidates."""
    candidate, point = _points_near(scene.points, candidates, settings)
    rows = scene.points
    member = np.flatnonzero(candidates.member >= 0)
    own = scene.jolts.index[member]
    return join_passes(
        candidate=np.r_[candidate, candidates.member[member]],
        device=np.r_[rows.device[point], scene.jolts.device[member]],
        trip=np.r_[rows.trip[point], scene.jolts.trip[member]],
        t_s=np.r_[rows.t_s[point], scene.jolts.t_s[member]],
        weight=np.r_[track.weight[rows.index[point]], jolts.weight[own]],
        hit=np.r_[np.zeros(len(point)), jolts.confidence[own]],
        jolt=np.r_[np.full(len(point), -1), own],
        apart_s=settings.pass_apart_s,
    )


def join_passes(
    *, candidate: Ints, device: Ints, trip: Ints, t_s: Floats, weight: Floats, hit: Floats, jolt: Ints, apart_s: float
) -> Passes:
    """Track points (hit 0, jolt -1) and jolts (n,) near candidates as passes: a pause of `apart_s` starts another one."""
    if not len(candidate):
        return Passes(candidate, device, trip, t_s, weight, hit, jolt)
    order = np.lexsort((t_s, trip, candidate))
    new = np.r_[True, (np.diff(candidate[order]) != 0) | (np.diff(trip[order]) != 0) | (np.diff(t_s[order]) > apart_s)]
    start = np.flatnonzero(new)
    best = order[_argmax_per_group(hit[order], start)]
    return Passes(
        candidate[order][start],
        device[order][start],
        trip[order][start],
        t_s[best],
        np.maximum.reduceat(weight[order], start),
        hit[best],
        jolt[best],
    )


def _points_near(points: Rows, candidates: Candidates, settings: DefectSettings) -> tuple[Ints, Ints]:
    """Pairs (candidate, track point) within reach and in its direction."""
    near = balls(cKDTree(points.xy), np.c_[candidates.x_m, candidates.y_m], settings.pass_reach_m)
    candidate = np.repeat(np.arange(len(candidates)), [len(n) for n in near])
    point = np.concatenate([np.asarray(n, np.int64) for n in near]) if len(near) else np.empty(0, np.int64)
    along = points.east[point] * candidates.east[candidate] + points.north[point] * candidates.north[candidate]
    unknown = (candidates.east[candidate] == 0) & (candidates.north[candidate] == 0)
    agrees = unknown | (along > np.cos(np.radians(settings.max_turn_deg)))
    return candidate[agrees], point[agrees]


def _argmax_per_group(values: Floats, start: Ints) -> Ints:
    """Position of the largest value of each run beginning at `start`."""
    group = np.repeat(np.arange(len(start)), np.diff(np.r_[start, len(values)]))
    return np.asarray(np.lexsort((values, group))[np.r_[start[1:], len(values)] - 1])
