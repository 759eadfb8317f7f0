"""The scale bar, and how a map glides that is let go."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobile_app.ui.map.fling import FASTEST_PX_S, FRICTION_HZ, Finger, glided
from mobile_app.ui.map.ruler import bar, length_words


@given(st.floats(1e-3, 1e5), st.floats(30.0, 300.0))
def test_the_bar_is_a_round_number_of_metres_and_as_long_as_fits(metres_per_px, longest_px):
    length_m, px = bar(metres_per_px, longest_px)
    assert px * metres_per_px == pytest.approx(length_m)
    assert longest_px * 0.39 <= px <= longest_px * 1.0001
    digit = length_m / 10 ** math.floor(math.log10(length_m) + 1e-9)
    assert round(digit, 6) in (1, 2, 5)


@pytest.mark.parametrize(("length_m", "words"), [(0.2, "20 cm"), (5, "5 m"), (500, "500 m"), (1000, "1 km"), (50_000, "50 km")])
def test_its_length_is_told_in_the_usual_unit(length_m, words):
    assert length_words(length_m) == words


def test_a_finger_that_moved_evenly_throws_at_its_speed_and_one_that_rested_throws_nothing():
    finger = Finger()
    for i in range(10):
        finger.moved(i * 0.01, i * 5.0, -i * 2.0)
    assert finger.speed(0.09) == pytest.approx((500.0, -200.0))
    assert finger.speed(0.5) == (0.0, 0.0)
    assert Finger().speed(0.0) == (0.0, 0.0)


def test_no_finger_throws_the_map_out_of_sight():
    finger = Finger()
    finger.moved(0.0, 0.0, 0.0)
    finger.moved(0.001, 900.0, 0.0)
    assert finger.speed(0.001) == pytest.approx((FASTEST_PX_S, 0.0))


@given(st.floats(-4000, 4000), st.floats(-4000, 4000), st.integers(1, 12))
def test_the_way_a_map_glides_does_not_depend_on_the_rate_of_frames(vx, vy, frames):
    if math.hypot(vx, vy) < 100:
        return
    whole = glided(vx, vy, 0.12)
    x = y = 0.0
    for _ in range(frames):
        dx, dy, vx, vy = glided(vx, vy, 0.12 / frames)
        x, y = x + dx, y + dy
    assert (x, y) == pytest.approx(whole[:2], rel=1e-6, abs=1e-6)


def test_a_gliding_map_comes_to_rest():
    t_s, vx, way = 0.0, 1000.0, 0.0
    while vx and t_s < 5:
        dx, _, vx, _ = glided(vx, 0.0, 1 / 60)
        way, t_s = way + dx, t_s + 1 / 60
    assert t_s < 1.0
    assert way == pytest.approx(1000.0 / FRICTION_HZ, rel=0.05)
