"""Each stage of a trip by itself, in the order in which they follow each other (docs/detection.md, "One trip")."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import gaussian_filter1d

from detection.columns import Floats
from detection.jolts import Jolts
from detection.plots.style import BLACK, BLUE, GREEN, GREY, ORANGE, SKY, VERMILLION, broken, mark_kinds, plain, say, within
from detection.stages import Stages
from detection.trace import Trace

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Span = tuple[float, float] | None
TIME = "time from the start of the trip, s"
DENSE = 20_000  # points of a line from which .svg and .pdf hold it as an image: no screen shows more, and viewers hang
FORWARD_SIGMA_S = 0.7  # what drivers do is slower, what the road does faster


def plot_recorded(axes: Axes, trace: Trace, span_s: Span = None) -> Axes:
    """What the phone wrote: three axes of its own, whichever way it lay."""
    samples = trace.accelerometer
    shown = within(samples.t_s, span_s)
    for name, colour, style, values in zip("xyz", (BLUE, ORANGE, GREEN), ("-", "--", ":"), samples.axes, strict=True):
        axes.plot(*broken(samples.t_s[shown], values[shown], 1.0), style, color=colour, lw=0.9, label=f"phone's {name}")
    return _timed(axes, "acceleration, m/s²")


def plot_upright(axes: Axes, stages: Stages, span_s: Span = None) -> Axes:
    """The same turned upright: along gravity and across it, gravity removed."""
    for values, colour, style, name in (
        (stages.upright.vertical, BLACK, "-", "vertical"),
        (stages.upright.horizontal[0], SKY, "--", "across gravity, 1"),
        (stages.upright.horizontal[1], ORANGE, "-.", "across gravity, 2"),
    ):
        _on_grid(axes, stages, values, span_s, color=colour, ls=style, lw=0.9, label=name)
    return _timed(axes, "acceleration, m/s²")


def plot_forward(axes: Axes, stages: Stages, span_s: Span = None) -> Axes:
    """Forward acceleration as felt, and as the change of GPS speed says, moved by the lag that was found."""
    if stages.forward is None or stages.path is None:
        say(axes, "no location fixes")
        return _timed(axes, "forward acceleration, m/s²")
    forward = np.asarray(stages.forward.weights) @ stages.upright.horizontal
    felt = gaussian_filter1d(forward - np.median(forward), FORWARD_SIGMA_S * stages.grid.rate_hz)
    name = f"accelerometer (explains {100 * stages.forward.explained:.0f} %)"
    _on_grid(axes, stages, felt, span_s, color=BLACK, lw=1.0, label=name)
    middle_s = 0.5 * (stages.path.t_s[1:] + stages.path.t_s[:-1])
    change = np.diff(stages.path.speed_mps) / np.diff(stages.path.t_s)
    for shift_s, marker, colour, name in (
        (0.0, "x", GREY, "GPS as stamped"),
        (stages.forward.lag_s, "o", VERMILLION, f"GPS, {stages.forward.lag_s:.2f} ± {stages.forward.lag_sigma_s:.2f} s earlier"),
    ):
        shown = within(middle_s - shift_s, span_s)
        axes.plot(middle_s[shown] - shift_s, change[shown], marker, ms=4, color=colour, label=name)
    return _timed(axes, "forward acceleration, m/s²")


def plot_band(axes: Axes, stages: Stages, span_s: Span = None) -> Axes:
    """Vertical acceleration in the band in which wheels and suspension answer."""
    slow = stages.banded is stages.upright.vertical  # below 8 Hz the band would leave nothing
    _on_grid(
        axes, stages, stages.banded, span_s, color=BLUE, lw=0.8, label="vertical, unfiltered" if slow else "vertical, banded"
    )
    _limit(axes, stages, stages.banded, span_s)
    return _timed(axes, "vertical, m/s²")


def plot_vertical_and_band(axes: Axes, stages: Stages, span_s: Span = None) -> Axes:
    """Vertical acceleration before and after the band."""
    if _banded(stages):
        _on_grid(axes, stages, stages.upright.vertical, span_s, color="#B0B0B0", lw=0.5, label="vertical")
    return plot_band(axes, stages, span_s)


def plot_envelope(axes: Axes, stages: Stages, span_s: Span = None) -> Axes:
    """How hard it shakes, against what is usual for this car, phone and street."""
    gap_s = 2.0 / stages.decimated_hz
    shown = within(stages.t_s, span_s)
    axes.plot(*broken(stages.t_s[shown], stages.level[shown], gap_s), color=BLUE, lw=0.9, label="envelope")
    usual = np.where(np.isfinite(stages.usual), stages.usual, np.nan)
    axes.plot(*broken(stages.t_s[shown], usual[shown], gap_s), color=ORANGE, lw=1.8, ls="--", label="background")
    _from_zero(axes, stages, stages.level, span_s)
    return _timed(axes, "envelope, m/s² RMS")


def plot_score(axes: Axes, stages: Stages, threshold: float, span_s: Span = None) -> Axes:
    """Envelope over background, the threshold, and the peaks above it, which are looked at."""
    gap_s = 2.0 / stages.decimated_hz
    shown = within(stages.t_s, span_s)
    axes.plot(*broken(stages.t_s[shown], stages.score[shown], gap_s), color=BLUE, lw=0.9, label="score")
    axes.axhline(threshold, color=VERMILLION, lw=1.2, ls="--", label=f"threshold {threshold:g}")
    peak = stages.peaks[within(stages.t_s[stages.peaks], span_s)]
    axes.scatter(
        stages.t_s[peak], stages.score[peak], s=16, facecolors="white", edgecolors=BLACK, lw=0.7, zorder=3, label="peak looked at"
    )
    _from_zero(axes, stages, stages.score, span_s, least=1.3 * threshold)
    return _timed(axes, "score")


def plot_speed(axes: Axes, stages: Stages, span_s: Span = None) -> Axes:
    """Speed from the fixes, moved by their lag; says so where the trip has none."""
    if not np.isfinite(stages.speed_mps).any():
        say(axes, "no location fixes")
        return _timed(axes, "speed, m/s")
    shown = within(stages.t_s, span_s)
    axes.plot(*broken(stages.t_s[shown], stages.speed_mps[shown], 2.0 / stages.decimated_hz), color=BLACK, lw=1.2, label="speed")
    axes.set_ylim(0.0, 1.1 * max(1.0, float(np.nanmax(stages.speed_mps[shown], initial=0.0))))
    return _timed(axes, "speed, m/s")


def plot_path(axes: Axes, stages: Stages, jolts: Jolts) -> Axes:
    """The fixes in metres, and where the jolts were placed; says so where the trip has no fixes."""
    plain(axes)
    if stages.path is None:
        say(axes, "no location fixes")
        return axes
    path = stages.path
    x_m, y_m = (broken(path.t_s, column, path.max_gap_s)[1] for column in (path.x_m, path.y_m))
    axes.plot(x_m, y_m, ".-", color=SKY, ms=3, lw=0.8, label="fixes", zorder=1)
    axes.plot(path.x_m[0], path.y_m[0], "*", color=BLACK, ms=11, label="start", zorder=3)
    placed = jolts[np.isfinite(jolts.latitude_deg)]
    x_m, y_m = path.plane.to_xy(placed.latitude_deg, placed.longitude_deg)
    mark_kinds(axes, x_m, y_m, placed.kind, "jolt: ")
    axes.set(aspect="equal", xlabel="east, m", ylabel="north, m")
    return axes


def _banded(stages: Stages) -> bool:
    """Not so below 8 Hz, where the band would leave nothing."""
    return stages.banded is not stages.upright.vertical


def _on_grid(axes: Axes, stages: Stages, values: Floats, span_s: Span, **look: object) -> None:
    shown = within(stages.grid.t_s, span_s)
    line = broken(stages.grid.t_s[shown], values[shown], 2.0 / stages.grid.rate_hz)
    axes.plot(*line, rasterized=shown.sum() > DENSE, **look)  # type: ignore[arg-type]


def _timed(axes: Axes, what: str) -> Axes:
    plain(axes)
    axes.set(xlabel=TIME, ylabel=what)
    return axes


def _limit(axes: Axes, stages: Stages, values: Floats, span_s: Span) -> None:
    """Both ways as far as the road shakes: a hand on the phone may leave the picture."""
    t_s = stages.grid.t_s
    road = np.interp(t_s, stages.t_s, stages.allowed) > 0.5
    seen = np.abs(values[road & within(t_s, span_s)])
    if len(seen) and seen.max() > 0:
        axes.set_ylim(-1.2 * seen.max(), 1.2 * seen.max())


def _from_zero(axes: Axes, stages: Stages, values: Floats, span_s: Span, least: float = 0.0) -> None:
    seen = values[stages.allowed & within(stages.t_s, span_s)]
    axes.set_ylim(0.0, max(least, 1.15 * float(seen.max(initial=0.0))) or 1.0)
