"""False alarms on ten kilometres of road that its driver called smooth: nothing is marked, so everything found is false."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmarks.peers.compare import Compared
from benchmarks.peers.found import Found
from benchmarks.peers.recordings import judge
from benchmarks.peers.signal import Signal
from detection.readers import read
from detection.trace import Floats


def report(folder: Path, tuned_on: dict[str, Compared]) -> None:
    """Print found per km for every detector as tuned on each of the marked sets, with a 90 % interval over its kilometres."""
    signal, own, km = judge(next(iter(read(folder / "q1-smooth.zip"))))
    print(f"phyphox q1, smooth road, {km:.1f} km at {signal.rate_hz:.0f} Hz: found per km (all false, no chance level), tuned on")
    print(f"{'':<34} " + "".join(f"{name:<22}" for name in tuned_on))
    for detector in next(iter(tuned_on.values())).tuned:
        cells = [_rate(signal, compared.tuned[detector](signal, own)) for compared in tuned_on.values()]
        print(f"{detector:<34} " + "".join(f"{cell:<22}" for cell in cells))


def _rate(signal: Signal, found: Found) -> str:
    counts = per_km(signal, found.t_s)
    drawn = np.random.default_rng(0).choice(counts, (1000, len(counts))).mean(axis=1)
    low, high = np.quantile(drawn, [0.05, 0.95])
    return f"{counts.mean():.2f} [{low:.2f}, {high:.2f}]"


def per_km(signal: Signal, found_s: Floats) -> Floats:
    """How many were found in each whole kilometre driven, (k,); the last, broken one is left out."""
    driven_km = np.cumsum(np.where(signal.usable, signal.speed_mps, 0.0)) / signal.rate_hz / 1000.0
    at = np.interp(found_s, signal.t_s, driven_km).astype(int)
    whole = max(1, int(driven_km[-1]))
    return np.bincount(at[at < whole], minlength=whole).astype(float)
