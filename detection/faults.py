"""Where a sensor did not measure the road although it wrote samples: repeated values, a hung axis, holes, two clocks at once.

Such stretches are not observed: no jolts, no exposure, no part in the background. Values cut off at the end of the sensor's range
are counted only: the shock is real, its size is a lower bound. Gaps too long to bridge are `detection.grid`'s.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detection.grid import Grid, covered
from detection.settings import FaultSettings
from detection.trace import STANDARD_GRAVITY_MPS2, Floats, Samples

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Faults:
    """blind (n,) on the grid; notes: seconds lost by reason (hung_s, hole_s, overlaid_s) and how many samples were clipped."""

    blind: Mask
    notes: dict[str, float]


def fresh(samples: Samples, settings: FaultSettings) -> tuple[Samples, dict[str, int]]:
    """Without the copies that an app writes which polls the last value: stamps at 100 Hz are no 100 Hz. Counted.

    Only where copies are too many for chance; of a value that stays, one sample every `keep_s` is kept, so that a phone at rest
    remains one.
    """
    if len(samples) < 2:
        return samples, {}
    x, y, z = samples.axes
    if (x[1:] == x[:-1]).mean() <= settings.copies_share:  # of all three there are no more
        return samples, {}
    same = np.concatenate([[False], (x[1:] == x[:-1]) & (y[1:] == y[:-1]) & (z[1:] == z[:-1])])
    if same.mean() <= settings.copies_share:
        return samples, {}
    first = np.flatnonzero(~same)
    slot = np.floor((samples.t_s - samples.t_s[first][np.cumsum(~same) - 1]) / settings.keep_s)
    kept = ~same | (np.diff(slot, prepend=0.0) > 0)
    return Samples(samples.t_s[kept], samples.xyz[kept]), {"accelerometer repeated value": int((~kept).sum())}


def find_faults(samples: Samples, grid: Grid, settings: FaultSettings) -> Faults:
    """All faults of the samples that the grid was made of."""
    blind = np.zeros(len(grid), bool)
    notes: dict[str, float] = {}
    for name, spans, around_s in (
        ("hung_s", _hung(samples, settings), settings.around_s),
        ("hole_s", _holes(samples, settings), settings.hole_around_s),
        ("overlaid_s", _overlaid(samples, settings), settings.around_s),
    ):
        if len(spans):
            mask = _on_grid(spans, grid, around_s)
            blind |= mask
            notes |= {name: float(mask.sum() / grid.rate_hz)} if mask.any() else {}
    clipped = _clipped(samples.axes, settings)
    return Faults(blind, notes | ({"clipped": float(clipped)} if clipped else {}))


def _hung(samples: Samples, settings: FaultSettings) -> Floats:
    """Spans (k, 2) s in which one axis repeats a value while another is alive: a coarse sensor at rest repeats on all."""
    changes = samples.axes[:, 1:] != samples.axes[:, :-1]
    shortest = max(settings.hung_samples, int(0.5 * settings.hung_s * samples.rate_hz))  # half: stamps may be uneven
    spans = [np.empty((0, 2))]
    for axis in range(3):
        if not _may_hang(changes[axis], shortest):
            continue
        ends = np.r_[np.flatnonzero(changes[axis]), changes.shape[1]]
        starts = np.r_[0, ends[:-1] + 1]
        seconds = samples.t_s[ends] - samples.t_s[starts]
        long = (seconds > settings.hung_s) & (ends - starts >= settings.hung_samples)
        alive = np.r_[0, np.cumsum(np.delete(changes, axis, axis=0).any(axis=0))]
        lively = alive[ends] - alive[starts] > 0.5 * (ends - starts)
        spans.append(np.c_[samples.t_s[starts], samples.t_s[ends]][long & lively])
    return np.concatenate(spans)


def _may_hang(changes: Mask, shortest: int) -> bool:
    """Whether a run of so many samples without a change is possible: it would fill a block of half its length."""
    half = max(shortest // 2, 1)
    whole = len(changes) // half * half
    return whole == 0 or not changes[:whole].reshape(-1, half).any(axis=1).all()


def _holes(samples: Samples, settings: FaultSettings) -> Floats:
    """Spans (k, 2) s that the grid bridges by a straight line, long enough to hide a shock."""
    longest = max(settings.hole_s, settings.hole_intervals / samples.rate_hz)
    at = np.flatnonzero(np.diff(samples.t_s) > longest)
    return np.asarray(np.c_[samples.t_s[at], samples.t_s[at + 1]])


def _overlaid(samples: Samples, settings: FaultSettings) -> Floats:
    """Spans (k, 2) s with far more samples than the sensor gives: a clock was set back, two stretches of road lie in one."""
    most = int(settings.crowded * samples.rate_hz + 3)  # in a second
    crowded = np.flatnonzero(samples.t_s[most:] - samples.t_s[: max(len(samples) - most, 0)] < 1.0)
    return np.asarray(np.c_[samples.t_s[crowded], samples.t_s[crowded] + 1.0])


def _clipped(axes: Floats, settings: FaultSettings) -> int:
    """Samples that stand at the end of a range sensors have, on any axis of (3, n)."""
    total = 0
    for values in axes:
        top = max(float(values.max(initial=0.0)), -float(values.min(initial=0.0)))
        if (np.abs(top / STANDARD_GRAVITY_MPS2 / np.array(settings.ranges_g) - 1.0) < settings.range_tolerance).any():
            count = int((np.abs(values) == top).sum())
            total += count if count >= settings.clipped_samples else 0
    return total


def _on_grid(spans: Floats, grid: Grid, around_s: float) -> Mask:
    """Spans (k, 2) s, widened, as a mask (n,)."""
    first, end = (np.searchsorted(grid.t_s, edge) for edge in (spans[:, 0] - around_s, spans[:, 1] + around_s))
    return covered(first, end, len(grid))
