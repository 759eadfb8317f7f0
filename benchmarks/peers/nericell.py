"""Nericell's two bump detectors (Mohan, Padmanabhan, Ramjee: SenSys 2008, section on bump detection), one for each speed.

Below 25 km/h z-sus: vertical acceleration stays below a threshold for 20 ms, for the wheel drops slowly; from 25 km/h on
z-peak: a spike above a threshold. Thresholds in the paper: 0.8 g and 1.45 g or more (as known to the author, not looked up
again); here both are tuned, as one threshold and the ratio of the two.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from benchmarks.peers.signal import Signal
from detection.trace import Floats

SLOW_MPS = 25.0 / 3.6
SUSTAINED_S = 0.02


def nericell(signal: Signal, peak_over_dip: float) -> Floats:
    """Statistic (n,) m/s²: sustained dip where slow, spike over `peak_over_dip` (the ratio of the thresholds) where fast."""
    return np.where(signal.speed_mps < SLOW_MPS, z_sus(signal), z_peak(signal) / peak_over_dip)


def z_sus(signal: Signal) -> Floats:
    """How deep a dip lasts for 20 ms, (n,) m/s²: the shallowest value of that window. Slower phones see one sample."""
    size = max(1, int(np.ceil(SUSTAINED_S * signal.rate_hz)))
    return ndimage.minimum_filter1d(-signal.vertical, size, mode="nearest")


def z_peak(signal: Signal) -> Floats:
    """Upward spike, (n,) m/s²."""
    return signal.vertical
