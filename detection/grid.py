"""An even time grid for one trip: gaps are cut out, not bridged.

The segments between gaps lie one behind the other on one grid, so that every later stage is one vectorised
call; `seam` marks where two of them meet and nothing may be found.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detection.errors import SamplingRateTooLow
from detection.settings import GridSettings
from detection.trace import Floats, Samples

PIECE = 1 << 15  # samples: they stay in a processor's cache from one step to the next
PRODUCT = 1 << 14  # samples: a longer product would wake BLAS's threads, which costs more than it


@dataclass(frozen=True, eq=False)
class Grid:
    """Times t_s (n,) every 1/rate_hz within a segment; seam (n,) true within `seam_s` of a cut; gaps: cuts made."""

    t_s: Floats
    rate_hz: float
    seam: npt.NDArray[np.bool_]
    gaps: int

    def __len__(self) -> int:
        return len(self.t_s)

    def samples(self, seconds: float) -> int:
        """A duration in grid samples, at least one."""
        return max(1, round(seconds * self.rate_hz))


def make_grid(samples: Samples, settings: GridSettings) -> Grid:
    """The grid over all stretches in which the sensor delivered.

    The rate is the setting's or, for slow phones, what they achieved. Raises SamplingRateTooLow with both numbers.
    """
    achieved_hz = samples.rate_hz
    if achieved_hz < settings.min_rate_hz:
        raise SamplingRateTooLow(achieved_hz, settings.min_rate_hz)
    rate_hz = min(settings.rate_hz, achieved_hz)
    cut = np.flatnonzero(np.diff(samples.t_s) > max(settings.gap_s, settings.gap_intervals / achieved_hz))
    starts, ends = samples.t_s[np.r_[0, cut + 1]], samples.t_s[np.r_[cut, len(samples) - 1]]
    counts = np.floor((ends - starts) * rate_hz).astype(np.int64)  # one cell each, centred half a step in
    starts, counts = starts[counts > 0], counts[counts > 0]
    t_s = np.empty(int(counts.sum()))
    for start, end, count in zip(starts.tolist(), np.cumsum(counts).tolist(), counts.tolist(), strict=True):
        for first in range(0, count, PIECE):
            piece = t_s[end - count + first : end - count + min(first + PIECE, count)]
            np.divide(np.arange(first + 0.5, first + len(piece)), rate_hz, out=piece)
            piece += start
    return Grid(t_s, rate_hz, _seams(counts, max(1, round(settings.seam_s * rate_hz))), max(0, len(counts) - 1))


def on_grid(samples: Samples, grid: Grid) -> Floats:
    """The samples at the times of the grid, (3, n): an axis a row, contiguous.

    Linear interpolation; phones more than 1.5 × as fast as the grid are first averaged over each cell, which keeps
    engine and rattle above the grid's Nyquist frequency from folding into the band.
    """
    if samples.rate_hz <= 1.5 * grid.rate_hz:
        return _interpolated(samples, grid)
    half = 0.5 / grid.rate_hz
    steps = np.diff(samples.t_s, prepend=samples.t_s[:1])
    integral = np.cumsum(samples.xyz * steps[:, None], axis=0).T
    ends = np.stack([np.interp(grid.t_s + half, samples.t_s, axis) for axis in integral])
    starts = np.stack([np.interp(grid.t_s - half, samples.t_s, axis) for axis in integral])
    return np.asarray((ends - starts) * grid.rate_hz)


def sums_of(signal: Floats, step: int) -> Floats:
    """Sums over every `step` samples of (k, n): (k, n // step). For short steps many times faster than `sum` over an axis."""
    rows, many = len(signal), signal.shape[1] // step
    cut, ones = signal[:, : many * step].reshape(rows, many, step), np.ones(step)
    out = np.empty((rows, many))
    each = max(1, PRODUCT // step)
    for first in range(0, many, each):
        piece = slice(first, first + each)
        np.matmul(cut[:, piece], ones, out=out[:, piece])
    return out


def _interpolated(samples: Samples, grid: Grid) -> Floats:
    """Linear interpolation (3, n), piece by piece: in a processor's cache, and without copies of the whole."""
    out = np.empty((3, len(grid)))
    for start in range(0, len(grid), PIECE):
        at = grid.t_s[start : start + PIECE]
        first, end = np.searchsorted(samples.t_s, [at[0], at[-1]], side="right")
        around = slice(max(first - 1, 0), end + 1)
        t_s, (x, y, z) = samples.t_s[around], samples.axes[:, around]
        pair = np.empty(len(t_s), np.complex128)  # two axes as one: a sample's neighbours are looked for once
        pair.real, pair.imag = x, y
        both = np.interp(at, t_s, pair)
        piece = out[:, start : start + PIECE]
        piece[0], piece[1], piece[2] = both.real, both.imag, np.interp(at, t_s, z)
    return out


def _seams(counts: npt.NDArray[np.int64], reach: int) -> npt.NDArray[np.bool_]:
    cuts = np.r_[0, np.cumsum(counts)]
    return covered(cuts - reach, cuts + reach, int(counts.sum()))


def covered(first: npt.NDArray[np.int64], end: npt.NDArray[np.int64], length: int) -> npt.NDArray[np.bool_]:
    """Whether any of the spans from `first` up to before `end` holds each of so many samples, (length,)."""
    order = np.argsort(first, kind="stable")
    first, end = np.maximum(first[order], 0), np.maximum.accumulate(np.maximum(end[order], 0))
    alone = np.r_[True, first[1:] > end[:-1]][: len(first)]  # spans that overlap are one: the loop is over what is left
    until = np.maximum.reduceat(end, np.flatnonzero(alone)) if len(end) else end
    out = np.zeros(length, bool)
    for start, stop in zip(first[alone].tolist(), until.tolist(), strict=True):
        out[start:stop] = True
    return out
