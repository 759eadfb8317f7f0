"""A defect with all its passes: what each felt there, hits and silent passes apart, and where the hits were placed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from detection.analysis import Waveforms
from detection.columns import Floats
from detection.plots.style import BLACK, GREY, VERMILLION, new_figure, plain, say

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHOWN = 24  # waveforms on one sheet; more run into each other
BELOW, ABOVE = 1.0, 1.0  # rows of room


def draw_defect(waves: Waveforms, radius_m: float, title: str = "") -> Figure:
    """All passes of one defect: waveforms of hits above, of silent passes below, places of the hits to the right.

    radius_m: 1 σ of the defect's place. Raises PartMissing where matplotlib is not installed.
    """
    count = [max(1, min(SHOWN, len(part.passes))) for part in (waves.hits, waves.silent)]
    spacing = pass_spacing(waves.vertical_mps2)
    figure = new_figure(12.0, max(5.0, 2.6 + 0.27 * sum(count)))
    grid = figure.add_gridspec(2, 2, width_ratios=[1.7, 1.0], height_ratios=[n - 1 + BELOW + ABOVE for n in count])
    hits, silent, places = (figure.add_subplot(grid[at]) for at in ((0, 0), (1, 0), (slice(None), 1)))
    for axes, part, colour, name in ((hits, waves.hits, VERMILLION, "hits"), (silent, waves.silent, GREY, "silent passes")):
        plot_passes(axes, part.along_m, part.vertical_mps2, pass_labels(part), colour, spacing)
        axes.set_title(f"{name}: {len(part.passes)}", fontsize=9, loc="left")
    hits.set_xlabel("")
    hits.sharex(silent)
    plot_jolt_places(places, waves.hits.passes.jolt_along_m, waves.hits.passes.jolt_across_m, radius_m)
    figure.suptitle(title, fontsize=11)
    return figure


def pass_labels(waves: Waveforms) -> list[str]:
    """Device and speed of each pass."""
    table = waves.passes
    return [f"{device[:4]}  {speed:.0f} m/s" for device, speed in zip(table.device, table.speed_mps, strict=True)]


def pass_spacing(vertical_mps2: Floats) -> float:
    """By how much waveforms (p, w) should be set apart, m/s²: what most of them swing to both sides."""
    swings = [np.ptp(row[np.isfinite(row)]) for row in vertical_mps2 if np.isfinite(row).any()]
    return float(np.quantile(swings, 0.7)) or 1.0 if swings else 1.0


def plot_passes(
    axes: Axes,
    along_m: Floats,
    vertical_mps2: Floats,
    labels: Sequence[str],
    colour: str = VERMILLION,
    spacing_mps2: float | None = None,
) -> Axes:
    """Waveforms (p, w) one above the other, the first on top, each with its label; at most `SHOWN` of them, evenly drawn."""
    plain(axes)
    count = len(vertical_mps2)
    chosen = np.unique(np.linspace(0, count - 1, min(count, SHOWN)).round().astype(int)) if count else np.empty(0, int)
    apart = spacing_mps2 or pass_spacing(vertical_mps2)
    for level, row in enumerate(chosen[::-1]):
        axes.plot(along_m, vertical_mps2[row] + level * apart, color=colour, lw=0.9)
    axes.axvline(0.0, color=BLACK, lw=0.8, ls=":")
    axes.set_yticks(np.arange(len(chosen)) * apart, [labels[row] for row in chosen[::-1]], fontsize=7)
    axes.set_ylim(-BELOW * apart, (max(len(chosen), 1) - 1 + ABOVE) * apart)
    axes.grid(axis="y", visible=False)
    axes.set(xlabel="metres of road from the defect, in the direction of travel", xlim=(along_m[0], along_m[-1]))
    if not count:
        say(axes, "none")
    elif len(chosen) < count:
        axes.text(1.0, 1.01, f"{len(chosen)} of {count} shown", transform=axes.transAxes, ha="right", va="bottom", fontsize=8)
    _scale_bar(axes, apart)
    return axes


def plot_jolt_places(axes: Axes, along_m: Floats, across_m: Floats, radius_m: float) -> Axes:
    """Where each hit was placed from the defect, (h,) m ahead and to the right; a circle of 1 σ of the defect's place."""
    from matplotlib.patches import Circle

    plain(axes)
    axes.add_patch(
        Circle((0.0, 0.0), radius_m, fill=False, ec=BLACK, lw=1.2, ls="--", label=f"1 σ of the place: {radius_m:.1f} m")
    )
    axes.scatter(across_m, along_m, s=30, color=VERMILLION, edgecolors=BLACK, linewidths=0.5, zorder=3, label="jolt of one pass")
    axes.plot(0.0, 0.0, "+", color=BLACK, ms=12, mew=1.6, zorder=4, label="the defect")
    finite = np.r_[np.abs(along_m), np.abs(across_m), radius_m]
    reach = max(8.0, 1.15 * float(np.nanmax(finite)))
    axes.set(aspect="equal", xlim=(-reach, reach), ylim=(-reach, reach))
    axes.set(xlabel="to the right of the defect, m", ylabel="ahead of the defect, m")
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.17), frameon=False, fontsize=8, ncol=1)
    return axes


def _scale_bar(axes: Axes, apart_mps2: float) -> None:
    """How much a waveform's height is: a bar of a round number beside the axes."""
    size = next((s for s in (20.0, 10.0, 5.0, 2.0, 1.0, 0.5, 0.2) if s <= 1.5 * apart_mps2), 0.1)
    where = axes.get_yaxis_transform()
    axes.plot([1.015, 1.015], [0.0, size], color=BLACK, lw=2.0, transform=where, clip_on=False, solid_capstyle="butt")
    axes.text(1.03, size / 2, f"{size:g} m/s²", transform=where, va="center", fontsize=8)
