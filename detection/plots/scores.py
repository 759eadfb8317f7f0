"""Scores: marks beside what was found, and figures with their interval and the level of chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from detection.columns import Floats
from detection.plots.style import BLACK, BLUE, GREEN, GREY, VERMILLION, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_marks(axes: Axes, found_s: Floats, confidence: Floats, marks_s: Floats, matched: NDArray[np.bool_]) -> Axes:
    """Times found (n,) by confidence, those matched (n,) full, the others hollow; a line at each mark (m,)."""
    plain(axes)
    axes.vlines(marks_s, 0.0, 1.0, color=GREEN, lw=1.4, ls="--", label=f"marked ({len(marks_s)})", zorder=1)
    for of, fill, name in ((matched, BLUE, "found, matched"), (~matched, "white", "found, not marked")):
        label = f"{name} ({of.sum()})"
        axes.scatter(found_s[of], confidence[of], s=34, color=fill, edgecolors=BLACK, linewidths=0.9, zorder=3, label=label)
    axes.set(ylim=(0.0, 1.05), xlabel="time from the start of the trip, s", ylabel="confidence of the jolt")
    return axes


def plot_scores(axes: Axes, summary: pd.DataFrame) -> Axes:
    """A row a figure: value, low and high of its 90 % interval, and chance, as `detection.analysis.Scores.summary` gives them."""
    plain(axes)
    at = np.arange(len(summary))[::-1]
    value, low, high, random = (summary[name].to_numpy(np.float64) for name in ("value", "low", "high", "chance"))
    reach = np.maximum(np.stack([value - low, high - value]), 0.0)
    axes.errorbar(value, at, xerr=reach, fmt="o", color=BLUE, ms=7, capsize=4, lw=1.6, label="value, 90 % interval", zorder=3)
    axes.plot(random, at, "x", color=VERMILLION, ms=8, mew=2, label="chance", zorder=2)
    for y, v in zip(at, value, strict=True):
        axes.text(v, y + 0.16, f"{v:.2f}", ha="center", va="bottom", fontsize=9)
    axes.set_yticks(at, list(summary.index))
    axes.set(xlim=(0.0, 1.0), ylim=(-0.6, len(summary) - 0.3))
    axes.grid(axis="y", visible=False)
    axes.tick_params(axis="y", length=0)
    axes.axvline(0.0, color=GREY, lw=0.8)
    return axes
