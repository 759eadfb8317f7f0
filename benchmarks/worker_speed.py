"""How much driving a worker turns into jolts: `python -m benchmarks.worker_speed [--trips 10] [--hours 1]`.

Simulated trips (100 Hz or so, six axes) lie stored as phones send them; one worker claims, reads, joins, surveys and stores
them, as `cahot work` does. For each database and each kind of object store that is here it prints hours of driving per hour of
one core: by the worker's own processor time and by the clock, and its memory. Estimates of defects are not part of it.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import resource
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from detection import Trace
from detection.simulator import simulate_city, simulate_drives
from ingest import worker
from ingest.settings import Settings, Work
from ingest.store import Store, devices, open_store, surveys, trips
from tests.ingest.callers import chunks_of
from tests.ingest.postgresql_server import PostgresqlServer, programs
from tests.ingest.s3_server import HAS_MOTO, S3Server

ONLY_TRIPS = Work(settle_s=1e6)  # no estimate comes due


@dataclass(frozen=True)
class Figures:
    """Of one worker over all trips: hours driven, seconds by both clocks, largest memory so far."""

    driven_h: float
    cpu_s: float
    wall_s: float
    peak_mb: float
    jolts: int

    def line(self, name: str) -> str:
        rate, by_clock = (self.driven_h * 3600 / seconds for seconds in (self.cpu_s, self.wall_s))
        told = f"{name:22} {rate:8.0f} h of driving per hour of a core ({by_clock:6.0f} by the clock)"
        return f"{told}, {self.jolts} jolts, {self.peak_mb:.0f} MB at most"


def main() -> None:
    """Parse, run, print."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--trips", type=int, default=10)
    options.add_argument("--hours", type=float, default=1.0)
    chosen = options.parse_args()
    traces = drives(chosen.hours * 3600, chosen.trips + 1)
    for name, settings in places():
        print(measure(settings, traces).line(name), flush=True)


def drives(seconds: float, count: int) -> list[Trace]:
    """Drives through a city, each another: the server takes no copies."""
    made = simulate_drives(simulate_city(5, street_km=20.0), count, 6, duration_s=(seconds, seconds + 1.0))
    return [one.trace for one in made]


def places() -> Iterator[tuple[str, Settings]]:
    """Every kind of installation that can be had here, each new."""
    with tempfile.TemporaryDirectory() as folder:
        yield "SQLite, folder", Settings(Path(folder) / "data", work=ONLY_TRIPS)
    of = programs()
    if of is None:
        print("PostgreSQL's server is not installed: not measured")
        return
    server = PostgresqlServer(of, durable=True)
    try:
        with tempfile.TemporaryDirectory() as folder:
            yield "PostgreSQL, folder", Settings(Path(folder) / "data", server.new_database(), work=ONLY_TRIPS)
            with bucket() as url:
                if url:
                    data = Path(folder) / "other"
                    yield "PostgreSQL, S3 (moto)", Settings(data, server.new_database(), url, work=ONLY_TRIPS)
    finally:
        server.end()


@contextmanager
def bucket() -> Iterator[str]:
    """URL of a bucket on an S3 server of this machine; "" where none can be had."""
    if not HAS_MOTO:
        print("moto is not installed: S3 not measured")
        yield ""
        return
    server = S3Server()
    before = dict(os.environ)
    os.environ.update(server.environment)
    try:
        yield f"s3://{server.new_bucket()}/city"
    finally:
        os.environ.clear()
        os.environ.update(before)
        server.end()


def measure(settings: Settings, traces: Sequence[Trace]) -> Figures:
    """Stores the drives, then works them off, the first one unmeasured: it loads the models."""
    store = open_store(settings)
    for trace in traces:
        send(store, trace)
    worker.work_once(store, settings)
    cpu_s, wall_s = time.process_time(), time.perf_counter()
    for _ in traces[1:]:
        assert worker.work_once(store, settings)
    cpu_s, wall_s = time.process_time() - cpu_s, time.perf_counter() - wall_s
    with store.database.read() as session:
        assert surveys.count(session) == len(traces)
        jolts = sum(len(survey.jolts) for survey in surveys.load_all(session))
    store.database.close()
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Figures(sum(trace.duration_s for trace in traces[1:]) / 3600, cpu_s, wall_s, peak_mb, jolts)


def send(store: Store, trace: Trace) -> None:
    """As a phone and the server would: objects, then rows, then the job."""
    trip_id = str(uuid.uuid4())
    with store.database.write() as session:
        device, _ = devices.enrol(session, time.time())
    chunks = chunks_of(trace, trip_id)
    for number, data in enumerate(chunks):
        sha256 = hashlib.sha256(data).hexdigest()
        store.objects.put(trip_id, number, data, sha256)
        with store.database.write() as session:
            row = trips.NewChunk(device, trip_id, number, sha256, len(data), begins=number == 0)
            trips.insert_chunks(session, [row], time.time())
    with store.database.write() as session:
        trips.finish(session, device, trip_id, len(chunks), time.time())


if __name__ == "__main__":
    main()
