"""Which way is down, however the phone lies; and when a hand holds it."""

from __future__ import annotations

import naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from detection import Samples
from detection.grid import Grid, make_grid, on_grid
from detection.pose import Blocks, Upright, upright, without_gravity
from detection.settings import GridSettings, PoseSettings, StatisticSettings
from detection.simulator import Drive
from detection.statistic import band

RULES = PoseSettings()
GRAVITY = 9.81
HZ = 100.0


def a_grid(seconds: float = 60.0) -> Grid:
    t_s = np.arange(int(seconds * HZ)) / HZ
    return Grid(t_s, HZ, np.zeros(len(t_s), bool), 0)


def a_drive(grid: Grid, rotation: Rotation = Rotation.identity()) -> tuple[np.ndarray, np.ndarray]:  # noqa: B008
    """Acceleration (3, n) in phone axes and the true vertical (n,): shocks every 7 s, braking and bends."""
    t = grid.t_s
    vertical = sum(3.0 * np.exp(-(((t - at) / 0.05) ** 2)) for at in np.arange(5.0, t[-1], 7.0))
    ahead, left = 1.5 * np.sin(0.4 * t), 1.0 * np.sin(0.23 * t)
    return rotation.apply(np.stack([ahead, left, vertical + GRAVITY], axis=1)).T, vertical


def off(vertical: np.ndarray, true: np.ndarray) -> float:
    """Largest difference in the band of jolts, m/s²."""
    return float(np.abs(band(vertical - true, HZ, StatisticSettings())).max())


def posed(seed: int) -> Rotation:
    return Rotation.random(rng=np.random.default_rng(seed))


@given(st.integers(0, 2**32))
@settings(max_examples=30)
def test_vertical_is_found_however_the_phone_lies(seed: int) -> None:
    grid = a_grid()
    acceleration, vertical = a_drive(grid, posed(seed))
    road = upright(acceleration, grid, None, RULES)
    assert not road.handled.any()
    assert off(road.vertical, vertical) < 0.1  # of shocks of 3 m/s²


@given(st.integers(0, 2**32))
@settings(max_examples=30)
def test_the_two_horizontal_axes_hold_all_that_braking_and_bends_do(seed: int) -> None:
    grid = a_grid()
    acceleration, _ = a_drive(grid, posed(seed))
    size = np.linalg.norm(upright(acceleration, grid, None, RULES).horizontal, axis=0)
    expected = np.hypot(1.5 * np.sin(0.4 * grid.t_s), np.sin(0.23 * grid.t_s))
    assert np.median(np.abs(size - expected)) < 0.3


@pytest.mark.parametrize("degrees", [20.0, 60.0, 180.0])
def test_a_phone_laid_down_differently_is_upright_again_and_the_change_is_handled(degrees: float) -> None:
    grid = a_grid(80.0)
    before, vertical = a_drive(grid, posed(1))
    after, _ = a_drive(grid, posed(1) * Rotation.from_rotvec([np.radians(degrees), 0, 0]))
    half = len(grid) // 2
    road = upright(np.concatenate([before[:, :half], after[:, half:]], axis=1), grid, None, RULES)
    assert road.handled[half - 100 : half + 100].all()
    assert not road.handled[: half - 800].any()
    assert not road.handled[half + 800 :].any()
    assert off(np.where(road.handled, vertical, road.vertical), vertical) < 0.4  # the cut itself rings


def test_hard_braking_is_no_hand() -> None:
    grid = a_grid()
    braking = np.where((grid.t_s > 20) & (grid.t_s < 24), -6.0, 0.0)  # 0.6 g for four seconds
    acceleration = np.stack([braking, np.zeros_like(braking), np.full_like(braking, GRAVITY)])
    assert not upright(posed(2).as_matrix() @ acceleration, grid, None, RULES).handled.any()


def turning(grid: Grid, axis: int, rate_radps: float, start_s: float = 30.0, end_s: float = 31.0) -> Upright:
    xyz = np.zeros((len(grid), 3))
    xyz[(grid.t_s >= start_s) & (grid.t_s < end_s), axis] = rate_radps
    acceleration, _ = a_drive(grid)
    return upright(acceleration, grid, Samples(grid.t_s.copy(), xyz), RULES)


def test_a_phone_that_turns_faster_than_a_car_is_in_a_hand() -> None:
    for axis, rate in ((0, 1.0), (1, -1.0), (2, 2.0)):
        handled = turning(a_grid(), axis, rate).handled
        assert handled[2800:3300].all()
        assert not handled[:2500].any()
        assert not handled[3600:].any()


def test_a_car_in_a_bend_or_over_a_hump_turns_no_phone() -> None:
    assert not turning(a_grid(), 2, 0.9, 20.0, 25.0).handled.any()  # a right angle taken in under two seconds
    assert not turning(a_grid(), 0, 0.4).handled.any()


def test_a_gyroscope_that_outlasts_the_accelerometer_is_no_hand() -> None:
    grid = a_grid()
    t = np.arange(0.0, 600.0, 0.01)
    bends = np.where(t[:, None] > 0, 0.3, 0.0) * [0.0, 0.0, 1.0]
    acceleration, _ = a_drive(grid)
    assert not upright(acceleration, grid, Samples(t, bends), RULES).handled.any()


def test_a_clock_that_jumps_by_fifty_years_costs_no_memory() -> None:
    t = np.r_[np.arange(0, 60, 0.02), 1.7e9 + np.arange(0, 60, 0.02)]
    still = Samples(t, np.tile([0.0, 0.0, GRAVITY], (len(t), 1)))
    grid = make_grid(still, GridSettings())
    road = upright(on_grid(still, grid), grid, Samples(t.copy(), np.zeros((len(t), 3))), RULES)
    assert len(road.handled) == len(grid) <= 6000
    assert not road.handled.any()


@pytest.mark.parametrize("acceleration", [np.zeros((3, 3000)), np.full((3, 3000), 1e-9)])
def test_a_phone_in_free_fall_is_handled_and_raises_nothing(acceleration: np.ndarray) -> None:
    grid = a_grid(30.0)
    assert upright(acceleration, grid, None, RULES).handled.all()


def test_blocks_average_and_project_as_a_loop_does(town_drives: list[Drive]) -> None:
    samples = town_drives[0].trace.accelerometer
    grid = make_grid(samples, GridSettings())
    signal = on_grid(samples, grid)[:, :3050]
    cut = Grid(grid.t_s[:3050], grid.rate_hz, grid.seam[:3050], 0)
    blocks = Blocks.of(signal, cut, 1.0)
    size = blocks.length
    means = [[signal[axis, k * size : (k + 1) * size].mean() for k in range(3050 // size)] for axis in range(3)]
    assert blocks.means == pytest.approx(np.array(means))
    medians = blocks.median(RULES.window_s)
    assert medians == pytest.approx(naive.median_along_principal_axes(np.array(means), 15))
    up = medians / np.linalg.norm(medians, axis=0)
    assert blocks.project(signal, up) == pytest.approx(naive.along_turning_axis(signal, up, size))


@given(st.integers(0, 2**32))
@settings(max_examples=20)
def test_settled_gravity_turns_with_the_phone(town_drives: list[Drive], seed: int) -> None:
    samples = next(drive for drive in town_drives if len(drive.handled_s)).trace.accelerometer
    grid = make_grid(samples, GridSettings())
    signal, rotation = on_grid(samples, grid), posed(seed).as_matrix()
    here, there = (Blocks.of(s, grid, 1.0).median(RULES.window_s) for s in (signal, rotation @ signal))
    assert there == pytest.approx(rotation @ here, abs=1e-6)


def test_handling_in_simulated_drives_is_seen_by_the_accelerometer_alone(town_drives: list[Drive]) -> None:
    """Of the seconds in the hand most are found without a gyroscope; of the other seconds few are taken for it."""
    held, found, free, wrong = 0, 0, 0, 0
    for drive in town_drives:
        grid = make_grid(drive.trace.accelerometer, GridSettings())
        handled = upright(on_grid(drive.trace.accelerometer, grid), grid, None, RULES).handled
        truly, near = np.zeros(len(grid), bool), np.zeros(len(grid), bool)
        for start, end in drive.handled_s:
            truly |= (grid.t_s > start) & (grid.t_s < end)
            near |= (grid.t_s > start - 8.0) & (grid.t_s < end + 8.0)
        held, found = held + truly.sum(), found + (handled & truly).sum()
        free, wrong = free + (~near).sum(), wrong + (handled & ~near).sum()
    assert held > 2000, "the fixed drives hold no handling"
    assert found / held > 0.85
    assert wrong / free < 0.02


def test_without_gravity_the_axis_that_shakes_most_is_vertical() -> None:
    grid = a_grid()
    acceleration, vertical = a_drive(grid, posed(3))
    bare = acceleration - acceleration.mean(axis=1, keepdims=True)
    bare += np.outer(posed(3).apply([0.0, 0.0, 1.0]), 6.0 * vertical)
    found = without_gravity(bare, grid)
    assert abs(np.corrcoef(band(found.vertical, HZ, StatisticSettings()), band(vertical, HZ, StatisticSettings()))[0, 1]) > 0.98
    assert not found.handled.any()
