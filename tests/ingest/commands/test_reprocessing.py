"""`cahot reprocess` and `cahot backlog` as a shell sees them, beside a server that goes on serving."""

from __future__ import annotations

import io
import sys
import time
import uuid
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import select, update

sys.path.append(str(Path(__file__).parents[1]))

from callers import Phone, json_chunk, make_chunk, store_unchecked
from fastapi.testclient import TestClient

from detection import Trace, survey
from detection.simulator import simulate_city, simulate_drives
from ingest import worker
from ingest.commands import main
from ingest.settings import Settings, Work
from ingest.store import Store, backlog, jobs, reprocessing
from ingest.store.schema import Jolt, SurveyRow, Trip

AT_ONCE = Work(retry_s=0.0, settle_s=0.0, settle_s_per_survey=0.0)


@pytest.fixture(scope="module")
def drives() -> list[Trace]:
    city = simulate_city(5, street_km=1.0)
    return [drive.trace for drive in simulate_drives(city, 3, 6, devices=3, duration_s=(60.0, 70.0))]


@pytest.fixture
def installation(tmp_path: Path, database_url: str) -> Settings:
    return Settings(tmp_path / "data", database_url, work=AT_ONCE)


@dataclass(frozen=True)
class Done:
    """What a shell sees of a command."""

    returncode: int
    stdout: str
    stderr: str


def cahot(installation: Settings, *arguments: str) -> Done:
    """Runs it in this process: starting another takes seconds."""
    where = ["--data", str(installation.data), *(["--database", installation.database] if installation.database else [])]
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err, pytest.raises(SystemExit) as end:
        main([*arguments, *where])
    return Done(int(end.value.code or 0), out.getvalue(), err.getvalue())


def work_off(store: Store, installation: Settings) -> None:
    while worker.work_once(store, installation):
        pass


def surveyed(store: Store) -> dict[str, float]:
    with store.database.read() as session:
        return {row.trip_id: row.surveyed_at for row in session.execute(select(SurveyRow.trip_id, SurveyRow.surveyed_at))}


@pytest.mark.both_databases
def test_everything_is_made_anew_and_is_what_it_was(http: TestClient, store: Store, installation: Settings, drives: list[Trace]):
    trips = [Phone.enrol(http).send(trace) for trace in drives]
    work_off(store, installation)
    before = surveyed(store)
    with store.database.read() as session:
        jolts = sorted(map(repr, session.execute(select(Jolt.trip_id, Jolt.number, Jolt.t_s, Jolt.severity))))
    shown = http.get("/v1/defects").json()
    done = cahot(installation, "reprocess", "--all")
    assert done.returncode == 0, done.stderr
    assert "trips made anew: 3 of 3" in done.stderr
    assert done.stdout == "0 trips wait; 0 under way; 0 of both made anew; 0 parked\n"
    after = surveyed(store)
    assert sorted(after) == sorted(trips)
    assert all(after[trip] > before[trip] for trip in trips)
    with store.database.read() as session:
        assert sorted(map(repr, session.execute(select(Jolt.trip_id, Jolt.number, Jolt.t_s, Jolt.severity)))) == jolts
    assert http.get("/v1/defects").json() == shown


def test_what_is_chosen_is_made_anew_and_nothing_else(
    http: TestClient, store: Store, installation: Settings, drives: list[Trace]
):
    phone = Phone.enrol(http)
    first, second, third = (phone.send(trace) for trace in drives)
    work_off(store, installation)
    with store.database.write() as session:
        session.execute(update(Trip).where(Trip.id == third).values(finished_at=time.time() - 30 * 86_400))
    before = surveyed(store)
    day = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 86_400))
    for arguments, chosen in (((first,), {first}), (("--since", day), {first, second}), (("--parked",), set())):
        assert cahot(installation, "reprocess", *arguments).returncode == 0
        after = surveyed(store)
        assert {trip for trip in after if after[trip] != before[trip]} == chosen
        before = after


def test_a_parked_trip_is_shown_with_its_reason_and_can_be_made_anew(http: TestClient, store: Store, installation: Settings):
    phone, trip = Phone.enrol(http), str(uuid.uuid4())
    t = [float(i) for i in range(60)]
    store_unchecked(store, phone.device_id, trip, json_chunk(accelerometer={"t": t, "x": t, "y": t, "z": t}))
    phone.finish(trip, 1)
    work_off(store, installation)
    told = cahot(installation, "backlog", "--parked").stdout
    assert trip in told
    assert "1.0 samples a second" in told
    assert "1 parked" in cahot(installation, "backlog").stdout
    assert "trips made anew: 1 of 1" in cahot(installation, "reprocess", "--parked").stderr
    assert phone.trip(trip).json()["state"] == "rejected"  # its phone is no better now


def test_what_is_found_stays_until_the_new_is_stored_even_if_that_fails(
    http: TestClient, store: Store, installation: Settings, drives: list[Trace], monkeypatch: pytest.MonkeyPatch
):
    phone = Phone.enrol(http)
    trip = phone.send(drives[0])
    work_off(store, installation)
    before = surveyed(store)
    store.database.run(lambda session: reprocessing.request(session, [trip]))
    assert phone.trip(trip).json()["state"] == "processed"

    def poison(_trace: Trace) -> object:
        raise RuntimeError("poison")

    with monkeypatch.context() as poisoned:
        poisoned.setattr(worker, "survey", poison)
        work_off(store, installation)
    told = phone.trip(trip).json()
    assert (told["state"], told["jolts"] is not None) == ("processed", True)
    assert "failed 3 times" in told["reason"]
    assert surveyed(store) == before
    with store.database.read() as session:
        assert backlog.look(session) == backlog.Backlog(0, 0, 0, 1, 0, 0.0)
        assert [one.has_survey for one in backlog.parked(session, 10)] == [True]
    assert cahot(installation, "reprocess", trip).returncode == 0
    assert phone.trip(trip).json()["reason"] is None
    assert surveyed(store)[trip] > before[trip]


@pytest.mark.both_databases
def test_a_new_trip_goes_before_thousands_that_are_made_anew(
    http: TestClient, store: Store, installation: Settings, drives: list[Trace], monkeypatch: pytest.MonkeyPatch
):
    phone = Phone.enrol(http)
    old = [phone.send(trace) for trace in drives[:2]]
    work_off(store, installation)
    store.database.run(lambda session: reprocessing.request(session, old))
    new = phone.send(drives[2])
    with store.database.read() as session:
        now = backlog.look(session)
        assert (now.waiting, now.anew, now.parked) == (3, 2, 0)
    order: list[str] = []
    monkeypatch.setattr(worker, "survey", lambda trace: order.append(trace.trip_id) or survey(trace))
    patient = replace(installation, work=replace(AT_ONCE, settle_s=3600.0))
    work_off(store, patient)
    assert order[0] == new
    assert sorted(order[1:]) == sorted(old)


def test_a_job_asked_for_again_by_its_phone_is_no_longer_put_off(store: Store, http: TestClient, trip_id: str):
    phone = Phone.enrol(http)
    phone.put(trip_id, 0, make_chunk(trip_id, 0))
    phone.finish(trip_id, 1)
    for rank, expected in ((jobs.LATER, jobs.NOW), (jobs.NOW, jobs.NOW)):
        store.database.run(lambda session, rank=rank: jobs.request_survey(session, trip_id, 0.0, rank))
        with store.database.read() as session:
            assert session.scalars(select(jobs.Job.rank)).one() == expected


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        ([], 2, "name trips, or say one of"),
        (["--all", "--parked"], 2, "name trips, or say one of"),
        (["--since", "yesterday"], 2, "not a date"),
        (["0b54a6a3-3c7e-4a43-8f5a-0d6d1c7a9e10"], 1, "not there, not finished"),
    ],
)
def test_a_wrong_call_is_told_in_one_line(store: Store, installation: Settings, arguments: list[str], code: int, told: str):
    done = cahot(installation, "reprocess", *arguments)
    assert (done.returncode, told in done.stderr, len(done.stderr.splitlines())) == (code, True, 1), done.stderr


def test_an_installation_that_is_not_there_is_not_founded(tmp_path: Path):
    done = cahot(Settings(tmp_path / "nowhere"), "reprocess", "--all")
    assert done.returncode == 1
    assert "no installation there" in done.stderr
    assert not (tmp_path / "nowhere").exists()
