"""STA/LTA: how seismology finds onsets (Allen, BSSA 68 (1978) 1521; recursive averages as obspy's `recursive_sta_lta`)."""

from __future__ import annotations

import numpy as np
from scipy import signal as filters

from benchmarks.peers.signal import Signal
from detection.trace import Floats


def sta_lta(signal: Signal, short_s: float, long_s: float) -> Floats:
    """Short-term over long-term recursive average of Allen's characteristic function x² + K·x'², (n,)."""
    x = signal.vertical
    change = np.diff(x, prepend=x[:1])
    balance = np.abs(x).sum() / max(float(np.abs(change).sum()), 1e-9)  # Allen's K: both terms weigh alike
    energy = x**2 + balance * change**2
    long = averaged(energy, signal.samples(long_s))
    # a moving car never records silence: the recursion's first seconds start from the usual energy, not from none
    return averaged(energy, signal.samples(short_s)) / np.maximum(long, 1e-3 * float(energy.mean()) + 1e-12)


def averaged(values: Floats, samples: int) -> Floats:
    """y[i] = y[i − 1] + (x[i] − y[i − 1]) / samples, (n,), starting from the median of x."""
    c = 1.0 / samples
    start = np.array([(1.0 - c) * float(np.median(values))])
    return filters.lfilter([c], [1.0, c - 1.0], values, zi=start)[0]
