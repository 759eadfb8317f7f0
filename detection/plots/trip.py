"""One trip: its jolts, what it could not observe, and the whole of it on one sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from detection.columns import Floats
from detection.jolts import Jolts
from detection.plots.stages import plot_envelope, plot_score, plot_speed, plot_vertical_and_band
from detection.plots.style import PALE, legend_beside, mark_kinds, new_figure, within
from detection.settings import SurveySettings
from detection.stages import Stages

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DEFAULT = SurveySettings()


def draw_trip(stages: Stages, jolts: Jolts, title: str = "", settings: SurveySettings = DEFAULT) -> Figure:
    """Vertical acceleration, envelope, score and speed of one trip, one above the other, with its jolts.

    Raises PartMissing where matplotlib is not installed.
    """
    figure = new_figure(12.0, 8.0)
    rows = figure.subplots(4, 1, sharex=True, height_ratios=[1.5, 1.0, 1.0, 0.7])
    vertical, envelope, score, speed = rows
    plot_vertical_and_band(vertical, stages)
    plot_jolts(vertical, jolts, jolts.peak_mps2)
    plot_envelope(envelope, stages)
    plot_score(score, stages, settings.statistic_at(stages.grid.rate_hz).threshold)
    plot_jolts(score, jolts, jolts.score, labelled=False)
    plot_speed(speed, stages)
    for axes in rows:
        shade_unobserved(axes, stages, labelled=axes is vertical)
        axes.set_xlabel(axes.get_xlabel() if axes is speed else "")
        legend_beside(axes)
    speed.set_xlim(stages.grid.t_s[0], stages.grid.t_s[-1])
    figure.suptitle(title or f"{len(jolts)} jolts", fontsize=11)
    return figure


def plot_jolts(
    axes: Axes, jolts: Jolts, height: Floats, span_s: tuple[float, float] | None = None, *, labelled: bool = True
) -> Axes:
    """Jolts at their times and `height` (n,) in the unit of the axes: colour and shape say the kind."""
    shown = within(jolts.t_s, span_s)
    mark_kinds(axes, jolts.t_s[shown], height[shown], jolts.kind[shown], "jolt: ", labelled=labelled)
    return axes


def shade_unobserved(axes: Axes, stages: Stages, *, labelled: bool = True) -> Axes:
    """Grey where no jolt can be found: standing, phone in the hand, sensor faults, hard steering."""
    blind = ~stages.allowed
    if blind.any():
        half = 0.5 / stages.decimated_hz
        edges = np.diff(np.r_[0, blind.astype(np.int8), 0])
        for number, (first, end) in enumerate(zip(np.flatnonzero(edges > 0), np.flatnonzero(edges < 0), strict=True)):
            label = "not observed" if labelled and number == 0 else None
            axes.axvspan(stages.t_s[first] - half, stages.t_s[end - 1] + half, color=PALE, lw=0, zorder=0, label=label)
    return axes
