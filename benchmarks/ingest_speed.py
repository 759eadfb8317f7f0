"""How many chunks a second one server acknowledges durably: `python -m benchmarks.ingest_speed [--phones 16] [--seconds 10]`.

A real server process on this machine with the phones beside it, so both share its cores. A chunk is a minute at 100 Hz,
six axes, sensor noise; each phone sends the next when the last is acknowledged. Prints chunks/s with the times of the
answers, and the rate of a bare GET by the same callers; checks that all that was acknowledged is stored.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
import uuid
import zlib
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path

from mobile_app import wire

_SERVE = """
import pathlib, sys
from ingest.serve import serve
serve(port=0, data=pathlib.Path(sys.argv[1]), on_ready=lambda address: print(address, flush=True))
"""


def main() -> None:
    """Parse, run, print."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--phones", type=int, default=16)
    options.add_argument("--seconds", type=float, default=10.0)
    chosen = options.parse_args()
    template = minute()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        server = subprocess.Popen([sys.executable, "-c", _SERVE, str(data)], stdout=subprocess.PIPE, text=True)
        assert server.stdout is not None
        port = int(server.stdout.readline().rstrip("/\n").rpartition(":")[2])
        bare, _ = measure(lambda end, times: ask(port, end, times), chosen.phones, chosen.seconds / 2)
        rate, times_ms = measure(lambda end, times: upload(port, template, end, times), chosen.phones, chosen.seconds)
        server.send_signal(signal.SIGTERM)
        server.wait()
        stored = sum(1 for path in (data / "traces").glob("??/*/*-*"))
    print(f"{chosen.phones} phones, chunks of {len(template) / 1000:.1f} kB: {rate:.0f} chunks/s acknowledged durably")
    print(f"answers: median {times_ms[len(times_ms) // 2]:.0f} ms, 99 % within {times_ms[int(len(times_ms) * 0.99)]:.0f} ms")
    print(f"bare GET /healthz by the same callers: {bare:.0f}/s; acknowledged {len(times_ms)}, stored {stored}")


def measure(call: Callable[[float, list[float]], None], phones: int, seconds: float) -> tuple[float, list[float]]:
    """Answers per second and all answer times in ms, sorted."""
    times_ms: list[float] = []
    begin = time.perf_counter()
    threads = [threading.Thread(target=call, args=(begin + seconds, times_ms)) for _ in range(phones)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(times_ms) / (time.perf_counter() - begin), sorted(times_ms)


def minute() -> bytes:
    """A chunk of a minute at 100 Hz, six axes, with a fix a second."""
    dice, t = random.Random(1), [i / 100 for i in range(6000)]
    motion, turning = ({"t": t, **{axis: [dice.gauss(0, sigma) for _ in t] for axis in "xyz"}} for sigma in (0.4, 0.05))
    place = {name: [12.0] * 60 for name in ("latitude", "longitude", "speed", "bearing", "accuracy")}
    fixes = {"t": [float(i) for i in range(60)], **place}
    return wire.encode(str(uuid.uuid4()), 0, 1_777_878_720_000_000, motion, turning, fixes)


def relabelled(chunk: bytes, trip: uuid.UUID, number: int) -> bytes:
    """The chunk under another trip and number, its checksum right again (docs/wire-format.md): encoding is not measured."""
    changed = chunk[:6] + trip.bytes + struct.pack("<I", number) + chunk[26:-4]
    return changed + struct.pack("<I", zlib.crc32(changed))


def upload(port: int, template: bytes, end: float, times_ms: list[float]) -> None:
    """Enrol, then send one chunk after another."""
    http = HTTPConnection("127.0.0.1", port)
    http.request("POST", "/v1/devices")
    token = json.loads(http.getresponse().read())["token"]
    headers = {"Authorization": f"Bearer {token}", "Content-Type": wire.MEDIA_TYPE}
    trip, number = uuid.uuid4(), 0
    while time.perf_counter() < end:
        data = relabelled(template, trip, number)
        begin = time.perf_counter()
        http.request("PUT", f"/v1/trips/{trip}/chunks/{number}", data, headers)
        answer = http.getresponse()
        answer.read()
        times_ms.append((time.perf_counter() - begin) * 1000)
        assert answer.status == 201, answer.status
        number += 1


def ask(port: int, end: float, times_ms: list[float]) -> None:
    http = HTTPConnection("127.0.0.1", port)
    while time.perf_counter() < end:
        begin = time.perf_counter()
        http.request("GET", "/healthz")
        http.getresponse().read()
        times_ms.append((time.perf_counter() - begin) * 1000)


if __name__ == "__main__":
    main()
