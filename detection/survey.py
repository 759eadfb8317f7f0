"""One trip, end to end: from a trace to its jolts and its track. The stages, in order, and nothing else.

Pure: the same trace and settings always give the same survey. What defects there are is `detection.estimate`'s.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from detection import statistic
from detection.clean import clean_fixes
from detection.grid import Grid, make_grid, on_grid
from detection.jolts import Jolts, Survey, Track
from detection.measure import measure_jolts
from detection.path import Forward, Path, find_forward, make_path
from detection.pose import Upright, swing, upright
from detection.settings import SurveySettings
from detection.trace import Fixes, Floats, Trace
from detection.track import drive_track

DEFAULT = SurveySettings()


def detect(trace: Trace, settings: SurveySettings = DEFAULT) -> Jolts:
    """The jolts of one trace that are more likely a thing on the road than not; see `survey`."""
    return survey(trace, settings).jolts.probable()


def survey(trace: Trace, settings: SurveySettings = DEFAULT) -> Survey:
    """Jolts and track of one trip.

    Raises SamplingRateTooLow. A trace without fixes gives jolts without places and an empty track; one that never
    drives gives neither.
    """
    stages = follow(trace, settings)
    if stages is None:
        return Survey(trace.trip_id, trace.device, trace.started_at_s, Jolts.empty(), Track.empty())
    jolts = measure_jolts(stages, settings)
    return Survey(
        trace.trip_id,
        trace.device,
        trace.started_at_s,
        jolts,
        drive_track(stages, settings),
        _notes(stages, trace),
    )


@dataclass(frozen=True, eq=False)
class Stages:
    """Every intermediate result, for measuring, plotting and explaining.

    On the grid (n,): vertical, banded. On the decimated times t_s (k,): level, usual, score, speed_mps (NaN unknown),
    allowed (driving, not handled, not at a seam). peaks: indices into the decimated times. path None without fixes.
    """

    grid: Grid
    fixes: Fixes
    path: Path | None
    forward: Forward | None
    upright: Upright
    banded: Floats
    step: int
    t_s: Floats
    level: Floats
    usual: Floats
    score: Floats
    speed_mps: Floats
    allowed: npt.NDArray[np.bool_]
    peaks: npt.NDArray[np.intp]
    dropped: dict[str, int]

    @property
    def decimated_hz(self) -> float:
        return self.grid.rate_hz / self.step


def follow(trace: Trace, settings: SurveySettings = DEFAULT) -> Stages | None:
    """All stages of `survey` short of measuring; None where there is less than a few seconds of samples."""
    if trace.duration_s < 5.0:
        return None
    grid = make_grid(trace.accelerometer, settings.grid)
    if len(grid) < 5.0 * grid.rate_hz:
        return None
    fixes, dropped = clean_fixes(trace.fixes, settings.fixes)
    acceleration = on_grid(trace.accelerometer, grid)
    road = upright(acceleration, grid, trace.gyroscope, settings.pose)
    path, forward = _located(fixes, road, grid, settings)
    rules = settings.statistic_at(grid.rate_hz)
    slow = rules is settings.slow
    banded = road.vertical if slow else statistic.band(road.vertical, grid.rate_hz, rules)
    step = max(1, round(grid.rate_hz / rules.decimated_hz))
    felt = swing(acceleration, grid, settings.pose) if slow else banded
    level = statistic.envelope(felt, step, grid.rate_hz, rules)
    middle = slice(step // 2, len(level) * step, step)
    t_s = grid.t_s[middle]
    hz = grid.rate_hz / step
    speed = path.speed_at(t_s) if path is not None else np.full(len(t_s), np.nan)
    blind = (road.handled | grid.seam)[middle]
    # without GPS speed a shaken phone is taken as driving: better a jolt without a place than none
    driving = speed >= rules.min_speed_mps if path is not None else np.ones(len(t_s), bool)
    assumed = np.where(np.isfinite(speed), speed, settings.severity.reference_mps)
    usual = statistic.background(level, assumed, driving & ~blind, hz, rules)
    strength = statistic.score(level, usual, rules)
    apart = np.maximum(rules.apart_s, rules.apart_m / np.maximum(assumed, rules.min_speed_mps)) * hz
    found = statistic.peaks(strength, driving & ~blind, apart, rules)
    return Stages(
        grid, fixes, path, forward, road, banded, step, t_s, level, usual, strength, speed, driving & ~blind, found, dropped
    )


def _located(fixes: Fixes, road: Upright, grid: Grid, settings: SurveySettings) -> tuple[Path | None, Forward | None]:
    path = make_path(fixes, settings.fixes)
    if path is None:
        return None, None
    forward = find_forward(road.horizontal, grid, path, settings.fixes)
    return replace(path, lag_s=forward.lag_s, lag_sigma_s=forward.lag_sigma_s), forward


def _notes(stages: Stages, trace: Trace) -> dict[str, float]:
    hz = stages.decimated_hz
    notes = {
        "rate_hz": trace.accelerometer.rate_hz,
        "driven_s": float(stages.allowed.sum() / hz),
        "driven_m": float(np.nansum(stages.speed_mps[stages.allowed]) / hz),
        "handled_s": float(stages.upright.handled.sum() / stages.grid.rate_hz),
        "gaps": float(stages.grid.gaps),
    }
    if stages.forward is not None:
        notes["lag_s"] = stages.forward.lag_s
    return notes | {reason: float(count) for reason, count in stages.dropped.items()}
