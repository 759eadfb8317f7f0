"""What the tests of the server share: chunks to send, a phone that sends them, a real server process."""

from __future__ import annotations

import hashlib
import json
import math
import select
import signal
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from detection import Trace
from ingest.store import Store, trips
from mobile_app import wire

STARTED_AT_US = 1_777_878_720_000_000  # 2026-05-04T07:12:00Z


def make_chunk(trip_id: str, number: int, *, samples: int = 50, height: float = 0.0, started_at_us: int = STARTED_AT_US) -> bytes:
    """A binary chunk of half a second at 100 Hz with one fix; `height` changes its bytes."""
    t = [number * 60 + i / 100 for i in range(samples)]
    z = [9.8 + height + math.sin(i) for i in range(samples)]
    place = {"t": [number * 60.0], "latitude": [48.1], "longitude": [11.5], "speed": [12.0], "bearing": [90.0], "accuracy": [4.0]}
    return wire.encode(trip_id, number, started_at_us, {"t": t, "x": [0.0] * samples, "y": [0.0] * samples, "z": z}, None, place)


def json_chunk(**changes: Any) -> dict[str, Any]:
    """A small JSON chunk, with some of its fields changed; None leaves one out."""
    t = [0.0, 0.01, 0.02]
    place = {"t": [0.0], "latitude": [48.1], "longitude": [11.5], "speed": [12.0], "bearing": [90.0], "accuracy": [4.0]}
    whole = {"started_at": "2026-05-04T07:12:00Z", "accelerometer": {"t": t, "x": t, "y": t, "z": t}, "location": place} | changes
    return {name: value for name, value in whole.items() if value is not None}


def chunks_of(trace: Trace, trip_id: str, chunk_s: float = 60.0) -> list[bytes]:
    """A simulated trace as a phone would cut it."""
    sensor, gyro, fixes = trace.accelerometer, trace.gyroscope, trace.fixes
    parts = []
    for number in range(math.ceil((trace.duration_s + 1e-9) / chunk_s)):
        begin, end = number * chunk_s, (number + 1) * chunk_s
        streams = ((sensor, wire.LIMIT["accelerometer"]), (gyro, wire.LIMIT["gyroscope"]))
        held = [_cut(one, begin, end, most) if one is not None else None for one, most in streams]
        mine = fixes[(fixes.t_s >= begin) & (fixes.t_s < end)]
        columns = (mine.t_s, mine.latitude_deg, mine.longitude_deg, mine.speed_mps, mine.bearing_deg, mine.accuracy_m)
        names = ("t", "latitude", "longitude", "speed", "bearing", "accuracy")
        place = {name: [None if v != v else v for v in column.tolist()] for name, column in zip(names, columns, strict=True)}
        parts.append(wire.encode(trip_id, number, round(trace.started_at_s * 1e6), held[0] or {}, held[1], place))
    return parts


def _cut(series: Any, begin: float, end: float, most: float) -> dict[str, list[float]]:
    """Without samples out of the format's range, as the recorder leaves them out."""
    mine = (series.t_s >= begin) & (series.t_s < end) & (abs(series.xyz) <= most).all(axis=1)
    return {"t": series.t_s[mine].tolist(), **{axis: series.xyz[mine, i].tolist() for i, axis in enumerate("xyz")}}


def store_unchecked(store: Store, device_id: str, trip_id: str, chunk: Any) -> None:
    """A JSON chunk that today's server would refuse, as the first of a trip: an older one took it."""
    data = json.dumps(chunk).encode()
    sha256 = hashlib.sha256(data).hexdigest()
    store.objects.put(trip_id, 0, data, sha256)
    with store.database.write() as session:
        trips.insert_chunks(session, [trips.NewChunk(device_id, trip_id, 0, sha256, len(data), begins=True)], time.time())


@dataclass
class Phone:
    """One enrolled device and its calls; `http` is any httpx client, in-process or over the network."""

    http: httpx.Client
    token: str
    device_id: str = ""
    headers: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.headers = {"Authorization": f"Bearer {self.token}"}

    @classmethod
    def enrol(cls, http: httpx.Client) -> Phone:
        answer = http.post("/v1/devices")
        assert answer.status_code == 201, answer.text
        return cls(http, answer.json()["token"], answer.json()["device_id"])

    def put(
        self, trip_id: str, number: object, data: bytes, content_type: str = wire.MEDIA_TYPE, **headers: str
    ) -> httpx.Response:
        told = {"Content-Type": content_type, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return self.http.put(f"/v1/trips/{trip_id}/chunks/{number}", content=data, headers=self.headers | told)

    def put_json(self, trip_id: str, number: int, chunk: Any) -> httpx.Response:
        return self.put(trip_id, number, json.dumps(chunk).encode(), "application/json")

    def finish(self, trip_id: str, chunks: object) -> httpx.Response:
        return self.http.post(f"/v1/trips/{trip_id}/finish", json={"chunks": chunks}, headers=self.headers)

    def trip(self, trip_id: str) -> httpx.Response:
        return self.http.get(f"/v1/trips/{trip_id}", headers=self.headers)

    def send(self, trace: Trace) -> str:
        """A whole trip; returns its id."""
        trip_id = str(uuid.uuid5(uuid.NAMESPACE_URL, trace.trip_id))
        chunks = chunks_of(trace, trip_id)
        for number, data in enumerate(chunks):
            assert self.put(trip_id, number, data).status_code in (200, 201)
        assert self.finish(trip_id, len(chunks)).status_code == 202
        return trip_id


_SERVE = """
import json, sys
from pathlib import Path
from ingest import settings
from ingest.serve import serve, set_up_logging
set_up_logging()
told = json.loads(sys.argv[3])
chosen = settings.Settings(Path(sys.argv[1]), **{part: getattr(settings, part.title())(**of) for part, of in told.items()})
serve(port=int(sys.argv[2]), settings=chosen, on_ready=lambda address: print(address, flush=True))
"""


class ServerProcess:
    """`serve` in a process of its own on a free port; `before` is put in front of its command, such as strace.

    settings: fields to change by part, such as {"connections": {"head_s": 1.0}}.
    """

    def __init__(
        self, data: Path, *, before: tuple[str, ...] = (), port: int = 0, settings: dict[str, dict[str, Any]] | None = None
    ) -> None:
        self.data = data
        self.log = (data.parent / f"{data.name}.log").open("ab")
        command = [*before, sys.executable, "-c", _SERVE, str(data), str(port), json.dumps(settings or {})]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log, text=True, start_new_session=True)
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], 60)
        self.address = self.process.stdout.readline().strip() if ready else ""
        assert self.address, f"the server did not start; see {self.log.name}:\n{Path(self.log.name).read_text()[-2000:]}"

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.address, timeout=20)

    def workers(self) -> list[int]:
        """Process ids of its worker."""
        found = subprocess.run(
            ["pgrep", "-P", str(self.process.pid), "-f", "ingest.worker_process"], capture_output=True, text=True
        )
        return [int(line) for line in found.stdout.split()]

    def stop(self, number: int = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(30)
        self.log.close()
        return code


def until(condition: Any, seconds: float = 30.0) -> Any:
    """The first true value of the condition. Fails after so many seconds."""
    last = time.monotonic() + seconds
    while time.monotonic() < last:
        if value := condition():
            return value
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s")
