"""Confidence: how it came about, pass by pass, and whether it can be believed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from detection.columns import Floats
from detection.plots.style import BLACK, BLUE, GREY, VERMILLION, plain
from detection.reliability import Reliability

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_votes(axes: Axes, hits: Floats, passes: Floats) -> Axes:
    """Votes for and among all after each pass, (p,): one device's further passes count less and less."""
    number = np.arange(1, len(passes) + 1)
    axes.step(number, number, where="mid", color=GREY, ls=":", label="passes, all equal")
    axes.step(number, passes, where="mid", color=BLACK, lw=1.4, label="votes")
    axes.step(number, hits, where="mid", color=VERMILLION, lw=1.4, ls="--", label="votes of hits")
    axes.set_ylim(bottom=0.0)
    return _counted(axes, "votes", len(passes))


def plot_bayes_factor(axes: Axes, bayes_factor: Floats, hit: Floats) -> Axes:
    """By how much each pass multiplied the odds, (p,), on a logarithmic axis: up for a defect, down for none."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    number = np.arange(1, len(hit) + 1)
    axes.axhline(1.0, color=GREY, lw=1.0)
    axes.vlines(number, 1.0, bayes_factor, color=BLUE, lw=1.4, zorder=2)
    _marked(axes, bayes_factor, hit)
    known = np.log(bayes_factor[np.isfinite(bayes_factor) & (bayes_factor > 0)])
    axes.set_yscale("log")
    axes.set_ylim(float(np.exp(min(known.min(initial=0.0) - 0.3, -0.8))), float(np.exp(max(known.max(initial=0.0) + 0.3, 0.8))))
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0), numticks=12))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"× {value:g}"))
    return _counted(axes, "multiplies the odds by", len(hit))


def plot_confidence(axes: Axes, confidence: Floats, hit: Floats) -> Axes:
    """Probability of being there after each pass, (p,): a full mark for a pass with a jolt, a hollow one for a silent pass."""
    axes.plot(np.arange(1, len(hit) + 1), confidence, color=BLUE, lw=1.0, zorder=2)
    _marked(axes, confidence, hit)
    axes.set_ylim(-0.03, 1.03)
    return _counted(axes, "confidence", len(hit))


def plot_reliability(axes: Axes, table: Reliability) -> Axes:
    """Share that is real against confidence, with 90 % intervals; above the axes how many there are in each bin."""
    plain(axes)
    axes.plot([0, 1], [0, 1], color=GREY, lw=1.0, ls="--", label="to be believed")
    reach = np.maximum(np.stack([table.real - table.real_low, table.real_high - table.real]), 0.0)
    name = f"measured, 90 % interval; expected error {table.expected_error:.3f}"
    axes.errorbar(table.said, table.real, reach, fmt="o", color=BLUE, ms=6, capsize=3, lw=1.2, zorder=3, label=name)
    for low, high, count in zip(table.low, table.high, table.count, strict=True):
        axes.text((low + high) / 2, 1.01, f"{count}", transform=axes.get_xaxis_transform(), ha="center", va="bottom", fontsize=8)
        axes.axvline(low, color=GREY, lw=0.5, alpha=0.5)
    axes.text(0.0, 1.06, "how many:", transform=axes.transAxes, ha="left", va="bottom", fontsize=8)
    axes.set(xlim=(0, 1), ylim=(0, 1.02), aspect="equal", xlabel="confidence", ylabel="share that is real")
    axes.grid(axis="x", visible=False)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.13), frameon=False, fontsize=8)
    return axes


def _marked(axes: Axes, values: Floats, hit: Floats) -> None:
    """A full mark for a pass with a jolt, a hollow one for a silent pass."""
    number = np.arange(1, len(values) + 1)
    marks: tuple[tuple[NDArray[np.bool_], str, str], ...] = ((hit > 0, VERMILLION, "hit"), (hit == 0, "white", "silent pass"))
    for of, fill, name in marks:
        if of.any():
            axes.scatter(number[of], values[of], s=30, color=fill, edgecolors=BLACK, linewidths=0.8, zorder=3, label=name)


def _counted(axes: Axes, what: str, count: int) -> Axes:
    from matplotlib.ticker import MaxNLocator

    plain(axes)
    axes.set(xlabel="passes, in order of time", ylabel=what, xlim=(0.5, count + 0.5))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    return axes
