"""What is left of a trace's shaking when where, when and how the phone lay are taken away: enough to find a copy again.

The strongest shocks of each few seconds are *peaks*. The times between four in a row, to 40 ms, are a *mark*: two drives
along one street differ in speed by some per cent, and so in these times by more; a copy, shifted in time, with noise on
it, turned, or encoded again, does not. Marks find what may be a copy among many traces, and its shift (as of audio: Wang,
ISMIR 2003); whether it is one is told by how many peaks then lie on each other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detection.columns import Columns, Counts, Floats
from detection.trace import Samples


@dataclass(frozen=True)
class FingerprintSettings:
    """Of `peaks_of`, `marks_of` and `match`."""

    rate_hz: float = 50.0  # what every phone reaches, and what a copy may have been brought to
    mean_s: float = 0.6  # slower than this is gravity, braking and bends
    slow_s: float = 0.1  # and faster is the wheel and the noise
    box_s: float = 0.12  # a wheel over an edge
    apart_s: float = 1.0  # a peak is the strongest so far either way
    least: float = 0.2  # m/s², RMS: below is the engine
    above: float = 5.0  # … nor is what hardly stands out in its own trace
    step_s: float = 0.04  # to which times between peaks are taken: noise moves a peak by 5 ms
    longest_s: float = 10.23  # between two peaks; longer pauses make no mark
    same_shift_s: float = 0.1  # marks of a copy agree on the shift to this
    same_peak_s: float = 0.05  # and then its peaks lie on each other to this
    least_peaks: int = 12  # that do: half a minute of driving
    least_share: float = 0.4  # … of all where both were recording; by chance it is 5 %


DEFAULT = FingerprintSettings()
_BITS = 8  # of a time in steps


@dataclass(frozen=True, eq=False)
class Marks(Columns):
    """mark: three times between peaks in one number; t_s: of the first peak. Columns (n,), in order of time."""

    mark: Counts
    t_s: Floats


@dataclass(frozen=True)
class Match:
    """peaks: of one trace that lie on peaks of the other, of: there are where both were recording. marks: that agree on
    the shift, shift_s: what to add to the times of the first for those of the second."""

    peaks: int
    of: int
    marks: int
    shift_s: float


def marks_of(peaks_s: Floats, settings: FingerprintSettings = DEFAULT) -> Marks:
    """The marks that peaks (p,) make."""
    between = np.diff(peaks_s)
    if len(between) < 3:
        return Marks.empty()
    three = np.stack([between[:-2], between[1:-1], between[2:]], axis=1)
    near = (three <= settings.longest_s).all(axis=1)
    return Marks(_packed(np.round(three[near] / settings.step_s).astype(np.int64)), peaks_s[:-3][near])


def probes(marks: Marks) -> npt.NDArray[np.int64]:
    """Numbers (27 n,) under which the marks (n,) of a copy may stand: each time one step off either way, too."""
    times = np.stack([(marks.mark >> (_BITS * k)) & (2**_BITS - 1) for k in (2, 1, 0)], axis=1)
    off = np.stack(np.meshgrid(*[[-1, 0, 1]] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
    return _packed(np.clip(times[:, None, :] + off, 0, 2**_BITS - 1).reshape(-1, 3))


def match(one: Floats, other: Floats, settings: FingerprintSettings = DEFAULT) -> Match:
    """How well two traces' peaks (s) lie on each other, at the shift that most of their marks agree on."""
    shift, marks = _shift(marks_of(one, settings), marks_of(other, settings), settings)
    if not marks:
        return Match(0, 0, 0, float("nan"))
    moved = one + shift
    begin, end = max(moved[0], other[0]) - 0.1, min(moved[-1], other[-1]) + 0.1  # where both were recording
    mine, theirs = (peaks[(peaks >= begin) & (peaks <= end)] for peaks in (moved, other))
    if not len(mine) or not len(theirs):
        return Match(0, 0, marks, shift)
    at = np.searchsorted(theirs, mine)
    near = np.minimum(np.abs(mine - theirs[np.maximum(at - 1, 0)]), np.abs(mine - theirs[np.minimum(at, len(theirs) - 1)]))
    return Match(int((near <= settings.same_peak_s).sum()), max(len(mine), len(theirs)), marks, shift)


def is_copy(found: Match, settings: FingerprintSettings = DEFAULT) -> bool:
    """Whether two traces are of one drive."""
    return found.peaks >= settings.least_peaks and found.peaks >= settings.least_share * found.of


def _shift(one: Marks, other: Marks, settings: FingerprintSettings) -> tuple[float, int]:
    """The shift in s (other minus one) on which most marks agree, and how many do."""
    order = np.argsort(other.mark, kind="stable")
    wanted = probes(one)
    first, end = (np.searchsorted(other.mark[order], wanted, side) for side in ("left", "right"))
    count = end - first
    at = np.repeat(first, count) + np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    of = np.repeat(np.repeat(np.arange(len(one)), 27), count)
    shift = other.t_s[order[at]] - one.t_s[of]
    if not len(shift):
        return float("nan"), 0
    by_shift = np.argsort(shift, kind="stable")
    shift, of = shift[by_shift], of[by_shift]
    ends = np.searchsorted(shift, shift + settings.same_shift_s, side="right")
    found = [len(np.unique(of[begin:end])) for begin, end in enumerate(ends)]
    best = int(np.argmax(found))
    return float(np.median(shift[best : ends[best]])), found[best]


def peaks_of(samples: Samples, settings: FingerprintSettings = DEFAULT) -> Floats:
    """Times (p,) s of the strongest shocks, to a part of a sample."""
    if len(samples) < 3 or samples.t_s[-1] - samples.t_s[0] < 4.0 * settings.apart_s:
        return np.empty(0)
    hz = settings.rate_hz
    t_s = np.arange(samples.t_s[0], samples.t_s[-1], 1.0 / hz)
    strength = np.interp(t_s, samples.t_s, np.linalg.norm(samples.xyz, axis=1))  # of any axes: the phone may lie as it likes
    shaking = _mean(strength, round(settings.slow_s * hz)) - _mean(strength, round(settings.mean_s * hz))
    power = _mean(_mean(shaking**2, round(settings.box_s * hz)), round(settings.box_s * hz))
    at = _maxima(power, round(settings.apart_s * hz))
    at = at[power[at] >= max(settings.least**2, settings.above * float(np.median(power)))]
    before, here, after = power[at - 1], power[at], power[at + 1]
    bend = before - 2.0 * here + after
    part = np.where(bend < 0, 0.5 * (before - after) / np.minimum(bend, -1e-12), 0.0)
    return np.asarray(t_s[at] + np.clip(part, -0.5, 0.5) / hz)


def _packed(times: Counts) -> Counts:
    return np.asarray((times[:, 0] << (2 * _BITS)) | (times[:, 1] << _BITS) | times[:, 2], np.int64)


def _mean(values: Floats, width: int) -> Floats:
    """Moving mean over an odd number of samples, shorter at the ends."""
    half = width // 2
    total = np.r_[0.0, np.cumsum(values)]
    n = len(values)
    begin, end = np.maximum(np.arange(n) - half, 0), np.minimum(np.arange(n) + half + 1, n)
    return np.asarray((total[end] - total[begin]) / (end - begin))


def _maxima(values: Floats, reach: int) -> npt.NDArray[np.int64]:
    """Where a value is the largest so far either way; never an end."""
    from scipy.ndimage import maximum_filter1d

    top = maximum_filter1d(values, 2 * reach + 1, mode="nearest")
    found = np.flatnonzero((values == top) & (values > 0))
    found = found[(found > 0) & (found < len(values) - 1)]
    return found[np.r_[True, np.diff(found) > reach]] if len(found) else found
