"""Severity across cars and phones: the gains that were found, and severity against what is really there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from detection.calibration import DeviceGains
from detection.columns import KINDS, Codes, Floats
from detection.intervals import rank_correlation
from detection.plots.style import BLACK, BLUE, GREY, KIND_COLOURS, KIND_MARKERS, KIND_NAMES, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Z = 1.645  # intervals hold 90 %


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
    axes.xaxis.set_major_locator(_round_factors())
    axes.xaxis.set_minor_locator(_none())
    axes.xaxis.set_major_formatter(lambda value, _: f"× {value:g}")
    axes.set(xlabel="shows so many times what the middle of the fleet shows", ylabel="device")
    axes.grid(axis="y", visible=False)
    return axes


def plot_severity(axes: Axes, size_m: Floats, severity: Floats, kind: Codes) -> Axes:
    """Severity (n,) against the true size, on logarithmic axes; Spearman's ρ with its 90 % interval in the title."""
    plain(axes)
    for code, name in enumerate(KINDS):
        of = kind == code
        if of.any():
            look = {"marker": KIND_MARKERS[name], "color": KIND_COLOURS[name], "edgecolors": BLACK, "linewidths": 0.5}
            axes.scatter(100.0 * size_m[of], severity[of], s=34, zorder=3, label=f"{KIND_NAMES[name]} ({of.sum()})", **look)
    axes.set(xscale="log", yscale="log", xlabel="true depth or height, cm", ylabel="severity (1: just felt)")
    for axis, ticks in ((axes.xaxis, (1, 2, 5, 10, 20)), (axes.yaxis, (0.5, 1, 2, 5, 10, 20, 50))):
        axis.set_major_locator(_at(ticks))
        axis.set_minor_locator(_none())
        axis.set_major_formatter(lambda value, _: f"{value:g}")
    if len(severity) >= 5:
        rho, low, high = rank_correlation(severity, size_m)
        axes.set_title(f"Spearman's ρ {rho:.2f} [{low:.2f}, {high:.2f}]", fontsize=9)
    return axes


def _round_factors() -> object:
    return _at((0.25, 0.5, 0.7, 1.0, 1.4, 2.0, 4.0))


def _at(ticks: tuple[float, ...]) -> object:
    from matplotlib.ticker import FixedLocator

    return FixedLocator(ticks)


def _none() -> object:
    from matplotlib.ticker import NullLocator

    return NullLocator()
