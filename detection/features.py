"""What is measured of a peak before it is judged: energies in bands against the street's own, swings, turning, speed.

One row a peak, one column a feature (`FEATURES`); natural logarithms of mean squares, so that a louder phone shifts
columns instead of stretching them. NaN where a sensor or a band is missing. The judging is `detection.judge`'s.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from detection.settings import FeatureSettings
from detection.stages import Stages
from detection.trace import Floats

BANDS_HZ = ((0.7, 3.0), (3.0, 8.0), (8.0, 16.0), (16.0, 24.0))  # body, pitch and seat, wheel hop, edges
_BAND_NAMES = tuple(f"{low:g}–{high:g} Hz" for low, high in BANDS_HZ)
_SERIES = (*_BAND_NAMES, "horizontal")
FEATURES = (
    *_SERIES,
    *(f"{name} over 12 s" for name in _SERIES),
    *(f"{name} over 60 s" for name in _SERIES),
    "speed", "slowed before", "slowed after", "turning, largest", "turning, mean square", "score", "level", "usual",
    "largest swing up", "largest swing down", "range", "peakedness", "duration", "axle pair", "peaks near",
)  # fmt: skip

Indices = npt.NDArray[np.intp]
FLOOR = 1e-6  # (m/s²)²: far below any sensor's noise; keeps logarithms finite


def features_of(stages: Stages, settings: FeatureSettings) -> Floats:
    """The features (peaks, len(FEATURES)) of every peak of one trip."""
    centre = stages.peaks * stages.step + stages.step // 2
    here, usual = _energies(stages, centre, settings)
    windows = stages.banded[_around(centre, settings.reach_s, stages)]
    raw = stages.upright.vertical[_around(centre, settings.reach_s, stages)]
    columns = [
        here,
        here - usual[0],
        here - usual[1],
        _speeds(stages, settings),
        _turning(stages, settings),
        np.log(np.c_[stages.score[stages.peaks], stages.level[stages.peaks], stages.usual[stages.peaks]] + FLOOR),
        _swings(windows, raw, stages.grid.rate_hz),
        _axle_pair(windows, stages, settings)[:, None],
        _neighbours(stages, settings)[:, None],
    ]
    return np.concatenate(columns, axis=1)


def _energies(stages: Stages, centre: Indices, settings: FeatureSettings) -> tuple[Floats, tuple[Floats, Floats]]:
    """Log energies at each peak (p, 5) and, over two spans, what is usual around it."""
    every = stages.grid.samples(settings.every_s)
    sampled = np.arange(every // 2, len(stages.grid), every)
    series = _log_energy(stages, sampled, settings)
    allowed = stages.allowed[np.minimum(sampled // stages.step, len(stages.allowed) - 1)]
    kept = np.flatnonzero(allowed) if allowed.any() else np.arange(len(sampled))
    nearest = np.clip(np.searchsorted(sampled[kept], centre), 0, len(kept) - 1)
    later = centre + stages.grid.samples(settings.later_s)
    here = np.maximum(_log_energy(stages, centre, settings), _log_energy(stages, later, settings))
    return here, (
        _running_median(series[kept], settings.near_s / settings.every_s)[nearest],
        _running_median(series[kept], settings.far_s / settings.every_s)[nearest],
    )


def _log_energy(stages: Stages, centre: Indices, settings: FeatureSettings) -> Floats:
    """Log mean square of the vertical in each band and of the horizontal, in a window around each centre, (p, 5)."""
    hz = stages.grid.rate_hz
    index = _around(centre, 0.5 * settings.window_s, stages)
    taper = np.hanning(index.shape[1])
    power = np.abs(np.fft.rfft(stages.upright.vertical[index] * taper, axis=1)) ** 2
    power *= 2.0 / (index.shape[1] * float(np.sum(taper**2)))
    at_hz = np.fft.rfftfreq(index.shape[1], 1.0 / hz)
    columns = []
    for low, high in BANDS_HZ:
        inside = (at_hz >= low) & (at_hz < high)
        enough = high <= 0.55 * hz  # a band cut by the Nyquist frequency is another band
        columns.append(power[:, inside].sum(axis=1) if inside.any() and enough else np.full(len(centre), np.nan))
    columns.append(sum(np.var(axis[index], axis=1) for axis in stages.upright.horizontal))
    return np.asarray(np.log(np.stack(columns, axis=1) + FLOOR))


def _running_median(series: Floats, size: float) -> Floats:
    length = min(round(size), len(series)) | 1
    return np.stack([ndimage.median_filter(column, length, mode="nearest") for column in series.T], axis=1)


def _speeds(stages: Stages, settings: FeatureSettings) -> Floats:
    """Speed, and how much was lost before and after: drivers brake for what they see."""
    away = round(settings.braking_s * stages.decimated_hz)
    last = len(stages.t_s) - 1
    now = stages.speed_mps[stages.peaks]
    before = stages.speed_mps[np.clip(stages.peaks - away, 0, last)]
    after = stages.speed_mps[np.clip(stages.peaks + away, 0, last)]
    return np.asarray(np.c_[now, before - now, now - after])


def _turning(stages: Stages, settings: FeatureSettings) -> Floats:
    """Log of the largest and of the mean square turn rate around each peak: pitch and roll of the body, or a hand."""
    gyroscope = stages.gyroscope
    if gyroscope is None or not len(stages.peaks):
        return np.full((len(stages.peaks), 2), np.nan)
    t_s = stages.t_s[stages.peaks]
    first = np.searchsorted(gyroscope.t_s, t_s - settings.reach_s)
    index = first[:, None] + np.arange(max(1, round(2 * settings.reach_s * gyroscope.rate_hz)))
    inside = index < len(gyroscope)
    inside &= gyroscope.t_s[np.minimum(index, len(gyroscope) - 1)] <= (t_s + settings.reach_s)[:, None]
    held = gyroscope.xyz[np.minimum(index, len(gyroscope) - 1)]
    rate = np.where(inside, np.einsum("pwa,pwa->pw", held, held), 0.0)
    count = inside.sum(axis=1)
    out = np.log(np.c_[rate.max(axis=1), rate.sum(axis=1) / np.maximum(count, 1)] + FLOOR)
    out[count == 0] = np.nan
    return np.asarray(out)


def _swings(windows: Floats, raw: Floats, rate_hz: float) -> Floats:
    """Log of the largest swing up, down and of the unfiltered range; kurtosis; seconds above 0.4 of the peak."""
    size = np.abs(windows)
    peak = size.max(axis=1, initial=0.0)
    square = windows * windows
    kurtosis = (square * square).mean(axis=1) / (square.mean(axis=1) ** 2 + FLOOR**2)
    swings = np.log(np.c_[windows.max(axis=1, initial=0.0), -windows.min(axis=1, initial=0.0), np.ptp(raw, axis=1)] + 1e-3)
    return np.asarray(np.c_[swings, np.log(kurtosis + FLOOR), (size > 0.4 * peak[:, None]).sum(axis=1) / rate_hz])


def _axle_pair(windows: Floats, stages: Stages, settings: FeatureSettings) -> Floats:
    """Largest autocorrelation of the energy at delays of a wheelbase: front and rear axle meet the same thing. (p,)"""
    energy = windows * windows
    energy = energy - energy.mean(axis=1, keepdims=True)
    spectrum = np.fft.rfft(energy, 2 * energy.shape[1], axis=1)
    correlation = np.fft.irfft(np.abs(spectrum) ** 2, axis=1)[:, : energy.shape[1]]
    speed = np.maximum(stages.speed_mps[stages.peaks], 1.0)[:, None]
    metres = speed * np.arange(energy.shape[1])[None, :] / stages.grid.rate_hz
    low, high = settings.wheelbase_m
    inside = (metres >= low) & (metres <= high)
    best = np.where(inside, correlation, -np.inf).max(axis=1, initial=-np.inf)
    best[~inside.any(axis=1)] = np.nan
    return np.asarray(best / (correlation[:, 0] + FLOOR**2))


def _neighbours(stages: Stages, settings: FeatureSettings) -> Floats:
    """How many peaks lie within 3 s: a rough stretch, or a hand."""
    t_s = stages.t_s[stages.peaks]
    first, last = (np.searchsorted(t_s, t_s + way * settings.braking_s) for way in (-1.0, 1.0))
    return np.asarray(last - first, np.float64)


def _around(centre: Indices, reach_s: float, stages: Stages) -> Indices:
    """Grid indices (p, w) of the samples within reach of each centre."""
    reach = round(reach_s * stages.grid.rate_hz)
    return np.asarray(np.clip(centre[:, None] + np.arange(-reach, reach + 1)[None, :], 0, len(stages.grid) - 1))
