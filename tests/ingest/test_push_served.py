"""Pushes to real server processes: acknowledged only when durable, and nothing acknowledged lost by kills or by stopping."""

from __future__ import annotations

import itertools
import os
import random
import re
import shutil
import signal
import socket
import threading
import time
import uuid
from pathlib import Path

import httpx
import pytest
from callers import Phone, ServerProcess, make_chunk, until
from sensor_logger import SensorLogger
from sqlalchemy import select

from ingest.settings import Settings
from ingest.store import open_store, pushes
from ingest.store.schema import PushMessage


def batch(number: int) -> list[dict]:
    """One second of a phone at rest."""
    begin = (int(time.time()) + number) * 10**9
    return [
        {"name": "totalacceleration", "time": begin + i * 10**7, "values": {"x": 0.0, "y": 0.1, "z": 9.8}} for i in range(100)
    ]


def push_until_cut(address: str, token: str, session: str, acknowledged: set[tuple[str, int]]) -> None:
    with httpx.Client(base_url=address, timeout=20) as http:
        app = SensorLogger(http, token)
        for number in itertools.count():
            try:
                answer = app.push(app.message(number, session, batch(number)))
            except httpx.TransportError:
                return
            assert answer.status_code == 200, answer.text
            acknowledged.add((session, number))


def kept(data: Path, device: str, sessions: list[str]) -> set[tuple[str, int]]:
    store = open_store(Settings(data))
    by_id = {pushes.session_of(device, name): name for name in sessions}
    with store.database.read() as session:
        rows = session.execute(select(PushMessage.session, PushMessage.message_id).where(PushMessage.body.is_not(None))).all()
    store.database.close()
    assert len(rows) == len(set(rows))
    return {(by_id[of], number) for of, number in rows}


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_no_acknowledged_message_is_lost_whether_the_server_is_killed_or_stopped(tmp_path: Path, number: int):
    seed = random.randrange(10**6)
    print("seed", seed)
    acknowledged: set[tuple[str, int]] = set()
    sessions = [str(uuid.uuid4()) for _ in range(3 if number == signal.SIGTERM else 6)]
    data, token, device, port = tmp_path / "data", "", "", 0
    for begun in range(0, len(sessions), 3):
        known = len(acknowledged)
        server = ServerProcess(data, port=port)
        port = int(server.address.rstrip("/").rpartition(":")[2])
        with server.client() as http:
            if not token:
                phone = Phone.enrol(http)
                token, device = phone.token, phone.device_id
        told = [(server.address, token, session, acknowledged) for session in sessions[begun : begun + 3]]
        pushing = [threading.Thread(target=push_until_cut, args=one) for one in told]
        for thread in pushing:
            thread.start()
        until(lambda known=known: len(acknowledged) > known + 15, 60)
        time.sleep(random.Random(seed).uniform(0.0, 0.2))
        server.stop(number)
        for thread in pushing:
            thread.join(30)
    there = kept(data, device, sessions)
    assert acknowledged <= there
    assert len(there) <= len(acknowledged) + len(sessions)  # of each the last may be stored and its answer cut off


def test_readings_are_on_the_disk_before_the_app_is_told(tmp_path: Path):
    if not shutil.which("strace"):
        pytest.skip("strace is not installed: the order of syncs cannot be seen")
    trace = tmp_path / "strace.txt"
    calls = "trace=fdatasync,fsync,write,pwrite64,writev,sendto,sendmsg"
    server = ServerProcess(tmp_path / "data", before=("strace", "-f", "-y", "-s", "24", "-e", calls, "-o", str(trace)))
    with server.client() as http:
        app = SensorLogger.of(Phone.enrol(http))
        app.push(app.message(0, "a session", batch(0)))
        begin = len(trace.read_text().splitlines())
        assert app.push(app.message(1, "a session", batch(1))).status_code == 200
    os.killpg(server.process.pid, signal.SIGTERM)
    server.process.wait(30)
    lines = trace.read_text().splitlines()[begin:]
    patterns = (r"pwrite64\(\d+<.*sqlite-wal>", r"(fdatasync|fsync)\(\d+<.*sqlite-wal>", r"HTTP/1.1 200")
    order = [next((at for at, line in enumerate(lines) if re.search(pattern, line)), -1) for pattern in patterns]
    assert order == sorted(order), lines
    assert -1 not in order, lines


def test_an_upload_under_way_is_answered_when_the_server_is_told_to_stop(tmp_path: Path):
    server = ServerProcess(tmp_path / "data")
    with server.client() as http:
        phone = Phone.enrol(http)
    trip = str(uuid.uuid4())
    data = make_chunk(trip, 0)
    port = int(server.address.rstrip("/").rpartition(":")[2])
    head = f"PUT /v1/trips/{trip}/chunks/0 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {phone.token}\r\n"
    head += f"Content-Type: application/octet-stream\r\nContent-Length: {len(data)}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=20) as wire:
        wire.sendall(head.encode() + data[:100])
        time.sleep(0.3)
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        with pytest.raises(OSError, match="refused"):  # nobody new comes in
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        wire.sendall(data[100:])
        assert wire.recv(100).startswith(b"HTTP/1.1 201")
    assert server.stop() == 0
    store = open_store(Settings(tmp_path / "data"))
    assert [path.name.partition("-")[0] for path in (tmp_path / "data" / "traces").rglob(f"{trip}/*")] == ["0"]
    store.database.close()
    assert "Traceback" not in Path(server.log.name).read_text()
