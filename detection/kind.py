"""What kind of thing a jolt's shape speaks for: length on the road and share of wheel hop. A first, honest rule.

Amplitude does not tell a pothole from a hump (humps hit harder); length in metres and first swing do.
"""

from __future__ import annotations

import numpy as np

from detection.columns import Codes
from detection.trace import Floats


def kinds_of(windows: Floats, speed_mps: Floats, rate_hz: float) -> Codes:
    """Codes (n,) into `KINDS` from banded acceleration around each jolt, (n, w) m/s², and speed (n,) m/s."""
    return np.zeros(len(windows), np.int8)
