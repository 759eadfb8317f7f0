"""Severity across cars and phones: the gains that were found, and severity against what is really there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from detection.calibration import DeviceGains
from detection.columns import Codes, Floats
from detection.intervals import rank_correlation
from detection.plots.style import BLUE, GREY, mark_kinds, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

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
    _round_ticks(axes.xaxis, (0.25, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0, 3.0, 4.0), "× ")
    axes.set(xlabel="shows so many times what the middle of the fleet shows", ylabel="device")
    axes.grid(axis="y", visible=False)
    return axes


def plot_severity(axes: Axes, size_m: Floats, severity: Floats, kind: Codes) -> Axes:
    """Severity (n,) against the true size, on logarithmic axes; Spearman's ρ with its 90 % interval in the title."""
    plain(axes)
    mark_kinds(axes, 100.0 * size_m, severity, kind)
    axes.set(xscale="log", yscale="log", xlabel="true depth or height, cm", ylabel="severity (1: just felt)")
    _round_ticks(axes.xaxis, (1, 2, 3, 5, 7, 10, 20))
    _round_ticks(axes.yaxis, (0.5, 1, 2, 3, 5, 10, 20, 50))
    if len(severity) >= 5:
        rho, low, high = rank_correlation(severity, size_m)
        axes.set_title(f"Spearman's ρ {rho:.2f} [{low:.2f}, {high:.2f}]", fontsize=9)
    return axes


def _round_ticks(axis: Axis, ticks: tuple[float, ...], before: str = "") -> None:
    """Numbers that people use on a logarithmic axis, instead of powers of ten."""
    from matplotlib.ticker import FixedLocator, NullLocator

    axis.set_major_locator(FixedLocator(ticks))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(lambda value, _: f"{before}{value:g}")
