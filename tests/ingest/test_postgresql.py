"""What only PostgreSQL can do wrong: many writers at once, a server that goes away, clocks that differ."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest
from callers import Phone, make_chunk
from fastapi.testclient import TestClient
from postgresql_server import PostgresqlServer, programs
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from ingest import worker
from ingest.api import create_app
from ingest.settings import Settings
from ingest.store import Database, DatabaseUnusable, Store, database, jobs, open_store, postgresql
from ingest.store.schema import Chunk, Device, Job, Trip

T = TypeVar("T")
ROUNDS = 6  # each of the races below is run so often


@pytest.fixture
def database_url(postgresql: PostgresqlServer) -> Iterator[str]:
    url = postgresql.new_database()
    yield url
    postgresql.drop(url)


def at_once(*works: Callable[[], T]) -> list[T]:
    """All of them, begun in the same moment; what they return."""
    together = threading.Barrier(len(works))

    def one(work: Callable[[], T]) -> T:
        together.wait(10)
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(one, works))


def test_two_first_chunks_of_a_trip_at_once_are_both_stored(phone: Phone, store: Store):
    for _ in range(ROUNDS):
        trip = str(uuid.uuid4())
        sent = [make_chunk(trip, number) for number in range(4)]
        answers = at_once(
            *(lambda n=n, data=data, trip=trip: phone.put(trip, n, data).status_code for n, data in enumerate(sent))
        )
        assert answers == [201] * 4
        assert phone.trip(trip).json()["chunks"] == 4


def test_the_same_chunk_many_times_at_once_is_stored_once(phone: Phone, store: Store):
    for _ in range(ROUNDS):
        trip = str(uuid.uuid4())
        data = make_chunk(trip, 0)
        answers = at_once(*[lambda trip=trip, data=data: phone.put(trip, 0, data).status_code] * 4)
        assert sorted(answers) == [200, 200, 200, 201]
    with store.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Chunk)) == ROUNDS


def test_of_two_different_chunks_under_one_number_one_is_refused(phone: Phone):
    for _ in range(ROUNDS):
        trip = str(uuid.uuid4())
        sent = [make_chunk(trip, 0, height=height) for height in (0.0, 1.0)]
        answers = at_once(*(lambda data=data, trip=trip: phone.put(trip, 0, data).status_code for data in sent))
        assert sorted(answers) == [201, 409]


def test_no_chunk_slips_into_a_trip_that_is_just_being_finished(phone: Phone, store: Store):
    for _ in range(ROUNDS):
        trip = str(uuid.uuid4())
        phone.put(trip, 0, make_chunk(trip, 0))
        late = make_chunk(trip, 1)
        stored, finished = at_once(
            lambda trip=trip, late=late: phone.put(trip, 1, late).status_code, lambda trip=trip: phone.finish(trip, 1).status_code
        )
        assert (stored, finished) in ((409, 202), (201, 422))
        assert phone.trip(trip).json()["chunks"] == (1 if finished == 202 else 2)


def test_jobs_asked_for_at_once_become_one(store: Store):
    def ask() -> None:
        store.database.run(lambda session: jobs.request_estimate(session, 0.0), by_locks=True)

    at_once(*[ask] * 6)
    with store.database.read() as session:
        assert [(job.name, job.revision) for job in session.scalars(select(Job))] == [("estimate", 6)]


def test_workers_that_ask_at_once_get_different_jobs_and_do_not_wait_for_each_other(phone: Phone, store: Store):
    trips = [str(uuid.uuid4()) for _ in range(8)]
    for trip in trips:
        phone.put(trip, 0, make_chunk(trip, 0))
        phone.finish(trip, 1)
    claiming = store.database.write(by_locks=True)
    with claiming as session:
        mine = jobs.claim(session, time.time(), 60.0)
        begun = time.monotonic()
        others = at_once(*[lambda: store.database.run(lambda s: jobs.claim(s, time.time(), 60.0), by_locks=True)] * 8)
        assert time.monotonic() - begun < postgresql.LOCK_MS / 1000
    got = [held.trip_id for held in [mine, *others] if held]
    assert sorted(got) == sorted(trips)


def test_writers_that_read_what_the_other_writes_come_one_after_the_other(store: Store):
    """Each adds a device if there are not two yet: without being serializable both would see one and add another."""

    def add(session: Session) -> None:
        if (session.scalar(select(func.count()).select_from(Device)) or 0) < 2:
            session.execute(insert(Device), [{"id": (name := str(uuid.uuid4())), "token_sha256": name, "created_at": 0.0}])

    at_once(*[lambda: store.database.run(add)] * 6)
    with store.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Device)) == 2


def test_devices_erased_while_their_trips_arrive_leave_nothing(http: TestClient, store: Store):
    for _ in range(ROUNDS):
        phone, trip = Phone.enrol(http), str(uuid.uuid4())
        phone.put(trip, 0, make_chunk(trip, 0))

        def erase(phone: Phone = phone) -> int:
            """As the phone does it: again, should the folder have been written to meanwhile."""
            while (code := http.delete("/v1/devices/me", headers=phone.headers).status_code) == 503:
                pass
            return code

        gone, *others = at_once(
            erase, *(lambda n=n, phone=phone, trip=trip: phone.put(trip, n, make_chunk(trip, n)).status_code for n in (1, 2))
        )
        assert gone == 204
        assert set(others) <= {201, 401, 410, 503}  # stored before, token gone, trip gone (let in before it went), folder busy
    with store.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Trip)) == 0
        assert session.scalar(select(func.count()).select_from(Chunk)) == 0


def test_a_lease_does_not_hang_on_the_clock_of_the_worker_that_looks(
    phone: Phone, store: Store, installation: Settings, trip_id: str, monkeypatch: pytest.MonkeyPatch
):
    phone.put(trip_id, 0, make_chunk(trip_id, 0))
    phone.finish(trip_id, 1)
    rules = installation.work
    assert store.database.run(lambda session: worker._claim(session, rules), by_locks=True)
    monkeypatch.setattr(time, "time", lambda own=time.time: own() + 3600.0)
    assert store.database.run(lambda session: worker._claim(session, rules), by_locks=True) is None


def test_a_writer_that_stands_still_in_a_transaction_gives_up_its_locks(database_url: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(postgresql, "WRITER_IDLE_S", 1)
    stopped, other = Database(database_url), Database(database_url)
    other.run(lambda session: jobs.request_estimate(session, 0.0), by_locks=True)

    def stand_still() -> None:
        with stopped.write(by_locks=True) as session:
            session.execute(update(Job).values(error="of the one that stood still"))
            time.sleep(1.5)
            other.run(lambda s: s.execute(update(Job).values(error="of the other")), by_locks=True)
            session.execute(select(1))

    with pytest.raises(DBAPIError) as caught:
        stand_still()
    assert database.is_away(caught.value)
    with other.read() as session:
        assert session.scalars(select(Job.error)).one() == "of the other"
    for opened in (stopped, other):
        opened.close()


def test_what_is_committed_is_on_the_servers_disk_whatever_its_settings_say(store: Store):
    with store.database.write() as session:
        assert session.scalar(text("SHOW synchronous_commit")) == "on"
    with store.database.read() as session:
        assert session.scalar(text("SHOW transaction_read_only")) == "on"


@pytest.fixture
def own_server() -> Iterator[PostgresqlServer]:
    of = programs()
    if of is None:
        pytest.skip("PostgreSQL's server is not installed (Debian: apt-get install postgresql)")
    server = PostgresqlServer(of)
    yield server
    server.end()


def test_a_server_that_restarts_costs_patience_and_nothing_else(own_server: PostgresqlServer, tmp_path: Path):
    installation = Settings(tmp_path / "data", own_server.new_database())
    store = open_store(installation)
    phone, trip = Phone.enrol(TestClient(create_app(installation, store))), str(uuid.uuid4())
    assert phone.put(trip, 0, make_chunk(trip, 0)).status_code == 201
    own_server.stop()
    answer = phone.put(trip, 1, make_chunk(trip, 1))
    assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
    assert not store.database.is_there()
    own_server.start()
    assert phone.put(trip, 1, make_chunk(trip, 1)).status_code == 201
    own_server.stop()  # all connections of the pool are dead, the server is there again
    own_server.start()
    assert phone.finish(trip, 2).status_code == 202
    lost = iter([own_server.stop, own_server.start])

    def losing(session: Session) -> int:
        if act := next(lost, None):
            act()
            next(lost)()
        return session.scalar(select(func.count()).select_from(Chunk)) or 0

    assert store.database.run(losing) == 2  # lost in the middle of a transaction
    own_server.stop()
    looks = iter([False, False, True])
    hurried = replace(installation, work=replace(installation.work, idle_s=0.0))
    worker.run(store, hurried, lambda _: next(looks))  # the worker waits, too
    own_server.start()
    store.database.close()


def test_a_server_that_is_not_there_is_told_in_one_line(tmp_path: Path):
    with pytest.raises(DatabaseUnusable) as caught:
        Database(f"postgresql+psycopg://someone:secret@/x?host={tmp_path}").migrate()
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)
