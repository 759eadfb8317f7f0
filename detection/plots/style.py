"""What all pictures share: colours and shapes, legends beside the data, lines that break where nothing was recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from detection.columns import KINDS, Codes
from detection.errors import PartMissing
from detection.trace import Floats

if TYPE_CHECKING:  # at run time only once something is drawn: the core works without it
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe & Ito, Color Universal Design (2008)
BLACK, ORANGE, SKY, GREEN, BLUE, VERMILLION, PURPLE = "#000000", "#E69F00", "#56B4E9", "#009E73", "#0072B2", "#D55E00", "#CC79A7"
GREY, PALE = "#6E6E6E", "#DADADA"
KIND_COLOURS = dict(zip(KINDS, (GREY, VERMILLION, BLUE, GREEN, ORANGE), strict=True))
KIND_MARKERS = dict(zip(KINDS, "ov^Ds", strict=True))  # a hole points down, a hump up: told apart without colour


def new_figure(width_in: float, height_in: float) -> Figure:
    """An empty figure whose parts keep clear of each other. Raises PartMissing where matplotlib is not installed."""
    try:
        from detection.plots.sheet import Sheet
    except ModuleNotFoundError as error:
        raise PartMissing("drawing", "matplotlib", "plots") from error
    return Sheet(figsize=(width_in, height_in), layout="constrained")


def legend_beside(axes: Axes) -> None:
    """The legend to the right of the axes, never on the data."""
    handles, labels = axes.get_legend_handles_labels()
    if handles:
        axes.legend(handles, labels, loc="upper left", bbox_to_anchor=(1.005, 1.0), frameon=False, fontsize=8, borderaxespad=0.0)


def mark_kinds(axes: Axes, x: Floats, y: Floats, kind: Codes, what: str = "", *, labelled: bool = True) -> None:
    """A mark at each of (n,) places: colour and shape say the kind; `what` stands before its name in the legend."""
    for code, name in enumerate(KINDS):
        of = kind == code
        if of.any():
            axes.scatter(
                x[of],
                y[of],
                marker=KIND_MARKERS[name],
                color=KIND_COLOURS[name],
                edgecolors=BLACK,
                linewidths=0.6,
                s=42,
                zorder=4,
                label=f"{what}{name.replace('_', ' ')} ({of.sum()})" if labelled else None,
            )


def say(axes: Axes, why: str) -> None:
    """In place of data that there are none of."""
    axes.text(0.5, 0.5, why, transform=axes.transAxes, ha="center", va="center", color=GREY)


def plain(axes: Axes) -> None:
    """No box around the data, and a light grid behind it."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.25, linewidth=0.6)
    axes.set_axisbelow(True)


def broken(t_s: Floats, values: Floats, gap_s: float) -> tuple[Floats, Floats]:
    """(n,) with a NaN wherever two times lie further apart: a line must not cross what was not recorded."""
    at = np.flatnonzero(np.diff(t_s) > gap_s) + 1
    return np.insert(t_s, at, t_s[at] if len(at) else np.empty(0)), np.insert(values, at, np.nan)


def within(t_s: Floats, span_s: tuple[float, float] | None) -> np.ndarray:
    """Which times (n,) lie in the span, all where it is None."""
    return np.ones(len(t_s), bool) if span_s is None else np.asarray((t_s >= span_s[0]) & (t_s <= span_s[1]))
