"""One trip, stage by stage, with every intermediate result: for measuring, plotting and explaining.

The stages in order and nothing else; what each does is in its own module.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from detection import statistic
from detection.clean import clean_fixes
from detection.faults import Faults, find_faults, fresh
from detection.grid import Grid, make_grid, on_grid
from detection.path import Forward, Path, find_forward, make_path
from detection.pose import Upright, swing, upright, without_gravity
from detection.settings import SurveySettings
from detection.steering import steered_hard
from detection.trace import Fixes, Floats, Samples, Trace

DEFAULT = SurveySettings()


@dataclass(frozen=True, eq=False)
class Stages:
    """Every intermediate result, for measuring, plotting and explaining.

    On the grid (n,): vertical, banded. On the decimated times t_s (k,): level, usual, score, speed_mps (NaN unknown),
    allowed (driving, not handled, not at a seam or fault, not steered hard). peaks: indices into the decimated times.
    path None without fixes.
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
    gyroscope: Samples | None
    dropped: dict[str, int]
    faults: Faults

    @property
    def decimated_hz(self) -> float:
        return self.grid.rate_hz / self.step

    def to_frame(self) -> pd.DataFrame:
        """What is known at each decimated time, a row each; peak: whether it was looked at."""
        peak = np.zeros(len(self.t_s), bool)
        peak[self.peaks] = True
        columns = {"t_s": self.t_s, "level_mps2": self.level, "usual_mps2": self.usual, "score": self.score}
        return pd.DataFrame(columns | {"speed_mps": self.speed_mps, "allowed": self.allowed, "peak": peak}, copy=True)


def follow(trace: Trace, settings: SurveySettings = DEFAULT) -> Stages | None:
    """All stages of `survey` short of measuring; None where there is less than a few seconds of samples."""
    if trace.duration_s < 5.0:
        return None
    samples, copies = fresh(trace.accelerometer, settings.faults)
    grid = make_grid(samples, settings.grid)
    if len(grid) < 5.0 * grid.rate_hz:
        return None
    fixes, dropped = clean_fixes(trace.fixes, settings.fixes)
    faults = find_faults(samples, grid, settings.faults)
    rules = settings.statistic_at(grid.rate_hz)
    slow = rules is settings.slow
    road, swung = _in_road_terms(trace, samples, grid, settings)
    path, forward = _located(fixes, road, grid, settings)
    banded = road.vertical if slow else statistic.band(road.vertical, grid.rate_hz, rules)
    step = max(1, round(grid.rate_hz / rules.decimated_hz))
    level = statistic.envelope(banded if swung is None else swung, step, grid.rate_hz, rules)
    middle = slice(step // 2, len(level) * step, step)
    t_s = grid.t_s[middle]
    hz = grid.rate_hz / step
    speed = path.speed_at(t_s) if path is not None else np.full(len(t_s), np.nan)
    blind = road.handled | grid.seam | faults.blind
    if not slow:  # below 8 Hz the road's shaking folds into what drivers do: it would pass for steering
        blind = blind | steered_hard(road.horizontal, forward, grid, settings.steering)
    blind = blind[middle]
    # without GPS speed a shaken phone is taken as driving: better a jolt without a place than none
    driving = speed >= rules.min_speed_mps if path is not None else np.ones(len(t_s), bool)
    assumed = np.where(np.isfinite(speed), speed, settings.severity.reference_mps)
    usual = statistic.background(level, assumed, driving & ~blind, hz, rules)
    strength = statistic.score(level, usual, rules)
    apart = np.maximum(rules.apart_s, rules.apart_m / np.maximum(assumed, rules.min_speed_mps)) * hz
    found = statistic.peaks(strength, driving & ~blind, apart, rules)
    return Stages(
        grid,
        fixes,
        path,
        forward,
        road,
        banded,
        step,
        t_s,
        level,
        usual,
        strength,
        speed,
        driving & ~blind,
        found,
        trace.gyroscope,
        dropped | copies,
        faults,
    )


def _in_road_terms(trace: Trace, samples: Samples, grid: Grid, settings: SurveySettings) -> tuple[Upright, Floats | None]:
    """The samples in road terms, and of slow phones their swing: the acceleration itself, the largest array of all, is let go."""
    acceleration = on_grid(samples, grid)
    slow = settings.statistic_at(grid.rate_hz) is settings.slow
    road = (
        upright(acceleration, grid, trace.gyroscope, settings.pose)
        if trace.gravity_included
        else without_gravity(acceleration, grid)
    )
    return road, swing(acceleration, grid, settings.pose) if slow else None


def _located(fixes: Fixes, road: Upright, grid: Grid, settings: SurveySettings) -> tuple[Path | None, Forward | None]:
    path = make_path(fixes, settings.fixes)
    if path is None:
        return None, None
    forward = find_forward(road.horizontal, grid, path, settings.fixes)
    return replace(path, lag_s=forward.lag_s, lag_sigma_s=forward.lag_sigma_s), forward
