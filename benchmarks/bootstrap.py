"""Intervals and chance: what makes a figure honest."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from detection.scoring import Figures, match_jolts

Times = npt.NDArray[np.float64]


def total(parts: Sequence[Figures]) -> Figures:
    return sum(parts, Figures())


def interval(
    parts: Sequence[Figures], figure: Callable[[Figures], float], rounds: int = 1000, seed: int = 0
) -> tuple[float, float]:
    """90 % bootstrap interval of a figure over the parts (trips, cities), each drawn whole."""
    rng = np.random.default_rng(seed)
    counts = np.array([(part.found, part.true, part.matched) for part in parts])
    drawn = counts[rng.integers(len(parts), size=(rounds, len(parts)))].sum(axis=1)
    values = [figure(Figures(*map(int, row))) for row in drawn]
    low, high = np.quantile(values, [0.05, 0.95])
    return float(low), float(high)


def rate_interval(counts: Times, spans: Times, rounds: int = 1000, seed: int = 0) -> tuple[float, float]:
    """90 % bootstrap interval of sum(counts) / sum(spans) over the parts (k,), each drawn whole."""
    drawn = np.random.default_rng(seed).integers(len(counts), size=(rounds, len(counts)))
    low, high = np.quantile(counts[drawn].sum(axis=1) / spans[drawn].sum(axis=1), [0.05, 0.95])
    return float(low), float(high)


def chance(
    count: int, span_s: Times, true_s: Times, tolerance_s: float, rounds: int = 50, seed: int = 0
) -> tuple[float, Figures]:
    """Mean F1 of `count` times drawn at random among the driven times span_s (k,), and the mean figures."""
    rng = np.random.default_rng(seed)
    runs = [match_jolts(np.sort(rng.choice(span_s, count)), true_s, tolerance_s)[0] for _ in range(rounds)]
    summed = total(runs)
    return summed.f1, Figures(count, len(true_s), round(summed.matched / rounds))


def line(name: str, parts: Sequence[Figures], extra: str = "") -> str:
    """One row of a table: precision, recall, F1 with its 90 % interval over the parts."""
    figures = total(parts)
    low, high = interval(parts, lambda f: f.f1)
    return (
        f"{name:<34} precision {figures.precision:.3f}  recall {figures.recall:.3f}  F1 {figures.f1:.3f} "
        f"[{low:.3f}, {high:.3f}]  {figures.matched}/{figures.found} found, {figures.true} true {extra}"
    )
