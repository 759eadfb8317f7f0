"""Deleting here and on the server: nothing of it is sent or kept any more, whatever happens in between."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import faulty_server as faulty
import pytest
from city_server import CityServer
from faulty_server import FaultyServer
from phone_home import Hangs, a_trip, phone, sync_of, traces_of
from sqlalchemy import select

from ingest.store.schema import Device, Trip
from ingest.store.schema import Report as StoredReport
from mobile_app import deleting, durable, reasons
from mobile_app.credentials import load_credentials
from mobile_app.diary import Diary
from mobile_app.network import Link
from mobile_app.outbox import Outbox
from mobile_app.places import Places
from mobile_app.reports import Reports
from mobile_app.sync import LOOK_S


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    with CityServer(tmp_path_factory.mktemp("city")) as running:
        yield running


def trips_at(city: CityServer) -> set[str]:
    with city.store.database.read() as session:
        return set(session.scalars(select(Trip.id)))


def test_a_sent_trip_is_deleted_here_and_there_and_leaves_no_trace(city, tmp_path):
    home = phone(tmp_path, city.url)
    gone, stays = a_trip(home), a_trip(home)
    sync_of(home).step()
    assert {gone, stays} <= trips_at(city)
    deleting.wish_away(home, gone)
    sync_of(home).step()
    assert (gone in trips_at(city), stays in trips_at(city)) == (False, True)
    assert traces_of(home.folder, gone) == []
    assert [line["trip_id"] for line in Outbox(home.outbox).sent()] == [stays]
    assert [entry.trip_id for entry in Diary(home.diary).entries()] == [stays]


def test_a_trip_that_waits_is_never_sent_once_it_is_wished_away(city, tmp_path):
    home, network = phone(tmp_path, city.url), Hangs(Link.NONE)
    trip = a_trip(home)
    deleting.wish_away(home, trip)
    assert deleting.is_wished_away(home, trip)
    sync_of(home, network).step()
    assert traces_of(home.folder, trip) == [], "never registered: nobody has to be asked"
    network.now = Link.UNMETERED
    sync_of(home, network).step()
    assert trip not in trips_at(city)


def test_deleting_offline_is_remembered_and_done_before_anything_else_is_sent(tmp_path):
    with FaultyServer() as server:
        home = phone(tmp_path, server.url)
        trip = a_trip(home)
        sync = sync_of(home)
        sync.step()
        later = a_trip(home)
        server.faults.extend([faulty.drops_the_request])
        deleting.wish_away(home, trip)
        sync.step()
        assert sync.state.said.text == reasons.DELETION_WAITS
        assert traces_of(home.folder, trip) == [f"deleting/{trip}.json"], "gone here, though the server is away"
        server.requests.clear()
        sync.step()
    assert server.requests[0] == ("DELETE", f"/v1/trips/{trip}")
    assert server.deleted == {trip}
    assert server.finished.keys() == {trip, later}
    assert traces_of(home.folder, trip) == []


@pytest.mark.parametrize("link", [Link.METERED, Link.UNKNOWN])
def test_deleting_does_not_wait_for_wifi_and_not_for_the_end_of_a_pause(city, tmp_path, link):
    home, network = phone(tmp_path, city.url), Hangs()
    trip = a_trip(home)
    sync_of(home).step()
    network.now = link
    phone(tmp_path, city.url, paused_until_s=1e11)
    deleting.wish_away(home, trip)
    sync_of(home, network).step()
    assert trip not in trips_at(city)
    assert deleting.wishes(home) == []


def test_what_is_wished_away_while_it_is_being_sent_goes_no_further(tmp_path):
    with FaultyServer() as server:
        home = phone(tmp_path, server.url)
        trip = a_trip(home, chunks=5)
        sync = sync_of(home)

        def while_the_second_is_sent(handler) -> bool:
            deleting.wish_away(home, trip)
            return False

        server.faults.extend([None, None, None, while_the_second_is_sent])  # registration, greeting, chunk 0
        sync.step()
        put = [path for method, path in server.requests if method == "PUT"]
        assert put == [f"/v1/trips/{trip}/chunks/{n}" for n in range(2)]
        sync.step()
        assert server.deleted == {trip}
        assert not any(of == trip for of, _ in server.store)
    assert traces_of(home.folder, trip) == []


def test_a_trip_unknown_to_the_server_is_asked_for_once_more_later(tmp_path):
    """Its first chunk may have been on its way when the phone asked: a server that was stopped takes it up afterwards."""
    now = [1.8e9]
    with FaultyServer() as server:
        home = phone(tmp_path, server.url)
        sync = sync_of(home, wall_clock=lambda: now[0])
        server.date_s = 1.8e9
        a_trip(home)
        sync.step()
        trip = a_trip(home)
        deleting.wish_away(home, trip)
        sync.step()
        assert [wish.name for wish in deleting.wishes(home)] == [trip]
        server.store[trip, 0] = b"late"
        now[0] += deleting.ASK_AGAIN_S
        server.date_s = now[0]
        sync.step()
        assert (trip, 0) not in server.store
    assert deleting.wishes(home) == []
    assert traces_of(home.folder, trip) == []


def test_everything_goes_and_what_is_recorded_later_is_another_devices(city, tmp_path):
    home = phone(tmp_path, city.url)
    trips = [a_trip(home) for _ in range(2)]
    report = Reports(home.reports).write("lamp", 48.2, 11.6, "dark")
    Places(home.outbox).add(48.3, 11.7)
    sync_of(home).step()
    before = load_credentials(home.credentials)
    with city.store.database.read() as session:
        assert session.get(StoredReport, report.report_id) is not None
    deleting.wish_away(home, None)
    assert all(deleting.is_wished_away(home, trip) for trip in trips)
    sync_of(home).step()
    with city.store.database.read() as session:
        assert session.get(Device, before.device_id) is None
        assert session.get(StoredReport, report.report_id) is None
    assert not trips_at(city) & set(trips)
    assert traces_of(home.folder, *trips, before.token, before.device_id, report.report_id, "48.1", "48.2") == []
    assert Places(home.outbox).added, "what protects them is not taken away unasked"
    later = a_trip(home)
    sync_of(home).step()
    assert later in trips_at(city)
    assert load_credentials(home.credentials).device_id != before.device_id


def test_a_trip_begun_after_everything_was_deleted_here_is_kept_while_the_server_is_away(tmp_path):
    with FaultyServer() as server:
        home, network = phone(tmp_path, server.url), Hangs()
        old = a_trip(home)
        sync_of(home).step()
        network.now = Link.NONE
        deleting.wish_away(home, None)
        server.faults.extend([faulty.drops_the_request])
        sync_of(home, network).step()
        new = a_trip(home)
        sync_of(home, network).step()
        sync_of(home).step()
        assert new in server.finished
        assert traces_of(home.folder, old) == []


def test_a_lost_answer_to_deleting_everything_is_no_reason_to_worry_anyone(city, tmp_path):
    home = phone(tmp_path, city.url)
    a_trip(home)
    sync_of(home).step()
    deleting.wish_away(home, None)
    wish = deleting.wishes(home)[0]
    assert deleting.ask(home, wish, 0.0)
    assert deleting.ask(home, wish, 0.0), "asked again with a token that opens nothing any more"
    assert not deleting.wishes(home)[0].failed


def test_a_server_that_knows_the_phone_no_more_cannot_be_asked_and_the_person_is_told(city, tmp_path):
    home = phone(tmp_path, city.url)
    trip = a_trip(home)
    sync_of(home).step()
    with city.store.database.write() as session:
        session.get(Device, load_credentials(home.credentials).device_id).token_sha256 = "0" * 64
    deleting.wish_away(home, trip)
    sync_of(home).step()
    assert [(wish.name, wish.failed, wish.token) for wish in deleting.wishes(home)] == [(trip, True, "")]
    later = a_trip(home)
    sync = sync_of(home)
    sync.step()
    sync.step()
    assert later in trips_at(city), "it blocks nothing"
    deleting.dismiss(home, trip)
    assert traces_of(home.folder, trip) == []


def test_the_trip_being_recorded_goes_when_its_writer_has_let_go(city, tmp_path):
    home = phone(tmp_path, city.url)
    trip = a_trip(home, finished=False)
    recorded = [trip]
    sync = sync_of(home, recorded=lambda: recorded)
    deleting.wish_away(home, None)
    assert sync.step() == LOOK_S, "it may end any moment"
    assert Outbox(home.outbox).started_at_us(trip) is not None
    assert deleting.is_wished_away(home, trip)
    recorded.clear()
    sync.step()
    assert traces_of(home.folder, trip) == []
    assert deleting.wishes(home) == []


class Killed(BaseException):
    """No `except Exception` of the app catches it."""


@pytest.mark.parametrize("everything", [False, True])
def test_a_kill_at_any_step_of_it_leaves_nothing_once_it_has_run_again(tmp_path, monkeypatch, everything):
    """Renames, removals and flushes of a folder: each second or fourth of them is the last one once."""
    with FaultyServer() as server:
        kills = 0
        for after in range(1, 200, 4 if everything else 2):
            home = phone(tmp_path / str(after), server.url)
            trip, other = a_trip(home), a_trip(home)
            Outbox(home.outbox).refuse(trip, 1, "why")
            sync_of(home).step()
            deleting.wish_away(home, None if everything else trip)
            left = [after]
            with monkeypatch.context() as patch:
                for module, name in ((os, "replace"), (os, "unlink"), (os, "rename"), (os, "rmdir"), (durable, "sync_folder")):
                    patch.setattr(module, name, dying(getattr(module, name), left))
                try:
                    sync_of(home).step()
                    done = True
                except Killed:
                    done = False
            if not done:
                kills += 1
                for later_s in (0.0, deleting.ASK_AGAIN_S):  # the server says 404 to what it has deleted already
                    sync_of(home, wall_clock=lambda later_s=later_s: time.time() + later_s).step()
            assert traces_of(home.folder, trip) == [], f"killed at step {after}"
            assert bool(traces_of(home.folder, other)) is not everything
            if done:
                break
        assert kills > 8
        assert trip in server.deleted or "everything" in server.deleted


def dying(real, left):
    def call(*arguments, **options):
        if threading.current_thread() is threading.main_thread():
            left[0] -= 1
            if left[0] <= 0:
                raise Killed
        return real(*arguments, **options)

    return call


def test_a_damaged_wish_still_deletes_here(tmp_path):
    home = phone(tmp_path, "")
    trip = a_trip(home)
    durable.make_folder(home.deleting)
    Path(home.deleting / f"{trip}.json").write_text("{")
    assert deleting.is_wished_away(home, trip)
    sync_of(home).step()
    assert traces_of(home.folder, trip) == []
