"""How probable it is that a candidate is really there, given who passed with and without a jolt.

The model. A jolt is by its own score a thing on the road with its confidence; the mean of a candidate's jolts is the
prior (the best of many would favour the busy places). Given that there is a hit, the passes speak: at a real defect
each is hit with an unknown probability p ~ Beta(real_hits); at a chance jolt with p ~ Beta around the chance rate of
the streets. Passes of one device are not independent witnesses: its n passes count n / (1 + (n − 1) ρ), the effective
sample size of a cluster sample (Kish 1965). The chance rate is what the jolts that no real candidate explains amount
to, found by expectation maximisation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import betaln, expit, logit

from detection.exposure import Passes
from detection.scene import Ints
from detection.settings import DefectSettings
from detection.trace import Floats
from detection.weight import votes


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


def posterior(evidence: Evidence, chance_rate: float, settings: DefectSettings) -> Floats:
    """Probability (c,) that each candidate is real. chance_rate: jolts a pass and window before any is explained."""
    prior = logit(np.clip(evidence.confidence, *settings.prior_range))
    probability = expit(prior)
    for _ in range(20):
        # what the real ones explain is no longer chance
        explained = float(np.sum(probability * evidence.hits) / max(float(evidence.hits.sum()), 1e-9))
        rate = float(np.clip(chance_rate * (1.0 - explained), *settings.chance_range))
        probability = expit(prior + _log_bayes_factor(evidence, rate, settings))
    return np.asarray(probability)


def _log_bayes_factor(evidence: Evidence, rate: float, settings: DefectSettings) -> Floats:
    chance = (rate * settings.chance_concentration, (1.0 - rate) * settings.chance_concentration)
    return _log_likelihood(evidence, settings.real_hits) - _log_likelihood(evidence, chance)


def _log_likelihood(evidence: Evidence, beta: tuple[float, float]) -> Floats:
    """Beta-binomial in real-valued counts, given that there was a hit (of one effective pass or more)."""
    a, b = beta
    hits, misses = evidence.hits, np.maximum(evidence.passes - evidence.hits, 0.0)
    some = -np.expm1(betaln(a, b + np.maximum(evidence.passes, 1.0)) - betaln(a, b))
    return np.asarray(betaln(a + hits, b + misses) - betaln(a, b) - np.log(np.maximum(some, 1e-12)))
