"""Which marks are seen, which are drawn as one, and which a tap means."""

from __future__ import annotations

import math

import naive_map
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobile_app.ui.map.groups import INWARD, STEPS, grouped, inside, nearest, square
from mobile_app.ui.map.view import Box

coordinates = st.floats(0.0, 1.0)
exact = st.integers(0, 1024).map(lambda part: part / 1024)  # in binary, so that twins cannot differ by rounding
crowds = st.lists(st.tuples(coordinates, coordinates, st.sampled_from([0.5, 1.0, 2.0])), max_size=40)


def columns(crowd):
    return tuple(np.array([one[at] for one in crowd], dtype=float) for at in range(3))


@given(st.lists(st.tuples(exact, exact), max_size=40), exact, exact, exact, exact, st.sampled_from([-1, 0, 1]))
def test_the_marks_seen_are_those_a_slow_search_finds(crowd, west, south, width, height, turn):
    x, y = np.array(crowd, dtype=float).reshape(-1, 2).T
    box = Box(west + turn, south, west + turn + 0.4 * width, south + height)
    assert inside(x, y, box).tolist() == naive_map.inside(x, y, box)


@given(crowds, st.sampled_from([0.05, 0.3, 1.5]))
def test_each_square_with_marks_is_one_group_led_by_its_weightiest(crowd, width):
    x, y, weight = columns(crowd)
    groups = grouped(x, y, weight, width)
    slow = naive_map.grouped(x, y, weight, width)
    found = {
        (math.floor(x[one] / width), math.floor(y[one] / width)): (one, number)
        for one, number in zip(groups.leader, groups.count, strict=True)
    }
    assert found == {place: (members[0], len(members)) for place, members in slow.items()}
    told = [groups.members(group).tolist() for group in range(len(groups.leader))]
    assert sorted(told) == sorted(slow.values())


@given(crowds, st.sampled_from([0.05, 0.3]))
def test_a_mark_alone_stays_in_its_place_and_two_groups_never_touch(crowd, width):
    x, y, weight = columns(crowd)
    groups = grouped(x, y, weight, width)
    for gx, gy, leader, count in zip(groups.x, groups.y, groups.leader, groups.count, strict=True):
        if count == 1:
            assert (gx, gy) == (x[leader], y[leader])
    many = np.flatnonzero(groups.count > 1)
    for one in many:
        for other in many[many > one]:
            apart = max(abs(groups.x[one] - groups.x[other]), abs(groups.y[one] - groups.y[other]))
            assert apart >= width * (1 - 2 * INWARD) * 0.999


def test_grouping_ten_thousand_marks_loses_none():
    rng = np.random.default_rng(5)
    x, y, weight = rng.normal(0.5, 1e-5, 10_000), rng.normal(0.6, 1e-5, 10_000), rng.exponential(2.0, 10_000)
    assert grouped(x, y, weight, square(2.0**22, 56.0)).count.sum() == 10_000


@given(st.floats(9.0, 30.0), st.floats(20.0, 100.0))
def test_squares_are_as_wide_as_asked_for_or_a_little_wider(level, width_px):
    on_screen = square(2.0**level, width_px) * 2.0**level
    assert width_px * 0.999 <= on_screen <= width_px * 2 ** (1 / STEPS) * 1.001


def test_squares_stay_the_same_while_the_scale_changes_a_little():
    assert square(2.0**20.05, 50) == square(2.0**20.45, 50) != square(2.0**20.55, 50)


@given(crowds, coordinates, coordinates, st.floats(0.0, 0.5))
def test_a_tap_means_the_nearest_mark_within_reach(crowd, px, py, reach):
    x, y, _ = columns(crowd)
    found = nearest(x, y, px, py, reach)
    away = [np.hypot(one - px, other - py) for one, other in zip(x, y, strict=True)]
    if found is None:
        assert all(one > reach for one in away)
    else:
        assert away[found] == pytest.approx(min(away))
        assert away[found] <= reach
