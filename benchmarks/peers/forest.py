"""A random forest over sliding windows of time and frequency features, as Wu et al. (Sensors 20 (2020) 5564) and many use it.

Features know their window only, not the road before it: that is the field's practice, and what a background adds is seen
by comparing.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import ndimage
from scipy import signal as filters
from sklearn.ensemble import RandomForestClassifier

from benchmarks.peers.found import Counts, Found, Marks, strongest
from benchmarks.peers.signal import Mask, Signal
from detection.trace import Floats

HOP_S = 0.1
WINDOW_S = 1.0
BANDS_HZ = ((0.7, 3.0), (3.0, 8.0), (8.0, 16.0), (16.0, 24.0))  # body, between, wheel hop, shell
MOST_ROWS = 10_000  # neighbouring windows overlap by nine tenths: more rows only cost time
TREES = 100


def rows(signal: Signal) -> tuple[Floats, Floats]:
    """Centres of the windows (w,) s and their features (w, f)."""
    size, hop = max(3, signal.samples(WINDOW_S)), signal.samples(HOP_S)
    at = np.arange(0, len(signal.t_s), hop)
    x = signal.vertical
    change = np.abs(np.diff(x, prepend=x[:1]))
    across = np.linalg.norm(signal.horizontal - np.median(signal.horizontal, axis=1, keepdims=True), axis=0)
    mean = ndimage.uniform_filter1d(x, size)
    square = ndimage.uniform_filter1d(x**2, size)
    features = [
        ndimage.maximum_filter1d(x, size),
        ndimage.minimum_filter1d(x, size),
        mean,
        np.sqrt(np.maximum(square - mean**2, 0.0)),
        ndimage.maximum_filter1d(change, size),
        ndimage.uniform_filter1d(change, size),
        ndimage.uniform_filter1d(np.abs(x), size),
        np.sqrt(ndimage.uniform_filter1d(across**2, size)),
        ndimage.maximum_filter1d(across, size),
        signal.speed_mps,
        *(_band_energy(x, band, signal.rate_hz, size) for band in BANDS_HZ),
    ]
    return signal.t_s[at], np.column_stack([feature[at] for feature in features])


def labels(centre_s: Floats, marks: Marks, tolerance_s: float) -> Mask:
    """Windows (w,) whose centre lies within the tolerance of a mark."""
    starts, ends = marks.start_s - tolerance_s, marks.end_s + tolerance_s
    return np.searchsorted(np.sort(starts), centre_s, side="right") > np.searchsorted(np.sort(ends), centre_s)


def train(parts: Sequence[tuple[Floats, Mask]], seed: int = 0) -> RandomForestClassifier:
    """A forest on rows (w, f) with labels (w,) of all parts, at most `MOST_ROWS` of them drawn at random."""
    x, y = np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])
    if len(x) > MOST_ROWS:
        drawn = np.random.default_rng(seed).choice(len(x), MOST_ROWS, replace=False)
        x, y = x[drawn], y[drawn]
    forest = RandomForestClassifier(TREES, min_samples_leaf=3, class_weight="balanced_subsample", random_state=seed)
    return forest.fit(x, y)


def predict(forest: RandomForestClassifier, signal: Signal, centre_s: Floats, features: Floats) -> Found:
    """Scored times: peaks of the probability over the windows, spaced as everyone's."""
    if len(forest.classes_) < 2:
        return Found(np.empty(0), np.empty(0))
    probability = forest.predict_proba(features)[:, 1]
    # a plateau of equal votes has its middle: a little smoothing makes one peak of it
    smooth = ndimage.gaussian_filter1d(probability, 1.5)
    return strongest(signal, np.interp(signal.t_s, centre_s, smooth))


def pure(centre_s: Floats, marks: Marks, fold: Counts, wanted: Mask) -> Mask:
    """Windows (w,) that lie wholly in units whose fold is wanted (by fold code): none that reaches into a neighbouring clip."""
    inside = np.ones(len(centre_s), bool)
    for shift in (-WINDOW_S / 2, 0.0, WINDOW_S / 2):
        inside &= wanted[fold[marks.unit_at(centre_s + shift)]]
    return inside


def _band_energy(x: Floats, band_hz: tuple[float, float], rate_hz: float, size: int) -> Floats:
    """Log of the mean square in a band, (n,); what lies above the recording's reach is 0 for all of its windows."""
    low, high = band_hz[0], min(band_hz[1], 0.45 * rate_hz)
    if low >= 0.9 * high:
        return np.zeros(len(x))
    sos = filters.butter(2, (low, high), "bandpass", fs=rate_hz, output="sos")
    banded = filters.sosfiltfilt(sos, x, padlen=min(len(x) - 1, 50))
    return np.log(ndimage.uniform_filter1d(banded**2, size) + 1e-6)
