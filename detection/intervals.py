"""Intervals and chance: what makes a figure honest.

Parts (trips, cities, devices) are drawn whole, never single jolts: what one car does all day is one observation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy.stats import spearmanr

from detection.columns import Counts, Floats
from detection.scoring import Figures, match_jolts

INTERVAL = (0.05, 0.95)  # 90 %


def total(parts: Sequence[Figures]) -> Figures:
    """The figures of all parts together."""
    return sum(parts, Figures())


def interval(
    parts: Sequence[Figures], figure: Callable[[Figures], float], rounds: int = 1000, seed: int = 0
) -> tuple[float, float]:
    """90 % bootstrap interval of a figure over the parts (trips, cities), each drawn whole."""
    rng = np.random.default_rng(seed)
    counts = np.array([(part.found, part.true, part.matched) for part in parts])
    drawn = counts[rng.integers(len(parts), size=(rounds, len(parts)))].sum(axis=1)
    values = [figure(Figures(*map(int, row))) for row in drawn]
    low, high = np.quantile(values, INTERVAL)
    return float(low), float(high)


def rate_interval(counts: Floats, spans: Floats, rounds: int = 1000, seed: int = 0) -> tuple[float, float]:
    """90 % bootstrap interval of sum(counts) / sum(spans) over the parts (k,), each drawn whole."""
    drawn = np.random.default_rng(seed).integers(len(counts), size=(rounds, len(counts)))
    low, high = np.quantile(counts[drawn].sum(axis=1) / spans[drawn].sum(axis=1), INTERVAL)
    return float(low), float(high)


def chance(
    count: int, span_s: Floats, true_s: Floats, tolerance_s: float, rounds: int = 50, seed: int = 0
) -> tuple[float, Figures]:
    """Mean F1 of `count` times drawn at random among the driven times span_s (k,), and the mean figures."""
    rng = np.random.default_rng(seed)
    runs = [match_jolts(np.sort(rng.choice(span_s, count)), true_s, tolerance_s)[0] for _ in range(rounds)]
    summed = total(runs)
    return summed.f1, Figures(count, len(true_s), round(summed.matched / rounds))


def rank_correlation(
    said: Floats, truth: Floats, thing: Counts | None = None, rounds: int = 300, seed: int = 0
) -> tuple[float, float, float]:
    """Spearman's ρ of (n,) pairs and its 90 % bootstrap interval; things (n,), each pair its own by default, are drawn whole."""
    rng = np.random.default_rng(seed)
    owner = np.arange(len(said)) if thing is None else thing
    order = np.argsort(owner, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(owner[order])) + 1)
    drawn = []
    for _ in range(rounds):
        index = np.concatenate([groups[i] for i in rng.integers(len(groups), size=len(groups))])
        drawn.append(spearmanr(said[index], truth[index]).statistic)
    low, high = np.nanquantile(drawn, INTERVAL)
    return float(spearmanr(said, truth).statistic), float(low), float(high)
