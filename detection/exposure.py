"""Exposure: which trips passed each candidate in its direction, which of them felt it, and whose they were.

A pass is one trip going along a place once; a hit is a pass with a jolt there. Passes that could not have noticed
(phone in the hand, too slow) count with the weight of what they could.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from detection.cluster import Candidates
from detection.jolts import Jolts, Track
from detection.order import grouped
from detection.scene import Ints, Rows, Scene
from detection.settings import DefectSettings
from detection.trace import Floats
from detection.weight import discounted

Pairs = tuple[Ints, Ints]
PIECE = 1 << 13  # places: their pairs stay in a processor's cache from one step to the next


@dataclass(frozen=True, eq=False)
class Passes:
    """One row a pass (p,): candidate, device and trip codes, t_s in the trip, weight 0..1 of the observation,
    hit 0..1 (confidence of the best jolt there, discounted by its weight; 0 none), jolt (index into the table of jolts, -1
    none)."""

    candidate: Ints
    device: Ints
    trip: Ints
    t_s: Floats
    weight: Floats
    hit: Floats
    jolt: Ints


def count_passes(
    scene: Scene, candidates: Candidates, jolts: Jolts, track: Track, settings: DefectSettings, beside: Pairs | None = None
) -> Passes:
    """Every pass of every candidate; linear in track points near candidates. beside: `points_beside`, where it is at hand."""
    pairs = points_beside(scene.points, candidates, settings) if beside is None else beside
    candidate, point = _in_direction(scene.points, candidates, *pairs, settings)
    rows = scene.points
    member = np.flatnonzero(candidates.member >= 0)
    own = scene.jolts.index[member]
    return join_passes(
        candidate=np.r_[candidate, candidates.member[member]],
        device=np.r_[rows.device[point], scene.jolts.device[member]],
        trip=np.r_[rows.trip[point], scene.jolts.trip[member]],
        t_s=np.r_[rows.t_s[point], scene.jolts.t_s[member]],
        weight=np.r_[track.weight[rows.index[point]], jolts.weight[own]],
        hit=np.r_[np.zeros(len(point)), discounted(jolts.confidence[own], jolts.weight[own])],
        jolt=np.r_[np.full(len(point), -1), own],
        apart_s=settings.pass_apart_s,
    )


def join_passes(
    *, candidate: Ints, device: Ints, trip: Ints, t_s: Floats, weight: Floats, hit: Floats, jolt: Ints, apart_s: float
) -> Passes:
    """Track points (hit 0, jolt -1) and jolts (n,) near candidates as passes: a pause of `apart_s` starts another one."""
    if not len(candidate):
        return Passes(candidate, device, trip, t_s, weight, hit, jolt)
    order = _in_order(candidate, trip, t_s)
    of, who, when = candidate.take(order), trip.take(order), t_s.take(order)
    start = np.r_[0, 1 + np.flatnonzero((of[1:] != of[:-1]) | (who[1:] != who[:-1]) | (np.diff(when) > apart_s))]
    best = order[_argmax_per_group(hit.take(order), start)]
    return Passes(
        of[start],
        device[order[start]],
        who[start],
        t_s[best],
        np.maximum.reduceat(weight.take(order), start),
        hit[best],
        jolt[best],
    )


def _in_order(candidate: Ints, trip: Ints, t_s: Floats) -> Ints:
    """Order by candidate, trip, time; times are whole steps of 10 ms where they fit beside the trip in one number."""
    step = np.round((t_s - t_s.min(initial=0.0)) * 100.0)
    bits = int(step.max(initial=0.0)).bit_length()
    if bits + int(trip.max(initial=0)).bit_length() > 62:
        return np.asarray(np.lexsort((t_s, trip, candidate)))
    return grouped(candidate, (trip << bits) | step.astype(np.int64))


def points_beside(points: Rows, candidates: Candidates, settings: DefectSettings) -> Pairs:
    """Pairs (track point, candidate) within reach of a pass, whatever their directions, in order of point."""
    return pairs_within(points.xy, np.c_[candidates.x_m, candidates.y_m], settings.pass_reach_m)


def _in_direction(points: Rows, candidates: Candidates, point: Ints, candidate: Ints, settings: DefectSettings) -> Pairs:
    """Those pairs, as (candidate, track point), in which the point goes in the candidate's direction."""
    along = points.east.take(point) * candidates.east.take(candidate)
    along += points.north.take(point) * candidates.north.take(candidate)
    unknown = (candidates.east == 0) & (candidates.north == 0)
    agrees = along > np.cos(np.radians(settings.max_turn_deg))
    if unknown.any():
        agrees |= unknown[candidate]
    which = np.flatnonzero(agrees)
    return candidate.take(which), point.take(which)


def pairs_within(places: Floats, centres: Floats, reach_m: float) -> tuple[Ints, Ints]:
    """Pairs (place, centre) no further apart, in order of place. places (n, 2), centres (m, 2) in metres.

    Each centre is listed in the squares of half a reach that its circle can touch; a place reads the list of its square.
    Linear in places and pairs: a tree would be asked a thousand times more often than there are centres.
    """
    nothing = np.empty(0, np.int64)
    if not len(centres) or not len(places):
        return nothing, nothing
    low, side = centres.min(axis=0) - 2.0 * reach_m, 0.5 * reach_m
    wide, high = (np.ceil((np.ptp(centres, axis=0) + 4.0 * reach_m) / side).astype(np.int64) + 1).tolist()
    square = np.floor((centres - low) / side).astype(np.int64)
    around = np.array([(dx, dy) for dx in range(-2, 3) for dy in range(-2, 3)])
    listed = ((square[:, None, 1] + around[:, 1]) * wide + square[:, None, 0] + around[:, 0]).ravel()
    owner = np.repeat(np.arange(len(centres)), len(around))[np.argsort(listed, kind="stable")]
    count = np.bincount(listed, minlength=wide * high)
    lists = _Lists(low, side, wide, high, count, np.cumsum(count) - count, owner, centres[:, 0].copy(), centres[:, 1].copy())
    found = [lists.read(places[first : first + PIECE], reach_m) for first in range(0, len(places), PIECE)]
    place = np.concatenate([near + number * PIECE for number, (near, _) in enumerate(found)])
    return place, np.concatenate([centre for _, centre in found])


@dataclass(frozen=True, eq=False)
class _Lists:
    """The centres listed in each square of a grid: count and start (squares,) into owner; x_m, y_m of the centres."""

    low: Floats
    side: float
    wide: int
    high: int
    count: Ints
    start: Ints
    owner: Ints
    x_m: Floats
    y_m: Floats

    def read(self, places: Floats, reach_m: float) -> tuple[Ints, Ints]:
        """Pairs (place, centre) no further apart."""
        x, y = places[:, 0], places[:, 1]
        column, row = np.floor((x - self.low[0]) / self.side), np.floor((y - self.low[1]) / self.side)
        inside = np.flatnonzero((column >= 0) & (column < self.wide) & (row >= 0) & (row < self.high))
        reading = (row[inside] * self.wide + column[inside]).astype(np.int64)
        many = self.count.take(reading)
        nth = np.repeat(self.start.take(reading) - (np.cumsum(many) - many), many)
        centre = self.owner.take(nth + np.arange(len(nth)))
        gap_x = np.repeat(x[inside], many) - self.x_m.take(centre)
        gap_y = np.repeat(y[inside], many) - self.y_m.take(centre)
        near = np.flatnonzero(gap_x**2 + gap_y**2 <= reach_m**2)
        return np.repeat(inside, many).take(near), centre.take(near)


def _argmax_per_group(values: Floats, start: Ints) -> Ints:
    """Position of the largest value of each run beginning at `start`; of equals the last."""
    largest = np.repeat(np.maximum.reduceat(values, start), np.diff(np.r_[start, len(values)]))
    return np.asarray(np.maximum.reduceat(np.where(values == largest, np.arange(len(values)), -1), start))
