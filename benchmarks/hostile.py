"""What hostile bodies do to a server: `python -m benchmarks.hostile [--bodies 10000] [--seed 1]`.

Sends them to a real server process by several callers at once, with honest chunks among them. Prints the answers by status,
those at or above 500, how far the memory of the server process rose above what it had after honest chunks, and whether it lives.
"""

from __future__ import annotations

import argparse
import gzip
import http.client
import json
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.contracts import _SERVE
from benchmarks.hostile_bodies import Body, hostile, json_minute
from benchmarks.uploading import minute, relabelled
from mobile_app import wire

CALLERS = 8
HONEST_EVERY = 20  # bodies


@dataclass
class Result:
    """statuses: of the answers; failed: sorts of bodies answered at or above 500; grown_mb: peak of memory over that before."""

    statuses: Counter[int] = field(default_factory=Counter)
    sorts: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    honest: Counter[int] = field(default_factory=Counter)
    grown_mb: float = 0.0
    lives: bool = False
    tracebacks: int = 0
    took_s: float = 0.0


def attack(bodies: int, seed: int, folder: Path) -> Result:
    """Send so many bodies to a server of its own, its data in `folder`."""
    log, result = folder / "server.log", Result()
    with log.open("wb") as errors:
        command = [sys.executable, "-c", _SERVE, str(folder / "data")]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
        assert server.stdout is not None
        port = int(server.stdout.readline().rstrip("/\n").rpartition(":")[2])
        try:
            _warm_up(port)
            before = _memory_mb(server.pid, "VmRSS")
            Path(f"/proc/{server.pid}/clear_refs").write_text("5")  # the peak counts from here
            begun = time.perf_counter()
            _send(port, hostile(bodies, seed), result)
            result.took_s = time.perf_counter() - begun
            result.grown_mb = _memory_mb(server.pid, "VmHWM") - before
            result.lives = server.poll() is None and _status(port, "GET", "/healthz") == 200
        finally:
            server.send_signal(signal.SIGTERM)
            result.lives &= server.wait(30) == 0
    result.tracebacks = log.read_text().count("Traceback")
    return result


def _send(port: int, bodies: object, result: Result) -> None:
    waiting: queue.Queue[Body | None] = queue.Queue(2 * CALLERS)
    callers = [threading.Thread(target=_call, args=(port, waiting, result)) for _ in range(CALLERS)]
    for caller in callers:
        caller.start()
    for body in bodies:  # type: ignore[attr-defined]
        waiting.put(body)
    for _ in callers:
        waiting.put(None)
    for caller in callers:
        caller.join()


def _call(port: int, waiting: queue.Queue[Body | None], result: Result) -> None:
    """One caller: its hostile bodies, and now and then an honest chunk, on a connection that it opens again when it is closed."""
    token, trip, number, template = _enrol(port), uuid.uuid4(), 0, minute()
    connection, sent = _connection(port), 0
    while (body := waiting.get()) is not None:
        headers = {"Content-Type": body.media_type, "Authorization": f"Bearer {token}"}
        headers |= {"Content-Encoding": body.coding} if body.coding else {}
        connection, status = _ask(port, connection, f"/v1/trips/{body.trip}/chunks/0", body.data, headers)
        result.statuses[status] += 1
        result.sorts[body.sort] += 1
        if status >= 500:
            result.failed[f"{body.sort} {status}"] += 1
        sent += 1
        if sent % HONEST_EVERY == 0:
            headers = {"Content-Type": wire.MEDIA_TYPE, "Authorization": f"Bearer {token}"}
            path = f"/v1/trips/{trip}/chunks/{number}"
            connection, status = _ask(port, connection, path, relabelled(template, trip, number), headers)
            result.honest[status] += 1
            number += 1


def _ask(
    port: int, connection: http.client.HTTPConnection, path: str, data: bytes, headers: dict[str, str]
) -> tuple[http.client.HTTPConnection, int]:
    """The status; 0 where the server closed while a body that it had refused was still being sent."""
    try:
        try:
            connection.request("PUT", path, data, headers)
        except (BrokenPipeError, ConnectionResetError):
            if connection.sock is None:
                raise
        answer = connection.getresponse()
        answer.read()
    except (OSError, http.client.HTTPException):
        connection.close()
        return _connection(port), 0
    return connection, answer.status


def _warm_up(port: int) -> None:
    """What honest callers make the server load: both forms, packed or not, side by side."""
    token, trip, template = _enrol(port), uuid.uuid4(), minute()
    text = gzip.compress(json.dumps(json_minute()).encode())
    for number in range(40):
        headers = {"Content-Type": wire.MEDIA_TYPE, "Authorization": f"Bearer {token}"}
        _ask(port, _connection(port), f"/v1/trips/{trip}/chunks/{number}", relabelled(template, trip, number), headers)
        headers |= {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        _ask(port, _connection(port), f"/v1/trips/{trip}/chunks/{number + 40}", text, headers)


def _enrol(port: int) -> str:
    connection = _connection(port)
    connection.request("POST", "/v1/devices")
    return str(json.loads(connection.getresponse().read())["token"])


def _status(port: int, method: str, path: str) -> int:
    connection = _connection(port)
    connection.request(method, path)
    return connection.getresponse().status


def _connection(port: int) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", port, timeout=60)


def _memory_mb(pid: int, name: str) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1024


def main() -> None:
    """Parse, attack, print."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--bodies", type=int, default=10_000)
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = attack(chosen.bodies, chosen.seed, Path(folder))
    print(f"{sum(result.statuses.values())} hostile bodies in {result.took_s:.0f} s: {dict(sorted(result.sorts.items()))}")
    print(f"answers by status: {dict(sorted(result.statuses.items()))}; at or above 500: {dict(result.failed) or 'none'}")
    print(f"honest chunks among them: {dict(result.honest)}")
    print(f"peak memory of the server: {result.grown_mb:+.0f} MB; {result.tracebacks} tracebacks; it lives: {result.lives}")


if __name__ == "__main__":
    main()
