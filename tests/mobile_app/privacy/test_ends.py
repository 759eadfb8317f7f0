"""What is withheld of a trip, whatever it does: loops, stops, bad fixes, no fixes."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from drives import HOME, RULES, drive, place
from hypothesis import given
from hypothesis import strategies as st

from mobile_app.privacy import Cell, Ends, Fix, Span, cell_of, holds, kept_spans, outside_m

AWAY = (6000.0, 0.0)
corners = st.lists(st.tuples(st.floats(-2500, 2500), st.floats(-2500, 2500)), min_size=2, max_size=8)


def visible(fixes: list[Fix], rules: Ends = RULES, **cells: list[Cell]) -> list[Fix]:
    spans, _ = kept_spans(fixes, rules, **cells)
    return [fix for fix in fixes if holds(spans, fix.t_s)]


@given(corners, st.floats(3, 30))
def test_nothing_is_seen_in_or_around_the_cells_of_the_ends_whenever_the_trip_was_there(way, speed_mps):
    fixes = drive(way, speed_mps)
    for end in (fixes[0], fixes[-1]):
        cell = cell_of(end.latitude, end.longitude, RULES.cell_m)
        for fix in visible(fixes):
            assert outside_m(cell, fix.latitude, fix.longitude) > RULES.margin_m
            north = (fix.latitude - end.latitude) * 111_195
            east = (fix.longitude - end.longitude) * 111_195 * math.cos(math.radians(end.latitude))
            assert math.hypot(north, east) > RULES.margin_m, "P1, by the distance to the end itself"


@given(corners, st.floats(3, 30))
def test_spans_are_in_order_apart_and_hold_no_fix_that_is_withheld(way, speed_mps):
    fixes = drive(way, speed_mps)
    spans, ends = kept_spans(fixes, RULES)
    assert all(span.end_s - span.begin_s >= RULES.least_s for span in spans)
    for before, after in pairwise(spans):
        assert after.begin_s - before.end_s >= 2 * RULES.settle_s, "wide enough for a seam that no jolt is found at"
    for fix in fixes:
        if holds(spans, fix.t_s):
            assert all(outside_m(cell, fix.latitude, fix.longitude) > RULES.reach_m for cell in ends)


def test_a_trip_that_passes_home_again_is_not_seen_there():
    fixes = drive([(0, 0), (3000, 0), (3000, 900), (-3000, 0), (-3000, 3000)])
    assert visible(fixes)
    assert len(kept_spans(fixes, RULES)[0]) == 2, "before and after it passed home"
    assert all(outside_m(HOME, fix.latitude, fix.longitude) > RULES.reach_m for fix in visible(fixes))


def test_a_trip_wholly_inside_vanishes():
    assert kept_spans(drive([(0, 0), (300, 0), (0, 300)]), RULES)[0] == []


@pytest.mark.parametrize("fixes", [[], [Fix(0.0, *place(0, 0))], [Fix(i, *place(50 * i, 0), 500.0) for i in range(300)]])
def test_a_trip_of_which_nobody_knows_where_it_was_vanishes(fixes):
    assert kept_spans(fixes, RULES) == ([], {HOME} if len(fixes) == 1 else set())


def test_what_comes_before_the_first_trusted_fix_is_withheld_even_far_from_home():
    late = [fix._replace(accuracy_m=900.0) if fix.t_s < 200 else fix for fix in drive([(0, 0), (9000, 0)])]
    spans, _ = kept_spans(late, RULES)
    assert spans[0].begin_s > 200


def test_a_long_stop_on_the_way_is_an_end_and_a_red_light_is_not():
    stop = [(3100.0, 0.0)] * 2
    light = drive([(0, 0), *stop, (8000, 0)])
    visit = drive([(0, 0), *stop * 4, (8000, 0)])
    there = cell_of(*place(3100, 0), RULES.cell_m)
    assert there not in kept_spans(light, RULES)[1]
    assert there in kept_spans(visit, RULES)[1]
    assert all(outside_m(there, fix.latitude, fix.longitude) > RULES.reach_m for fix in visible(visit))


def test_a_place_remembered_from_the_last_trip_does_not_stand_in_for_home():
    """Phones give the last known place as a first fix; then home would be somewhere on the way."""
    for stale_at_s in (-1.0, -600.0):
        fixes = [Fix(stale_at_s, *place(*AWAY), 10.0), *drive([(0, 0), (3000, 0), (3000, 3000), (-5000, 0)])]
        assert HOME in kept_spans(fixes, RULES)[1]


def test_out_of_sight_for_minutes_may_have_been_a_garage():
    fixes = [fix for fix in drive([(-4000, 0), (4000, 0)]) if not -100 < (fix.t_s * 12 - 4000) < 1500]
    assert HOME in kept_spans(fixes, RULES)[1]


def test_an_end_beside_a_cell_of_earlier_ends_is_in_that_one():
    """A home at the edge of its cell must not show as two cells that meet there."""
    edge = RULES.cell_m / 2
    for east in (edge - 10, edge + 10, edge + RULES.snap_m - 1):
        assert HOME in kept_spans(drive([(east, 0), AWAY]), RULES, known=[HOME])[1]
    beyond = drive([(edge + RULES.snap_m + 5, 0), AWAY])
    assert HOME not in kept_spans(beyond, RULES, known=[HOME])[1]


def test_a_place_that_a_person_added_is_never_seen():
    through = drive([(-5000, 50), (5000, 50)])
    assert any(outside_m(HOME, fix.latitude, fix.longitude) == 0 for fix in visible(through))
    assert all(outside_m(HOME, fix.latitude, fix.longitude) > RULES.reach_m for fix in visible(through, always=[HOME]))


def test_null_island_is_no_place():
    fixes = [Fix(0.0, 0.0, 0.0), *drive([(0, 0), AWAY], begin_s=1.0)]
    assert kept_spans(fixes, RULES)[1] == kept_spans(fixes[1:], RULES)[1]


def test_rules_that_cannot_be_declared_are_refused():
    with pytest.raises(ValueError, match="cell_m"):
        Ends(cell_m=5)
    assert Ends.of_cell(500.0) == Ends()


def test_an_instant_is_held_by_the_span_it_lies_in():
    spans = [Span(1.0, 2.0), Span(5.0, 9.0)]
    assert [holds(spans, t) for t in (0.5, 1.0, 2.0, 3.0, 5.0, 9.0, 9.1)] == [False, True, True, False, True, True, False]
