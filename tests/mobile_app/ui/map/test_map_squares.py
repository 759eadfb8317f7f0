"""The squares nothing is sent from are drawn where nothing is sent from."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobile_app.privacy import cell_of, outside_m
from mobile_app.ui.map.squares import CORNERS, fans, outline
from mobile_app.ui.map.view import place


@given(st.floats(-70, 70), st.floats(-179.9, 179.9), st.sampled_from([100.0, 500.0, 2000.0]), st.floats(1.0, 400.0))
def test_every_corner_of_the_outline_lies_the_margin_away_from_the_cell(latitude, longitude, size_m, margin_m):
    cell = cell_of(latitude, longitude, size_m)
    for x, y in zip(*outline(cell, margin_m), strict=True):
        assert outside_m(cell, *place(float(x), float(y))) == pytest.approx(margin_m, rel=1e-3, abs=0.05)


def test_the_margin_is_that_of_the_rules_where_none_is_told():
    cell = cell_of(48.85, 2.35, 500.0)
    x, y = outline(cell)
    assert outside_m(cell, *place(float(x[0]), float(y[0]))) == pytest.approx(250.0, rel=1e-3)


def test_the_outline_runs_anticlockwise_around_a_convex_shape():
    x, y = outline(cell_of(48.85, 2.35, 500.0), 250.0)
    dx, dy = np.diff(np.append(x, x[:2])), np.diff(np.append(y, y[:2]))
    assert (dx[:-1] * dy[1:] - dy[:-1] * dx[1:] > -1e-18).all()


def test_fans_cover_the_area_of_the_outlines_and_the_pattern_stays_with_the_ground():
    square = np.array([[[0, 0], [10, 0], [10, 10], [0, 10]], [[40, 0], [60, 0], [60, 20], [40, 20]]], dtype=float)
    corners, triangles = fans(square, 8.0, (0.0, 0.0))
    area = 0.0
    for a, b, c in triangles.reshape(-1, 3):
        (ax, ay), (bx, by), (cx, cy) = corners[[a, b, c], :2]
        area += ((bx - ax) * (cy - ay) - (by - ay) * (cx - ax)) / 2
    assert area == pytest.approx(100 + 400)
    moved, _ = fans(square + np.array([3.0, 5.0]), 8.0, (3.0, 5.0))
    assert moved[:, 2:] == pytest.approx(corners[:, 2:])
    assert math.isclose(float(corners[1, 2] - corners[0, 2]), 10 / 8)
    assert len(outline(cell_of(0.0, 0.0, 500.0))[0]) == CORNERS
