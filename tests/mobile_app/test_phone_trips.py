"""Where each trip stands, told from what the phone keeps of it."""

from __future__ import annotations

import hashlib

import pytest
from chunk_samples import STARTED_AT_US
from phone_home import a_trip, chunk, phone, traces_of

from mobile_app import durable, reasons, wire
from mobile_app.diary import Diary
from mobile_app.outbox import Outbox
from mobile_app.said import Said
from mobile_app.trips import Standing, TripView, trip_views


def views(home, **now) -> dict[str, TripView]:
    outbox = Outbox(home.outbox)
    told = trip_views(Diary(home.diary).entries(), outbox.trips(), outbox.refused(), outbox.sent(), **now)
    return {view.trip_id: view for view in told}


def send(home, trip: str, *numbers: int) -> None:
    for number in numbers:
        Outbox(home.outbox).acknowledge(trip, number, hashlib.sha256(chunk(trip, number)).hexdigest())


@pytest.fixture
def home(tmp_path):
    return phone(tmp_path, "")


def test_a_trip_on_its_way_through_all_that_becomes_of_it(home):
    outbox = Outbox(home.outbox)
    trip = a_trip(home, finished=False)
    assert views(home, recorded=[trip])[trip].standing is Standing.RECORDING
    assert views(home)[trip].why.text == reasons.BEING_CUT
    outbox.finish(trip, 2)
    why = Said(reasons.WAITS_FOR_WIFI)
    view = views(home, why=why)[trip]
    assert (view.standing, view.why, view.sent, view.of) == (Standing.WAITING, why, 0, 2)
    send(home, trip, 0)
    view = views(home, sending=True)[trip]
    assert (view.standing, view.why, view.sent, view.of) == (Standing.SENDING, None, 1, 2)
    assert view.sent_bytes == len(chunk(trip, 0))
    send(home, trip, 1)
    outbox.close(trip)
    view = views(home, why=why)[trip]
    assert (view.standing, view.why, view.sent, view.of) == (Standing.SENT, None, 2, 2)
    assert view.entry.km == 1.0


def test_only_the_trip_whose_chunks_go_is_said_to_be_sent_just_now(home):
    trips = sorted(a_trip(home) for _ in range(2))
    assert [views(home, sending=True)[trip].standing for trip in trips] == [Standing.SENDING, Standing.WAITING]


def test_what_the_server_refused_is_told_with_its_words_even_after_the_rest_is_done(home):
    trip = a_trip(home, chunks=3)
    outbox = Outbox(home.outbox)
    outbox.refuse(trip, 1, "too far in the future")
    send(home, trip, 0, 2)
    outbox.set_stuck(trip, "the server lacks chunk 1")
    view = views(home)[trip]
    assert view.standing is Standing.REFUSED
    assert str(view.why) == "The server did not take 1 of 3 parts: too far in the future"


def test_a_trip_that_the_server_cannot_complete_is_stuck_and_says_why(home):
    trip = a_trip(home)
    send(home, trip, 0, 1)
    Outbox(home.outbox).set_stuck(trip, "the server lacks chunk 0")
    view = views(home)[trip]
    assert (view.standing, str(view.why)) == (Standing.STUCK, "The server cannot complete this trip: the server lacks chunk 0")


def test_a_trip_of_which_all_was_withheld_has_nothing_to_send(home):
    trip = a_trip(home, chunks=0)
    view = views(home)[trip]
    assert (view.standing, view.why.text, view.of) == (Standing.NOTHING_TO_SEND, reasons.ALL_WITHHELD, 0)


def test_a_trip_of_which_only_the_diary_tells_was_deleted_on_the_server(home):
    trip = a_trip(home)
    Outbox(home.outbox).forget(trip)
    assert views(home)[trip].standing is Standing.GONE


def test_a_trip_without_an_entry_in_the_diary_is_told_all_the_same(home):
    trip = a_trip(home)
    Diary(home.diary).forget(trip)
    view = views(home)[trip]
    assert (view.entry, view.began_s, view.of) == (None, STARTED_AT_US / 1e6, 2)


def test_what_goes_on_under_another_id_is_told_with_the_trip_it_belongs_to(home):
    trip = a_trip(home, chunks=4)
    outbox = Outbox(home.outbox)
    outbox.go_on_as("one")
    send(home, trip, 0, 1)
    outbox.go_on_as("other")
    assert set(views(home)) == {trip}
    view = views(home)[trip]
    assert (view.standing, view.sent, view.of) == (Standing.WAITING, 2, 4)
    rest = outbox.trips()[0].trip_id
    for number in range(2):
        outbox.acknowledge(rest, number, hashlib.sha256(outbox.read(rest, number)).hexdigest())
    outbox.close(rest)
    view = views(home)[trip]
    assert (view.standing, view.sent, view.of) == (Standing.SENT, 4, 4)


def test_newest_first_and_nothing_of_what_was_wished_away(home):
    trips = [a_trip(home) for _ in range(3)]
    for days, trip in enumerate(trips):
        entry = Diary(home.diary).entry(trip)
        Diary(home.diary).write(type(entry)(**{**vars(entry), "began_s": entry.began_s + days}))
    assert list(views(home)) == trips[::-1]
    assert list(views(home, hidden=[trips[1]])) == [trips[2], trips[0]]


def test_the_rest_of_a_trip_keeps_its_samples_and_survives_a_kill_at_any_step(home, monkeypatch):
    """What remains of a trip when another device goes on is the same bytes, however often the split was begun."""
    for after in range(1, 40):
        here = phone(home.folder / str(after), "")
        trip = a_trip(here, chunks=4)
        outbox = Outbox(here.outbox)
        outbox.go_on_as("one")
        send(here, trip, 0, 1)
        left = [after]
        real = durable.sync_folder

        def dying(folder, left=left, real=real):
            left[0] -= 1
            if left[0] <= 0:
                raise KeyboardInterrupt
            real(folder)

        with monkeypatch.context() as patch:
            patch.setattr(durable, "sync_folder", dying)
            try:
                outbox.go_on_as("other")
                done = True
            except KeyboardInterrupt:
                done = False
        outbox = Outbox(here.outbox)
        outbox.go_on_as("other")
        rest = [state for state in outbox.trips() if state.continues == trip]
        assert [(state.pending, state.finished) for state in rest] == [((0, 1), 2)], f"killed at step {after}"
        chunks = [wire.decode(outbox.read(rest[0].trip_id, n)) for n in range(2)]
        whole = [wire.decode(chunk(trip, n)) for n in (2, 3)]
        assert [c.accelerometer.t_s.tolist() for c in chunks] == [c.accelerometer.t_s.tolist() for c in whole]
        assert [line["trip_id"] for line in outbox.sent()] == [trip]
        assert not traces_of(here.outbox / trip, trip)
        if done:
            break
    assert after > 5
