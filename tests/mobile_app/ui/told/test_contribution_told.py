"""What drives were good for: figures that add up, no reproach where there is nothing yet."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobile_app.diary import Entry
from mobile_app.ui.told.contribution import MOST_DOTS, WEEKS, Contribution, below_bars, confirmed, dots, figures, read, weeks

NOW_S = 1_795_874_700.0  # a Saturday
TRIP = "5f0c7a52-3b1e-4c9d-8a77-0d6b2f1e9c34"
DAY_S = 86_400.0


def drive(days_ago, km=10.0, sent_km=7.0):
    return Entry(TRIP, NOW_S - days_ago * DAY_S, NOW_S - days_ago * DAY_S + 900, km, sent_km)


def test_the_servers_answer_is_read_and_a_damaged_one_is_none():
    fields = {"km": 12.5, "trips": 3, "jolts": 7, "defects": 2, "repairs": 1, "fetched_at_s": 1.0, "new": "word"}
    assert read(fields) == Contribution(12.5, 3, 7, 2, 1)
    assert read(fields | {"first_km": 1.5}) == Contribution(12.5, 3, 7, 2, 1, 1.5)
    for damaged in (
        None,
        {},
        fields | {"km": "much"},
        fields | {"trips": None},
        fields | {"km": float("nan")},
        fields | {"jolts": float("inf")},
    ):
        assert read(damaged) is None


def test_each_drive_counts_in_its_own_week_and_old_ones_in_none():
    found = weeks([drive(0), drive(0.5), drive(6), drive(70)], NOW_S)
    assert len(found) == WEEKS
    assert [week.km for week in found] == [0.0] * (WEEKS - 2) + [10.0, 20.0]
    assert found[-1].sent_km == 14.0


@given(st.lists(st.floats(0, 55), max_size=20))
def test_weeks_begin_on_monday_and_hold_every_kilometre_of_theirs(days):
    found = weeks([drive(one) for one in days], NOW_S)
    assert all(time.localtime(week.began_s)[3:7] == (0, 0, 0, 0) for week in found)
    inside = [one for one in days if NOW_S - one * DAY_S >= found[0].began_s]
    assert sum(week.km for week in found) == pytest.approx(10.0 * len(inside))


def test_below_the_bars_a_month_is_named_once():
    named = below_bars(weeks([], NOW_S))
    assert sum(" " in one for one in named) == len({time.localtime(week.began_s).tm_mon for week in weeks([], NOW_S)})
    assert named[-1] == "23"


def test_nothing_yet_is_no_reproach():
    for told in (Contribution(0, 0, 0, 0, 0), Contribution(40, 3, 12, 0, 0)):
        sentence = confirmed(told)
        assert "0" not in sentence
        assert "worth knowing" in sentence or "waiting for company" in sentence
    assert dots(Contribution(0, 0, 0, 0, 0)) == (0, 0)


def test_defects_and_repairs_are_told_in_one_and_in_many():
    assert confirmed(Contribution(9, 1, 4, 1, 1)) == "You helped to confirm 1 defect. 1 of them has been repaired since."
    assert confirmed(Contribution(9, 1, 4, 17, 6)) == "You helped to confirm 17 defects. 6 of them have been repaired since."
    assert "Repairs show here" in confirmed(Contribution(9, 1, 4, 3, 0))


@given(st.integers(0, 3000), st.integers(0, 3000))
def test_dots_never_are_more_than_fit_and_a_repair_always_shows(found, repaired):
    filled, hollow = dots(Contribution(1, 1, 1, found, min(repaired, found)))
    assert filled + hollow == min(found, MOST_DOTS)
    assert filled >= min(min(repaired, found), 1)
    assert hollow >= 0
    if found <= MOST_DOTS:
        assert filled == min(repaired, found)


def test_streets_covered_first_show_where_the_server_tells_them():
    assert [one.value for one in figures(Contribution(312.4, 24, 268, 1, 1))] == ["312\u00a0km", "268"]
    assert [one.value for one in figures(Contribution(312.4, 24, 268, 1, 1, 4.2))] == ["312\u00a0km", "4.2\u00a0km", "268"]
