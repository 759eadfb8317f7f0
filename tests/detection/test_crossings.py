from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detection import Survey
from detection.crossings import DEFAULT, braking, find_crossings
from detection.geo import LocalMetres
from detection.passing import steps_of
from detection.trace import Floats
from tests.detection.passes_drawn import HOME, trip

NORTH, EAST, SOUTH, WEST, MIDDLE = (0.0, 150.0), (150.0, 0.0), (0.0, -150.0), (-150.0, 0.0), (0.0, 0.0)


def test_four_streets_that_meet_are_one_crossing_with_four_arms_in_its_middle() -> None:
    found, arms = find_crossings(drives(SOUTH, NORTH) + drives(WEST, EAST))
    assert len(found) == 1
    assert found.arms.tolist() == [4]
    assert off_m(found.latitude[0], found.longitude[0]) < 2.0
    assert np.sort(np.round(arms.heading / 90.0)).tolist() == [0.0, 1.0], "driven from the south and from the west"
    assert arms.approaches.tolist() == [6, 6]


def test_a_side_street_makes_a_crossing_of_three_arms() -> None:
    found, _ = find_crossings(drives(WEST, EAST) + drives(WEST, MIDDLE, SOUTH))
    assert found.arms.tolist() == [3]
    assert off_m(found.latitude[0], found.longitude[0]) < 6.0


@pytest.mark.parametrize("bend", [[SOUTH, MIDDLE, EAST], [SOUTH, MIDDLE, (150.0, 60.0)], [SOUTH, NORTH]])
def test_a_bend_is_no_crossing(bend: list[tuple[float, float]]) -> None:
    both_ways = drives(*bend) + drives(*bend[::-1])
    assert len(find_crossings(both_ways)[0]) == 0


def test_streets_that_run_beside_each_other_do_not_cross() -> None:
    beside = [[(x + 60.0, y) for x, y in line] for line in ([SOUTH, NORTH], [SOUTH, MIDDLE, EAST])]
    assert len(find_crossings(drives(SOUTH, NORTH) + drives(*beside[0]))[0]) == 0


def test_the_share_that_brakes_is_that_of_the_passes_that_do() -> None:
    surveys = drives(WEST, EAST)
    surveys += [trip(f"south {i}", [SOUTH, NORTH], braking_at(150.0) if i < 6 else steady) for i in range(10)]
    _, arms = find_crossings(surveys)
    south = arms[np.round(arms.heading) % 360 < 10]
    assert south.approaches.tolist() == [10]
    assert south.braking[0] == pytest.approx(0.6)
    assert south.low[0] < 0.6 < south.high[0]
    assert south.straight_braking[0] == pytest.approx(0.6)


def test_where_nobody_brakes_the_interval_says_how_sure_that_is() -> None:
    few, many = (find_crossings(drives(WEST, EAST) + drives(SOUTH, NORTH, count=n))[1] for n in (3, 40))
    for arms in (few, many):
        assert (arms.braking == 0.0).all()
        assert (arms.low == 0.0).all()
    assert many.high.min() < 0.06 < 0.3 < few.high.max()


def test_who_turns_is_not_counted_among_those_who_go_straight_on() -> None:
    turning = [trip(f"turn {i}", [SOUTH, MIDDLE, EAST], braking_at(150.0)) for i in range(5)]
    _, arms = find_crossings(drives(WEST, EAST) + drives(SOUTH, NORTH) + turning)
    south = arms[np.abs(arms.heading - 0.0) < 10]
    assert south.approaches.tolist() == [11]
    assert south.straight_approaches.tolist() == [6]
    assert south.straight_braking[0] == 0.0
    assert south.braking[0] == pytest.approx(5 / 11)


def test_one_commuter_is_not_forty_witnesses() -> None:
    surveys = drives(WEST, EAST) + drives(SOUTH, NORTH)
    commuter = [trip(f"again {i}", [SOUTH, NORTH], braking_at(150.0), device="one") for i in range(40)]
    _, arms = find_crossings(surveys + commuter)
    south = arms[arms.heading < 10]
    assert south.approaches.tolist() == [46]
    assert south.braking[0] < 0.35


def test_an_arm_that_fewer_devices_drove_is_not_told() -> None:
    surveys = drives(WEST, EAST) + drives(SOUTH, NORTH)
    lone = [trip("lone", [SOUTH, MIDDLE, (-120.0, 120.0)]), trip("lone too", [(-120.0, 120.0), MIDDLE, SOUTH], device="lone")]
    without, without_arms = find_crossings(surveys, 3)
    found, arms = find_crossings(surveys + lone, 3)
    assert found.arms.tolist() == without.arms.tolist() == [4]
    np.testing.assert_allclose(found.latitude, without.latitude, atol=1e-6)
    np.testing.assert_array_equal(arms.heading, without_arms.heading)
    assert len(find_crossings(drives(WEST, EAST) + drives(SOUTH, NORTH, count=2), 3)[0]) == 0


def test_a_trip_that_begins_in_the_crossing_came_by_no_arm() -> None:
    surveys = drives(WEST, EAST) + drives(SOUTH, NORTH)
    _, arms = find_crossings([*surveys, trip("from the middle", [MIDDLE, NORTH])])
    assert arms.approaches.sum() == 12


@settings(max_examples=15, deadline=None)
@given(
    turned_deg=st.floats(0.0, 360.0),
    latitude=st.floats(-65.0, 70.0),
    longitude=st.sampled_from([0.0, 11.5, 179.9995, -179.9995]),
    order=st.randoms(use_true_random=False),
)
def test_the_same_crossing_is_found_anywhere_on_earth_and_in_any_order(
    turned_deg: float, latitude: float, longitude: float, order: object
) -> None:
    home = (latitude, longitude)
    surveys = drives(SOUTH, NORTH, home=home, turned_deg=turned_deg) + drives(WEST, EAST, home=home, turned_deg=turned_deg)
    order.shuffle(surveys)  # type: ignore[attr-defined]
    found, arms = find_crossings(surveys)
    assert found.arms.tolist() == [4]
    assert off_m(found.latitude[0], found.longitude[0], home) < 2.0
    assert arms.approaches.tolist() == [6, 6]


def test_nothing_is_found_in_nothing() -> None:
    assert [len(table) for table in find_crossings([])] == [0, 0]
    assert [len(table) for table in find_crossings([trip("a point", [MIDDLE, (15.0, 0.0)])])] == [0, 0]
    assert [len(table) for table in find_crossings(drives(SOUTH, NORTH, count=1), 3)] == [0, 0]


def test_braking_is_what_a_walk_along_the_steps_says() -> None:
    rng = np.random.default_rng(5)
    surveys = [trip(f"{i}", [SOUTH, NORTH], wobbling(rng)) for i in range(30)]
    _, steps = steps_of(surveys, DEFAULT.step_m)
    at = rng.integers(0, len(steps), 200)
    told, fastest = braking(steps, at, DEFAULT)
    assert 0.1 < told.mean() < 0.9
    for k, step in enumerate(at):
        own = [row for row in range(step - 12, step + 1) if row >= 0 and steps.stretch[row] == steps.stretch[step]]
        assert fastest[k] == max(steps.speed_mps[own])
        hard = any(
            (steps.speed_mps[a] ** 2 - steps.speed_mps[b] ** 2) / max(2 * (steps.way_m[b] - steps.way_m[a]), 5.0) >= 0.9
            for a, b in zip(own, own[3:], strict=False)
        )
        late = [row for row in own if row >= step - 6]
        assert told[k] == (hard and max(steps.speed_mps[own]) - min(steps.speed_mps[late]) >= 2.0)


def steady(way: Floats) -> Floats:
    return np.full(len(way), 10.0)


def braking_at(stop_m: float, mps2: float = 1.5):
    """From 10 m/s down to 3 m/s at so many metres, and up again."""

    def speed(way: Floats) -> Floats:
        return np.minimum(10.0, np.sqrt(9.0 + 2 * mps2 * np.abs(way - stop_m)))

    return speed


def wobbling(rng: np.random.Generator):
    knots = rng.uniform(3.0, 14.0, 12)
    return lambda way: np.interp(way, np.linspace(0.0, 300.0, 12), knots)


def drives(*corners: tuple[float, float], count: int = 6, **options: object) -> list[Survey]:
    """So many devices, one pass each."""
    name = " ".join(f"{x:.0f},{y:.0f}" for x, y in corners)
    return [trip(f"{name} {i}", corners, **options) for i in range(count)]  # type: ignore[arg-type]


def off_m(latitude: float, longitude: float, home: Sequence[float] = HOME) -> float:
    x, y = LocalMetres(*home).to_xy(np.array([latitude]), np.array([longitude]))
    return float(np.hypot(x, y)[0])
