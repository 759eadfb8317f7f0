"""How a row of figures is printed: with its interval. The figures themselves are `detection.intervals`'."""

from __future__ import annotations

from collections.abc import Sequence

from detection.intervals import chance, interval, rate_interval, total
from detection.scoring import Figures

__all__ = ["chance", "interval", "line", "rate_interval", "total"]


def line(name: str, parts: Sequence[Figures], extra: str = "") -> str:
    """One row of a table: precision, recall, F1 with its 90 % interval over the parts."""
    figures = total(parts)
    low, high = interval(parts, lambda f: f.f1)
    return (
        f"{name:<34} precision {figures.precision:.3f}  recall {figures.recall:.3f}  F1 {figures.f1:.3f} "
        f"[{low:.3f}, {high:.3f}]  {figures.matched}/{figures.found} found, {figures.true} true {extra}"
    )
