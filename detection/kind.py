"""What kind of thing a jolt's shape speaks for: a first, honest rule on four measured shares.

Amplitude does not tell a pothole from a hump (humps hit harder). What does: a hump lifts the whole body (1 to 3 Hz), a hole
or an edge kicks the wheel (8 to 20 Hz); a rough stretch lasts; a wheel that fell into a hole is thrown up harder than
it fell. The limits were read off simulated drives by a decision tree of depth 3 (benchmarks/evaluate.py prints how
often each kind is right, on other seeds).
"""

from __future__ import annotations

import numpy as np

from detection.columns import KINDS, Codes
from detection.trace import Floats

BODY_HZ, WHEEL_HZ = (0.7, 3.0), (8.0, 20.0)
HUMP_LOG_RATIO = 0.2  # natural log of body energy over wheel energy above which the whole body was lifted
ROUGH_S = 0.22  # longer above half the peak than two axles of a short thing need
HOLE_UP_OVER_DOWN = 0.97  # largest swing up over largest swing down
NEEDED_HZ = 40.0  # below, the wheel band is not there


def kinds_of(vertical: Floats, banded: Floats, duration_s: Floats, rate_hz: float) -> Codes:
    """Codes (n,) into `KINDS`; vertical, banded (n, w) m/s² from just before the front axle on; unknown for slow phones."""
    if rate_hz < NEEDED_HZ or not len(vertical):
        return np.zeros(len(vertical), np.int8)
    hump = shape_ratio(vertical, rate_hz) > HUMP_LOG_RATIO
    rough = duration_s > ROUGH_S
    hole = banded.max(axis=1) > HOLE_UP_OVER_DOWN * -banded.min(axis=1)
    names = np.select([hump, rough, hole], ["speed_bump", "rough", "pothole"], "joint")
    return np.array([KINDS.index(name) for name in names], np.int8)


def shape_ratio(vertical: Floats, rate_hz: float) -> Floats:
    """Natural log of body energy over wheel energy in each window, (n,)."""
    tapered = (vertical - vertical.mean(axis=1, keepdims=True)) * np.hanning(vertical.shape[1])
    power = np.abs(np.fft.rfft(tapered, axis=1)) ** 2
    hz = np.fft.rfftfreq(vertical.shape[1], 1.0 / rate_hz)

    def energy(low: float, high: float) -> Floats:
        return np.asarray(power[:, (hz >= low) & (hz <= high)].sum(axis=1)) + 1e-9

    return np.asarray(np.log(energy(*BODY_HZ) / energy(*WHEEL_HZ)))
