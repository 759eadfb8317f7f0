"""What the passes of each candidate say, in counts that can be believed: one device one vote.

Passes of one device are not independent witnesses: its n passes count n / (1 + (n − 1) ρ), the effective sample size of a
cluster sample (Kish 1965). A pass counts with the weight of its recording, hit or not. What that makes of
a candidate is `detection.posterior`'s.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import logit

from detection.cluster import Candidates
from detection.exposure import Passes
from detection.neighbours import Neighbours, find_neighbours
from detection.scene import Bools, Gathered, Ints
from detection.settings import DefectSettings, TrackSettings
from detection.trace import Floats
from detection.weight import votes

TRACK_SPACING_M = TrackSettings().spacing_m
ROUGH = 3  # among `KINDS[1:]`
LEAST = 1e-3  # no single jolt rules a kind out
STEPS = logit(np.array([0.05, 0.2, 0.5, 0.8, 0.95]))  # of confidence; a jolt in between counts as a part of either


@dataclass(frozen=True, eq=False)
class Evidence:
    """Of each candidate (c,), in effective counts.

    hits, misses: passes with and without a jolt; sureness (c, 5): its hits by how sure they are (`STEPS`), where only the
    hits of a device shrink its vote; devices that observed; severity: mean log severity of its hits; kinds (c, 4): mean
    log probability of each kind, 0 where no hit tells; chance: how much of a hit a pass there brings by chance; beside_m:
    distance along the road of a stronger neighbour, inf none; beside: its own hits and misses (c, 2); twice: share of this
    one's hits whose trips hit that, too; stretch: it is a part of a rough stretch that has a stronger candidate.
    """

    hits: Floats
    misses: Floats
    sureness: Floats
    devices: Ints
    severity: Floats
    kinds: Floats
    chance: Floats
    beside_m: Floats
    beside: Floats
    twice: Floats
    stretch: Bools

    def __len__(self) -> int:
        return len(self.hits)


def weigh(
    passes: Passes, candidates: Candidates, gathered: Gathered, chance_of_trip: Floats, settings: DefectSettings
) -> tuple[Evidence, Neighbours]:
    """The passes of the candidates as effective counts, and who stands beside whom."""
    count, found = len(candidates), passes.jolt >= 0
    vote, own_vote, devices = _votes(passes, count, settings)
    of, sure = passes.candidate[found], passes.hit[found]
    weight = passes.weight[found]
    hits = _sum(of, vote[found] * weight, count)
    misses = _sum(passes.candidate[~found], (vote * passes.weight)[~found], count)
    strength = _sum(of, vote[found] * weight * sure, count)
    near = find_neighbours(candidates, strength, settings)
    jolts = gathered.jolts[passes.jolt[found]]
    own = own_vote[found] * weight
    worth = own * sure
    kinds = _kinds(of, jolts.kind_probability, worth, count)
    severity = _mean(of, np.log(np.maximum(jolts.severity, 1e-3)), worth, count)
    beside = near.stronger >= 0
    rough = kinds.any(axis=1) & (kinds.argmax(axis=1) == ROUGH)
    evidence = Evidence(
        hits,
        misses,
        np.stack([np.bincount(of, own * part, count) for part in by_sureness(sure).T], axis=1),
        devices,
        severity,
        kinds,
        chance_at(passes, chance_of_trip, count, settings),
        near.stronger_m,
        np.where(beside[:, None], np.c_[hits, misses][near.stronger], 0.0),
        _twice(passes, near, count),
        beside & rough & rough[near.stronger],
    )
    return evidence, near


def by_sureness(confidence: Floats) -> Floats:
    """Each jolt's confidence (n,) as parts (n, 5) of the steps it lies between; they sum to 1."""
    place = np.interp(logit(np.clip(confidence, 1e-6, 1.0 - 1e-6)), STEPS, np.arange(len(STEPS)))
    return np.asarray(np.maximum(0.0, 1.0 - np.abs(place[:, None] - np.arange(len(STEPS)))))


def kind_shares(evidence: Evidence) -> Floats:
    """Probability (c, 4) of each of `KINDS[1:]` by the mean of its jolts' log probabilities; 0 where none tells."""
    likely = np.where(evidence.kinds.any(axis=1, keepdims=True), np.exp(evidence.kinds), 0.0)
    return np.asarray(likely / np.maximum(likely.sum(axis=1, keepdims=True), 1e-12))


def _kinds(of: Ints, probability: Floats, weight: Floats, count: int) -> Floats:
    """Mean log probability (c, 4) of each kind over the jolts (n, 4) that tell; 0 where none does."""
    tells = probability.sum(axis=1) > 0
    said = np.log(np.maximum(probability[tells], LEAST))
    return np.stack([_mean(of[tells], share, weight[tells], count) for share in said.T], axis=1)


def _votes(passes: Passes, count: int, settings: DefectSettings) -> tuple[Floats, Floats, Ints]:
    """What each pass (p,) counts among all passes of its device there, and among its hits; devices (c,) that observed."""
    devices = int(passes.device.max(initial=0)) + 1
    key, which = np.unique(passes.candidate * devices + passes.device, return_inverse=True)
    found = (passes.jolt >= 0).astype(np.float64)
    observed = np.bincount(which, np.maximum(passes.weight, found), len(key))
    hit = np.bincount(which, found, len(key))
    vote, own = (votes(np.asarray(n, np.float64), settings.witness_correlation)[which] for n in (observed, hit))
    return vote, own, np.bincount((key // devices)[observed > 0], minlength=count)


def _twice(passes: Passes, near: Neighbours, count: int) -> Floats:
    """Share (c,) of a candidate's hits whose trips hit its stronger neighbour too."""
    found = passes.jolt >= 0
    of, trip = passes.candidate[found], passes.trip[found]
    trips = int(trip.max(initial=0)) + 1
    also = np.isin(near.stronger[of] * trips + trip, of * trips + trip) & (near.stronger[of] >= 0)
    return _mean(of, also.astype(np.float64), np.ones(len(of)), count)


def chance_of_trips(gathered: Gathered, settings: DefectSettings) -> Floats:
    """How much of a hit each trip (trips,) brings by chance in a window of `hit_reach_m` either way.

    A jolt with confidence c is chance with probability 1 − c and then counts as c of a hit. No other trip changes it, nor
    what happens in other streets.
    """
    trips = len(gathered.device_of_trip)
    sure = gathered.jolts.confidence
    strays = np.bincount(gathered.jolt_trip, sure * (1.0 - sure), trips)
    windows = np.bincount(gathered.point_trip, gathered.track.weight, trips) * TRACK_SPACING_M / (2.0 * settings.hit_reach_m)
    rate, worth = settings.chance_prior
    return np.asarray((strays + worth * rate) / (windows + worth))


def chance_at(passes: Passes, chance_of_trip: Floats, count: int, settings: DefectSettings) -> Floats:
    """The chance rate (c,) of those who passed each candidate, each pass by how well it observed."""
    weight = np.maximum(np.maximum(passes.weight, passes.hit), 1e-3)
    rate = _mean(passes.candidate, chance_of_trip[passes.trip], weight, count)
    return np.asarray(np.clip(rate, *settings.chance_range))


def _sum(of: Ints, values: Floats, count: int) -> Floats:
    return np.asarray(np.bincount(of, values, count), np.float64)


def _mean(of: Ints, values: Floats, weight: Floats, count: int) -> Floats:
    """Weighted mean (c,) of the values of each candidate; 0 without any."""
    return np.asarray(np.bincount(of, weight * values, count) / np.maximum(np.bincount(of, weight, count), 1e-12))
