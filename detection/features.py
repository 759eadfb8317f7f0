"""What is measured of a peak before it is judged: energies in bands against the street's own, form, surroundings, turning, speed.

One row a peak, one column a feature (`FEATURES`); natural logarithms of mean squares, so that a louder phone shifts
columns instead of stretching them. NaN where a sensor or a band is missing. The judging is `detection.judge`'s.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from detection.settings import FeatureSettings
from detection.stages import Stages
from detection.surroundings import SURROUNDINGS, surroundings
from detection.trace import Floats
from detection.turning import TURNING, turning
from detection.waveform import WAVEFORM, waveform
from detection.windows import around

BANDS_HZ = ((0.7, 3.0), (3.0, 8.0), (8.0, 16.0), (16.0, 24.0))  # body, pitch and seat, wheel hop, edges
_BAND_NAMES = tuple(f"{low:g}–{high:g} Hz" for low, high in BANDS_HZ)
_SERIES = (*_BAND_NAMES, "horizontal")
FEATURES = (
    *_SERIES,
    *(f"{name} over 12 s" for name in _SERIES),
    *(f"{name} over 60 s" for name in _SERIES),
    "forward", "sideways", "sideways over forward",
    "speed", "slowed before", "slowed after", "score", "level", "usual", "peaks near", "sampling rate",
    *WAVEFORM,
    *SURROUNDINGS,
    *TURNING,
)  # fmt: skip

Indices = npt.NDArray[np.intp]
FLOOR = 1e-6  # (m/s²)²: far below any sensor's noise; keeps logarithms finite


def features_of(stages: Stages, settings: FeatureSettings) -> Floats:
    """The features (peaks, len(FEATURES)) of every peak of one trip."""
    centre = stages.peaks * stages.step + stages.step // 2
    here, usual = _energies(stages, centre, settings)
    reach = round(settings.reach_s * stages.grid.rate_hz)
    windows, raw = (around(signal, centre, reach) for signal in (stages.banded, stages.upright.vertical))
    columns = [
        here,
        here - usual[0],
        here - usual[1],
        _directions(stages, centre, settings),
        _speeds(stages, settings),
        np.log(np.c_[stages.score[stages.peaks], stages.level[stages.peaks], stages.usual[stages.peaks]] + FLOOR),
        _neighbours(stages, settings)[:, None],
        np.full((len(centre), 1), np.log(stages.grid.rate_hz)),
        waveform(windows, raw, stages, settings),
        surroundings(stages, np.abs(windows).max(axis=1, initial=0.0), settings),
        turning(stages, settings),
    ]
    return np.concatenate(columns, axis=1)


def _energies(stages: Stages, centre: Indices, settings: FeatureSettings) -> tuple[Floats, tuple[Floats, Floats]]:
    """Log energies at each peak (p, 5) and, over two spans, what is usual around it."""
    every = stages.grid.samples(settings.every_s)
    reach = round(0.5 * settings.window_s * stages.grid.rate_hz)
    sampled = np.arange(every // 2, len(stages.grid) - reach, every)  # nothing is allowed so near the end
    series = _log_energy(stages, sampled, settings)
    allowed = stages.allowed[np.minimum(sampled // stages.step, len(stages.allowed) - 1)]
    kept = np.flatnonzero(allowed) if allowed.any() else np.arange(len(sampled))
    nearest = np.clip(np.searchsorted(sampled[kept], centre), 0, len(kept) - 1)
    later = centre + stages.grid.samples(settings.later_s)
    now, then = np.split(_log_energy(stages, np.concatenate([centre, later]), settings), 2)
    return np.maximum(now, then), (
        _running_median(series[kept], settings.near_s / settings.every_s)[nearest],
        _running_median(series[kept], settings.far_s / settings.every_s)[nearest],
    )


def _log_energy(stages: Stages, centre: Indices, settings: FeatureSettings) -> Floats:
    """Log mean square of the vertical in each band and of the horizontal, in a window around each centre, (p, 5)."""
    hz = stages.grid.rate_hz
    reach = round(0.5 * settings.window_s * hz)
    windows = around(stages.upright.vertical, centre, reach)
    taper = np.hanning(windows.shape[1])
    spectrum = np.fft.rfft(windows * taper, axis=1).T
    power = (spectrum.real**2 + spectrum.imag**2) * (2.0 / (windows.shape[1] * float(np.sum(taper**2))))
    at_hz = np.fft.rfftfreq(windows.shape[1], 1.0 / hz)
    rows = np.full((len(BANDS_HZ) + 1, len(centre)), np.nan)
    for row, (low, high) in zip(rows, BANDS_HZ, strict=False):
        first, end = np.searchsorted(at_hz, [low, high])
        if first < end and high <= 0.55 * hz:  # a band cut by the Nyquist frequency is another band
            row[:] = power[first:end].sum(axis=0)
    rows[-1] = sum(_variance(around(axis, centre, reach)) for axis in stages.upright.horizontal)
    return np.asarray(np.log(rows + FLOOR).T)


def _variance(windows: Floats) -> Floats:
    """Of each row (p, w) of values not far from 0, (p,)."""
    width = windows.shape[1]
    square, mean = np.einsum("pw,pw->p", windows, windows) / width, np.einsum("pw->p", windows) / width
    return np.asarray(np.maximum(square - mean**2, 0.0))


def _running_median(series: Floats, size: float) -> Floats:
    length = min(round(size), len(series)) | 1
    return np.stack([ndimage.median_filter(column, length, mode="nearest") for column in series.T], axis=1)


def _directions(stages: Stages, centre: Indices, settings: FeatureSettings) -> Floats:
    """Log mean square along the car and across it, and their difference, (p, 3): one wheel's hole pushes sideways."""
    if stages.forward is None or not stages.forward.told:
        return np.full((len(centre), 3), np.nan)
    ahead, aside = stages.forward.weights
    reach = round(0.5 * settings.window_s * stages.grid.rate_hz)
    first, second = (around(axis, centre, reach) for axis in stages.upright.horizontal)
    along, across = _variance(ahead * first + aside * second), _variance(ahead * second - aside * first)
    logs = np.log(np.c_[along, across] + FLOOR)
    return np.asarray(np.c_[logs, logs[:, 1] - logs[:, 0]])


def _speeds(stages: Stages, settings: FeatureSettings) -> Floats:
    """Speed, and how much was lost before and after: drivers brake for what they see."""
    away = round(settings.braking_s * stages.decimated_hz)
    last = len(stages.t_s) - 1
    now = stages.speed_mps[stages.peaks]
    before = stages.speed_mps[np.clip(stages.peaks - away, 0, last)]
    after = stages.speed_mps[np.clip(stages.peaks + away, 0, last)]
    return np.asarray(np.c_[now, before - now, now - after])


def _neighbours(stages: Stages, settings: FeatureSettings) -> Floats:
    """How many peaks lie within 3 s: a rough stretch, or a hand."""
    t_s = stages.t_s[stages.peaks]
    first, last = (np.searchsorted(t_s, t_s + way * settings.braking_s) for way in (-1.0, 1.0))
    return np.asarray(last - first, np.float64)
