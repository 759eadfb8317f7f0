"""All stages on one stretch of samples: its candidates, measured; pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mobile_app.preview import stages
from mobile_app.preview.settings import PreviewSettings
from mobile_app.preview.stages import Floats, Mask

BANDS_HZ = ((0.7, 3.0), (3.0, 8.0), (8.0, 16.0), (16.0, 24.0))  # body, pitch and seat, wheel hop, edges
BAND_REACH = 32  # samples either side of a peak: one swing of the body, both axles from 4 m/s
FEATURES = (
    *(f"{low:g}–{high:g} Hz" for low, high in BANDS_HZ),
    "horizontal",
    *(f"{low:g}–{high:g} Hz over usual" for low, high in BANDS_HZ),
    "horizontal over usual",
    *("score", "level", "usual", "speed", "largest swing up", "largest swing down", "peakedness", "later", "severity"),
)
FLOOR = 1e-6


@dataclass(frozen=True, eq=False)
class Candidates:
    """Peaks (p,): when the front axle met it, s; speed, m/s; severity; features (p, len(FEATURES)), natural logarithms mostly."""

    peak_s: Floats
    t_s: Floats
    severity: Floats
    features: Floats


def look(
    motion: tuple[Floats, Floats],
    turning: tuple[Floats, Floats],
    speed_of: tuple[Floats, Floats],
    grid_s: Floats,
    settings: PreviewSettings,
) -> Candidates:
    """motion, turning: times (m,) and values (m, 3); speed_of: times (f,) and m/s (f,) where the car is known to be.

    grid_s (n,): even, n a multiple of `step`.
    """
    acceleration = stages.on_grid(*motion, grid_s, settings)
    vertical, across, hand, up = stages.upright(acceleration, settings)
    blind = hand | stages.unseen(motion[0], grid_s, settings) | stages.turned(*turning, up, grid_s, settings)
    banded, level = stages.envelope(vertical, settings)
    middle = slice(settings.step // 2, None, settings.step)
    speed, known = _speed_at(grid_s[middle], *speed_of, settings)
    usable = ~blind[middle] & known & (speed >= settings.slowest_mps)
    usual = stages.background(level, speed, usable, settings)
    score = level / np.sqrt(usual * usual + settings.floor_mps2**2)
    at = stages.peaks(score, usable, speed, settings)
    severity = _severity(level, speed, settings)
    measured = np.log(np.c_[score[at], level[at], usual[at], np.maximum(speed[at], 1.0)] + FLOOR)
    centre = at * settings.step + settings.step // 2
    energies = _energies(vertical, across, centre, usable, settings)
    windows = _around(banded, centre, round(settings.reach_s * settings.rate_hz))
    features = np.c_[energies, measured, _form(windows), np.log(severity[at] + FLOOR)]
    onset_s = grid_s[centre] + _onset(windows) / settings.rate_hz
    return Candidates(grid_s[centre], onset_s, severity[at], features)


def _speed_at(t_s: Floats, fix_s: Floats, speed_mps: Floats, settings: PreviewSettings) -> tuple[Floats, Mask]:
    """Speed (k,), and where it is known."""
    if len(fix_s) < 2:
        return np.zeros(len(t_s)), np.zeros(len(t_s), bool)
    stamped = t_s + settings.lag_s
    after = np.clip(np.searchsorted(fix_s, stamped), 1, len(fix_s) - 1)
    known = (stamped >= fix_s[0]) & (stamped <= fix_s[-1]) & (fix_s[after] - fix_s[after - 1] <= settings.gap_s)
    return np.interp(stamped, fix_s, speed_mps), known


def _severity(level: Floats, speed_mps: Floats, settings: PreviewSettings) -> Floats:
    slow = settings.reference_mps / np.maximum(speed_mps, settings.slowest_mps)
    return np.asarray(level / settings.felt_mps2 * slow**settings.severity_exponent)


def _energies(vertical: Floats, across: Floats, centre: npt.NDArray[np.intp], usable: Mask, settings: PreviewSettings) -> Floats:
    """Log energies (p, 10) of each band and across gravity, as they are and over what is usual while driving."""
    every = np.arange(settings.rate_hz // 2, len(vertical), settings.rate_hz)
    driving = every[usable[np.minimum(every // settings.step, len(usable) - 1)]]
    here = _band_energies(vertical, across, centre)
    usual = np.median(_band_energies(vertical, across, driving if len(driving) else every), axis=0)
    return np.asarray(np.c_[here, here - usual])


def _band_energies(vertical: Floats, across: Floats, centre: npt.NDArray[np.intp]) -> Floats:
    windows = _around(vertical, centre, BAND_REACH)[:, :-1] * np.hanning(2 * BAND_REACH + 1)[:-1]
    power = np.abs(np.fft.rfft(windows, 4 * BAND_REACH, axis=1)) ** 2 / (2 * BAND_REACH)
    hz = np.fft.rfftfreq(4 * BAND_REACH, 0.01)
    bands = [power[:, (hz >= low) & (hz < high)].mean(axis=1) for low, high in BANDS_HZ]
    flat = (_around(across, centre, BAND_REACH) ** 2).mean(axis=1)
    return np.asarray(np.log(np.stack([*bands, flat], axis=1) + FLOOR))


def _form(windows: Floats) -> Floats:
    """Log of the largest swings up and down, of the kurtosis, and of the energy after the peak over that before, (p, 4)."""
    square = windows * windows
    kurtosis = (square * square).mean(axis=1) / (square.mean(axis=1) ** 2 + FLOOR**2)
    half = windows.shape[1] // 2
    later = (square[:, half:].sum(axis=1) + FLOOR) / (square[:, :half].sum(axis=1) + FLOOR)
    up, down = windows.max(axis=1, initial=0.0), -windows.min(axis=1, initial=0.0)
    return np.asarray(np.log(np.c_[up + 1e-3, down + 1e-3, kurtosis + FLOOR, later]))


def _onset(windows: Floats) -> Floats:
    """Samples from the peak to the first swing of half its size: the front axle, not the loudest one."""
    size = np.abs(windows)
    return np.asarray((size >= 0.5 * size.max(axis=1, initial=0.0)[:, None]).argmax(axis=1) - windows.shape[1] // 2)


def _around(signal: Floats, centre: npt.NDArray[np.intp], reach: int) -> Floats:
    """(p, 2 reach + 1); zeros beyond the ends."""
    padded = np.pad(signal, reach)
    return np.asarray(padded[centre[:, None] + np.arange(2 * reach + 1)])
