"""The grid: one for all, the same for ever, and squares everywhere that people drive."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobile_app.privacy import Cell, cell_of, outside_m
from mobile_app.privacy.cells import METRES_PER_DEGREE, middle_of

LATITUDE, LONGITUDE = st.floats(-84, 84), st.floats(-180, 180)
SIZE = st.sampled_from([50.0, 400.0, 1000.0])


@given(LATITUDE, LONGITUDE, SIZE)
def test_every_place_lies_in_its_cell(latitude: float, longitude: float, size_m: float):
    assert outside_m(cell_of(latitude, longitude, size_m), latitude, longitude) <= 1e-6


@given(LATITUDE, LONGITUDE, SIZE)
def test_the_middle_of_a_cell_lies_in_it_and_nowhere_in_it_is_further_than_half_its_diagonal(latitude, longitude, size_m):
    cell = cell_of(latitude, longitude, size_m)
    middle = middle_of(cell)
    assert cell_of(*middle, size_m) == cell
    north = (latitude - middle[0]) * METRES_PER_DEGREE
    east = ((longitude - middle[1] + 180) % 360 - 180) * METRES_PER_DEGREE * math.cos(math.radians(middle[0]))
    assert math.hypot(north, east) <= size_m * math.sqrt(0.5) + 0.01


@given(st.floats(-70, 70), LONGITUDE, st.floats(0, 360), st.floats(1, 600))
def test_the_distance_to_a_cell_is_that_of_the_nearest_edge(latitude, longitude, bearing, metres):
    """Walking away from the middle, the distance grows by no more than what was walked, and at last by just that."""
    cell = cell_of(latitude, longitude, 400.0)
    south_west = middle_of(cell)
    north = metres * math.cos(math.radians(bearing))
    east = metres * math.sin(math.radians(bearing))
    there = (
        south_west[0] + north / METRES_PER_DEGREE,
        south_west[1] + east / METRES_PER_DEGREE / math.cos(math.radians(south_west[0])),
    )
    expected = math.hypot(max(abs(north) - 200, 0), max(abs(east) - 200, 0))
    assert outside_m(cell, *there) == pytest.approx(expected, abs=0.02)


def test_a_cell_at_the_antimeridian_reaches_across_it():
    cell = cell_of(0.0, 179.9999, 400.0)
    assert outside_m(cell, 0.0, -179.9999) < 400
    assert outside_m(cell, 0.0, 0.0) > 1e6


def test_the_grid_does_not_move_between_versions():
    """Were it drawn anew, old and new trips would show two cells around one home, and their intersection."""
    assert cell_of(48.137154, 11.576124, 400.0) == Cell(400.0, 13381, 2147)
    assert cell_of(-33.8688, 151.2093, 400.0) == Cell(400.0, -9416, 34901)
