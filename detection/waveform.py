"""The form of one shock: its swings, how it repeats after a wheelbase, and its course over the metres of road."""

from __future__ import annotations

import numpy as np

from detection.settings import FeatureSettings
from detection.stages import Stages
from detection.trace import Floats
from detection.windows import around

METRES = tuple(range(-5, 8))  # a hump of 3.7 m and both axles, wherever among them the peak is
SWINGS = ("largest swing up", "largest swing down", "range", "peakedness", "duration")
WAVEFORM = (*SWINGS, "axle pair", *(f"push at {metre:+d} m" for metre in METRES))
FLOOR = 1e-6


def waveform(windows: Floats, raw: Floats, stages: Stages, settings: FeatureSettings) -> Floats:
    """The columns `WAVEFORM` (peaks, k) of banded and raw vertical windows (peaks, w), m/s²."""
    peak = np.abs(windows).max(axis=1, initial=0.0)
    swings = _swings(windows, raw, peak, stages.grid.rate_hz)
    return np.concatenate([swings, _axle_pair(windows, stages, settings), _over_metres(stages, peak, settings)], axis=1)


def _swings(windows: Floats, raw: Floats, peak: Floats, rate_hz: float) -> Floats:
    """Log of the largest swing up, down and of the unfiltered range; kurtosis; seconds above 0.4 of the peak."""
    square = windows * windows
    kurtosis = (square * square).mean(axis=1) / (square.mean(axis=1) ** 2 + FLOOR**2)
    swings = np.log(np.c_[windows.max(axis=1, initial=0.0), -windows.min(axis=1, initial=0.0), np.ptp(raw, axis=1)] + 1e-3)
    long_s = (np.abs(windows) > 0.4 * peak[:, None]).sum(axis=1) / rate_hz
    return np.asarray(np.c_[swings, np.log(kurtosis + FLOOR), long_s])


def _axle_pair(windows: Floats, stages: Stages, settings: FeatureSettings) -> Floats:
    """Largest autocorrelation of the energy at delays of a wheelbase: front and rear axle meet the same thing. (p, 1)"""
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
    return np.asarray(best / (correlation[:, 0] + FLOOR**2))[:, None]


def _over_metres(stages: Stages, peak: Floats, settings: FeatureSettings) -> Floats:
    """Mean vertical acceleration over each metre of road around the peak, over the largest swing: (p, len(METRES)).

    Signed: a hole lets the body fall first, a hump lifts it. NaN where the speed is unknown.
    """
    vertical = stages.upright.vertical
    centre = stages.peaks * stages.step + stages.step // 2
    samples_a_metre = stages.grid.rate_hz / np.maximum(stages.speed_mps[stages.peaks], settings.slowest_mps)
    reach = int((METRES[-1] + 0.5) * stages.grid.rate_hz / settings.slowest_mps) + 2
    windows = around(vertical, centre, reach)
    sums = np.concatenate([np.zeros((len(centre), 1)), np.cumsum(windows, axis=1)], axis=1)
    edges = centre[:, None] + np.arange(METRES[0] - 0.5, METRES[-1] + 1.0) * samples_a_metre[:, None]
    known = np.isfinite(edges)
    held = np.clip(np.where(known, edges, centre[:, None]), 0.0, len(vertical) - 1e-6)
    whole = held.astype(np.intp)
    at = whole - (centre[:, None] - reach)
    integral = np.take_along_axis(sums, at, axis=1) + (held - whole) * np.take_along_axis(windows, at, axis=1)
    mean = np.diff(integral, axis=1) / samples_a_metre[:, None]
    return np.asarray(np.where(known[:, 1:] & known[:, :-1], mean / (peak[:, None] + 1e-3), np.nan))
