"""When a car is steered so hard that its road cannot be read."""

from dataclasses import replace

import numpy as np
import pytest

from detection.grid import Grid
from detection.path import Forward
from detection.settings import SteeringSettings
from detection.steering import steered_hard
from detection.trace import Floats

RULES = SteeringSettings()
AHEAD = Forward((1.0, 0.0), 0.3, 0.1, 0.9)  # ahead is the first axis, left the second


def grid_of(n: int, hz: float = 100.0) -> Grid:
    return Grid(np.arange(n) / hz, hz, np.zeros(n, bool), 0)


def pushed(grid: Grid, ahead: float, left: float, start_s: float = 60.0, length_s: float = 3.0) -> Floats:
    """(2, n) m/s²: shaking, and one push of a driver."""
    rng = np.random.default_rng(1)
    acts = (grid.t_s >= start_s) & (grid.t_s < start_s + length_s)
    return rng.normal(0.0, 0.5, (2, len(grid))) + np.array([[ahead], [left]]) * acts


def test_a_hard_turn_is_marked_with_a_second_around_it() -> None:
    grid = grid_of(12_000)
    marked = grid.t_s[steered_hard(pushed(grid, 0.0, 4.0), AHEAD, grid, RULES)]
    assert marked[0] == pytest.approx(60.0 - RULES.around_s, abs=0.4)
    assert marked[-1] == pytest.approx(63.0 + RULES.around_s, abs=0.4)


@pytest.mark.parametrize(("ahead", "left"), [(-6.0, 0.0), (0.0, 2.2), (0.0, 0.0)])
def test_braking_and_everyday_turning_are_not(ahead: float, left: float) -> None:
    grid = grid_of(12_000)
    assert not steered_hard(pushed(grid, ahead, left), AHEAD, grid, RULES).any()


def test_in_any_direction_where_there_are_no_fixes() -> None:
    grid = grid_of(12_000)
    for angle in np.radians([0.0, 50.0, 140.0, 260.0]):
        assert steered_hard(pushed(grid, 4 * np.cos(angle), 4 * np.sin(angle)), None, grid, RULES).any()


def test_nothing_is_called_steering_where_ahead_is_not_believed() -> None:
    grid = grid_of(12_000)
    assert not steered_hard(pushed(grid, 0.0, 4.0), replace(AHEAD, explained=0.1), grid, RULES).any()


def test_a_slope_or_a_phone_leaning_for_good_is_not_steering() -> None:
    grid = grid_of(30_000)
    marked = steered_hard(pushed(grid, 0.0, 4.0, start_s=150.0, length_s=150.0), AHEAD, grid, RULES)
    assert marked.mean() < 0.15  # the step itself, until the zero has followed


@pytest.mark.parametrize("n", [0, 3, 11, 119])
def test_short_trips_give_a_mask_of_their_length(n: int) -> None:
    grid = grid_of(n)
    assert steered_hard(np.zeros((2, n)), None, grid, RULES).shape == (n,)
