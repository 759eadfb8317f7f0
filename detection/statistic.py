"""From vertical acceleration to peaks: band, envelope, background, score. Each stage a pure function.

The score is the envelope over the trip's own background (a cell-averaging CFAR in radar's terms, with the
median in place of the mean): how much harder than the usual road of this car, phone and street.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy import ndimage, signal

from detection.settings import StatisticSettings
from detection.trace import Floats

Indices = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]
PADDING = 100  # samples mirrored beyond either end for the filter to settle on
PIECE = 1 << 15  # samples: they stay in a processor's cache from one step to the next


def band(vertical: Floats, rate_hz: float, settings: StatisticSettings) -> Floats:
    """Zero-phase Butterworth band-pass of (n,) m/s²; for slow phones as far up as their rate carries.

    What `scipy.signal.sosfiltfilt` gives, to the last bit, in pieces: it makes five copies of the whole.
    """
    pad = min(len(vertical) - 1, PADDING)
    first, last = vertical[:1], vertical[-1:]
    both = np.concatenate([2.0 * first - vertical[pad:0:-1], vertical, 2.0 * last - vertical[-2 : -pad - 2 : -1]])
    sections, settled = _filter(rate_hz, settings.band_hz)
    for signal_mps2 in (both, both[::-1]):  # there and back
        state = settled * signal_mps2[0]
        for start in range(0, len(both), PIECE):
            piece = slice(start, start + PIECE)
            signal_mps2[piece], state = signal.sosfilt(sections, signal_mps2[piece], zi=state)
    return both[pad : len(both) - pad]


def envelope(signal_mps2: Floats, step: int, rate_hz: float, settings: StatisticSettings) -> Floats:
    """Root of the energy in a bell of σ `envelope_s`, m/s² RMS, every `step` samples: (n // step,).

    Energy is averaged over each step first: the bell then costs a fraction.
    """
    whole = len(signal_mps2) // step * step
    cut = signal_mps2[:whole].reshape(-1, step)
    energy = np.einsum("ks,ks->k", cut, cut) / step
    return np.sqrt(ndimage.gaussian_filter1d(energy, settings.envelope_s * rate_hz / step, mode="nearest", truncate=3.0))


def background(level: Floats, speed_mps: Floats, usable: Mask, rate_hz: float, settings: StatisticSettings) -> Floats:
    """The trip's usual envelope at each sample, (n,) m/s²: running median of the speed-normalised envelope.

    Only usable samples (driving, not handled) enter; elsewhere the nearest usable value holds.
    """
    size = int(min(len(level), settings.background_s * rate_hz)) | 1
    gain = np.maximum(speed_mps, settings.min_speed_mps) ** settings.background_speed_exponent
    kept = np.flatnonzero(usable)
    if not len(kept):
        return np.full(len(level), np.inf)
    relative = level[kept] / gain[kept]
    if size >= len(kept):
        return np.asarray(np.median(relative) * gain)
    usual = ndimage.median_filter(relative, size, mode="mirror")
    return np.asarray(np.interp(np.arange(len(level)), kept, usual) * gain)


def score(level: Floats, usual: Floats, settings: StatisticSettings) -> Floats:
    """Envelope over background, (n,), with a floor under which nothing is road."""
    return np.asarray(level / np.sqrt(usual * usual + settings.floor_mps2**2))


def peaks(statistic: Floats, allowed: Mask, apart: Floats, settings: StatisticSettings) -> Indices:
    """Indices of the local maxima above the threshold, the highest first taking all within `apart` (n,) samples.

    Non-maximum suppression as in `scipy.signal.find_peaks(distance=…)`, but with a distance that follows speed.
    """
    found, _ = signal.find_peaks(np.where(allowed, statistic, 0.0), height=settings.threshold)
    kept = np.zeros(len(found), bool)
    free = np.ones(len(found), bool)
    reach = apart[found]
    first, end = np.searchsorted(found, found - reach), np.searchsorted(found, found + reach, side="right")
    for i in np.argsort(statistic[found], kind="stable")[::-1].tolist():  # a loop over peaks, never over samples
        if free[i]:
            kept[i] = True
            free[first[i] : end[i]] = False
    return found[kept]


@lru_cache(maxsize=64)
def _filter(rate_hz: float, band_hz: tuple[float, float]) -> tuple[Floats, Floats]:
    """Second-order sections, and their state after a long 1."""
    low, high = band_hz
    if high < 0.45 * rate_hz:
        sections = signal.butter(2, (low, high), "bandpass", fs=rate_hz, output="sos")
    else:
        sections = signal.butter(2, min(low, 0.2 * rate_hz), "highpass", fs=rate_hz, output="sos")
    return np.asarray(sections), np.asarray(signal.sosfilt_zi(sections))
