"""Reports made by hand: where they will be, and what became of them."""

from __future__ import annotations

import pytest

from mobile_app.reports import KINDS, Report, State
from mobile_app.status import Status
from mobile_app.ui.map.content import Own
from mobile_app.ui.map.marks import REPORTS
from mobile_app.ui.told import report as told
from mobile_app.ui.told.city import own

NOW_S = 1_795_874_700.0
HERE = Own(48.5846, 7.7507, 4.0)
REPORT = Report("5f0c7a52-3b1e-4c9d-8a77-0d6b2f1e9c34", "lamp", 48.58, 7.75, "dark", NOW_S - 60)


def test_every_kind_to_choose_is_one_the_server_takes_and_has_a_picture():
    assert set(told.KINDS) <= set(KINDS)
    assert set(told.KINDS) == set(REPORTS)


def test_the_place_is_the_one_chosen_or_else_where_the_phone_is():
    assert told.place(HERE, None) == (48.5846, 7.7507)
    assert told.place(HERE, (1.0, 2.0)) == told.place(None, (1.0, 2.0)) == (1.0, 2.0)
    assert told.place(None, None) is None


def test_where_says_how_well_the_place_is_known_and_how_far_off_a_chosen_one_is():
    assert told.where(HERE, None) == "Where you are now, to within 4\u00a0m"
    assert told.where(Own(1.0, 2.0, 300.0), None).startswith("Roughly where you are now (300\u00a0m)")
    assert told.where(Own(1.0, 2.0), None) == "Where you are now"
    assert told.where(None, None) == "Your place is not known. Choose it on the map."
    assert told.where(None, (1.0, 2.0)) == "Chosen on the map"
    assert told.where(HERE, (48.5846, 7.7507 + 0.00136)) == "Chosen on the map, 100\u00a0m from you"


def test_what_became_of_each_is_told_and_only_what_waits_can_be_taken_back():
    reports = [
        REPORT,
        Report(**{**vars(REPORT), "state": State.SENT}),
        Report(**{**vars(REPORT), "state": State.REFUSED, "why": "no city"}),
    ]
    rows = told.rows(reports, NOW_S)
    assert [row.state for row in rows] == ["Waits to be sent", "With the city", "The city did not take it: no city"]
    assert [row.waits for row in rows] == [True, False, False]
    assert rows[0].title == "Street lamp"
    assert rows[0].more.endswith(" · dark")


def test_a_kind_made_by_another_app_is_something_else():
    assert told.rows([Report(**{**vars(REPORT), "kind": "joint"})], NOW_S)[0].kind == "unknown"


@pytest.mark.parametrize(
    ("speed", "at_s", "drives"), [(13.0, NOW_S, True), (1.4, NOW_S, False), (None, NOW_S, False), (13.0, NOW_S - 60, False)]
)
def test_who_drives_is_asked_to_report_later(speed, at_s, drives):
    assert told.drives(Status(at_s=at_s, speed_mps=speed), NOW_S) is drives


def test_the_phones_own_place_is_forgotten_when_it_is_old():
    status = Status(at_s=NOW_S, latitude=48.0, longitude=7.0, fix_age_s=2.0, accuracy_m=5.0, heading=10.0)
    assert own(status, NOW_S) == Own(48.0, 7.0, 5.0, 10.0)
    assert own(status, NOW_S + 3600) is None
    assert own(Status(at_s=NOW_S), NOW_S) is None
