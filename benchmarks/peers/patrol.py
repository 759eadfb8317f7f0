"""Pothole Patrol's five filters (Eriksson, Girod, Hull, Newton, Madden, Balakrishnan: MobiSys 2008, section 4).

In their order: speed, high-pass, z-peak, xz-ratio, speed against z. What passes all of them is a pothole. Theirs were
trained on windows of 256 samples at 380 Hz; here the peak is kept at its own time and the surroundings are 32 samples of
theirs on each side. The thresholds (t_z, t_x, t_s) are tuned together, as they did.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage
from scipy import signal as filters

from benchmarks.peers.signal import Signal
from detection.trace import Floats

STANDING_MPS = 1.0  # "at or near zero": doors and kerbs
HIGH_PASS_HZ = 1.0  # turning, veering and braking lie below; the paper names no corner
AROUND_S = 32 / 380  # Δw = 32 samples at 380 Hz


def pothole_patrol(signal: Signal, t_x: float, t_s: float) -> Floats:
    """Statistic (n,) m/s²: |vertical| after the filters, 0 where one of them rejects; the threshold on it is t_z.

    t_x: the largest lateral acceleration around must reach this share of the vertical one (a hole is met by one side, an
    expansion joint by both). t_s: m/s² a m/s; peaks lower than t_s × speed are what any road does at that speed.
    """
    z = np.abs(high_passed(signal.vertical, signal.rate_hz))
    x = np.abs(high_passed(signal.lateral, signal.rate_hz))
    size = 2 * signal.samples(AROUND_S) + 1
    passes = (
        (signal.speed_mps > STANDING_MPS)
        & (ndimage.maximum_filter1d(x, size, mode="nearest") >= t_x * z)
        & (z >= t_s * signal.speed_mps)
    )
    return np.where(passes, z, 0.0)


def high_passed(values: Floats, rate_hz: float) -> Floats:
    """(n,) without what is slower than the corner."""
    sos = filters.butter(2, min(HIGH_PASS_HZ, 0.2 * rate_hz), "highpass", fs=rate_hz, output="sos")
    return filters.sosfiltfilt(sos, values, padlen=min(len(values) - 1, 50))
