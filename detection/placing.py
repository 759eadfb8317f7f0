"""Where a candidate lies: along the road by its hits, across it by all who passed, and in the middle of the road if it
spans it.

A hole is met by one direction, and lies on its lane. A hump or a rail crossing is met from both sides: its two candidates
lie on either lane and see it from either end; together they know its middle.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from detection.columns import KINDS
from detection.evidence import kind_shares
from detection.lanes import Lanes, find_lanes
from detection.look import Look
from detection.neighbours import Neighbours
from detection.robust import robust_mean
from detection.scene import Bools, Gathered, Ints
from detection.settings import DefectSettings
from detection.trace import Floats
from detection.weight import as_often, votes

SPANNING = (KINDS.index("speed_bump") - 1, KINDS.index("joint") - 1)  # among `KINDS[1:]`


@dataclass(frozen=True, eq=False)
class Placed:
    """x_m, y_m (c,) in the plane of the scene; radius_m (c,): 1 σ along an axis, without what is systematic; spread_m (c,):
    of the hits around it; partner (c,): the candidate of the other direction that is the same thing, -1 none."""

    x_m: Floats
    y_m: Floats
    radius_m: Floats
    spread_m: Floats
    partner: Ints


def place(look: Look, gathered: Gathered, probability: Floats, settings: DefectSettings) -> Placed:
    """The place of each candidate; probability (c,): of each."""
    candidates, evidence = look.candidates, look.evidence
    centre = np.c_[candidates.x_m, candidates.y_m]
    ahead, right = np.c_[candidates.east, candidates.north], np.c_[candidates.north, -candidates.east]
    middle, spread = _middle_of_hits(look, gathered, centre, settings)
    lanes = _lanes(look, probability >= settings.min_confidence, settings)
    share = kind_shares(evidence)
    along = ((middle - centre) * ahead).sum(axis=1) + share @ np.array(settings.onset_ahead_m)
    across = np.where(lanes.own >= evidence.hits, lanes.own_m, ((middle - centre) * right).sum(axis=1))
    partner = _partners(share, look.near, probability, settings)
    spans = (partner >= 0) | (share[:, SPANNING[0]] >= 0.5)
    across = np.where(spans, across + 0.5 * _to_the_other_lane(lanes, settings), across)
    along, known = _joined(centre, ahead, along, np.maximum(evidence.hits, 1.0), partner)
    passed = np.maximum(lanes.own, known)
    nowhere = (ahead == 0).all(axis=1)  # of unknown heading
    x, y = np.where(nowhere[:, None], middle, centre + along[:, None] * ahead + across[:, None] * right).T
    return Placed(x, y, spread * np.sqrt(0.5 / known + 0.5 / passed), spread, partner)


def _lanes(look: Look, wanted: Bools, settings: DefectSettings) -> Lanes:
    """The lanes beside the wanted candidates; of the others, most by far, none is known."""
    which = np.flatnonzero(wanted)
    point, of = look.beside
    mine = np.flatnonzero(wanted.take(of))
    pairs = point.take(mine), (np.cumsum(wanted) - 1).take(of.take(mine))
    found = find_lanes(look.scene.points, look.candidates.only(which), settings, pairs)
    every = Lanes(*(np.zeros(len(wanted)) for _ in fields(Lanes)))
    for column in fields(Lanes):
        getattr(every, column.name)[which] = getattr(found, column.name)
    return every


def _middle_of_hits(look: Look, gathered: Gathered, centre: Floats, settings: DefectSettings) -> tuple[Floats, Floats]:
    """Robust mean (c, 2) of the hits' places, the surer and better placed ones weighing more, and their spread (c,)."""
    passes = look.passes
    hit = np.flatnonzero(passes.jolt >= 0)
    of, jolt = passes.candidate[hit], passes.jolt[hit]
    row = np.searchsorted(look.scene.jolts.index, jolt)
    vote = votes(as_often(of, passes.device[hit]), settings.device_correlation)
    sigma = np.maximum(np.nan_to_num(gathered.jolts.position_sigma_m[jolt], nan=5.0), 1.0)
    return robust_mean(look.scene.jolts.xy[row], vote * np.maximum(passes.hit[hit], 0.05) / sigma**2, of, centre)


def _partners(share: Floats, near: Neighbours, probability: Floats, settings: DefectSettings) -> Ints:
    """The opposite candidate (c,) where both are such things as span the road and choose each other; -1 none."""
    other = near.opposite
    able = (share[:, SPANNING].sum(axis=1) >= 0.5) & (probability >= settings.opposite_confidence)
    mutual = (other >= 0) & (other[other] == np.arange(len(other)))
    return np.where(mutual & able & able[other], other, -1)


def _to_the_other_lane(lanes: Lanes, settings: DefectSettings) -> Floats:
    """Metres right (c,), mostly negative where one drives on the right, from a candidate's lane to the other.

    Where few came the other way, a lane's width to the side on which the other lanes of this scene lie.
    """
    seen = np.minimum(lanes.own, lanes.opposite)
    gap = lanes.opposite_m - lanes.own_m
    side = np.sign((seen * gap).sum())
    return np.asarray((seen * gap + settings.lane_worth * side * settings.lane_m) / (seen + settings.lane_worth))


def _joined(centre: Floats, ahead: Floats, along: Floats, known: Floats, partner: Ints) -> tuple[Floats, Floats]:
    """Along the road (c,) by the hits of both directions, and how many know."""
    two = partner >= 0
    other = centre[partner] + along[partner, None] * ahead[partner] - centre
    theirs = (other * ahead).sum(axis=1)
    both = known + known[partner]
    along = np.where(two, (known * along + known[partner] * theirs) / both, along)
    return along, np.where(two, both, known)
