"""From a finished trip to defects: once in effect, through deaths, rivals and poison."""

from __future__ import annotations

import time
import uuid
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from callers import Phone, json_chunk, make_chunk, store_unchecked
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from detection import Trace, survey
from detection.simulator import simulate_city, simulate_drives
from ingest import worker
from ingest.settings import Limits, Settings, Work
from ingest.store import Store, defects, jobs, open_store, surveys
from ingest.store.schema import Chunk, Job, Jolt, SurveyRow, Trip

Drives = list[Trace]
AT_ONCE = Work(retry_s=0.0, settle_s=0.0, settle_s_per_survey=0.0)


@pytest.fixture(scope="module")
def drives() -> list[Trace]:
    city = simulate_city(5, street_km=1.5)
    return [drive.trace for drive in simulate_drives(city, 10, 6, devices=5, duration_s=(150.0, 160.0))]


@pytest.fixture
def installation(tmp_path: Path, database_url: str) -> Settings:
    return Settings(tmp_path / "data", database_url, work=AT_ONCE)


def send(http: TestClient, traces: list[Trace]) -> list[str]:
    phones: dict[str | None, Phone] = {}
    return [phones.setdefault(trace.device, Phone.enrol(http)).send(trace) for trace in traces]


def work_off(store: Store, installation: Settings) -> int:
    done = 0
    while worker.work_once(store, installation):
        done += 1
    return done


def found(store: Store) -> tuple[object, ...]:
    """Everything that was found, without what differs between installations."""
    with store.database.read() as session:
        rows = session.execute(
            select(Jolt.trip_id, Jolt.number, Jolt.t_s, Jolt.severity, Jolt.kind).order_by(Jolt.trip_id, Jolt.number)
        )
        held = defects.load(session)
    return [tuple(row) for row in rows], [(name, column.tolist()) for name, column in held.columns().items() if name != "id"]


def same(one: object, other: object) -> bool:
    return repr(one) == repr(other)  # NaN equals itself here


@pytest.mark.both_databases
def test_a_finished_trip_becomes_jolts_and_the_trips_become_defects(
    http: TestClient, store: Store, installation: Settings, drives: Drives
):
    trips = send(http, drives)
    work_off(store, installation)
    with store.database.read() as session:
        assert set(session.scalars(select(Trip.state))) == {"processed"}
        kept = {held.trip_id: held for held in surveys.load_all(session)}
        assert len(defects.load(session)) > 0
        assert session.scalars(select(Job.name)).all() == []
    expected = [survey(worker.assemble(store, trip)) for trip in trips]
    for trip, wanted in zip(trips, expected, strict=True):
        for name in wanted.jolts.columns():
            np.testing.assert_array_equal(getattr(kept[trip].jolts, name), getattr(wanted.jolts, name))
        for name in wanted.track.columns():
            np.testing.assert_array_equal(getattr(kept[trip].track, name), getattr(wanted.track, name))
    assert sum(len(wanted.jolts) for wanted in expected) > 5
    shown = http.get("/v1/defects").json()["features"]
    assert shown
    assert all(feature["properties"]["devices"] >= 3 for feature in shown)


def test_assembling_gives_the_trace_the_phone_recorded(http: TestClient, store: Store, drives: Drives):
    (trip,) = send(http, drives[:1])
    again, sent = worker.assemble(store, trip), drives[0]
    np.testing.assert_allclose(again.accelerometer.xyz, sent.accelerometer.xyz, atol=0.002)
    np.testing.assert_allclose(again.accelerometer.t_s, sent.accelerometer.t_s, atol=1e-6)
    np.testing.assert_allclose(again.fixes.latitude_deg, sent.fixes.latitude_deg, atol=1e-7)
    assert abs(again.started_at_s - sent.started_at_s) < 1e-5


def test_the_order_of_arrival_does_not_matter(tmp_path: Path, drives: Drives):
    results = []
    for name, order in (("one", drives), ("other", drives[::-1])):
        settings = Settings(tmp_path / name, work=AT_ONCE)
        from ingest.api import create_app

        store = open_store(settings)
        send(TestClient(create_app(settings, store)), order)
        work_off(store, settings)
        results.append(found(store))
        store.database.close()
    assert same(*results)


def test_working_again_changes_neither_results_nor_ids(http: TestClient, store: Store, installation: Settings, drives: Drives):
    trips = send(http, drives)
    work_off(store, installation)
    before, ids = found(store), http.get("/v1/defects").json()
    with store.database.write() as session:
        for trip in trips:
            jobs.request_survey(session, trip, time.time())
    assert work_off(store, installation) > len(trips)
    assert same(found(store), before)
    assert http.get("/v1/defects").json() == ids


def test_a_defect_keeps_its_id_and_status_when_more_trips_arrive(
    http: TestClient, store: Store, installation: Settings, drives: Drives
):
    send(http, drives[:-1])
    work_off(store, installation)
    with store.database.write() as session:
        known = defects.load(session)
        first = known.id[int(np.argmax(known.confidence))]
        session.execute(update(defects.Defect).where(defects.Defect.id == first).values(status="confirmed"))
    send(http, drives[-1:])
    work_off(store, installation)
    with store.database.read() as session:
        assert session.scalar(select(defects.Defect.status).where(defects.Defect.id == first)) == "confirmed"


def test_a_burst_of_trips_is_estimated_once(http: TestClient, store: Store, installation: Settings, drives: Drives):
    send(http, drives[:4])
    assert work_off(store, installation) == 4 + 1


@pytest.mark.both_databases
def test_a_trip_that_cannot_be_used_is_rejected_with_its_reason_and_blocks_nobody(
    http: TestClient, store: Store, installation: Settings, drives: Drives
):
    slow, trip_id = Phone.enrol(http), str(uuid.uuid4())
    t = [float(i) for i in range(60)]
    store_unchecked(store, slow.device_id, trip_id, json_chunk(accelerometer={"t": t, "x": t, "y": t, "z": t}))
    slow.finish(trip_id, 1)
    send(http, drives[:1])
    work_off(store, installation)
    told = slow.trip(trip_id).json()
    assert told["state"] == "rejected"
    assert "1.0 samples a second" in told["reason"]
    with store.database.read() as session:
        assert session.scalars(select(Trip.state).order_by(Trip.state)).all() == ["processed", "rejected"]


@pytest.mark.both_databases
def test_a_trip_whose_bytes_rotted_is_rejected(phone: Phone, store: Store, installation: Settings, trip_id: str):
    phone.put(trip_id, 0, make_chunk(trip_id, 0))
    phone.finish(trip_id, 1)
    with store.database.read() as session:
        sha256 = session.scalars(select(Chunk.sha256)).one()
    path = store.objects.path(trip_id, 0, sha256)
    data = bytearray(path.read_bytes())
    data[50] ^= 1
    path.write_bytes(data)
    work_off(store, installation)
    assert "checksum" in phone.trip(trip_id).json()["reason"]


def test_a_trip_that_would_not_fit_into_memory_is_parked(phone: Phone, store: Store, installation: Settings, trip_id: str):
    for number in range(3):
        phone.put(trip_id, number, make_chunk(trip_id, number))
    phone.finish(trip_id, 3)
    work_off(store, replace(installation, limits=Limits(samples_per_trip=120)))
    told = phone.trip(trip_id).json()
    assert (told["state"], told["reason"]) == (
        "rejected",
        "the trip has 150 samples or more, above the 120 of one trip; send it as several trips",
    )


@pytest.mark.both_databases
def test_what_fails_three_times_is_parked_and_blocks_nobody(
    http: TestClient, store: Store, installation: Settings, drives: Drives, monkeypatch: pytest.MonkeyPatch
):
    poison, good = send(http, drives[:2])
    tried = []

    def survey_or_fail(trace: Trace) -> object:
        tried.append(trace.trip_id)
        if trace.trip_id == poison:
            raise RuntimeError("48.137 11.575 secret")
        return survey(trace)

    monkeypatch.setattr(worker, "survey", survey_or_fail)
    work_off(store, installation)
    assert tried.count(poison) == 3
    with store.database.read() as session:
        assert session.get_one(Trip, good).state == "processed"
        assert session.get_one(Trip, poison).state == "rejected"
        assert "RuntimeError" in session.get_one(Trip, poison).reason
        assert "48.137" not in session.get_one(Trip, poison).reason


@pytest.mark.both_databases
def test_a_dead_workers_trip_is_taken_up_when_its_lease_ends(phone: Phone, store: Store, installation: Settings, drives: Drives):
    trip = phone.send(drives[0])
    with store.database.write() as session:
        dead = jobs.claim(session, time.time(), 60.0)
        assert jobs.claim(session, time.time(), 60.0) is None
    assert work_off(store, installation) == 0
    with store.database.write() as session:
        session.execute(update(Job).where(Job.lease == dead.lease).values(lease_until=time.time() - 1))
    work_off(store, installation)
    assert phone.trip(trip).json()["state"] == "processed"


@pytest.mark.both_databases
def test_a_trip_that_kills_its_worker_every_time_is_parked(phone: Phone, store: Store, installation: Settings, drives: Drives):
    trip = phone.send(drives[0])
    for _ in range(3):
        with store.database.write() as session:
            assert jobs.claim(session, time.time(), -1.0)
    work_off(store, installation)
    assert "died 3 times" in phone.trip(trip).json()["reason"]


@pytest.mark.both_databases
def test_a_worker_that_comes_back_late_does_not_store_over_the_other(
    phone: Phone, store: Store, installation: Settings, drives: Drives, monkeypatch: pytest.MonkeyPatch
):
    trip = phone.send(drives[0])
    rival = open_store(installation)

    def slow_survey(trace: Trace) -> object:
        monkeypatch.setattr(worker, "survey", survey)
        with rival.database.write() as session:
            session.execute(update(Job).values(lease_until=time.time() - 1))
        assert worker.work_once(rival, installation)
        with rival.database.write() as session:
            session.execute(update(SurveyRow).values(shape="the other's"))
        return survey(trace)

    monkeypatch.setattr(worker, "survey", slow_survey)
    assert worker.work_once(store, installation)
    with store.database.read() as session:
        assert session.scalar(select(SurveyRow.shape).where(SurveyRow.trip_id == trip)) == "the other's"
    rival.database.close()


@pytest.mark.both_databases
def test_many_workers_share_the_backlog_and_do_each_trip_once(
    http: TestClient, store: Store, installation: Settings, drives: Drives
):
    import threading

    send(http, drives)
    rivals = [open_store(installation) for _ in range(3)]
    counts: list[int] = []
    threads = [threading.Thread(target=lambda own=own: counts.append(work_off(own, installation))) for own in rivals]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    work_off(store, installation)
    with store.database.read() as session:
        assert set(session.scalars(select(Trip.state))) == {"processed"}
        assert len(session.scalars(select(SurveyRow.trip_id)).all()) == len(drives)
    for rival in rivals:
        rival.database.close()
    assert sum(counts) >= len(drives)


@pytest.mark.both_databases
def test_surveys_of_an_older_shape_are_made_anew(phone: Phone, store: Store, installation: Settings, drives: Drives):
    phone.send(drives[0])
    work_off(store, installation)
    with store.database.write() as session:
        session.execute(update(SurveyRow).values(shape="older", arrays=b""))
    passes = iter([False] * 5)
    worker.run(store, installation, lambda seconds: next(passes, True))
    with store.database.read() as session:
        assert session.scalars(select(SurveyRow.shape)).one() == surveys.SHAPE
        assert len(surveys.load_all(session)[0].track) > 0
