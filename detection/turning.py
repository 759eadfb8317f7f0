"""How the phone turns around a peak: pitch and roll of the body, one side alone, or a hand. Natural logarithms of (rad/s)²."""

from __future__ import annotations

import numpy as np

from detection.path import Forward
from detection.pose import Upright
from detection.settings import FeatureSettings
from detection.stages import Stages
from detection.trace import Floats, Samples

TURNING = ("turning, largest", "turning, mean square", "tilting", "yawing", "tilting about one axis", "rolling", "pitching",
           "rolling over pitching")  # fmt: skip
FLOOR = 1e-6  # (rad/s)²: a tenth of a gyroscope's noise


def turning(stages: Stages, settings: FeatureSettings) -> Floats:
    """The columns `TURNING` (peaks, 8) within `reach_s` of each peak; NaN without a gyroscope, the last three without forward."""
    peaks, gyroscope = len(stages.peaks), stages.gyroscope
    if gyroscope is None or not peaks:
        return np.full((peaks, len(TURNING)), np.nan)
    rate, count = _around(gyroscope, stages.t_s[stages.peaks], settings.reach_s)
    each = np.maximum(count, 1)[:, None]
    square = np.einsum("pwa,pwa->pw", rate, rate)
    tilt = _tilt(rate, count, stages)
    out = np.c_[np.log(np.c_[square.max(axis=1), square.sum(axis=1) / each[:, 0]] + FLOOR), tilt]
    out[count == 0] = np.nan
    return np.asarray(out)


def _tilt(rate: Floats, count: Floats, stages: Stages) -> Floats:
    """Energies of the turning itself, its mean taken away: a car in a bend yaws. (p, 6)"""
    up = stages.upright.up_at(stages.peaks * stages.step)
    each = np.maximum(count, 1)
    moments = rate.transpose(0, 2, 1) @ rate / each[:, None, None]
    mean = rate.sum(axis=1) / each[:, None]
    moments = moments - mean[:, :, None] * mean[:, None, :]
    yaw = np.einsum("pab,pa,pb->p", moments, up, up)
    onto = np.eye(3) - up[:, :, None] * up[:, None, :]  # what is across gravity
    level = onto @ moments @ onto
    tilting = np.einsum("paa->p", level)
    _, lesser, greater = np.linalg.eigvalsh(level).T
    roll, pitch = _roll_and_pitch(moments, up, stages.upright, stages.forward)
    logs = np.log(np.maximum(np.c_[tilting, yaw, greater, lesser, roll, pitch], 0.0) + FLOOR)
    return np.asarray(np.c_[logs[:, :2], logs[:, 2] - logs[:, 3], logs[:, 4:], logs[:, 4] - logs[:, 5]])


def _roll_and_pitch(moments: Floats, up: Floats, upright: Upright, forward: Forward | None) -> tuple[Floats, Floats]:
    """Mean squares (p,) about ahead and about left."""
    if forward is None or not forward.told:
        nothing = np.full(len(up), np.nan)
        return nothing, nothing
    ahead = np.asarray(forward.weights) @ upright.across
    left = np.cross(up, ahead)
    return np.einsum("pab,a,b->p", moments, ahead, ahead), np.einsum("pab,pa,pb->p", moments, left, left)


def _around(gyroscope: Samples, t_s: Floats, reach_s: float) -> tuple[Floats, Floats]:
    """Rates (p, w, 3) within reach of each time, 0 beyond it, and how many are within (p,)."""
    first = np.searchsorted(gyroscope.t_s, t_s - reach_s)
    index = first[:, None] + np.arange(max(1, round(2 * reach_s * gyroscope.rate_hz)))
    held = np.minimum(index, len(gyroscope) - 1)
    inside = (index < len(gyroscope)) & (gyroscope.t_s[held] <= (t_s + reach_s)[:, None])
    return gyroscope.xyz.take(held, axis=0) * inside[:, :, None], inside.sum(axis=1)
