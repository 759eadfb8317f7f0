"""A disk that fails, fills up or turns read-only, a database that is held, kills at every call: nothing acknowledged is lost."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import wait
from contextlib import contextmanager
from pathlib import Path

import pytest
from callers import Phone, ServerProcess, make_chunk
from fastapi.testclient import TestClient
from sqlalchemy import Engine, event, select

from ingest import checking, worker
from ingest.api import create_app
from ingest.running import Start
from ingest.settings import Settings, Work
from ingest.store import Store, database, devices, open_store
from ingest.store.intake import Arrival, Sender
from ingest.store.objects import Piece
from ingest.store.schema import Chunk
from mobile_app.outbox import Outbox
from mobile_app.uploader import Uploader

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
needs_strace = pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed: no call can be made to fail")
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="not root: no small disk can be mounted")
KILLED = Start(killed_since=time.time() - 3600, alone=True)


def enrolled(installation: Settings) -> tuple[str, str]:
    """Device and digest of its token."""
    store = open_store(installation)
    with store.database.write() as session:
        device, token = devices.enrol(session, 0.0)
    store.database.close()
    return device, devices.digest(token)


def store_under(injected: str, installation: Settings, trip: str, count: int, known: tuple[str, str]) -> list[str]:
    """Stores chunks one after the other in a forked process while strace injects this; what became of each, until it died."""
    told, tell = os.pipe()
    wait_for, go = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            _store_telling(installation, trip, count, Sender(*known), tell, wait_for)
        finally:
            os._exit(0)
    os.close(tell)
    lines = os.fdopen(told)
    assert lines.readline() == "ready\n"
    called = injected.partition(":")[0]
    command = ["strace", "-f", "-p", str(child), "-o", "/dev/null", "-e", f"trace={called}", "-e", f"inject={injected}"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as strace:
        assert strace.stderr is not None
        assert "attached" in strace.stderr.readline()
        os.write(go, b"!")
        with lines:
            outcomes = lines.read().splitlines()
        os.waitpid(child, 0)
    for end in (wait_for, go):
        os.close(end)
    return outcomes


def _store_telling(installation: Settings, trip: str, count: int, sender: Sender, tell: int, wait_for: int) -> None:
    store = open_store(installation)
    os.write(tell, b"ready\n")
    os.read(wait_for, 1)
    for number in range(count):
        data = make_chunk(trip, number)
        piece = Piece(trip, number, data, hashlib.sha256(data).hexdigest())
        try:
            outcome = str(store.intake.store(Arrival(sender, piece)).result())
        except Exception as error:
            outcome = f"failed {type(error).__name__}"
        os.write(tell, f"{number} {outcome}\n".encode())


def stored(store: Store, trip: str) -> set[int]:
    """Numbers of the chunks whose rows are there and whose files are whole."""
    with store.database.read() as session:
        rows = session.execute(select(Chunk.number, Chunk.sha256).where(Chunk.trip_id == trip)).all()
    return {number for number, sha256 in rows if store.objects.get(trip, number, sha256) == make_chunk(trip, number)}


@needs_strace
def test_a_kill_at_any_call_loses_nothing_and_leaves_nothing_torn(installation: Settings):
    """Each call in which bytes, names or rows reach the disk; benchmarks/torture.py kills whole servers at random instants."""
    known, seed = enrolled(installation), random.randrange(10**6)
    print("seed", seed)
    dice = random.Random(seed)
    for call in ("fdatasync", "fsync", "rename", "pwrite64", "write", "openat"):
        trip, at = str(uuid.uuid4()), dice.randint(1, 20)
        told = store_under(f"{call}:signal=SIGKILL:when={at}", installation, trip, 30, known)
        acknowledged = {int(line.split()[0]) for line in told if line.endswith("True")}
        assert len(acknowledged) < 30, f"the kill at {call} {at} did not happen"
        store = open_store(installation)
        assert acknowledged <= stored(store, trip) <= {*acknowledged, len(acknowledged)}
        findings, _ = checking.after_start(store, KILLED)
        assert all("never acknowledged" in str(found) for found in findings)
        assert list(checking.doctor(store, repair=False, alone=True, on_step=lambda name, steps: None)) == []
        store.database.close()


@needs_strace
@pytest.mark.parametrize("call", ["fdatasync", "fsync"])
@pytest.mark.parametrize("at", [1, 2])
def test_a_sync_that_fails_is_not_acknowledged_nor_tried_again(installation: Settings, trip_id: str, call: str, at: int):
    """EIO of the file, of the database's log, of a folder: what was acknowledged before and after is there."""
    known = enrolled(installation)
    told = store_under(f"{call}:error=EIO:when={at}", installation, trip_id, 4, known)
    outcomes = {int(line.split()[0]): line.split()[1] for line in told}
    failed = {number for number, outcome in outcomes.items() if outcome == "failed"}
    assert len(outcomes) == 4
    assert failed
    assert failed == ({0} if call == "fdatasync" else {0, 1, 2, 3})  # a folder that could not be synced takes nothing more
    store = open_store(installation)
    assert stored(store, trip_id) == set(outcomes) - failed
    store.database.close()


@needs_strace
def test_a_full_disk_below_the_database_stores_nothing_half(installation: Settings, trip_id: str):
    known = enrolled(installation)
    told = store_under("pwrite64:error=ENOSPC:when=2", installation, trip_id, 3, known)
    outcomes = [line.split()[1] for line in told]
    assert outcomes == ["failed", "True", "True"]
    store = open_store(installation)
    assert stored(store, trip_id) == {1, 2}
    store.database.close()


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def can_mount(folder: Path) -> bool:
    try:
        with small_disk(folder):
            return True
    except subprocess.CalledProcessError:
        return False


@needs_root
def test_a_full_disk_is_told_and_what_comes_after_is_stored_again(tmp_path: Path):
    if not can_mount(tmp_path / "probe"):
        pytest.skip("mounting is not allowed here")
    with small_disk(tmp_path / "disk") as disk:
        installation = Settings(disk / "data")
        store = open_store(installation)
        phone, trip = Phone.enrol(TestClient(create_app(installation, store))), str(uuid.uuid4())
        ballast = disk / "ballast"
        ballast.write_bytes(bytes(1_000_000))
        acknowledged, refused = set(), []
        for number in range(2000):
            answer = phone.put(trip, number, make_chunk(trip, number))
            if answer.status_code == 201:
                acknowledged.add(number)
            else:
                refused.append((answer.status_code, answer.json()["code"], int(answer.headers["retry-after"])))
            if len(refused) == 5:
                break
        assert {refusal[:2] for refusal in refused} == {(507, "storage.full")}
        assert min(refusal[2] for refusal in refused) > 0
        assert stored(store, trip) == acknowledged
        assert phone.trip(trip).json()["chunks"] == len(acknowledged)
        ballast.unlink()
        until = time.monotonic() + 3 * installation.reserve.look_s + 1.0  # it looks at the disk now and then
        while phone.put(trip, 5000, make_chunk(trip, 5000)).status_code == 507 and time.monotonic() < until:
            time.sleep(0.1)
        assert phone.put(trip, 5000, make_chunk(trip, 5000)).status_code == 200
        assert stored(store, trip) == acknowledged | {5000}
        store.database.close()


@needs_root
def test_a_disk_that_turns_read_only_is_told_and_recovers(tmp_path: Path):
    if not can_mount(tmp_path / "probe"):
        pytest.skip("mounting is not allowed here")
    with small_disk(tmp_path / "disk") as disk:
        installation = Settings(disk / "data")
        store = open_store(installation)
        phone, trip = Phone.enrol(TestClient(create_app(installation, store))), str(uuid.uuid4())
        assert phone.put(trip, 0, make_chunk(trip, 0)).status_code == 201
        store.database.close()
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        for _ in range(2):
            answer = phone.put(trip, 1, make_chunk(trip, 1))
            assert (answer.status_code, answer.json()["code"]) == (503, "storage.failed")
            assert "retry-after" in answer.headers
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
        assert phone.put(trip, 1, make_chunk(trip, 1)).status_code == 201
        assert stored(store, trip) == {0, 1}
        store.database.close()


_HOLD = """
import sqlite3, sys
held = sqlite3.connect(sys.argv[1], isolation_level=None)
held.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


def test_a_database_held_by_another_process_keeps_nobody_waiting_longer_than_once(
    installation: Settings, monkeypatch: pytest.MonkeyPatch
):
    """640 phones are answered after one waiting time, not ten times that."""
    monkeypatch.setattr(database, "_PRAGMAS", [pragma.replace("5000", "1500") for pragma in database._PRAGMAS])
    device, token_sha256 = enrolled(installation)
    store = open_store(installation)
    command = [sys.executable, "-c", _HOLD, str(installation.data / "cahot.sqlite")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        begun = time.monotonic()
        pieces = [Piece(str(uuid.uuid4()), 0, b"bytes", f"{number:064x}") for number in range(640)]
        answers = [store.intake.store(Arrival(Sender(device, token_sha256), piece)) for piece in pieces]
        wait(answers, 60)
        took_s = time.monotonic() - begun
        assert all(database.is_busy(answer.exception()) for answer in answers)
        assert took_s < 6 * 1.5  # ten batches, were each to wait by itself; one and the time to ask, even on a busy machine
        holder.communicate("")
    assert store.intake.store(Arrival(Sender(device, token_sha256), pieces[0])).result(20) is True
    store.database.close()


def test_no_statement_that_writes_runs_in_a_transaction_that_began_as_a_reader(
    phone: Phone, installation: Settings, store: Store
):
    """Such a one fails at once when another wrote in between, whatever the busy timeout."""
    deferred: list[str] = []

    def look(connection, cursor, statement: str, *_: object) -> None:
        writes = statement.lstrip().partition(" ")[0].upper() in ("INSERT", "UPDATE", "DELETE", "REPLACE")
        if writes and not connection.get_execution_options().get("cahot_writes"):
            deferred.append(statement)

    event.listen(Engine, "before_cursor_execute", look)
    try:
        trip, hasty = str(uuid.uuid4()), Settings(installation.data, work=Work(settle_s=0.0, settle_s_per_survey=0.0))
        Phone.enrol(phone.http)
        phone.put(trip, 0, make_chunk(trip, 0))
        phone.put(trip, 0, make_chunk(trip, 0))
        phone.finish(trip, 1)
        while worker.work_once(store, hasty):
            pass
        assert phone.trip(trip).json()["state"] == "processed"
        list(checking.doctor(store, repair=True, alone=True, on_step=lambda name, steps: None))
        phone.http.get("/v1/defects")
        phone.http.delete("/v1/devices/me", headers=phone.headers)
    finally:
        event.remove(Engine, "before_cursor_execute", look)
    assert deferred == []


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """With few descriptors, so that a test can use them up."""
    limited = ("prlimit", "--nofile=100")
    shared = ServerProcess(tmp_path_factory.mktemp("faulty") / "data", before=limited)
    yield shared
    shared.stop()


def test_a_stopped_server_is_given_up_on_and_nothing_is_doubled(server: ServerProcess, tmp_path: Path):
    with server.client() as http:
        phone = Phone.enrol(http)
        outbox, trip = Outbox(tmp_path / "outbox"), str(uuid.uuid4())
        outbox.begin(trip, 1_777_878_720_000_000)
        for number in range(3):
            outbox.add(trip, number, make_chunk(trip, number))
        outbox.finish(trip, 3)
        uploader = Uploader(outbox, server.address, phone.token, timeout_s=0.5, deadline_s=1.0)
        server.process.send_signal(signal.SIGSTOP)
        outcome = uploader.run_once()
        server.process.send_signal(signal.SIGCONT)
        assert (outcome.sent, outcome.waiting) == (0, 3)
        assert outcome.retry_in_s is not None
        again = Uploader(outbox, server.address, phone.token, timeout_s=20.0).run(60.0)
        assert (again.sent, again.closed) == (3, [trip])
        assert phone.trip(trip).json()["chunks"] == 3
    assert len(list((server.data / "traces").glob(f"??/{trip}/*"))) == 3


def test_descriptors_used_up_by_idle_callers_cost_time_and_nothing_else(server: ServerProcess, tmp_path: Path):
    port = int(server.address.rstrip("/").rpartition(":")[2])
    with server.client() as http:
        phone, trip = Phone.enrol(http), str(uuid.uuid4())
        assert phone.put(trip, 0, make_chunk(trip, 0)).status_code == 201
    outbox = Outbox(tmp_path / "outbox")
    outbox.begin(trip, 1_777_878_720_000_000)
    for number in range(1, 4):
        outbox.add(trip, number, make_chunk(trip, number))
    idle = [socket.create_connection(("127.0.0.1", port), timeout=5) for _ in range(120)]
    first = Uploader(outbox, server.address, phone.token, timeout_s=2.0, deadline_s=2.0).run_once()
    assert first.sent + first.waiting == 3  # those who wait longest make room, if they do in time
    for one in idle:
        one.close()
    assert first.sent + Uploader(outbox, server.address, phone.token).run(60.0).sent == 3
    with server.client() as http:
        assert http.get("/readyz").status_code == 200
        assert Phone(http, phone.token).trip(trip).json()["chunks"] == 4
