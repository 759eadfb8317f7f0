"""From one machine to a city: `python -m benchmarks.city [--trips 60]`.

Sends simulated drives of ten minutes to a real server, lets its worker work them off, and reads from /metrics what that cost: CPU
of the server for a chunk, CPU of the worker for an hour of driving, bytes kept. CPU seconds, so a busy machine does not
matter. From these: the cores and the disk that a number of cars needs.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import time
import uuid
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.ingest_speed import _SERVE
from detection.simulator import simulate_city, simulate_drives
from ingest.chunking import chunks_of

DRIVEN_H = 1.0  # a day and car: Europe's average is a little less
PEAK_SHARE = 0.25  # of a day's driving in its busiest hour: the morning's commute
CARS = (100, 1_000, 10_000, 100_000)


def main() -> None:
    """Parse, run, print."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--trips", type=int, default=60)
    trips = options.parse_args().trips
    drives = simulate_drives(simulate_city(3, street_km=12.0), trips, 3, devices=trips // 3 or 1, duration_s=(600.0, 610.0))
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        server = subprocess.Popen([sys.executable, "-c", _SERVE, str(data)], stdout=subprocess.PIPE, text=True)
        assert server.stdout is not None
        address = urlsplit(server.stdout.readline().strip())
        http = HTTPConnection(str(address.hostname), address.port, timeout=60)
        tokens: dict[str | None, str] = {}
        before, chunks = scrape(http), 0
        for drive in drives:
            token = tokens.get(drive.trace.device) or tokens.setdefault(drive.trace.device, enrol(http))
            chunks += send(http, token, chunks_of(drive.trace, trip := str(uuid.uuid4())), trip)
        sent = scrape(http)
        after = wait(http, trips)
        kept = sum(path.stat().st_size for path in (data / "traces").rglob("*") if path.is_file())
        server.terminate()
        server.wait()
        rows = sum(path.stat().st_size for path in data.glob("cahot.sqlite*"))  # what was in its log is in the file now
    driven_h = after["cahot_worker_driven_seconds_total"] / 3600
    server_s = (sent["process_cpu_seconds_total"] - before["process_cpu_seconds_total"]) / chunks
    worker_s = after["cahot_worker_cpu_seconds_total"] / driven_h
    estimate_s = after["cahot_estimate_seconds_total"] / driven_h
    print(f"{trips} trips, {driven_h:.1f} h, {chunks} chunks of {kept / chunks / 1e3:.1f} kB")
    print(f"server {server_s * 1e3:.2f} ms of CPU a chunk, {after['process_resident_memory_bytes'] / 1e6:.0f} MB of memory")
    print(f"worker {worker_s:.3f} s of CPU an hour of driving: {3600 / worker_s:.0f} hours of driving an hour and core")
    print(f"estimates {estimate_s:.2f} s by the clock an hour of driving (a small town, all tiles shared)")
    print(f"kept: {kept / driven_h / 1e6:.2f} MB of traces and {rows / driven_h / 1e6:.2f} MB of rows an hour of driving\n")
    print("| cars | chunks/s in the busiest hour | server cores then | worker cores then | traces of 90 days | rows a year |")
    print("| --- | --- | --- | --- | --- | --- |")
    for cars in CARS:
        peak = cars * DRIVEN_H * PEAK_SHARE / 60
        day_h = cars * DRIVEN_H
        told = (f"{cars}", f"{peak:.1f}", f"{peak * server_s:.2f}", f"{day_h * PEAK_SHARE / 3600 * worker_s:.3f}")
        sizes = (f"{90 * day_h * kept / driven_h / 1e9:.0f} GB", f"{365 * day_h * rows / driven_h / 1e9:.0f} GB")
        print(f"| {' | '.join((*told, *sizes))} |")


def enrol(http: HTTPConnection) -> str:
    http.request("POST", "/v1/devices")
    return re.search(rb'"token":"([^"]+)"', http.getresponse().read())[1].decode()  # type: ignore[index]


def send(http: HTTPConnection, token: str, chunks: list[bytes], trip: str) -> int:
    """One trip; returns the number of its chunks."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/octet-stream"}
    for number, data in enumerate(chunks):
        http.request("PUT", f"/v1/trips/{trip}/chunks/{number}", data, headers)
        answer = http.getresponse()
        told = answer.read()
        assert answer.status == 201, told
    http.request(
        "POST", f"/v1/trips/{trip}/finish", b'{"chunks": %d}' % len(chunks), headers | {"Content-Type": "application/json"}
    )
    assert http.getresponse().read()
    return len(chunks)


def wait(http: HTTPConnection, trips: int) -> dict[str, float]:
    """Metrics once all trips are worked off and the defects are estimated."""
    while True:
        told = scrape(http)
        done = told["cahot_worker_trips_total"] + told["cahot_worker_rejected_trips_total"]
        if done >= trips and not told["cahot_jobs[waiting]"] + told["cahot_jobs[running]"]:
            return told
        time.sleep(6.0)  # a worker tells what it did every five seconds


def scrape(http: HTTPConnection) -> dict[str, float]:
    """Samples by name, values of labels in brackets."""
    http.request("GET", "/metrics")
    told = {}
    for line in http.getresponse().read().decode().splitlines():
        if not line.startswith("#"):
            name, _, value = line.rpartition(" ")
            told[re.sub(r'\{.*?"(.*)"\}', r"[\1]", name)] = float(value)
    return told


if __name__ == "__main__":
    main()
