"""Workers as real processes over each database: they die, stand still and come back, and every trip counts once."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from callers import Phone, until
from fastapi.testclient import TestClient
from postgresql_server import PostgresqlServer
from sqlalchemy import select
from worker_processes import WorkerProcess

from detection import Trace
from detection.simulator import simulate_city, simulate_drives
from ingest import worker
from ingest.api import create_app
from ingest.settings import Settings, Work
from ingest.store import Store, calibrations, defects, jobs, open_store
from ingest.store.schema import Jolt, SurveyRow, Trip

HURRIED = Work(lease_s=1.5, retry_s=0.0, idle_s=0.05, settle_s=0.0, settle_s_per_survey=0.0)
Start = Callable[..., WorkerProcess]


@pytest.fixture(scope="module")
def drives() -> list[Trace]:
    city = simulate_city(5, street_km=1.0)
    return [drive.trace for drive in simulate_drives(city, 5, 6, devices=3, duration_s=(60.0, 70.0))]


@pytest.fixture
def installation(tmp_path: Path, database_url: str) -> Settings:
    return Settings(tmp_path / "data", database_url, work=HURRIED)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts workers, and ends them with the test."""
    started: list[WorkerProcess] = []

    def one(installation: Settings, **told: int) -> WorkerProcess:
        started.append(WorkerProcess(installation, tmp_path / f"worker{len(started)}.log", **told))
        return started[-1]

    yield one
    for process in started:
        process.end()


def send(http: TestClient, drives: list[Trace]) -> list[str]:
    phones: dict[str | None, Phone] = {}
    return [phones.setdefault(trace.device, Phone.enrol(http)).send(trace) for trace in drives]


def is_done(store: Store) -> bool:
    with store.database.read() as session:
        return jobs.backlog(session) == 0


def found(store: Store) -> tuple[object, ...]:
    """What was found, without what differs between installations."""
    with store.database.read() as session:
        rows = session.execute(select(Jolt.trip_id, Jolt.number, Jolt.t_s, Jolt.severity, Jolt.kind))
        held = defects.load(session)
        held = held[np.lexsort((held.heading, held.longitude, held.latitude))]  # their ids are drawn anew in each installation
        states = session.execute(select(Trip.id, Trip.state, Trip.reason))
        return (
            sorted(map(repr, rows)),
            [repr(c.tolist()) for n, c in held.columns().items() if n != "id"],
            sorted(map(tuple, states)),
        )


def end_epoch(store: Store, installation: Settings) -> None:
    """Everything is estimated by a calibration from all trips."""
    with store.database.write() as session:
        calibrations.expire(session)
        jobs.request_estimate(session, 0.0)
    while worker.work_once(store, installation):
        pass


def times_surveyed(store: Store) -> dict[str, float]:
    with store.database.read() as session:
        return {row.trip_id: row.surveyed_at for row in session.execute(select(SurveyRow.trip_id, SurveyRow.surveyed_at))}


@pytest.mark.both_databases
def test_a_worker_that_stood_still_past_its_lease_does_not_store_its_late_result(
    http: TestClient, store: Store, installation: Settings, drives: list[Trace], start: Start
):
    trips = send(http, drives[:2])
    late = start(installation, signal=signal.SIGSTOP)
    until(late.is_stopped)
    other = start(installation)
    until(lambda: is_done(store))
    other.end()
    before, when = found(store), times_surveyed(store)
    assert sorted(when) == sorted(trips)
    late.process.send_signal(signal.SIGCONT)
    until(lambda: "taken over by another worker" in late.log())
    assert late.end() == 0
    assert (found(store), times_surveyed(store)) == (before, when)
    assert late.log().count(" done in ") == 1  # it says so of what it worked on, whoever's result counts


@pytest.mark.both_databases
def test_workers_at_once_one_of_which_dies_leave_what_one_clean_run_leaves(
    http: TestClient, store: Store, installation: Settings, drives: list[Trace], start: Start, tmp_path: Path
):
    trips = send(http, drives)
    dying = start(installation, signal=signal.SIGSTOP)
    until(dying.is_stopped)  # it holds a claim, whichever of them the machine lets go first
    other = start(installation)
    until(lambda: " done in " in other.log(), 60)
    dying.process.kill()
    assert dying.process.wait(60) == -signal.SIGKILL
    until(lambda: is_done(store), 60)
    assert other.end() == 0
    for trip in trips:
        assert other.log().count(f"survey:{trip} done in") == 1
    clean = Settings(tmp_path / "clean", work=HURRIED)
    alone = open_store(clean)
    send(TestClient(create_app(clean, alone)), drives)
    for held, settings in ((store, installation), (alone, clean)):
        while worker.work_once(held, settings):
            pass
        end_epoch(held, settings)  # when the last one ended hangs on who was how quick; docs/server.md says what that means
    assert found(store) == found(alone)
    alone.database.close()


def test_a_worker_on_another_machine_needs_only_database_and_bucket(
    postgresql: PostgresqlServer, s3_url: str, tmp_path: Path, drives: list[Trace], start: Start
):
    url = postgresql.new_database()
    here = Settings(tmp_path / "here", url, s3_url, work=HURRIED)
    store = open_store(here)
    http = TestClient(create_app(here, store))
    trips = send(http, drives)
    there = start(replace(here, data=tmp_path / "there"))
    until(lambda: is_done(store), 60)
    assert there.end() == 0
    assert sorted(times_surveyed(store)) == sorted(trips)
    for folder in ("here", "there"):
        assert [path for path in (tmp_path / folder).rglob("*") if path.is_file() and path.name != "tombstone.key"] == []
    store.database.close()
    postgresql.drop(url)
