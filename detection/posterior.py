"""How probable it is that a candidate is really there, given who passed with and without a jolt.

The model. A jolt is by its own score a thing on the road with its confidence; the mean of a candidate's jolts is the
prior (the best of many would favour the busy places). Given that there is a hit, the passes speak: at a real defect
each is hit with an unknown probability p ~ Beta(real_hits); at a chance jolt with p ~ Beta around the chance rate of
the trips that passed. Passes of one device are not independent witnesses: its n passes count n / (1 + (n − 1) ρ), the
effective sample size of a cluster sample (Kish 1965). The chance rate of a trip is what its own jolts, if their
confidence is right, hold of chance: no other trip changes it, nor what happens in other streets.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import betaln, expit, logit

from detection.exposure import Passes
from detection.scene import Gathered, Ints
from detection.settings import DefectSettings, TrackSettings
from detection.trace import Floats
from detection.weight import votes

TRACK_SPACING_M = TrackSettings().spacing_m


@dataclass(frozen=True, eq=False)
class Evidence:
    """Effective counts a candidate (c,): hits ≤ passes, one device one vote; devices that observed; confidence: mean
    of its jolts."""

    hits: Floats
    passes: Floats
    devices: Ints
    confidence: Floats


def weigh(passes: Passes, count: int, settings: DefectSettings) -> Evidence:
    """The passes of `count` candidates as effective counts."""
    devices = int(passes.device.max(initial=0)) + 1
    key, which = np.unique(passes.candidate * devices + passes.device, return_inverse=True)
    n = np.asarray(np.bincount(which, np.maximum(passes.weight, passes.hit), len(key)), np.float64)
    h = np.bincount(which, passes.hit, len(key))
    shrink = votes(n, settings.device_correlation)
    candidate = key // devices
    found = passes.jolt >= 0
    of = passes.candidate[found]
    confidence = np.bincount(of, passes.hit[found], count) / np.maximum(np.bincount(of, minlength=count), 1)
    return Evidence(
        np.asarray(np.bincount(candidate, h * shrink, count), np.float64),
        np.asarray(np.bincount(candidate, n * shrink, count), np.float64),
        np.bincount(candidate[n > 0], minlength=count),
        confidence,
    )


def posterior(evidence: Evidence, chance_rate: Floats, settings: DefectSettings) -> Floats:
    """Probability (c,) that each candidate is real. chance_rate (c,): how much of a hit a pass there brings by chance."""
    prior = logit(np.clip(evidence.confidence, *settings.prior_range))
    return np.asarray(expit(prior + _log_bayes_factor(evidence, chance_rate, settings)))


def chance_of_trips(gathered: Gathered, settings: DefectSettings) -> Floats:
    """How much of a hit each trip (trips,) brings by chance in a window of `hit_reach_m` either way.

    A jolt with confidence c is chance with probability 1 − c and then counts as c of a hit.
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
    total = np.maximum(np.bincount(passes.candidate, weight, count), 1e-12)
    rate = np.bincount(passes.candidate, weight * chance_of_trip[passes.trip], count) / total
    return np.asarray(np.clip(rate, *settings.chance_range))


def _log_bayes_factor(evidence: Evidence, rate: Floats, settings: DefectSettings) -> Floats:
    chance = (rate * settings.chance_concentration, (1.0 - rate) * settings.chance_concentration)
    return _log_likelihood(evidence, settings.real_hits) - _log_likelihood(evidence, chance)


def _log_likelihood(evidence: Evidence, beta: tuple[float | Floats, float | Floats]) -> Floats:
    """Beta-binomial in real-valued counts, given that there was a hit (of one effective pass or more)."""
    a, b = beta
    hits, misses = evidence.hits, np.maximum(evidence.passes - evidence.hits, 0.0)
    some = -np.expm1(betaln(a, b + np.maximum(evidence.passes, 1.0)) - betaln(a, b))
    return np.asarray(betaln(a + hits, b + misses) - betaln(a, b) - np.log(np.maximum(some, 1e-12)))
