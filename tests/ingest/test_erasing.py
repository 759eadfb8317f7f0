"""Erasing a device or a trip: it is gone from every file, it cannot come back, and the map is as if it had never been."""

from __future__ import annotations

import io
import json
import os
import stat
import uuid
import zipfile
from pathlib import Path

import pytest
from callers import Phone, make_chunk
from fastapi.testclient import TestClient
from sqlalchemy import select, text

from detection.simulator import simulate_city, simulate_drives
from ingest import worker
from ingest.api import create_app
from ingest.settings import Settings, Work
from ingest.store import DatabaseUnusable, Store, devices, holdings, open_store
from ingest.store.database import BUSY_MS
from ingest.store.schema import Base, Device, Tombstone
from ingest.store.tombstones import KEY_FILE
from mobile_app.outbox import Outbox
from mobile_app.uploader import Uploader

AT_ONCE = Work(retry_s=0.0, settle_s=0.0, settle_s_per_survey=0.0)


@pytest.fixture(scope="module")
def drives():
    city = simulate_city(5, street_km=1.5)
    return [drive.trace for drive in simulate_drives(city, 8, 6, devices=4, duration_s=(120.0, 130.0))]


@pytest.fixture
def installation(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "data", work=AT_ONCE)


def work_off(store: Store, installation: Settings) -> None:
    while worker.work_once(store, installation):
        pass


def send_all(http: TestClient, drives) -> dict[str, tuple[Phone, list[str]]]:
    phones: dict[str, tuple[Phone, list[str]]] = {}
    for trace in drives:
        if trace.device not in phones:
            phones[trace.device] = Phone.enrol(http), []
        phone, sent = phones[trace.device]
        sent.append(phone.send(trace))
    return phones


def everything_in(folder: Path) -> bytes:
    """Names and bytes of every file of an installation, its database and logs included."""
    return b"\n".join(
        str(path.relative_to(folder)).encode() + b"\n" + path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    )


def test_no_file_of_the_data_folder_names_an_erased_device(http, store, installation, drives):
    phones = send_all(http, drives)
    work_off(store, installation)
    (gone, driven), *_ = phones.values()
    marks = [gone.device_id, devices.digest(gone.token), gone.token, *driven]
    before = everything_in(installation.data)
    assert all(mark.encode() in before for mark in marks if mark != gone.token), "else the search could not find them"
    assert http.delete("/v1/devices/me", headers=gone.headers).status_code == 204
    after = everything_in(installation.data)
    assert [mark for mark in marks if mark.encode() in after] == []
    assert [mark for mark in marks if uuid_bytes(mark) in after] == []
    work_off(store, installation)
    assert [mark for mark in marks if mark.encode() in everything_in(installation.data)] == []


def uuid_bytes(mark: str) -> bytes:
    """As chunks hold a trip's id; the mark itself where it is none."""
    try:
        return uuid.UUID(mark).bytes
    except ValueError:
        return mark.encode()


def test_every_table_is_as_if_the_device_had_never_been(tmp_path, drives):
    """Against an installation that never knew it, row by row; ids of the others differ and are left out."""
    answers = []
    for name, left_out in (("knew", False), ("never", True)):
        settings = Settings(tmp_path / name, work=AT_ONCE)
        store = open_store(settings)
        http = TestClient(create_app(settings, store))
        first = drives[0].device
        phones = send_all(http, [trace for trace in drives if not (left_out and trace.device == first)])
        work_off(store, settings)
        if not left_out:
            assert http.delete("/v1/devices/me", headers=phones[first][0].headers).status_code == 204
            work_off(store, settings)
        told = http.get("/v1/defects").json()
        for feature in told["features"]:
            feature.pop("id"), feature["properties"].pop("id")
        with store.database.read() as session:
            counts = {t.name: session.scalar(text(f'select count(*) from "{t.name}"')) for t in Base.metadata.sorted_tables}
            del counts["live_events"]  # one a change of what anyone sees, and erasing is one: boxes of places, nobody's
        _ = [counts.pop(name) for name in ("tombstones", "audit_log", "audit_head")]  # say that it was erased, not what it was
        answers.append((told, http.get("/v1/tracks").json(), counts))
        store.database.close()
    assert answers[0] == answers[1]


def test_what_a_phone_sends_after_its_device_was_erased_is_refused_and_the_phone_deletes_it(http, store, phone, trip_id):
    phone.put(trip_id, 0, make_chunk(trip_id, 0))
    assert http.delete("/v1/devices/me", headers=phone.headers).status_code == 204
    late = phone.put(trip_id, 1, make_chunk(trip_id, 1))
    assert (late.status_code, late.json()["code"]) == (410, "trip.deleted")
    assert (phone.finish(trip_id, 2).status_code, phone.put(str(uuid.uuid4()), 0, b"x").status_code) == (410, 410)
    assert phone.trip(trip_id).status_code == 401, "nothing else tells a token that was erased from one that never was"
    other = Phone.enrol(http)
    again = other.put(trip_id, 0, make_chunk(trip_id, 0))
    assert (again.status_code, again.json()["code"]) == (410, "trip.deleted"), "nor by another device"
    assert other.finish(trip_id, 1).status_code == 410
    assert Phone(http, "never-was").put(trip_id, 0, b"x").status_code == 401
    assert not any(path.is_file() for path in (store.objects.folder).rglob("*"))


def test_an_erased_trip_is_gone_and_stays_away_while_the_others_go_on(http, store, installation, drives):
    phones = send_all(http, drives)
    work_off(store, installation)
    phone, (first, second) = next(held for held in phones.values() if len(held[1]) == 2)
    stranger = next(held[0] for held in phones.values() if held[0] is not phone)
    assert http.delete(f"/v1/trips/{first}", headers=stranger.headers).status_code == 404
    assert http.delete(f"/v1/trips/{first}", headers=phone.headers).status_code == 204
    assert http.delete(f"/v1/trips/{first}", headers=phone.headers).status_code == 404
    assert first.encode() not in everything_in(installation.data)
    assert uuid_bytes(first) not in everything_in(installation.data)
    assert phone.trip(first).status_code == 404
    assert phone.trip(second).json()["state"] == "processed"
    assert phone.put(first, 0, make_chunk(first, 0)).status_code == 410
    assert phone.finish(first, 1).status_code == 410
    with store.database.read() as session:
        names = set(session.scalars(text("select name from jobs")))
    assert "estimate" in names, "defects are due without it"


def test_the_defects_after_a_trip_was_erased_are_those_of_the_trips_that_are_left(tmp_path, drives):
    answers = []
    for name, kept in (("all", drives), ("without", drives[1:])):
        settings = Settings(tmp_path / name, work=AT_ONCE)
        store = open_store(settings)
        http = TestClient(create_app(settings, store))
        phones = send_all(http, kept)
        work_off(store, settings)
        if name == "all":
            phone, (first, *_) = phones[drives[0].device]
            assert http.delete(f"/v1/trips/{first}", headers=phone.headers).status_code == 204
            work_off(store, settings)
        told = http.get("/v1/defects").json()
        for feature in told["features"]:
            feature.pop("id"), feature["properties"].pop("id")
        answers.append((told, http.get("/v1/tracks").json()))
        store.database.close()
    assert answers[0] == answers[1]


def test_the_phone_itself_forgets_a_trip_that_was_erased_on_the_server(tmp_path):
    """The real uploader against a real server: what waited for the network is deleted, not sent."""
    from callers import ServerProcess

    server = ServerProcess(tmp_path / "data")
    try:
        with server.client() as http:
            phone = Phone.enrol(http)
            box, trip = Outbox(tmp_path / "outbox"), str(uuid.uuid4())
            box.begin(trip, 1_777_878_720_000_000)
            box.add(trip, 0, make_chunk(trip, 0))
            Uploader(box, server.address, phone.token).run(10)
            box.add(trip, 1, make_chunk(trip, 1))
            assert http.delete(f"/v1/trips/{trip}", headers=phone.headers).status_code == 204
            outcome = Uploader(box, server.address, phone.token).run(10)
        assert outcome.forgotten == [trip]
        assert box.trips() == []
    finally:
        server.stop()


def test_a_tombstone_tells_nothing_without_the_key_which_is_for_its_owner_alone(http, store, installation, phone, trip_id):
    phone.put(trip_id, 0, make_chunk(trip_id, 0))
    http.delete("/v1/devices/me", headers=phone.headers)
    key = installation.data / KEY_FILE
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    with store.database.read() as session:
        held = session.execute(select(Tombstone.hash, Tombstone.made_on)).all()
    assert len(held) == 2, "one for the trip, one for the token"
    assert all(made_on % 86_400 == 0 for _, made_on in held)
    key.write_bytes(bytes(32))
    with pytest.raises(DatabaseUnusable, match=r"copy tombstone\.key"):
        open_store(installation)


def test_a_device_gets_exactly_what_is_held_of_it(http, store, installation, drives):
    phones = send_all(http, drives)
    work_off(store, installation)
    phone, driven = next(iter(phones.values()))
    answer = http.get("/v1/devices/me/data", headers=phone.headers)
    assert answer.headers["content-type"] == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    traces = {name: archive.read(name) for name in archive.namelist() if name.startswith("traces/")}
    on_disk = {
        path.relative_to(store.objects.folder).parts[1] + "/" + path.name.partition("-")[0]: path.read_bytes()
        for trip in driven
        for path in (store.objects.folder / trip[:2] / trip).iterdir()
    }
    assert {name.removeprefix("traces/").rpartition(".")[0]: data for name, data in traces.items()} == on_disk
    rows = json.loads(archive.read("rows.json"))
    with store.database.read() as session:
        for table in holdings.tables_about(("device_id", "trip_id")):
            mine = [
                row
                for row in session.execute(select(table)).mappings()
                if row.get("device_id") == phone.device_id or row.get("trip_id") in driven
            ]
            assert len(rows[table.name]) == len(mine), table.name
    assert {row["id"] for row in rows["trips"]} == set(driven)
    assert [row["id"] for row in rows["devices"]] == [phone.device_id]
    assert phone.token not in answer.text
    assert devices.digest(phone.token).encode() not in archive.read("rows.json")
    others = [other for other, _ in phones.values() if other is not phone]
    assert not any(other.device_id.encode() in archive.read("rows.json") for other in others)


def test_every_table_that_speaks_of_someone_is_emptied_by_erasing_them(http, store, installation, drives):
    """Tables are found by their columns: one that is added later and forgotten fails here."""
    phones = send_all(http, drives)
    work_off(store, installation)
    (phone, driven), *_ = phones.values()
    with store.database.read() as session:
        assert sum(map(len, holdings.rows_of(session, phone.device_id).values())) > 10
    http.delete("/v1/devices/me", headers=phone.headers)
    with store.database.read() as session:
        assert sum(map(len, holdings.rows_of(session, phone.device_id).values())) == 0
        for table in holdings.tables_about(("trip_id",)):
            rows = session.execute(select(table.c.trip_id).where(table.c.trip_id.in_(driven))).all()
            assert rows == [], table.name
        assert session.get(Device, phone.device_id) is None


def test_readers_do_not_keep_erased_rows_on_the_disk_for_long(http, store, installation, phone, trip_id):
    """A reader holds up the emptying of the log; the erasing waits a second for it, and the next one does it."""
    phone.put(trip_id, 0, make_chunk(trip_id, 0))
    with store.database.read() as session:
        session.execute(select(Device.id)).all()
        assert http.delete("/v1/devices/me", headers=phone.headers).status_code == 204
    assert store.database.scrub()
    with store.database.write() as session:
        assert session.execute(text("PRAGMA busy_timeout")).scalar() == BUSY_MS, "writers wait as before"
    assert os.path.getsize(installation.data / "cahot.sqlite-wal") == 0
    assert phone.device_id.encode() not in everything_in(installation.data)
