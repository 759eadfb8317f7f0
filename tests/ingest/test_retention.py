"""Old traces go, what was found in them stays; told by a moved clock."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from callers import Phone, chunks_of, make_chunk
from sqlalchemy import select, update

from detection.simulator import simulate_city, simulate_drives
from ingest import worker
from ingest.commands.screen import WrongUsage
from ingest.commands.serving import seconds_of
from ingest.retention import Retention, delete_old_traces
from ingest.settings import Settings, Work
from ingest.store import Store, jobs, surveys
from ingest.store.schema import Chunk, SurveyRow, Trip

DAY_S = 86_400.0
KEEP_S = 90 * DAY_S


@pytest.fixture(scope="module")
def drives():
    city = simulate_city(5, street_km=1.5)
    return [drive.trace for drive in simulate_drives(city, 4, 6, devices=4, duration_s=(100.0, 110.0))]


@pytest.fixture
def installation(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "data", work=Work(retry_s=0.0, settle_s=0.0, settle_s_per_survey=0.0))


def work_off(store: Store, installation: Settings) -> None:
    while worker.work_once(store, installation):
        pass


def traces_in(store: Store) -> list[Path]:
    return [path for path in store.objects._folder.rglob("*") if path.is_file()]


def test_traces_are_deleted_when_they_are_old_enough_and_jolts_and_passes_stay(http, store, installation, drives):
    sent = [(phone := Phone.enrol(http), phone.send(drive)) for drive in drives]
    work_off(store, installation)
    before, defects = _found(store), http.get("/v1/defects").json()
    keeper, now = Retention(KEEP_S), time.time()
    keeper.tend(store, now + KEEP_S - DAY_S)
    assert len(traces_in(store)) >= len(drives), "none is old enough"
    keeper.tend(store, now + KEEP_S + DAY_S)
    assert traces_in(store) == []
    with store.database.read() as session:
        assert session.execute(select(Chunk)).all() == []
    assert _found(store) == before
    assert http.get("/v1/defects").json() == defects
    phone, trip = sent[0]
    assert phone.trip(trip).json()["state"] == "processed"
    assert phone.put(trip, 0, chunks_of(drives[0], trip)[0]).status_code == 200, "a repeat is still known …"
    assert traces_in(store) == [], "… and brings nothing back"


def test_reprocessing_skips_trips_whose_traces_are_gone_with_a_reason(http, store, installation, drives):
    phone = Phone.enrol(http)
    trip = phone.send(drives[0])
    work_off(store, installation)
    before = _found(store)
    delete_old_traces(store, time.time() + 1, time.time())
    with store.database.write() as session:
        session.execute(update(SurveyRow).values(shape="of an older Cahot"))
        assert surveys.renew_outdated(session, time.time()) == 0, "it could not be made again"
        session.execute(update(SurveyRow).values(shape=surveys.SHAPE))
        jobs.request_survey(session, trip, time.time())
    work_off(store, installation)
    told = phone.trip(trip).json()
    assert told["state"] == "processed"
    assert "traces were deleted for their age" in told["reason"]
    assert _found(store) == before


def test_trips_that_wait_are_processed_first_and_those_never_finished_are_closed(http, store, installation, drives):
    phone = Phone.enrol(http)
    waiting, never = phone.send(drives[0]), "5f0c7a52-3b1e-4c9d-8a77-0d6b2f1e9c34"
    phone.put(never, 0, make_chunk(never, 0))
    assert delete_old_traces(store, time.time() + 1, time.time()) == 1
    assert phone.trip(waiting).json()["state"] == "queued"
    told = phone.trip(never).json()
    assert told["state"] == "rejected"
    assert "not finished" in told["reason"]
    assert phone.put(never, 1, make_chunk(never, 1)).status_code == 409
    work_off(store, installation)
    assert phone.trip(waiting).json()["state"] == "processed"
    assert delete_old_traces(store, time.time() + 1, time.time()) == 1


def test_a_deletion_that_a_kill_interrupted_is_done_again(http, store, installation, drives, monkeypatch):
    Phone.enrol(http).send(drives[0])
    work_off(store, installation)

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(type(store.objects), "erase", dies)
    with pytest.raises(KeyboardInterrupt):
        delete_old_traces(store, time.time() + 1, time.time())
    monkeypatch.undo()
    assert traces_in(store)
    assert delete_old_traces(store, time.time() + 1, time.time()) == 1
    assert traces_in(store) == []


def test_without_a_limit_traces_are_kept(http, store, installation, drives):
    Phone.enrol(http).send(drives[0])
    Retention(None).tend(store, time.time() + 1e9)
    assert traces_in(store)


@pytest.mark.parametrize(("age", "seconds"), [("90d", KEEP_S), ("12h", 43_200.0), ("30m", 1800.0), (None, None)])
def test_an_age_is_a_number_and_a_unit(age, seconds):
    assert seconds_of(age) == seconds


@pytest.mark.parametrize("age", ["", "d", "90", "-1d", "0d", "1.5d", "90 d", "²d", "90y"])
def test_another_age_is_wrong_usage(age):
    with pytest.raises(WrongUsage, match="--keep-traces"):
        seconds_of(age)


def _found(store: Store) -> list[tuple[object, ...]]:
    with store.database.read() as session:
        columns = (SurveyRow.trip_id, SurveyRow.arrays, SurveyRow.jolts)
        states = session.execute(select(Trip.id, Trip.state).order_by(Trip.id)).all()
        return [tuple(row) for row in (*session.execute(select(*columns).order_by(SurveyRow.trip_id)), *states)]
