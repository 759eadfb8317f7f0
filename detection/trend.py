"""Is it getting worse? The slope of log severity over time, with an interval.

Cars and phones differ more than a hole grows, so each device has a level of its own, known only as well as its hits
tell: a random intercept, fitted by partly removing each device's mean (Fuller & Battese, J. Econometrics 2, 1974), with
Huber weights against the odd jolt.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from detection.columns import Columns, Counts, Floats

DEVICE_SIGMA, HIT_SIGMA = 0.35, 0.25  # of log severity of one thing, between devices and between hits of one device:
# 0.31 and 0.20 over simulated cities (`--only repairs` prints them); taken larger, for real drivers vary their line more
PRIOR_HITS = 5.0  # HIT_SIGMA is worth so many hits: the scatter of three is not believed
HUBER = 1.345  # residual in σ from which influence stops growing; 95 % efficient for normal errors (Huber 1964)
COVERAGE = 0.90
YEAR_S = 365.25 * 86_400.0


@dataclass(frozen=True, eq=False)
class Trends(Columns):
    """(n,): growth of log severity a year, and its 90 % interval; NaN with fewer than three hits or one moment only."""

    growth: Floats
    growth_low: Floats
    growth_high: Floats


def trends(thing: Counts, device: Counts, time_s: Floats, severity: Floats, weight: Floats, count: int) -> Trends:
    """Of `count` things from their hits (h,): which thing, whose device, when, how hard (> 0), weight 0..1."""
    hits = np.bincount(thing, minlength=count)
    year = time_s / YEAR_S
    year = year - (np.bincount(thing, year, count) / np.maximum(hits, 1))[thing]
    one, x, y = _without_levels(thing, device, [np.ones(len(thing)), year, np.log(severity)])
    robust = weight
    for _ in range(4):
        level, slope, spread = _line(thing, one, x, y, robust, count)
        residual = y - level[thing] * one - slope[thing] * x
        worth = PRIOR_HITS + np.bincount(thing, robust, count)
        scale = np.sqrt((PRIOR_HITS * HIT_SIGMA**2 + np.bincount(thing, robust * residual**2, count)) / worth)
        robust = weight * np.minimum(1.0, HUBER * scale[thing] / np.maximum(np.abs(residual), 1e-9))
    reach = student.ppf(0.5 + COVERAGE / 2, worth) * scale / np.sqrt(np.maximum(spread, 1e-12))
    known = (hits >= 3) & (spread > 1e-9)
    return Trends(*(np.where(known, values, np.nan) for values in (slope, slope - reach, slope + reach)))


def _without_levels(thing: Counts, device: Counts, columns: list[Floats]) -> list[Floats]:
    """Each column less the share of its device's mean that its hits at that thing make known."""
    _, pair = np.unique(np.c_[thing, device], axis=0, return_inverse=True)
    pair = pair.ravel()
    n = np.maximum(np.bincount(pair), 1)
    share = 1.0 - 1.0 / np.sqrt(1.0 + n * (DEVICE_SIGMA / HIT_SIGMA) ** 2)
    return [values - (share * np.bincount(pair, values) / n)[pair] for values in columns]


def _line(thing: Counts, one: Floats, x: Floats, y: Floats, weight: Floats, count: int) -> tuple[Floats, Floats, Floats]:
    """Weighted least squares y = level · one + slope · x of each thing; and what the slope's variance is σ² over."""

    def total(values: Floats) -> Floats:
        return np.asarray(np.bincount(thing, weight * values, count), np.float64)

    a, b, c, e, f = total(one * one), total(one * x), total(x * x), total(one * y), total(x * y)
    determinant = np.maximum(a * c - b * b, 1e-15)
    return (c * e - b * f) / determinant, (a * f - b * e) / determinant, determinant / np.maximum(a, 1e-12)
