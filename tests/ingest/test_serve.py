"""The real process tree over a real network: what is acknowledged stays, whatever is killed."""

from __future__ import annotations

import hashlib
import os
import random
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import city
import httpx
import pytest
from callers import Phone, ServerProcess, make_chunk, until

from detection.simulator import simulate_city, simulate_drives
from ingest.api.permissions import WHO_MAY
from ingest.serve import AddressTaken, serve
from ingest.settings import Settings
from ingest.store import devices, open_store, users


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    shared = ServerProcess(tmp_path_factory.mktemp("served") / "data")
    yield shared
    shared.stop()


def test_a_trip_sent_over_the_network_is_processed(server: ServerProcess):
    (drive,) = simulate_drives(simulate_city(5, street_km=1.5), 1, 6, duration_s=(60.0, 70.0))
    with server.client() as http:
        phone = Phone.enrol(http)
        trip = phone.send(drive.trace)
        until(lambda: phone.trip(trip).json()["state"] == "processed", 60)
        assert http.get("/readyz").json() == {"status": "ready"}
    assert "Traceback" not in Path(server.log.name).read_text()


def test_everything_is_private_to_its_user(server: ServerProcess):
    with server.client() as http:
        phone, trip = Phone.enrol(http), str(uuid.uuid4())
        phone.put(trip, 0, make_chunk(trip, 0))
    kept = [server.data, *server.data.rglob("*")]
    assert len(kept) > 5
    assert [path for path in kept if stat.S_IMODE(path.stat().st_mode) & 0o077] == []


def test_a_worker_that_dies_is_replaced_and_dies_with_a_killed_server(tmp_path: Path):
    server = ServerProcess(tmp_path / "data")
    (first,) = until(server.workers)
    os.kill(first, signal.SIGKILL)
    second = until(lambda: [pid for pid in server.workers() if pid != first])[0]
    server.stop(signal.SIGKILL)
    until(lambda: not alive(second))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_signal_ends_server_and_worker_cleanly(tmp_path: Path, number: int):
    server = ServerProcess(tmp_path / "data")
    (worker,) = until(server.workers)
    os.killpg(server.process.pid, number)  # as a terminal does with Ctrl-C
    assert server.stop(number) == 0
    assert not alive(worker)
    assert "Traceback" not in Path(server.log.name).read_text()


def test_an_address_in_use_is_told_in_one_line(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(AddressTaken, match="choose another --port"):
        serve(port=taken.getsockname()[1], data=tmp_path)
    with pytest.raises(AddressTaken):
        serve(port=70_000, data=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_nothing_acknowledged_is_lost_or_doubled_by_kills(tmp_path: Path):
    """The server is killed at random while phones upload; kill -9 keeps the page cache: the order of syncs is another test."""
    seed = random.randrange(10**6)
    print("seed", seed)
    dice, data = random.Random(seed), tmp_path / "data"
    acknowledged: dict[tuple[str, int], str] = {}
    token, port = None, 0
    for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGKILL, signal.SIGKILL):  # a kill, a restart, and kills after it
        known = len(acknowledged)
        server = ServerProcess(data, port=port)
        port = int(server.address.rstrip("/").rpartition(":")[2])
        with server.client() as http:
            token = token or Phone.enrol(http).token
        uploaders = [threading.Thread(target=upload_until_cut, args=(server.address, token, acknowledged)) for _ in range(4)]
        for uploader in uploaders:
            uploader.start()
        until(lambda known=known: len(acknowledged) > known + 15, 60)
        time.sleep(dice.uniform(0.0, 0.3))
        server.stop(number)
        for uploader in uploaders:
            uploader.join(30)
    server = ServerProcess(data, port=port)
    with server.client() as http:
        phone = Phone(http, token)
        for trip in {trip for trip, _ in acknowledged}:
            numbers = sorted(number for of, number in acknowledged if of == trip)
            assert phone.trip(trip).json()["chunks"] in (len(numbers), len(numbers) + 1)  # the last may be stored unacknowledged
            for number in numbers:
                again = phone.put(trip, number, make_chunk(trip, number))
                assert (again.status_code, again.json()["sha256"]) == (200, acknowledged[trip, number])
    server.stop()
    assert list((data / "traces" / "incoming").iterdir()) == []
    for (trip, number), sha256 in acknowledged.items():
        held = (data / "traces" / trip[:2] / trip / f"{number}-{sha256}").read_bytes()
        assert hashlib.sha256(held).hexdigest() == sha256


def upload_until_cut(address: str, token: str, acknowledged: dict[tuple[str, int], str]) -> None:
    trip = str(uuid.uuid4())
    with httpx.Client(base_url=address, timeout=20) as http:
        phone = Phone(http, token)
        for number in range(10_000):
            try:
                answer = phone.put(trip, number, make_chunk(trip, number))
            except httpx.TransportError:
                return
            assert answer.status_code == 201, answer.text
            acknowledged[trip, number] = answer.json()["sha256"]


def test_bytes_folder_and_row_are_synced_before_the_acknowledgement(tmp_path: Path):
    if not shutil.which("strace"):
        pytest.skip("strace is not installed: the order of syncs cannot be seen")
    trace = tmp_path / "strace.txt"
    calls = "trace=openat,fdatasync,fsync,rename,write,pwrite64,writev,sendto,sendmsg"
    server = ServerProcess(tmp_path / "data", before=("strace", "-f", "-y", "-s", "24", "-e", calls, "-o", str(trace)))
    with server.client() as http:
        phone, trip = Phone.enrol(http), str(uuid.uuid4())
        phone.put(trip, 0, make_chunk(trip, 0))
        begin = len(trace.read_text().splitlines())
        assert phone.put(trip, 1, make_chunk(trip, 1)).status_code == 201
    os.killpg(server.process.pid, signal.SIGTERM)  # strace passes no signal on to what it runs
    server.process.wait(30)
    lines = trace.read_text().splitlines()[begin:]
    order = [
        next((at for at, line in enumerate(lines) if re.search(pattern, line)), f"never: {pattern}")
        for pattern in (
            r"write\(\d+<.*/incoming/",
            r"fdatasync\(\d+<.*/incoming/",
            rf"rename\(.*/incoming/.*{trip}",
            rf"fsync\(\d+<[^>]*/{trip}>",
            r"pwrite64\(\d+<.*sqlite-wal>",
            r"(fdatasync|fsync)\(\d+<.*sqlite-wal>",
            r"HTTP/1.1 201",
        )
    ]
    assert order == sorted(order, key=lambda at: (isinstance(at, str), at)), "\n".join(map(str, [order, *lines]))
    assert all(isinstance(at, int) for at in order), "\n".join(map(str, [order, *lines]))


GARBAGE = [
    b"\x00\xff" * 500,
    b"GET\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"POST /v1/devices HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + b"A: " + b"x" * 70_000 + b"\r\n\r\n",
    b"POST /v1/devices HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
    b"PUT /v1/trips/x/chunks/0 HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf",
]


def test_garbage_on_the_wire_is_answered_without_a_failure_and_the_server_lives_on(server: ServerProcess):
    port = int(server.address.rstrip("/").rpartition(":")[2])
    for sent in GARBAGE:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as wire:
            wire.sendall(sent)
            wire.shutdown(socket.SHUT_WR)
            answer = wire.recv(200)
            assert not answer.startswith(b"HTTP/1.1 5"), (sent[:60], answer)
    with server.client() as http:
        assert http.get("/healthz").status_code == 200
        assert "server" not in http.get("/healthz").headers
    assert "Traceback" not in Path(server.log.name).read_text()


def test_logs_hold_neither_tokens_nor_places(server: ServerProcess):
    with server.client() as http:
        phone, trip = Phone.enrol(http), str(uuid.uuid4())
        phone.put(trip, 0, make_chunk(trip, 0))
        phone.put(trip, 1, b"CAHT48.1 11.5")
        phone.finish(trip, 1)
        until(lambda: phone.trip(trip).json()["state"] in ("processed", "rejected"), 60)
    log = Path(server.log.name).read_text()
    assert trip in log
    assert phone.token not in log
    assert "48.1" not in log
    assert "11.5" not in log


def test_no_call_of_any_role_leaves_a_secret_or_a_place_in_the_log(server: ServerProcess):
    """Canaries: tokens, links, codes, ids of devices and a position, in good and in refused calls; then the log is searched."""
    store = open_store(Settings(server.data))
    secrets = {role: city.user(store, f"canary-{role}", role) for role in users.ROLES}
    secrets["link"] = city.give_link(store, "canary-crew")
    with store.database.write() as session:
        secrets["code"] = devices.add_code(session, time.time(), 1, 60.0)
    store.database.close()
    place = {"latitude": 48.987654, "longitude": 11.432198}
    with server.client() as http:
        phone, trip = Phone.enrol(http), str(uuid.uuid4())
        secrets |= {"token": phone.token, "device": phone.device_id}
        secrets["session"] = http.post("/v1/session", json={"link": secrets["link"]}).cookies["cahot"]
        bodies = (
            {"kind": "pothole", "place": place, "note": "48.987654 11.432198"},
            {"place": place | {"x": secrets["token"]}},
            place,
        )
        calls = [(method, path) for method, path in WHO_MAY if (method, path) != ("DELETE", "/v1/devices/me")]
        for method, template in [*calls, ("DELETE", "/v1/devices/me")]:
            path = re.sub(r"\{\w+\}", lambda part: {"{trip_id}": trip, "{number}": "0"}.get(part[0], phone.device_id), template)
            for secret in (None, "wrong-" + secrets["token"], *(secrets[name] for name in ("token", *users.ROLES))):
                headers = city.bearer(secret) if secret else {}
                params = {"cursor": secrets["code"], "bbox": "48.987654,1,2"}
                if path == "/v1/live":
                    params["seconds"] = "0"  # else each call lasts ten minutes
                for body in bodies:
                    http.request(method, path, json=body, headers=headers, params=params)
        http.put(f"/v1/trips/{trip}/chunks/0", content=b"48.987654 11.432198", headers=phone.headers)
    log = Path(server.log.name).read_text()
    assert "refused" in log
    for name, secret in secrets.items():
        assert secret not in log, name
        assert secret[-20:] not in log, name
    for canary in ("48.98", "11.43"):
        assert canary not in log


def test_importing_the_server_reads_and_starts_nothing(tmp_path: Path):
    code = "import ingest.serve, threading, os; print(threading.active_count(), sorted(os.listdir()))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, env={"HOME": str(tmp_path)})
    assert told.stdout.strip() == "1 []", told.stderr
