"""The four detectors of Mednis, Strazdins, Zviedris, Kanonirs and Selavo (DCOSS 2011), section III, as statistics.

"Real time pothole detection using Android smartphones with accelerometers". A jolt is where the statistic exceeds a
threshold; the paper's own thresholds (0.4 g, 0.2 g, 0.2 g, 0.8 g †) are not used, each is tuned per set of recordings.
† as known to the author, not looked up again.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from benchmarks.peers.signal import Signal
from detection.trace import STANDARD_GRAVITY_MPS2, Floats


def z_thresh(signal: Signal) -> Floats:
    """Z-THRESH: how far vertical acceleration is from rest, (n,) m/s²."""
    return np.abs(signal.vertical)


def z_diff(signal: Signal) -> Floats:
    """Z-DIFF: |difference| of two consecutive samples, (n,) m/s²."""
    return np.abs(np.diff(signal.vertical, prepend=signal.vertical[:1]))


def stdev_z(signal: Signal, window_s: float) -> Floats:
    """STDEV(Z): standard deviation over a sliding window, (n,) m/s²."""
    size = max(2, signal.samples(window_s))
    mean = ndimage.uniform_filter1d(signal.vertical, size, mode="nearest")
    square = ndimage.uniform_filter1d(signal.vertical**2, size, mode="nearest")
    return np.sqrt(np.maximum(square - mean**2, 0.0))


def g_zero(signal: Signal) -> Floats:
    """G-ZERO: how far all three axes are below 1 g at once, (n,) m/s²; free fall scores 1 g, rest scores 0."""
    axes = np.abs(np.vstack([signal.vertical + STANDARD_GRAVITY_MPS2, signal.horizontal]))
    return STANDARD_GRAVITY_MPS2 - axes.max(axis=0)
