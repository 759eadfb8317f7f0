"""Metres and angles, against the geodesic and the spherical formula."""

from __future__ import annotations

import itertools

import naive
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod, Transformer

from detection.geo import LocalMetres, TangentPlane, from_globe, heading_of, on_globe, steps_m, turn_deg
from detection.simulator import Drive

GEODESIC = Geod(ellps="WGS84")
GEOCENTRIC = Transformer.from_crs("EPSG:4979", "EPSG:4978")
latitudes, longitudes, angles = st.floats(-89.0, 89.0), st.floats(-180.0, 180.0), st.floats(-720.0, 720.0)
metres = st.floats(-20_000.0, 20_000.0)


@given(latitudes, longitudes, metres, metres)
def test_a_place_in_metres_comes_back_in_degrees_anywhere_on_earth(lat: float, lon: float, x: float, y: float) -> None:
    plane = LocalMetres(lat, lon)
    back = plane.to_xy(*plane.to_degrees(np.array([x]), np.array([y])))
    assert np.ravel(back) == pytest.approx([x, y], abs=1e-3)


@given(latitudes, longitudes, st.floats(0.0, 360.0), st.floats(1.0, 100_000.0))
def test_distances_on_the_plane_are_those_on_the_ellipsoid(lat: float, lon: float, azimuth: float, distance: float) -> None:
    far_lon, far_lat, _ = GEODESIC.fwd(lon, lat, azimuth, distance)
    x, y = LocalMetres(lat, lon).to_xy(np.array([lat, far_lat]), np.array([lon, far_lon]))
    assert np.hypot(x[1] - x[0], y[1] - y[0]) == pytest.approx(distance, rel=2e-4, abs=1e-3)


def test_the_middle_of_a_scene_across_the_date_line_lies_on_it() -> None:
    lat, lon = np.array([10.0, 10.0]), np.array([179.99, -179.99])
    x, _ = LocalMetres.around(lat, lon).to_xy(lat, lon)
    assert x == pytest.approx([-1096.0, 1096.0], abs=2.0)


@given(angles, angles)
def test_a_turn_is_the_smallest_one_that_leads_from_one_heading_to_the_other(a: float, b: float) -> None:
    turn = turn_deg(np.array([a]), np.array([b]))
    assert -180.0 <= turn[0] < 180.0
    assert np.cos(np.radians(a + turn[0])) == pytest.approx(np.cos(np.radians(b)), abs=1e-9)
    assert np.sin(np.radians(a + turn[0])) == pytest.approx(np.sin(np.radians(b)), abs=1e-9)


def test_headings_count_clockwise_from_north() -> None:
    east, north = np.array([0.0, 1.0, 0.0, -1.0]), np.array([1.0, 0.0, -1.0, 0.0])
    assert heading_of(east, north) == pytest.approx([0.0, 90.0, 180.0, 270.0])


def test_steps_between_fixes_are_great_circles(town_drives: list[Drive]) -> None:
    fixes = town_drives[0].trace.fixes
    places = list(zip(fixes.latitude_deg, fixes.longitude_deg, strict=True))
    expected = [naive.distance_m(a, b) for a, b in itertools.pairwise(places)]
    assert steps_m(fixes.latitude_deg, fixes.longitude_deg) == pytest.approx(expected, abs=1e-3)


@given(latitudes, longitudes, latitudes, longitudes)
def test_steps_are_within_half_a_percent_of_the_ellipsoid(lat: float, lon: float, lat2: float, lon2: float) -> None:
    true = GEODESIC.inv(lon, lat, lon2, lat2)[2]
    assert steps_m(np.array([lat, lat2]), np.array([lon, lon2]))[0] == pytest.approx(true, rel=0.006, abs=1.0)


@given(st.floats(-90.0, 90.0), longitudes)
def test_geocentric_metres_are_those_of_proj_and_lead_back(lat: float, lon: float) -> None:
    proj = GEOCENTRIC
    made = on_globe(np.array([lat]), np.array([lon]))
    assert made[0] == pytest.approx(proj.transform(lat, lon, 0.0), abs=1e-6)
    back = np.array(from_globe(made + 500.0 * made / np.linalg.norm(made))).ravel()
    assert GEODESIC.inv(lon, lat, back[1], back[0])[2] < 2.0  # geocentric up leans 0.19° at most from the normal


@given(st.floats(-89.9, 89.9), longitudes, st.floats(-1500.0, 1500.0), st.floats(-1500.0, 1500.0))
def test_distances_on_a_tangent_plane_are_geodesic(lat: float, lon: float, x: float, y: float) -> None:
    plane = TangentPlane(lat, lon)
    there = plane.to_degrees(np.array([x]), np.array([y]))
    assert GEODESIC.inv(lon, lat, there[1][0], there[0][0])[2] == pytest.approx(np.hypot(x, y), rel=1e-6, abs=1e-3)
    again = plane.of_globe(on_globe(*there))
    assert (again[0][0], again[1][0]) == (pytest.approx(x, abs=1e-3), pytest.approx(y, abs=1e-3))
