"""Where on the screen a place is, and what moving the map does to it."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobile_app.ui.map.view import HIGHEST, Box, View, between, box_of, fitted, metres, place, world

latitudes = st.floats(-85.0, 85.0)
longitudes = st.floats(-180.0, 179.999)
pixels = st.floats(-400.0, 1200.0)
views = st.builds(
    lambda latitude, longitude, level, width, height: View(*map(float, world(latitude, longitude)), 2.0**level, width, height),
    latitudes,
    longitudes,
    st.floats(12.0, 30.0),
    st.floats(200.0, 1600.0),
    st.floats(200.0, 1600.0),
)


@given(latitudes, longitudes)
def test_a_place_projected_and_back_is_the_same_place(latitude, longitude):
    x, y = world(latitude, longitude)
    assert place(float(x), float(y)) == pytest.approx((latitude, longitude), abs=1e-9)


@given(views, pixels, pixels)
def test_a_pixel_asked_for_its_place_is_where_that_place_is_drawn(view, px, py):
    assert [float(one) for one in view.screen(*view.at(px, py))] == pytest.approx((px, py), abs=0.01)


@given(views, st.floats(0.2, 5.0), pixels, pixels)
def test_zooming_leaves_the_place_under_the_finger_where_it_is(view, factor, px, py):
    x, y = view.at(px, py)
    closer = view.zoomed(factor, px, py)
    same_turn = abs(px - closer.width / 2) < closer.scale / 2
    if 0 < closer.y < 1 and same_turn:  # else it was held at a pole, or is nearer around the globe
        assert [float(one) for one in closer.screen(x, y)] == pytest.approx((px, py), abs=0.05)


@given(views, pixels, pixels)
def test_what_is_seen_moves_with_the_finger(view, dx, dy):
    moved = view.panned(dx, dy)
    x, y = view.at(view.width / 2, view.height / 2)
    if 0 < moved.y < 1 and abs(dx) < view.scale / 2:
        assert [float(one) for one in moved.screen(x, y)] == pytest.approx((view.width / 2 + dx, view.height / 2 + dy), abs=0.01)


@given(latitudes, st.floats(1.0, 20_000.0))
def test_a_unit_of_the_world_is_so_many_metres_on_the_ground(latitude, north_m):
    _, y = world(latitude, 0.0)
    _, further = world(latitude + north_m / 111_319.49, 0.0)
    middle = (float(y) + float(further)) / 2
    if abs(latitude + north_m / 111_319.49) < 85:
        assert (float(further) - float(y)) * metres(middle) == pytest.approx(north_m, rel=1e-4)


def test_places_on_both_sides_of_180_degrees_are_neighbours():
    view = View(*map(float, world(-17.0, 179.999)), 2.0**24, 400, 400)
    here, there = view.screen(*world(-17.0, 179.9995)), view.screen(*world(-17.0, -179.9995))
    metres_apart = math.hypot(here[0] - there[0], here[1] - there[1]) * view.metres_per_px
    assert metres_apart == pytest.approx(111_319.49 * math.cos(math.radians(17.0)) * 0.001, rel=0.01)


def test_the_map_ends_where_mercator_does():
    _, y = world(90.0, 0.0)
    assert float(y) == pytest.approx(1.0, abs=1e-6)
    assert place(0.0, 1.0)[0] == pytest.approx(HIGHEST, abs=1e-5)


@given(st.lists(st.tuples(latitudes, st.floats(-170.0, 170.0)), min_size=1, max_size=8))
def test_what_is_fitted_lies_within_the_border(places):
    x, y = world([one for one, _ in places], [one for _, one in places])
    view = fitted(box_of(x, y), 400.0, 700.0, 40.0)
    box = box_of(x, y)
    if (box.east - box.west) * 400 < 320:  # else it is wider than the world is drawn at its smallest
        px, py = (x - view.x) * view.scale + 200, view.screen(x, y)[1]
        whole_world = view.scale <= 400
        assert whole_world or (px.min() > 39.9 and px.max() < 360.1 and py.min() > 39.9 and py.max() < 660.1)


def test_a_single_place_is_fitted_with_its_street_around_it():
    x, y = world([48.85], [2.35])
    view = fitted(box_of(x, y), 400.0, 700.0, 50.0)
    assert view.metres_per_px * 300 == pytest.approx(60.0, rel=0.01)


def test_the_globe_cannot_be_made_smaller_than_the_screen_nor_larger_than_a_fix_is_good():
    view = View(0.5, 0.5, 1e6, 400, 700)
    assert view.zoomed(1e-9, 0, 0).scale == 400
    assert view.zoomed(1e9, 0, 0).metres_per_px == pytest.approx(0.02, rel=1e-4)


def test_a_box_around_nothing_is_none():
    x, y = world([], [])
    assert box_of(x, y) is None
    assert Box(0, 0, 1, 1).grown(1) == Box(-1, -1, 2, 2)


@given(views, st.floats(0.3, 3.0), pixels, pixels, st.floats(0.0, 1.0))
def test_on_the_way_of_a_zoom_the_place_under_the_finger_stays_where_it_is(view, factor, px, py, share):
    closer = view.zoomed(factor, px, py)
    on_the_way = between(view, closer, share)
    x, y = view.at(px, py)
    same_turn = abs(px - on_the_way.width / 2) < min(on_the_way.scale, closer.scale) / 2
    if 0 < closer.y < 1 and same_turn and abs(closer.scale / view.scale - 1) > 0.01:
        assert [float(one) for one in on_the_way.screen(x, y)] == pytest.approx((px, py), abs=0.5)
    assert between(view, closer, 0.0) == view
    assert between(view, closer, 1.0).scale == pytest.approx(closer.scale)
