"""A server that is nearly full refuses before anything is stored, says when to come back, and recovers by itself."""

from __future__ import annotations

import concurrent.futures
import contextlib
import os
import random
import shutil
import socket
import subprocess
import threading
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import pytest
from callers import Phone, ServerProcess, make_chunk
from fastapi.testclient import TestClient
from test_upload import code_of, objects

from ingest.api import create_app
from ingest.api.pressure import LARGE_BYTES, Reading
from ingest.api.problems import Problem
from ingest.settings import Reserve, Settings
from ingest.store import Store, jobs
from mobile_app.outbox import Outbox
from mobile_app.uploader import Uploader


def pressed(installation: Settings, store: Store, **reserve: Any) -> TestClient:
    return TestClient(create_app(replace(installation, reserve=Reserve(look_s=0.0, **reserve)), store))


def free_bytes(folder: Path) -> int:
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize


def test_a_disk_below_its_reserve_takes_nothing_new_but_still_acknowledges_what_it_has(
    installation: Settings, store: Store, trip_id: str
):
    roomy = pressed(installation, store)
    phone = Phone.enrol(roomy)
    assert phone.put(trip_id, 0, make_chunk(trip_id, 0)).status_code == 201
    before = objects(installation)
    full = pressed(installation, store, free_bytes=1 << 62, free_share=1.0)
    tight = Phone(full, phone.token)
    refused = tight.put(trip_id, 1, make_chunk(trip_id, 1))
    assert code_of(refused) == (507, "storage.full")
    assert int(refused.headers["retry-after"]) == Reserve.retry_after_full_s
    assert code_of(full.post("/v1/devices")) == (507, "storage.full")
    assert tight.put(trip_id, 0, make_chunk(trip_id, 0)).status_code == 200  # so that the phone may forget it
    assert tight.finish(trip_id, 1).status_code == 202
    assert objects(installation) == before
    assert full.get("/readyz").json()["code"] == "storage.full"
    assert full.get("/v1/defects").status_code == 200
    assert full.delete("/v1/devices/me", headers=phone.headers).status_code == 204  # erasing makes room


def test_a_small_disk_keeps_a_share_of_itself_rather_than_the_whole_reserve(installation: Settings, store: Store, trip_id: str):
    disk = os.statvfs(installation.data)
    more_than_free = free_bytes(installation.data) + (1 << 40)
    share = 0.5 * free_bytes(installation.data) / (disk.f_blocks * disk.f_frsize)
    http = pressed(installation, store, free_bytes=more_than_free, free_share=share)
    assert Phone.enrol(http).put(trip_id, 0, make_chunk(trip_id, 0)).status_code == 201


def test_a_long_backlog_takes_nothing_new_until_it_is_worked_off(installation: Settings, store: Store):
    http = pressed(installation, store, backlog=2)
    phone, trips = Phone.enrol(http), [str(uuid.uuid4()) for _ in range(3)]
    for trip in trips[:2]:
        assert phone.put(trip, 0, make_chunk(trip, 0)).status_code == 201
        assert phone.finish(trip, 1).status_code == 202
    refused = phone.put(trips[2], 0, make_chunk(trips[2], 0))
    assert code_of(refused) == (503, "busy")
    assert int(refused.headers["retry-after"]) == Reserve.retry_after_full_s
    assert http.get("/readyz").json() | {"status": "refusing", "code": "busy"} == http.get("/readyz").json()
    with store.database.write() as session:
        held = jobs.claim(session, time.time(), 60)
        assert held is not None
        jobs.complete(session, held, time.time())
    assert phone.put(trips[2], 0, make_chunk(trips[2], 0)).status_code == 201
    assert http.get("/readyz").json() == {"status": "ready"}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 12 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = shutil.which("mount") and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(folder)], capture_output=True
    )
    if not mounted or mounted.returncode:
        pytest.skip("only root can mount a small disk")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_real_disk_that_fills_up_is_refused_in_time_and_taken_again_when_there_is_room(small_disk: Path):
    server = ServerProcess(small_disk / "data", settings={"reserve": {"free_share": 0.4, "look_s": 0.05}})
    ballast = small_disk / "ballast"
    try:
        with server.client() as http:
            phone, trip = Phone.enrol(http), str(uuid.uuid4())
            assert phone.put(trip, 0, make_chunk(trip, 0)).status_code == 201
            ballast.write_bytes(bytes(free_bytes(small_disk) - (3 << 20)))
            time.sleep(0.1)
            assert code_of(phone.put(trip, 1, make_chunk(trip, 1))) == (507, "storage.full")
            assert http.get("/readyz").json()["status"] == "refusing"
            ballast.unlink()
            time.sleep(0.1)
            assert phone.put(trip, 1, make_chunk(trip, 1)).status_code == 201
            assert phone.finish(trip, 2).status_code == 202
    finally:
        server.stop()


def test_all_bodies_that_are_not_stored_yet_share_one_cap_and_give_it_back():
    async def try_out() -> None:
        reading = Reading(100, 7)
        async with reading.body() as first, reading.body() as second:
            await first(60)
            await second(40)
            with pytest.raises(Problem) as refused:
                async with reading.body() as third:
                    await third(1)
            assert (refused.value.code, refused.value.headers["Retry-After"]) == ("busy", "7")
        async with reading.body() as last:
            await last(100)

    in_a_thread(try_out)


def test_large_bodies_come_in_two_at_a_time_and_small_ones_pass_them():
    order: list[str] = []

    async def try_out() -> None:
        reading, go_on = Reading(1 << 30, 7), anyio.Event()

        async def send(name: str, size: int) -> None:
            async with reading.body() as count:
                await count(size)
                order.append(name)
                if name.startswith("large"):
                    await go_on.wait()

        async with anyio.create_task_group() as tasks:
            for name in ("large 1", "large 2", "large 3"):
                tasks.start_soon(send, name, LARGE_BYTES + 1)
            await anyio.wait_all_tasks_blocked()
            tasks.start_soon(send, "small", LARGE_BYTES)
            await anyio.wait_all_tasks_blocked()
            go_on.set()

    in_a_thread(try_out)
    assert order == ["large 1", "large 2", "small", "large 3"]


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server where one chunk may wait for the disk, and bodies of 2 MB be on their way."""
    chosen = {"reserve": {"waiting": 1, "retry_after_s": 1, "reading_bytes": 2_000_000}}
    server = ServerProcess(tmp_path_factory.mktemp("narrow") / "data", settings=chosen)
    yield server
    assert server.stop() == 0
    assert "Traceback" not in Path(server.log.name).read_text()


def test_half_sent_bodies_of_many_connections_do_not_fill_the_memory(narrow: ServerProcess):
    """Ten bodies of 900 kB that do not end, against a cap of 2 MB: two wait, the others are told to come again."""
    port = int(narrow.address.rstrip("/").rpartition(":")[2])
    with narrow.client() as http, contextlib.ExitStack() as open_ones:
        phone, trip = Phone.enrol(http), str(uuid.uuid4())
        head = f"PUT /v1/trips/{trip}/chunks/0 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {phone.token}\r\n"
        head += "Content-Type: application/octet-stream\r\nContent-Length: 1000000\r\n\r\n"
        wires = [open_ones.enter_context(socket.create_connection(("127.0.0.1", port), timeout=1)) for _ in range(10)]
        for wire in wires:
            wire.sendall(head.encode() + bytes(900_000))
        answers = [said_by(wire) for wire in wires]
    assert sorted(answers) == [b""] * 2 + [b"HTTP/1.1 503"] * 8
    with narrow.client() as http:
        assert Phone(http, phone.token).put(trip, 0, make_chunk(trip, 0)).status_code == 201


def said_by(wire: socket.socket) -> bytes:
    try:
        return wire.recv(12)
    except TimeoutError:
        return b""


def test_a_rush_of_phones_is_told_to_come_back_and_all_of_it_arrives_once(narrow: ServerProcess, tmp_path: Path):
    """Thirty phones at once at a server that lets one chunk wait: the real uploader, its real waiting, all stored once."""
    waited: list[float] = []
    phones, chunks = 30, 4
    with narrow.client() as http:
        enrolled = [Phone.enrol(http) for _ in range(phones)]
    together = threading.Barrier(phones)

    def drive(number: int) -> str:
        box, trip = Outbox(tmp_path / f"phone{number}"), str(uuid.uuid4())
        box.begin(trip, 1_777_878_720_000_000)
        for at in range(chunks):
            box.add(trip, at, make_chunk(trip, at))
        box.finish(trip, chunks)

        def sleep(seconds: float) -> None:
            waited.append(seconds)
            time.sleep(seconds)

        sender = Uploader(box, narrow.address, enrolled[number].token, sleep=sleep, chance=random.Random(number).random)
        together.wait(60)
        outcome = sender.run(90)
        assert outcome.done, outcome
        return trip

    with concurrent.futures.ThreadPoolExecutor(phones) as pool:
        trips = list(pool.map(drive, range(phones)))
    print(f"{len(waited)} times a phone waited, {sum(waited) / max(len(waited), 1):.1f} s on average")
    assert waited
    assert min(waited) >= 1.0  # as the server asked
    assert len(set(waited)) == len(waited)
    stored = sorted(path.parent.name for path in (narrow.data / "traces").glob("??/*/*-*"))
    assert [name for name in stored if name in set(trips)] == sorted(trips * chunks)


def in_a_thread(work: Callable[[], Awaitable[None]]) -> None:
    """To its end in an event loop of its own: the notebooks' tests leave one in the main thread."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(anyio.run, work).result()
