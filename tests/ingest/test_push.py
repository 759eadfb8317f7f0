"""Sensor Logger's push: from the app as it is to a trip, once, whatever the order; and what is refused."""

from __future__ import annotations

import gzip
import json
import random
import sqlite3
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from callers import Phone
from fastapi.testclient import TestClient
from sensor_logger import SensorLogger, export_of, rows_of
from sqlalchemy import func, select
from test_upload import code_of

from detection import Trace
from detection.readers import read
from detection.readers.sensorlogger_push import PUSHED
from detection.simulator import simulate_city, simulate_drives
from ingest import worker
from ingest.api import create_app
from ingest.closing import Cut, Kept, close_one, without_ends
from ingest.commands.replaying import replay
from ingest.settings import Push, Settings
from ingest.store import Store, pushes, readings, surveys
from ingest.store.schema import Chunk, Job, PushMessage, PushPart, Trip
from mobile_app import wire
from mobile_app.outbox import Outbox

LATER_S = 601.0


@pytest.fixture(scope="module")
def drive() -> Trace:
    (made,) = simulate_drives(simulate_city(5, street_km=1.5), 1, 6, duration_s=(100.0, 110.0))
    return made.trace


@pytest.fixture
def app(phone: Phone) -> SensorLogger:
    return SensorLogger.of(phone)


@pytest.fixture
def short(app: SensorLogger) -> list[dict]:
    """Ten messages of a phone at rest, 20 Hz."""
    begin = int(time.time()) * 10**9
    rows = {
        "totalacceleration": [(begin + i * 50_000_000, {"x": 0.1, "y": 0.0, "z": 9.8 + i % 3 / 100}) for i in range(200)],
        "location": [
            (begin + i * 10**9, {"latitude": 48.1 + i * 1e-4, "longitude": 11.5, "speed": 10.0, "horizontalAccuracy": 4.0})
            for i in range(10)
        ],
    }
    return app.messages(rows, "a session")


def whole(trace: Trace, *_: object) -> Kept:
    """Cuts nothing."""
    return Kept(trace)


def close_all(store: Store, installation: Settings, now: float | None = None, cut: Cut = whole) -> int:
    done = 0
    while close_one(store, installation, now or time.time() + LATER_S, cut):
        done += 1
    return done


def chunks_of_trip(store: Store, trip_id: str) -> list[bytes]:
    with store.database.read() as session:
        rows = session.execute(select(Chunk.number, Chunk.sha256).where(Chunk.trip_id == trip_id).order_by(Chunk.number)).all()
    return [store.objects.get(trip_id, number, sha256) for number, sha256 in rows]


def held(store: Store) -> object:
    """Messages known, and how many of them still have their readings."""
    with store.database.read() as session:
        return session.execute(select(func.count(), func.count(PushMessage.body)).select_from(PushMessage)).one()


@pytest.mark.parametrize("android", [True, False])
def test_a_pushed_session_is_the_very_trip_that_an_import_of_its_export_makes(
    app: SensorLogger, phone: Phone, store: Store, installation: Settings, drive: Trace, tmp_path: Path, android: bool
):
    rows = rows_of(drive, android)
    sent = app.messages(rows)
    dice = random.Random(7)
    order = [*range(len(sent)), *dice.sample(range(len(sent)), 20)]
    dice.shuffle(order)
    answers = [app.push(sent[number]) for number in order]
    assert {answer.status_code for answer in answers} == {200}
    assert sum(answer.json()["duplicate"] for answer in answers) == 20
    (trip_id,) = {answer.json()["trip_id"] for answer in answers}
    assert close_all(store, replace(installation, push=Push(silence_s=-1.0)), time.time()) == 1  # silent already
    file = tmp_path / "recording.zip"
    file.write_bytes(export_of(rows))
    (trace,) = read(file)
    outbox = Outbox(tmp_path / "outbox")
    count = replay(trace, outbox, trip_id, None)
    imported = [wire.decode(outbox.read(trip_id, number) or b"") for number in range(count)]
    pushed = [wire.decode(data) for data in chunks_of_trip(store, trip_id)]
    assert [wire.chunk_to_json(replace(chunk, withheld=None)) for chunk in pushed] == [*map(wire.chunk_to_json, imported)]
    assert worker.work_once(store, installation)
    with store.database.read() as session:
        (found,) = surveys.load_all(session)
    assert len(found.jolts) > 0
    assert phone.trip(trip_id).json()["state"] == "processed"


def test_nothing_is_a_trip_before_the_session_is_silent_and_nothing_but_receipts_is_left_after(
    app: SensorLogger, phone: Phone, store: Store, installation: Settings, short: list[dict]
):
    trip_id = app.push(short[0]).json()["trip_id"]
    for message in short[1:]:
        app.push(message)
    assert close_all(store, installation, time.time() + 590) == 0
    assert phone.trip(trip_id).status_code == 404
    assert held(store) == (10, 10)
    assert close_all(store, installation) == 1
    assert phone.trip(trip_id).json()["state"] == "queued"
    assert held(store) == (10, 0)
    assert app.push(short[3]).json() | {"duplicate": True, "trip_id": trip_id} == app.push(short[3]).json()
    assert close_all(store, installation) == 0


def test_what_comes_after_the_silence_is_a_trip_of_its_own_and_the_first_stays_as_it_is(
    app: SensorLogger, store: Store, installation: Settings, short: list[dict]
):
    for message in short[:6]:
        first = app.push(message).json()["trip_id"]
    close_all(store, installation)
    before = chunks_of_trip(store, first)
    for message in short[6:]:
        second = app.push(message).json()["trip_id"]
    close_all(store, installation)
    assert first != second
    assert chunks_of_trip(store, first) == before
    assert len(chunks_of_trip(store, second)) == 1
    with store.database.read() as session:
        assert sorted(session.scalars(select(Job.name))) == sorted([f"survey:{first}", f"survey:{second}"])


def test_a_message_that_comes_while_its_part_is_being_closed_is_not_lost(
    app: SensorLogger, store: Store, installation: Settings, short: list[dict]
):
    for message in short[:5]:
        first = app.push(message).json()["trip_id"]
    now = time.time() + LATER_S
    with store.database.write() as session:
        claimed = pushes.claim(session, now, installation.push)
    assert claimed is not None
    assert claimed.trip_id == first
    second = app.push(short[5]).json()["trip_id"]
    assert second != first
    assert close_all(store, installation, now + 1) == 1  # the lease of the first is held
    assert close_all(store, installation, now + installation.push.lease_s + 1) == 1
    assert held(store) == (6, 0)


def test_a_closing_cut_off_anywhere_is_done_again_to_the_same_bytes(
    app: SensorLogger, store: Store, installation: Settings, short: list[dict], monkeypatch: pytest.MonkeyPatch
):
    for message in short:
        trip_id = app.push(message).json()["trip_id"]

    def cut_off(*_: object) -> None:
        raise KeyboardInterrupt

    now = time.time() + LATER_S
    with monkeypatch.context() as killed:
        killed.setattr("ingest.store.trips.finish", cut_off)
        with pytest.raises(KeyboardInterrupt):
            close_one(store, installation, now, whole)
    assert held(store) == (10, 10)
    assert close_all(store, installation, now + installation.push.lease_s + 1) == 1
    assert len(chunks_of_trip(store, trip_id)) == 1
    assert held(store) == (10, 0)


def test_two_workers_make_one_trip_of_a_part(app: SensorLogger, store: Store, installation: Settings, short: list[dict]):
    app.push(short[0])
    now = time.time() + LATER_S
    with store.database.write() as session:
        zombie = pushes.claim(session, now, installation.push)
    assert zombie is not None
    assert close_all(store, installation, now + installation.push.lease_s + 1) == 1
    with store.database.write() as session:
        assert not pushes.holds(session, zombie)


def test_ends_are_cut_before_anything_is_kept(app: SensorLogger, store: Store, installation: Settings, short: list[dict]):
    for message in short:
        trip_id = app.push(message).json()["trip_id"]
    seen: list[Trace] = []
    assert close_one(store, installation, time.time() + LATER_S, lambda trace, *_: seen.append(trace) or Kept(None))
    assert len(seen[0].fixes) == 10
    with store.database.read() as session:
        trip = session.get_one(Trip, trip_id)
        assert (trip.state, trip.chunks) == ("rejected", 0)
        assert "too short" in trip.reason
    assert held(store) == (10, 0)
    assert list(installation.traces.rglob(trip_id)) == []


def test_the_ends_of_a_pushed_drive_are_nowhere_on_the_server(app: SensorLogger, store: Store, installation: Settings):
    begin = int(time.time() - 700) * 10**9
    rows = {
        "totalacceleration": [(begin + i * 50_000_000, {"x": 0.1, "y": 0.0, "z": 9.8 + i % 3 / 100}) for i in range(12_000)],
        "location": [
            (begin + i * 10**9, {"latitude": 48.1 + i * 1e-4, "longitude": 11.5, "speed": 11.1, "horizontalAccuracy": 4.0})
            for i in range(600)
        ],
    }
    for message in app.messages(rows):
        trip_id = app.push(message).json()["trip_id"]
    assert close_all(store, installation, cut=without_ends) == 1
    chunks = [wire.decode(data) for data in chunks_of_trip(store, trip_id)]
    assert chunks
    assert all(chunk.withheld is not None for chunk in chunks)
    latitude = np.concatenate([chunk.location.columns["latitude"] for chunk in chunks if chunk.location])
    margin_deg = installation.ends.margin_m / 111_195
    assert 48.1 + margin_deg < latitude.min() < latitude.max() < 48.1 + 599e-4 - margin_deg
    first_us = min(chunk.started_at_us + chunk.accelerometer.t_s[0] * 1e6 for chunk in chunks)
    assert first_us > begin / 1e3 + 15e6  # nor is the shaking of that time


def test_acceleration_without_gravity_is_told_to_the_driver(
    app: SensorLogger, phone: Phone, store: Store, installation: Settings, short: list[dict]
):
    for message in short:
        for reading in message["payload"]:
            if reading["name"] == "totalacceleration":
                reading["name"] = "accelerometer"
                reading["values"] = {"x": 0.1, "y": 0.0, "z": 0.1}
        trip_id = app.push(message).json()["trip_id"]
    close_all(store, installation)
    told = phone.trip(trip_id).json()
    assert told["state"] == "rejected"
    assert "switch on Gravity" in told["reason"]


def test_other_sensors_never_reach_the_disk(app: SensorLogger, store: Store, installation: Settings, short: list[dict]):
    secrets = [
        {
            "name": "network",
            "time": short[0]["payload"][0]["time"],
            "values": {"ssid": "CANARY-ssid", "ipAddress": "203.0.113.7"},
        },
        {"name": "annotation", "time": short[0]["payload"][0]["time"], "values": {"text": "CANARY-text"}},
    ]
    short[0]["payload"] += secrets
    short[0]["userId"] = "CANARY-user"
    assert app.push(short[0]).json()["dropped"] == {}
    store.database.close()
    kept = b"".join(path.read_bytes() for path in installation.data.rglob("*") if path.is_file())
    for word in (b"CANARY", b"203.0.113.7", app.device.encode(), b"a session"):
        assert word not in kept


def test_the_apps_test_button_and_empty_batches_are_answered_and_nothing_is_kept(app: SensorLogger, store: Store):
    for message in (
        app.message(0, "test", []),
        app.message(0, "test", [{"name": "microphone", "time": 1, "values": {"dBFS": -20}}]),
        {"payload": [{"name": "test"}]},
    ):
        answer = app.push(message)
        assert (answer.status_code, answer.json()["kept"], answer.json()["trip_id"]) == (200, 0, None)
    assert held(store) == (0, 0)


def test_values_may_stand_beside_the_name_and_a_bad_reading_does_not_lose_the_others(app: SensorLogger, short: list[dict]):
    good = short[0]["payload"]
    stamp = good[0]["time"]
    bad = [
        {"name": "gravity", "time": stamp, "values": {"x": 1, "y": None, "z": 2}},
        {"name": "gravity", "time": stamp, "values": {"x": True, "y": 0, "z": 2}},
        {"name": "gravity", "time": stamp, "values": [1, 2, 3]},
        {"name": "gravity", "time": "now", "values": {"x": 1, "y": 0, "z": 2}},
        {"name": "gravity", "time": stamp // 10**6, "values": {"x": 1, "y": 0, "z": 2}},
        {"name": "location", "time": stamp, "values": {"latitude": 91.0, "longitude": 0}},
        {"name": "location", "time": stamp, "values": {"latitude": 2**80, "longitude": 0}},
        {"time": stamp},
        None,
        17,
    ]
    beside = {"name": "gyroscope", "time": float(stamp), "x": 0.1, "y": 0, "z": -0.1}
    told = app.push(short[0] | {"payload": [*bad, beside, *good]}).json()
    assert told["kept"] == len(good) + 1
    assert told["dropped"] == {"value": 5, "time": 2}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"payload": None}, (422, "field.missing")),
        ({"payload": {}}, (422, "field.range")),
        ({"messageId": -1}, (422, "field.range")),
        ({"messageId": True}, (422, "field.range")),
        ({"messageId": 2**70}, (422, "field.range")),
        ({"messageId": None}, (422, "field.missing")),
        ({"sessionId": 5}, (422, "field.range")),
        ({"sessionId": ""}, (422, "field.text")),
        ({"sessionId": "\x00"}, (422, "field.text")),
        ({"sessionId": "\ud800"}, (422, "field.text")),
        ({"sessionId": "\u202eabc"}, (422, "field.text")),
        ({"sessionId": "x" * 300}, (422, "field.text")),
    ],
)
def test_a_message_that_cannot_be_placed_is_refused_with_its_field(
    app: SensorLogger, store: Store, short: list[dict], change: dict, expected: tuple[int, str]
):
    told = {name: value for name, value in (short[0] | change).items() if value is not None}
    answer = app.push(told)
    assert code_of(answer) == expected
    assert answer.json()["field"] == next(iter(change))
    assert held(store) == (0, 0)


def test_bodies_that_are_no_message_are_refused(app: SensorLogger, short: list[dict]):
    whole = json.dumps(short[0]).encode()
    for body, expected in (
        (b"", (400, "body.malformed")),
        (b"[]", (400, "body.malformed")),
        (whole[:-5], (400, "body.malformed")),
        (whole.replace(b"9.8", b"NaN", 1), (422, "sample.not_finite")),
        (whole.replace(b"9.8", b"1e999", 1), (422, "sample.not_finite")),
        (b'{"payload": [], "payload": []}', (400, "body.duplicate_key")),
        (b'{"payload":' + b"[" * 99_000 + b"]" * 99_000 + b"}", (400, "body.malformed")),
        (b'{"payload":[' + b"[]," * 100_000 + b"[]]}", (413, "body.too_large")),
        (bytes(5 << 20), (413, "body.too_large")),
    ):
        assert code_of(app.push(body)) == expected, body[:40]
    assert code_of(app.push(gzip.compress(bytes(5 << 20)), **{"Content-Encoding": "gzip"})) == (413, "body.expands_too_large")
    assert code_of(app.push(whole, **{"Content-Type": "text/plain"})) == (415, "body.unsupported")
    assert code_of(SensorLogger(app.http, "unknown").push(short[0])) == (401, "auth.invalid")
    assert app.push(gzip.compress(whole), **{"Content-Encoding": "gzip"}).json()["duplicate"] is False
    assert app.push(whole).json()["duplicate"] is True


def test_times_in_another_unit_are_refused_by_naming_the_unit(app: SensorLogger, short: list[dict]):
    for reading in short[0]["payload"]:
        reading["time"] //= 10**6
    answer = app.push(short[0])
    assert code_of(answer) == (422, "time.implausible")
    assert "nanoseconds" in answer.json()["detail"]


def test_sessions_of_equal_name_on_two_phones_are_two_trips(http: TestClient, app: SensorLogger, short: list[dict]):
    other = SensorLogger.of(Phone.enrol(http))
    assert app.push(short[0]).json()["trip_id"] != other.push(short[0]).json()["trip_id"]


def test_one_device_cannot_fill_the_disk(tmp_path: Path, store: Store, short: list[dict]):
    small = Settings(tmp_path / "data", push=Push(device_bytes=1500))
    http = TestClient(create_app(small, store))
    app = SensorLogger.of(Phone.enrol(http))
    answers = [app.push(message) for message in short]
    assert answers[0].status_code == 200
    assert code_of(answers[-1]) == (429, "push.too_much")
    assert int(answers[-1].headers["retry-after"]) > 0
    assert SensorLogger.of(Phone.enrol(http)).push(short[0]).status_code == 200
    close_all(store, small)
    assert app.push(short[-1]).status_code == 200


def test_a_part_that_fails_three_times_is_set_aside_with_its_messages(
    app: SensorLogger, store: Store, installation: Settings, short: list[dict], monkeypatch: pytest.MonkeyPatch
):
    app.push(short[0])

    def broken(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("ingest.closing.chunks_of", broken)
    now = time.time() + LATER_S
    for attempt in range(5):
        close_one(store, installation, now + attempt * (installation.push.lease_s + 1), whole)
    assert held(store) == (1, 1)
    with store.database.read() as session:
        part = session.scalars(select(PushPart)).one()
    assert (part.attempts, part.reason) == (3, "RuntimeError: the operator's log has the details")


def test_an_erased_device_leaves_nothing_of_its_messages(
    app: SensorLogger, phone: Phone, store: Store, installation: Settings, short: list[dict]
):
    for message in short[:4]:
        trip_id = app.push(message).json()["trip_id"]
    close_all(store, installation)
    app.push(short[5])

    def erasing(trace: Trace, *_: object) -> Kept:
        assert phone.http.delete("/v1/devices/me", headers=phone.headers).status_code == 204
        return Kept(trace)

    assert close_one(store, installation, time.time() + LATER_S, erasing)
    with store.database.read() as session:
        assert session.scalars(select(PushPart.trip_id)).all() == []
    assert held(store) == (0, 0)
    assert [path for path in installation.traces.rglob("*") if path.is_file()] == []
    assert phone.trip(trip_id).status_code == 401


def test_a_message_is_acknowledged_only_when_its_row_is_committed(
    tmp_path: Path, phone: Phone, app: SensorLogger, short: list[dict], installation: Settings
):
    assert app.push(short[0]).status_code == 200
    with sqlite3.connect(installation.data / "cahot.sqlite") as other:  # another connection sees what is committed
        assert other.execute("SELECT count(*) FROM push_messages WHERE body IS NOT NULL").fetchone() == (1,)
        assert other.execute("PRAGMA synchronous").fetchone() is not None


def test_receipts_are_forgotten_after_a_week(app: SensorLogger, store: Store, installation: Settings, short: list[dict]):
    app.push(short[0])
    app.push(short[1] | {"sessionId": "another, still open"})
    now = time.time() + LATER_S
    close_one(store, installation, now)
    with store.database.write() as session:
        assert pushes.forget(session, now - 1) == 0
        assert pushes.forget(session, now + 1) == 1
    assert held(store) == (1, 1)


def test_unpacked_readings_are_what_was_packed():
    numbers = np.random.default_rng(1).normal(size=(4, 50))
    stamps = [1_777_878_720_000_000_001 + i for i in range(50)]
    told = {"gravity": {"time": stamps, **{axis: numbers[i].tolist() for i, axis in enumerate("xyz")}}}
    back = readings.unpack(readings.pack(told, PUSHED), PUSHED)
    assert list(back) == ["gravity"]
    np.testing.assert_array_equal(back["gravity"]["y"], numbers[1])
    np.testing.assert_array_equal(back["gravity"]["time"], np.array(stamps, float))
