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
    offset = np.repeat(np.cumsum(counts) - counts, counts)
    t_s = np.repeat(starts, counts) + (np.arange(counts.sum()) - offset + 0.5) / rate_hz
    return Grid(t_s, rate_hz, _seams(counts, max(1, round(settings.seam_s * rate_hz))), max(0, len(counts) - 1))


def on_grid(samples: Samples, grid: Grid) -> Floats:
    """The samples at the times of the grid, (3, n): an axis a row, contiguous.

    Linear interpolation; phones more than 1.5 × as fast as the grid are first averaged over each cell, which keeps
    engine and rattle above the grid's Nyquist frequency from folding into the band.
    """
    if samples.rate_hz <= 1.5 * grid.rate_hz:
        return np.stack([np.interp(grid.t_s, samples.t_s, axis) for axis in samples.axes])
    half = 0.5 / grid.rate_hz
    steps = np.diff(samples.t_s, prepend=samples.t_s[:1])
    integral = np.cumsum(samples.xyz * steps[:, None], axis=0).T
    ends = np.stack([np.interp(grid.t_s + half, samples.t_s, axis) for axis in integral])
    starts = np.stack([np.interp(grid.t_s - half, samples.t_s, axis) for axis in integral])
    return np.asarray((ends - starts) * grid.rate_hz)


def _seams(counts: npt.NDArray[np.int64], reach: int) -> npt.NDArray[np.bool_]:
    total = int(counts.sum())
    cuts = np.r_[0, np.cumsum(counts)]
    change = np.zeros(total + 1, np.int64)
    np.add.at(change, np.clip(cuts - reach, 0, total), 1)
    np.add.at(change, np.clip(cuts + reach, 0, total), -1)
    return np.asarray(np.cumsum(change[:-1]) > 0)
