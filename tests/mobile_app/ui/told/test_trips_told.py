"""Trips as rows and as a page: what left, what stayed, where it stands, in words that fit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.phone_home import NOW_S, write_home
from benchmarks.phone_past import write_past
from mobile_app.deleting import wish_away
from mobile_app.diary import Diary, Entry, Jolt
from mobile_app.outbox import Outbox
from mobile_app.said import Said
from mobile_app.status import Status, read_status
from mobile_app.trips import Standing, TripView
from mobile_app.ui import words
from mobile_app.ui.theme import LIGHT
from mobile_app.ui.told import trip, trips

TRIP = "5f0c7a52-3b1e-4c9d-8a77-0d6b2f1e9c34"
ENTRY = Entry(
    *(TRIP, NOW_S - 1800, NOW_S - 600, 12.44, 9.2, (((48.58, 7.75), (48.59, 7.76)), ((48.60, 7.76), (48.61, 7.76)))),
    *(((500.0, 3, 4),), (Jolt(3.0, 48.585, 7.755, 1.5), Jolt(9.0, 48.605, 7.76, 4.0)), 20, 120_000),
    {"stray time": 3, "location repeated stamp": 0},
)
SENT = TripView(TRIP, ENTRY.began_s, Standing.SENT, None, ENTRY, 20, 20, 821_000)


@pytest.fixture(scope="module")
def past(tmp_path_factory):
    home = write_home(tmp_path_factory.mktemp("home"))
    return home, write_past(home, NOW_S, trips=8)


def test_the_list_is_newest_first_under_its_days_and_each_trip_says_where_it_stands(past):
    home, entries = past
    views = trips.look(home, read_status(home.status), NOW_S)
    assert [one.trip_id for one in views] == [entry.trip_id for entry in entries]
    days = trips.days(views, NOW_S)
    assert [one.title for one in days[:2]] == ["Today", "Yesterday"]
    rows = [row for day in days for row in day.rows]
    assert rows[0].standing == "Waiting to be sent"
    assert rows[1].standing.startswith("Waiting to be sent, ")
    assert rows[2].standing == "Partly refused"
    assert {row.standing for row in rows[3:]} <= {"Sent", "Stayed on this phone"}


def test_a_trip_that_was_wished_away_is_hidden_at_once(past):
    home, entries = past
    wish_away(home, entries[-1].trip_id)
    assert entries[-1].trip_id not in {view.trip_id for view in trips.look(home, Status(), NOW_S)}


def test_a_sentence_with_braces_in_it_is_shown_as_it_is(past):
    home, _ = past
    status = replace(read_status(home.status), at_s=NOW_S, unsent_why="the server says {nothing}", trip_id=None)
    waiting = trips.look(home, status, NOW_S)[0]
    assert trip.standing(waiting)[1] == "the server says {nothing}"


@pytest.mark.parametrize("language", words.LANGUAGES)
@pytest.mark.parametrize("standing", Standing)
def test_every_standing_has_words_an_icon_and_a_colour(language, standing):
    words.use(language)
    view = TripView(TRIP, NOW_S, standing, Said("{why}", {"why": "Anything at all {"}), None, 1, 3, 4000)
    row = trips.row(view)
    assert row.standing
    assert hasattr(LIGHT, row.colour)
    told, why, _, _ = trip.standing(view)
    assert (told, why) == (row.standing.split(",")[0], "Anything at all {")


def test_a_row_says_when_how_far_how_long_and_how_shaken():
    row = trips.row(SENT)
    assert row.more == "12.4\u00a0km · 20\u00a0min · 2\u00a0jolts · 821\u00a0kB"
    assert "–" in row.title
    assert trips.row(TripView(TRIP, NOW_S, Standing.RECORDING)).title.startswith("since ")


def test_the_map_of_a_trip_shows_exactly_the_entry():
    shown = trip.content(ENTRY)
    assert len(shown.ways.at_scale(1e9)) == 2
    assert shown.squares == ENTRY.withheld
    assert [ENTRY.jolts[key].severity for key in shown.marks.keys] == [1.5, 4.0]
    assert not shown.streets
    assert trip.content(ENTRY, [ENTRY]).streets
    assert trip.content(None).box is None


def test_what_left_and_what_stayed_is_said_in_kilometres():
    assert (
        trip.summary(ENTRY)
        == "9.2 of 12.4\u00a0km are meant for the city. 3.2\u00a0km, in the hatched squares, stay on this phone."
    )
    whole = Entry(TRIP, 0.0, 1.0, 5.0, 5.0, chunks=3)
    assert trip.summary(whole) == "All 5.0\u00a0km of it are meant for the city."
    assert "stayed on this phone" in trip.summary(Entry(TRIP, 0.0, 1.0, 0.8, 0.0, chunks=0))
    assert "still being recorded" in trip.summary(None)


def test_samples_left_out_are_told_by_reason_and_those_of_none_are_not():
    assert trip.measured(ENTRY) == ("120,000 measurements of shaking", "3 left out: of another time")
    assert trip.measured(None) == ()


def test_the_receipt_names_each_part_by_size_time_and_checksum(past):
    home, entries = past
    done = entries[3] if entries[3].chunks else entries[4]
    lines = Outbox(home.outbox).receipts(done.trip_id)
    parts = trip.receipt(lines, lines[0]["at_s"])
    assert len(parts) == done.chunks
    assert parts[0].title.startswith("Part 1, ")
    assert [part.more for part in parts] == [f"SHA-256 {line['sha256']}" for line in lines]


def test_only_what_is_stuck_can_be_tried_again_and_only_what_has_ended_be_deleted():
    for standing in Standing:
        view = TripView(TRIP, NOW_S, standing)
        assert trip.can_try_again(view) == (standing in (Standing.REFUSED, Standing.STUCK))
        assert trip.can_delete(view) == (standing is not Standing.RECORDING)
    assert "at the city" in trip.question(SENT)
    assert "None of it was sent" in trip.question(TripView(TRIP, NOW_S, Standing.WAITING))


def test_counts_of_parts_are_told_in_one_and_in_many():
    assert trip.counted(SENT) == "20 parts, 821\u00a0kB: all of them are with the city."
    assert (
        trip.counted(TripView(TRIP, 0.0, Standing.WAITING, None, ENTRY, 4, 20, 9000))
        == "4 of 20 parts are with the city (9\u00a0kB)."
    )
    assert trip.counted(TripView(TRIP, 0.0, Standing.RECORDING)) == ""


def test_the_diary_of_the_past_is_what_the_list_was_made_of(past):
    home, entries = past
    assert {one.trip_id for one in Diary(home.diary).entries()} == {one.trip_id for one in entries}
