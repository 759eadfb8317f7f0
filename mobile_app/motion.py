"""What the accelerometer says in passing, whichever way the phone lies: how it shakes, whether it is carried by steps, and
the vertical acceleration as the strip chart shows it. A few multiplications a sample; memory does not grow.
"""

from __future__ import annotations

import math
from array import array
from collections import deque
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from mobile_app.ring import LENGTH, RATE_HZ


class Shake(NamedTuple):
    """One second that ended at t_s: root mean square of the vertical acceleration, and whether steps were felt."""

    t_s: float
    rms_mps2: float
    steps: bool


@dataclass(frozen=True)
class MotionSettings:
    gravity_s: float = 1.0  # time constant of the low-pass that follows gravity: turning a phone takes longer than a jolt
    smooth_s: float = 0.06  # time constant before steps are counted: they have 1.5 to 3 Hz, a road shakes faster
    step_mps2: float = 0.9  # a step swings to both sides of this, walking with the phone in a pocket or a hand 1 to 4
    least_steps: int = 5  # in a row
    quick_s: float = 0.27  # between two steps, running fast (3.7 Hz)
    slow_s: float = 0.85  # … walking slowly (1.2 Hz)
    even: float = 1.5  # the longest of these may last so much longer than the shortest: cars sway less evenly
    lull_s: float = 1.5  # without a step, steps are over
    gap_s: float = 2.0  # between samples; after a longer one all begins anew. The laziest phones give five a second, with gaps


class Motion:
    """Takes the samples of one accelerometer in order of time."""

    def __init__(self, settings: MotionSettings | None = None) -> None:
        self._s = settings or MotionSettings()
        self._t_s = -math.inf
        self._gx = self._gy = self._gz = self._smooth = 0.0
        self._second_s, self._squares, self._count = -math.inf, 0.0, 0
        self._low = False
        self._steps_s: deque[float] = deque(maxlen=self._s.least_steps)
        self._slot, self._slot_sum, self._slot_count = 0, 0.0, 0
        self._strip: array[float] = array("f")
        self.rate_hz = 0.0  # of the second last told

    def take(self, t_s: float, x: float, y: float, z: float) -> Shake | None:
        """One sample; the second that it completes, if it does."""
        elapsed_s = t_s - self._t_s
        if not 0 < elapsed_s <= self._s.gap_s:
            if elapsed_s <= 0:
                return None
            self._begin(t_s, x, y, z)
            return None
        self._t_s = t_s
        share = elapsed_s / (elapsed_s + self._s.gravity_s)
        gx = self._gx = self._gx + share * (x - self._gx)
        gy = self._gy = self._gy + share * (y - self._gy)
        gz = self._gz = self._gz + share * (z - self._gz)
        gravity = math.sqrt(gx * gx + gy * gy + gz * gz) or 1.0
        vertical = (x * gx + y * gy + z * gz) / gravity - gravity
        self._feel(t_s, vertical, elapsed_s)
        self._draw(t_s, vertical)
        self._squares += vertical * vertical
        self._count += 1
        return self._told(t_s) if t_s - self._second_s >= 1.0 else None

    def strip(self) -> array[float]:
        """Vertical acceleration at `ring.RATE_HZ` since this was last asked, m/s²."""
        strip, self._strip = self._strip, array("f")
        return strip

    def _begin(self, t_s: float, x: float, y: float, z: float) -> None:
        self._t_s = self._second_s = t_s
        self._gx, self._gy, self._gz = x, y, z
        self._smooth, self._squares, self._count, self._low = 0.0, 0.0, 0, False
        self._steps_s.clear()
        self._slot, self._slot_sum, self._slot_count = int(t_s * RATE_HZ), 0.0, 0

    def _feel(self, t_s: float, vertical: float, elapsed_s: float) -> None:
        """Counts a step where the smoothed swing comes up after it was down."""
        self._smooth += elapsed_s / (elapsed_s + self._s.smooth_s) * (vertical - self._smooth)
        if self._smooth < -self._s.step_mps2:
            self._low = True
        elif self._low and self._smooth > self._s.step_mps2:
            self._low = False
            self._steps_s.append(t_s)

    def _draw(self, t_s: float, vertical: float) -> None:
        """Means of slots of time; slots that no sample fell into repeat the last."""
        slot = int(t_s * RATE_HZ)
        if slot != self._slot and self._slot_count:
            mean = self._slot_sum / self._slot_count
            self._strip.extend([mean] * (slot - self._slot))
            if len(self._strip) > LENGTH:
                del self._strip[:-LENGTH]
            self._slot_sum, self._slot_count = 0.0, 0
        self._slot = slot
        self._slot_sum += vertical
        self._slot_count += 1

    def _told(self, t_s: float) -> Shake:
        self.rate_hz = self._count / (t_s - self._second_s)
        shake = Shake(t_s, math.sqrt(self._squares / self._count), self._walks(t_s))
        self._second_s, self._squares, self._count = t_s, 0.0, 0
        return shake

    def _walks(self, t_s: float) -> bool:
        steps, s = list(self._steps_s), self._s
        if len(steps) < s.least_steps or t_s - steps[-1] > s.lull_s:
            return False
        gaps = [after - before for before, after in pairwise(steps)]
        return s.quick_s <= min(gaps) and max(gaps) <= s.slow_s and max(gaps) <= s.even * min(gaps)
