"""What the accelerometer says in passing: shaking, steps, and the strip."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mobile_app.motion import Motion
from mobile_app.ring import LENGTH, RATE_HZ


def told(motion: Motion, vertical, seconds: float, rate_hz: float = 100.0, up=(0.0, 0.6, 0.8), begin_s: float = 0.0):
    """Seconds told of a vertical acceleration, on a phone whose up is this."""
    shakes = []
    for i in range(int(seconds * rate_hz)):
        t = begin_s + i / rate_hz
        whole = 9.81 + vertical(t)
        shake = motion.take(t, *(whole * axis for axis in up))
        if shake is not None:
            shakes.append(shake)
    return shakes


@pytest.mark.parametrize("up", [(0, 0, 1), (0, -1, 0), (0.6, 0.48, 0.64)])
@pytest.mark.parametrize("rate_hz", [25.0, 100.0, 400.0])
def test_how_much_it_shakes_does_not_depend_on_how_the_phone_lies_or_how_often_it_is_asked(up, rate_hz):
    shakes = told(Motion(), lambda t: 0.5 * math.sin(2 * math.pi * 5 * t), 10, rate_hz, up)
    assert len(shakes) == pytest.approx(9, abs=1)
    assert [shake.rms_mps2 for shake in shakes[3:]] == pytest.approx([0.354] * len(shakes[3:]), rel=0.1)
    assert not any(shake.steps for shake in shakes)


@pytest.mark.parametrize(("cadence_hz", "swing"), [(1.6, 1.6), (1.9, 2.5), (2.8, 7.0)])
def test_even_swings_at_the_pace_of_feet_are_steps(cadence_hz, swing):
    shakes = told(Motion(), lambda t: swing * math.sin(2 * math.pi * cadence_hz * t), 12)
    assert all(shake.steps for shake in shakes[5:])


def test_steps_are_over_soon_after_the_last():
    motion = Motion()
    told(motion, lambda t: 2.5 * math.sin(2 * math.pi * 1.9 * t), 10)
    assert not any(shake.steps for shake in told(motion, lambda t: 0.0, 5, begin_s=10)[2:])


def test_a_bad_road_is_no_walk():
    rng = random.Random(3)
    sway = [0.0]
    for _ in range(6000):
        sway.append(0.9 * sway[-1] + rng.gauss(0, 0.45))
    shakes = told(Motion(), lambda t: sway[int(t * 100)], 60)
    assert sum(shake.steps for shake in shakes) <= 0.1 * len(shakes)


@given(st.floats(5, 300), st.integers(1, 8))
@settings(max_examples=25, deadline=None)
def test_the_strip_has_fifty_values_a_second_whatever_the_rate(rate_hz, seconds):
    motion = Motion()
    told(motion, lambda t: 0.1 * math.sin(t), seconds, rate_hz)
    assert len(motion.strip()) == pytest.approx(seconds * RATE_HZ, abs=3 + 3 * RATE_HZ / rate_hz)
    assert len(motion.strip()) == 0


def test_a_strip_that_nobody_asks_for_does_not_grow():
    motion = Motion()
    told(motion, lambda t: 0.0, 2 * LENGTH / RATE_HZ, 50.0)
    assert len(motion.strip()) == LENGTH


def test_stamps_that_stand_still_or_go_back_are_passed_over():
    motion = Motion()
    assert motion.take(5.0, 0, 0, 9.8) is None
    assert motion.take(5.0, 0, 0, 99.0) is None
    assert motion.take(4.0, 0, 0, 99.0) is None
    assert all(shake.rms_mps2 < 0.01 for shake in told(motion, lambda t: 0.0, 3, up=(0, 0, 9.8 / 9.81), begin_s=5.01))
