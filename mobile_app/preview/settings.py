"""Every constant of the preview: those of the server's detection (`detection/settings.py`), as far as they are used here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PreviewSettings:
    """Value, unit in its name, and why."""

    rate_hz: int = 100  # of the even grid: shocks reach 25 Hz
    least_hz: float = 25.0  # a slower phone has half of the band at most: better no jolts than wrong ones
    step: int = 5  # samples that one value of envelope and score stands for: 20 a second
    block_s: float = 1.0  # gravity is the median over blocks of mean acceleration …
    settle_s: float = 15.0  # … over this
    hole_s: float = 0.1  # a missing stretch as long as a wheel's hop can hide a shock
    around_s: float = 0.5  # beside what was not seen, filters have not settled
    hand_deg: float = 12.0  # gravity turning so far within two blocks: the phone was moved
    lean_deg: float = 35.0  # a second's mean further from gravity than any driving leans it
    turn_radps: float = 0.7  # half a second's mean rate of turning across gravity: a hand, not a car
    yaw_radps: float = 1.5  # … and about it
    hand_s: float = 2.0  # a hand is there before and after it turns the phone
    bell_s: float = 0.1  # σ of the energy window: joins the swings of one axle
    usual_s: float = 12.0  # the street's own normal
    speed_exponent: float = 0.5  # with which a street's vibration grows
    floor_mps2: float = 0.15  # no one feels less
    threshold: float = 1.6  # envelope over background at which a peak is looked at
    slowest_mps: float = 2.5  # slower than 9 km/h doors, feet and kerbs dominate
    apart_s: float = 0.6  # two peaks closer than this are one shock …
    apart_m: float = 7.0  # … or closer than this: both axles over a hump
    reach_s: float = 0.6  # around a peak: both axles at 5 m/s
    lag_s: float = 0.3  # fixes show where the car was so long ago, on average
    gap_s: float = 6.0  # longer without a fix nothing is placed
    ahead_m: float = 1.2  # the front axle is ahead of the phone
    felt_mps2: float = 0.5  # the level that severity 1 stands for …
    reference_mps: float = 11.1  # … at 40 km/h
    severity_exponent: float = 0.8  # of speed
    sure: float = 0.5  # confidence from which a jolt is shown


DEFAULT = PreviewSettings()
