"""What every detector is given: one recording in road terms, the same grid, pose, speed and mask for all.

The field's detectors were written for phones laid level and mounted; here each gets gravity found and handling masked by
`detection.stages`, which is more than their authors had. What is compared is the decision that follows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detection.settings import StatisticSettings
from detection.stages import follow
from detection.trace import Floats, Trace

UNKNOWN_SPEED_MPS = 11.1  # 40 km/h where a recording has no speed
FORWARD_EXPLAINED = 0.2  # share of speed changes below which the forward direction is a guess
RULES = StatisticSettings()
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Signal:
    """Columns (n,) every 1/rate_hz.

    t_s; vertical m/s², up positive, gravity removed; horizontal (2, n) m/s² along two fixed directions; lateral m/s², across the
    direction of travel where that is known, else the length of `horizontal`; speed_mps, never NaN; usable: driving, not handled.
    """

    t_s: Floats
    vertical: Floats
    horizontal: Floats
    lateral: Floats
    speed_mps: Floats
    rate_hz: float
    usable: Mask

    def samples(self, seconds: float) -> int:
        """A duration in samples, at least one."""
        return max(1, round(seconds * self.rate_hz))


def road_terms(trace: Trace) -> Signal:
    """The trace as all detectors get it. Raises SamplingRateTooLow, and ValueError where it is too short to judge."""
    stages = follow(trace)
    if stages is None:
        raise ValueError(f"{trace.trip_id}: shorter than 5 s")
    grid, horizontal = stages.grid, stages.upright.horizontal
    forward = stages.forward
    lateral = np.linalg.norm(horizontal, axis=0)
    if forward is not None and forward.explained > FORWARD_EXPLAINED:
        lateral = np.array([-forward.weights[1], forward.weights[0]]) @ horizontal
    nearest = np.clip(np.searchsorted(stages.t_s, grid.t_s), 0, len(stages.t_s) - 1)
    speed = np.nan_to_num(stages.speed_mps, nan=UNKNOWN_SPEED_MPS)[nearest]
    # what our own detector leaves out besides (hard steering) is its decision, not the road's: peers may look there
    driving = speed >= RULES.min_speed_mps if stages.path is not None else np.ones(len(speed), bool)
    usable = driving & ~stages.upright.handled & ~grid.seam
    return Signal(grid.t_s, stages.upright.vertical, horizontal, lateral, speed, grid.rate_hz, usable)


def short_crossing(vertical_mps2: Floats, rate_hz: float) -> Signal:
    """A second or two of vertical acceleration with gravity and nothing else: no speed, no horizontal axes."""
    n = len(vertical_mps2)
    none = np.zeros(n)
    upward = vertical_mps2 - np.median(vertical_mps2)
    return Signal(
        np.arange(n) / rate_hz, upward, np.zeros((2, n)), none, np.full(n, UNKNOWN_SPEED_MPS), rate_hz, np.ones(n, bool)
    )
