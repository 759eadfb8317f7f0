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
    windows = stages.banded[_around(centre, settings.reach_s, stages)]
    raw = stages.upright.vertical[_around(centre, settings.reach_s, stages)]
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


def _directions(stages: Stages, centre: Indices, settings: FeatureSettings) -> Floats:
    """Log mean square along the car and across it, and their difference, (p, 3): one wheel's hole pushes sideways."""
    if stages.forward is None or not stages.forward.told:
        return np.full((len(centre), 3), np.nan)
    ahead, aside = stages.forward.weights
    index = _around(centre, 0.5 * settings.window_s, stages)
    first, second = (axis[index] for axis in stages.upright.horizontal)
    along, across = np.var(ahead * first + aside * second, axis=1), np.var(ahead * second - aside * first, axis=1)
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


def _around(centre: Indices, reach_s: float, stages: Stages) -> Indices:
    """Grid indices (p, w) of the samples within reach of each centre."""
    reach = round(reach_s * stages.grid.rate_hz)
    return np.asarray(np.clip(centre[:, None] + np.arange(-reach, reach + 1)[None, :], 0, len(stages.grid) - 1))
