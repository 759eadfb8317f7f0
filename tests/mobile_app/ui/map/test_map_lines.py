"""Ways as they are drawn: thinned without being changed, cut to what is seen, widened."""

from __future__ import annotations

from itertools import pairwise

import naive_map
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from mobile_app.ui.map.lines import CORNERS, Lines, seen, strokes
from mobile_app.ui.map.thinning import importance, kept
from mobile_app.ui.map.view import Box

whole = st.integers(-50, 50)
ways = st.lists(st.tuples(whole, whole), min_size=2, max_size=40)
parts = st.integers(-256, 1280).map(lambda part: part / 1024)  # exact in binary, so that twins cannot differ by rounding
boxes = st.builds(  # no middle lies exactly half a turn from any point
    lambda x, y, width, height: Box(x + 1 / 4096, y, x + 1 / 4096 + width, y + height),
    parts,
    parts,
    st.integers(0, 200).map(lambda part: part / 512),
    st.integers(0, 200).map(lambda part: part / 512),
)


@given(ways, st.sampled_from([0.0, 0.5, 2.0, 10.0]))
def test_no_point_that_goes_was_further_from_what_is_left(way, within):
    x, y = np.array(way, dtype=float).T
    keep = kept(x, y, within)
    left = [point for point, stays in zip(way, keep, strict=True) if stays]
    for point in way:
        stretches = pairwise(left)
        assert min(naive_map.away_from_stretch(point, *stretch) for stretch in stretches) <= within + 1e-9


@given(ways, st.sampled_from([0.5, 2.0, 10.0]))
def test_thinning_keeps_what_the_usual_recursion_keeps(way, within):
    way = [(x + 0.0141 * i, y + 0.000173 * i * i) for i, (x, y) in enumerate(way)]  # two equally far away are a matter of taste
    x, y = np.array(way, dtype=float).T
    keep = kept(x, y, within)
    assert [point for point, stays in zip(way, keep, strict=True) if stays] == naive_map.kept(way, within)


@given(ways)
def test_one_look_at_a_line_tells_what_is_kept_at_every_tolerance(way):
    x, y = np.array(way, dtype=float).T
    worth = importance(x, y)
    for within in (0.0, 0.3, 1.0, 4.0, 20.0):
        assert (worth > within).tolist() == kept(x, y, within).tolist()


def test_a_long_straight_street_is_two_points():
    x = np.linspace(0.0, 1.0, 5000)
    assert kept(x, 2 * x, 1e-9).sum() == 2


@given(arrays.arrays(float, st.tuples(st.integers(0, 30), st.just(4)), elements=parts), boxes)
def test_the_stretches_seen_are_those_a_slow_search_finds(stretches, box):
    assert [tuple(one) for one in seen(stretches, box).tolist()] == naive_map.seen(stretches.tolist(), box)


def test_a_way_over_180_degrees_is_in_one_piece_and_seen_from_both_sides():
    lines = Lines([(np.array([0.9999, 0.00005]), np.array([0.5, 0.5]))])
    stretches = lines.at_scale(2.0**20)
    assert stretches[0].tolist() == pytest.approx([0.9999, 0.5, 1.00005, 0.5])
    assert len(seen(stretches, Box(0.9998, 0.49, 1.0002, 0.51))) == 1
    assert len(seen(stretches, Box(-0.0002, 0.49, 0.0002, 0.51))) == 1


@pytest.mark.parametrize("scale", [400.0, 2.0**16, 3e7])
def test_the_further_away_the_fewer_stretches_are_drawn(scale):
    t = np.linspace(0.0, 1.0, 2000)
    lines = Lines([(0.5 + 1e-4 * t, 0.6 + 2e-5 * np.sin(40 * t))])
    near = lines.at_scale(2.0**30)
    far = lines.at_scale(scale)
    assert len(far) < len(near) < 2000
    assert far[0, :2].tolist() == near[0, :2].tolist()
    assert far[-1, 2:].tolist() == near[-1, 2:].tolist()
    assert lines.at_scale(scale) is far  # worked out once


def test_a_line_of_one_point_is_none():
    assert not Lines([(np.array([0.5]), np.array([0.5]))])
    assert Lines([]).at_scale(1e6).shape == (0, 4)
    assert not len(Lines([]).x)


@given(
    arrays.arrays(float, st.tuples(st.integers(0, 12), st.just(4)), elements=st.floats(-2000, 2000)),
    st.floats(0.6, 20.0),
)
def test_a_stroke_reaches_as_far_as_its_width_around_the_stretch_and_no_further(stretches, reach):
    corners, triangles = strokes(stretches, reach)
    assert len(corners) == CORNERS * len(stretches)
    assert len(triangles) == 18 * len(stretches)
    assert not len(triangles) or triangles.max() < len(corners)
    for stretch, around in zip(stretches, corners.reshape(-1, CORNERS, 4), strict=True):
        for x, y, u, _ in around:
            away = naive_map.away_from_stretch((x, y), tuple(stretch[:2]), tuple(stretch[2:]))
            assert away == pytest.approx(reach if u == 0.5 else reach * np.sqrt(2), abs=0.01)


def test_two_lines_are_not_joined():
    x = np.array([0.1, 0.2, 0.3])
    lines = Lines([(x, x), (x + 0.3, x)])
    assert len(lines.at_scale(1e9)) == 2  # each is straight
    assert lines.at_scale(1e9)[1].tolist() == pytest.approx([0.4, 0.1, 0.6, 0.3])
