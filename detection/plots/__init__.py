"""Pictures of what detection does: arrays and an Axes in, the Axes out. matplotlib is imported when something is drawn.

`plot_…(axes, …)` draw on axes of yours and return them; `draw_…` make a whole Figure. Colours are those of Okabe and Ito, who
chose them so that colour-blind people tell them apart; what they mean is also told by shape, so that grey print will do.
"""

from detection.plots.confidence import plot_bayes_factor, plot_confidence, plot_reliability, plot_votes
from detection.plots.defect import draw_defect, plot_jolt_places, plot_passes
from detection.plots.files import ENDINGS, check_plot, save
from detection.plots.scores import plot_marks, plot_scores
from detection.plots.severity import plot_gains, plot_severity, plot_spread
from detection.plots.stages import (
    plot_band,
    plot_envelope,
    plot_forward,
    plot_path,
    plot_recorded,
    plot_score,
    plot_speed,
    plot_upright,
)
from detection.plots.style import legend_beside
from detection.plots.trip import draw_trip, plot_jolts, shade_unobserved

__all__ = [
    "ENDINGS",
    "check_plot",
    "draw_defect",
    "draw_trip",
    "legend_beside",
    "plot_band",
    "plot_bayes_factor",
    "plot_confidence",
    "plot_envelope",
    "plot_forward",
    "plot_gains",
    "plot_jolt_places",
    "plot_jolts",
    "plot_marks",
    "plot_passes",
    "plot_path",
    "plot_recorded",
    "plot_reliability",
    "plot_score",
    "plot_scores",
    "plot_severity",
    "plot_speed",
    "plot_spread",
    "plot_upright",
    "plot_votes",
    "save",
    "shade_unobserved",
]
