"""Severity across cars and phones: the gains that were found, and severity against what is really there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from detection.calibration import DeviceGains
from detection.columns import Codes, Counts, Floats, Texts
from detection.intervals import rank_correlation
from detection.plots.style import BLACK, BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, VERMILLION, mark_kinds, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

Z = 1.645  # intervals hold 90 %
COLOURS, MARKERS = (BLUE, ORANGE, GREEN, VERMILLION, SKY, PURPLE, BLACK), "osD^v"  # 35 devices before any look alike


def plot_gains(axes: Axes, devices: DeviceGains) -> Axes:
    """How much more or less than the fleet's middle each device shows, with its 90 % interval; the strongest on top."""
    plain(axes)
    table = devices[np.argsort(devices.gain, kind="stable")]
    rows = np.arange(len(table))
    centre = np.exp(table.gain)
    reach = np.stack([centre - np.exp(table.gain - Z * table.gain_se), np.exp(table.gain + Z * table.gain_se) - centre])
    axes.axvline(1.0, color=GREY, lw=1.0)
    axes.errorbar(centre, rows, xerr=reach, fmt="o", color=BLUE, ms=5, capsize=2, lw=1.2, label="gain with 90 % interval")
    axes.set_yticks(rows, [str(name)[:8] for name in table.device], fontsize=7)
    axes.set_xscale("log")
    _round_ticks(axes.xaxis, (0.25, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0, 3.0, 4.0), "× ")
    axes.set(xlabel="shows so many times what the middle of the fleet shows", ylabel="device")
    axes.grid(axis="y", visible=False)
    return axes


def plot_severity(axes: Axes, size_m: Floats, severity: Floats, kind: Codes, thing: Counts | None = None) -> Axes:
    """Severity (n,) against the true size, on logarithmic axes; Spearman's ρ with its 90 % interval in the title.

    thing (n,): code of the thing each belongs to, where several severities are told of one: the interval draws things whole.
    """
    plain(axes)
    mark_kinds(axes, 100.0 * size_m, severity, kind)
    axes.set(xscale="log", yscale="log", xlabel="true depth or height, cm", ylabel="severity (1: just felt)")
    _round_ticks(axes.xaxis, (1, 2, 3, 5, 7, 10, 20))
    _round_ticks(axes.yaxis, (0.5, 1, 2, 3, 5, 10, 20, 50))
    if len(severity) >= 5:
        rho, low, high = rank_correlation(severity, size_m, thing)
        axes.set_title(f"Spearman's ρ {rho:.2f} [{low:.2f}, {high:.2f}]", fontsize=9)
    return axes


def plot_spread(axes: Axes, told: Mapping[str, Floats], device: Texts) -> Axes:
    """Severities (h,) of the hits of one thing, told in several ways, a row each; a colour and shape for each device (h,)."""
    plain(axes)
    names, which = np.unique(device.astype(str), return_inverse=True)
    height = 0.25 * (which / max(len(names) - 1, 1) - 0.5)
    for level, (way, severity) in enumerate(reversed(list(told.items()))):
        for number in range(len(names)):
            of, colour, marker = which == number, COLOURS[number % len(COLOURS)], MARKERS[number % len(MARKERS)]
            axes.scatter(severity[of], level + height[of], s=34, color=colour, marker=marker, edgecolors=BLACK, lw=0.5, zorder=3)
        middle, off = float(np.median(severity)), float(np.exp(np.std(np.log(severity))))
        axes.plot([middle, middle], [level - 0.3, level + 0.3], color=BLACK, lw=1.4)
        axes.text(1.01, level, f"{way}:\nspread × {off:.2f}", transform=axes.get_yaxis_transform(), va="center", fontsize=9)
    axes.set_yticks([])
    axes.set(xscale="log", xlabel="severity (1: just felt); a line at the median", ylim=(-0.6, len(told) - 0.4))
    _round_ticks(axes.xaxis, (0.5, 1, 2, 3, 5, 7, 10, 20, 50))
    return axes


def _round_ticks(axis: Axis, ticks: tuple[float, ...], before: str = "") -> None:
    """Numbers that people use on a logarithmic axis, instead of powers of ten."""
    from matplotlib.ticker import FixedLocator, NullLocator

    axis.set_major_locator(FixedLocator(ticks))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(lambda value, _: f"{before}{value:g}")
