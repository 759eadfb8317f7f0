"""When a car is steered so hard that its road cannot be read.

In a turn taken hard the wheels are loaded unevenly and cross crown, gutter and edge of the crossing at an angle, everything loose
in the car slides, and the heading turns by 80° in three seconds: a jolt there belongs to no direction of travel. Such seconds are
not observed: no jolts, and no exposure either.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from detection.grid import Grid, sums_of
from detection.path import Forward
from detection.settings import SteeringSettings
from detection.trace import Floats

Mask = npt.NDArray[np.bool_]


def steered_hard(horizontal: Floats, forward: Forward | None, grid: Grid, settings: SteeringSettings) -> Mask:
    """Where (2, n) m/s² across gravity push hard to a side, (n,); in any direction where there are no fixes to tell ahead."""
    step = grid.samples(1.0 / settings.rate_hz)
    if len(grid) < step or (forward is not None and not forward.told):
        return np.zeros(len(grid), bool)  # a phone that changed its pose on the way: braking would pass for steering
    pushes = sums_of(horizontal, step) / step
    # along axes that turn with the phone, so that medians do not depend on how it lies
    axes = np.linalg.eigh(pushes @ pushes.T)[1].T if forward is None else np.array([[-forward.weights[1], forward.weights[0]]])
    force = np.linalg.norm(_slow(axes @ pushes, grid.rate_hz / step, settings), axis=0)
    reach = max(1, round(settings.around_s * grid.rate_hz / step))
    marked = _above(force, settings)
    wide = ndimage.binary_dilation(marked, iterations=reach) if marked.any() else marked
    return np.pad(np.repeat(wide, step), (0, len(grid) - len(wide) * step), mode="edge")


def _slow(pushes: Floats, hz: float, settings: SteeringSettings) -> Floats:
    """What drivers do, (a, k): without shaking, and without what stays for longer than a turn (slope, bias, another pose)."""
    second = max(1, round(hz))
    size = round(settings.level_s * hz / second) | 1
    usual = np.stack([ndimage.median_filter(row, size, mode="nearest") for row in pushes[:, ::second]])
    at = np.arange(pushes.shape[1]) / second
    level = np.stack([np.interp(at, np.arange(usual.shape[1]), row) for row in usual])
    return np.asarray(ndimage.gaussian_filter1d(pushes - level, settings.smooth_s * hz, axis=1, mode="nearest"))


def _above(force: Floats, settings: SteeringSettings) -> Mask:
    """Runs above `begins` that somewhere reach `hard`: an onset with two thresholds."""
    edges = np.flatnonzero(np.diff(np.r_[False, force >= settings.begins_mps2, False].astype(np.int8)))
    starts, ends = edges[::2], edges[1::2]
    if not len(starts):
        return np.zeros(len(force), bool)
    hard = np.maximum.reduceat(force, starts) >= settings.hard_mps2  # what lies between two runs is below both bounds
    change = np.zeros(len(force) + 1, np.int64)
    change[starts[hard]], change[ends[hard]] = 1, -1
    return np.asarray(np.cumsum(change[:-1]) > 0)
