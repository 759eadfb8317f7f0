"""What a thing on the road does to one reference car at 40 km/h on a smooth street: the ideal that severity is measured by."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from detection import KINDS, statistic
from detection.settings import CalibrationSettings, StatisticSettings
from detection.simulator.driver import RATE_HZ
from detection.simulator.roads import STEP_M
from detection.simulator.things import shape
from detection.simulator.vehicle import QuarterCar, TwoAxleCar

# Golden Car corners; the rest in the middle of what the simulator draws
CAR = TwoAxleCar(
    front=QuarterCar(),
    rear=QuarterCar(),
    wheelbase_m=2.65,
    tyre_radius_m=0.32,
    contact_m=0.14,
    phone_behind_axle_m=0.85,
    phone_left_m=0.0,
    phone_height_m=0.4,
    lean_per_g_rad=(0.07, 0.03),
    shake_hz=21.0,
    shake_damping=0.3,
)
AHEAD_M, AFTER_M = 15.0, 20.0
ONE_WHEEL = ("pothole",)  # all others are met by both


@lru_cache(maxsize=4096)
def reference_level(kind: int, size_m: float, length_m: float) -> float:
    """Largest envelope in m/s² RMS of the banded vertical acceleration, one wheel squarely over a hole; NaN: no one thing."""
    if KINDS[kind] not in ("pothole", "speed_bump", "joint"):
        return float("nan")
    profile = np.zeros(round((AHEAD_M + AFTER_M + 5.0) / STEP_M))
    thing = shape(kind, size_m, length_m)
    first = round(AHEAD_M / STEP_M) - len(thing) // 2
    profile[first : first + len(thing)] = thing
    felt, at = CAR.envelope(profile[None])[0], np.arange(len(profile)) * STEP_M
    station = np.arange(3.0, AHEAD_M + AFTER_M, CalibrationSettings().reference_mps / RATE_HZ)
    front, rear = (np.interp(station - behind, at, felt) for behind in (0.0, CAR.wheelbase_m))
    right = 0.0 if KINDS[kind] in ONE_WHEEL else 1.0
    vertical = CAR.vertical(np.stack([front, right * front]), np.stack([rear, right * rear]), RATE_HZ)
    rules = StatisticSettings()
    return float(statistic.envelope(statistic.band(vertical, RATE_HZ, rules), 25, RATE_HZ, rules).max())
