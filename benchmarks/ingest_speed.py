"""How many chunks a second one server acknowledges durably: `python -m benchmarks.ingest_speed [--phones 32] [--seconds 10]`.

A real server process on this machine with the phones beside it (`benchmarks.uploading`), so both share its cores. Three servers,
by turns in each round and the same phones: ours; ours with every fsync left out; and a bare endpoint of the same framework that
reads the body and says 201. Then ours again at half its rate, for the times of answers. What counts are the ratios within one
run, and the processor time a chunk costs: both hold on a machine that is busy with other things. Last it compares what was
acknowledged with what is stored.

`--soak 300 --phones 500` instead: so many phones at once, one server, memory watched.
"""

from __future__ import annotations

import argparse
import os
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.uploading import Load, enrol, minute, upload

_OURS = """
import pathlib, sys
from ingest.serve import serve
serve(port=0, data=pathlib.Path(sys.argv[1]), on_ready=lambda address: print(address, flush=True))
"""
_NO_SYNC = (
    """
import os
from ingest.store import database
os.fsync = os.fdatasync = lambda descriptor: None
database._PRAGMAS = tuple(p.replace("synchronous=FULL", "synchronous=OFF") for p in database._PRAGMAS)
"""
    + _OURS
)
_BARE = """
import socket, sys, uuid
import uvicorn
from fastapi import FastAPI, Request
from ingest.api.connections import protocol
from ingest.listening import Listening
from ingest.serve import _uvicorn
from ingest.settings import Connections
app = FastAPI()
@app.post("/v1/devices", status_code=201)
async def enrol():
    return {"token": uuid.uuid4().hex}
@app.put("/v1/trips/{trip_id}/chunks/{number}", status_code=201)
async def put(trip_id: str, number: int, request: Request):
    return {"sha256": "", "length": len(await request.body())}
listening = socket.create_server(("127.0.0.1", 0), backlog=2048)
print(f"http://127.0.0.1:{listening.getsockname()[1]}/", flush=True)
uvicorn.Server(_uvicorn(app, Listening(), protocol(Connections()))).run(sockets=[listening])
"""
SERVERS = {"durable": _OURS, "without fsync": _NO_SYNC, "bare endpoint": _BARE}
_TICKS_S = 1 / os.sysconf("SC_CLK_TCK")


class Served:
    """One of the servers above in a process of its own."""

    def __init__(self, source: str, data: Path) -> None:
        self.process = subprocess.Popen([sys.executable, "-c", source, str(data)], stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline().rstrip("/\n").rpartition(":")[2])

    def processor_s(self) -> float:
        """Processor time of the server alone, without its worker."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) * _TICKS_S

    def memory_mb(self) -> float:
        """Resident memory."""
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


def main() -> None:
    """Parse, run, print."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--phones", type=int, default=32)
    options.add_argument("--seconds", type=float, default=10.0)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--soak", type=float, default=0.0, metavar="SECONDS")
    chosen = options.parse_args()
    template = minute()
    print(
        f"{chosen.phones} phones, chunks of {len(template) / 1000:.1f} kB; load of the machine before: {os.getloadavg()[0]:.1f}"
    )
    with tempfile.TemporaryDirectory() as folder:
        if chosen.soak:
            soak(Path(folder), template, chosen.phones, chosen.soak)
        else:
            compare(Path(folder), template, chosen)


def compare(folder: Path, template: bytes, chosen: argparse.Namespace) -> None:
    """Rounds of all three servers, and the ratios of their medians."""
    rates: dict[str, list[float]] = {name: [] for name in SERVERS}
    costs_ms: dict[str, list[float]] = {name: [] for name in SERVERS}
    half: list[Load] = []
    for turn in range(chosen.rounds):
        for name, source in SERVERS.items():
            data = folder / f"{turn}-{name.split()[0]}"
            server = Served(source, data)
            tokens = enrol(server.port, chosen.phones)
            before = server.processor_s()
            load = upload(server.port, tokens, template, chosen.seconds)
            costs_ms[name].append((server.processor_s() - before) * 1000 / len(load.acknowledged))
            rates[name].append(load.rate)
            if name == "durable":
                half.append(upload(server.port, tokens, template, chosen.seconds, per_s=load.rate / 2))
            server.stop()
            told = f"{load.rate:5.0f}/s, {costs_ms[name][-1]:.2f} ms of processor each, answers {_times(load)}, {load.statuses}"
            print(f"round {turn + 1}, {name:13}: {told}", flush=True)
            if name == "durable":
                print(f"         at half that rate: {half[-1].rate:5.0f}/s, answers {_times(half[-1])}", flush=True)
                print(f"         {compared(data, load.acknowledged | half[-1].acknowledged)}", flush=True)
    middle = {name: statistics.median(held) for name, held in rates.items()}
    cost_ms = {name: statistics.median(held) for name, held in costs_ms.items()}
    print(f"durable: {middle['durable']:.0f} chunks/s, by processor time {1000 / cost_ms['durable']:.0f} a second and core")
    for name in ("without fsync", "bare endpoint"):
        share, of_cost = middle["durable"] / middle[name], cost_ms[name] / cost_ms["durable"]
        print(f"  {share:.0%} of {name} ({middle[name]:.0f}/s); by processor time {of_cost:.0%}")
    print(f"  99 % of answers at half that rate within {statistics.median(load.within_ms(0.99) for load in half):.0f} ms")


def soak(folder: Path, template: bytes, phones: int, seconds: float) -> None:
    """Ten equal parts, the memory after each."""
    server = Served(_OURS, folder / "data")
    tokens = enrol(server.port, phones)
    acknowledged: dict[tuple[str, int], str] = {}
    for part in range(10):
        load = upload(server.port, tokens, template, seconds / 10)
        acknowledged |= load.acknowledged
        print(
            f"{part + 1:2}: {load.rate:5.0f}/s, answers {_times(load)}, {load.statuses}, {server.memory_mb():.0f} MB", flush=True
        )
    server.stop()
    print(compared(folder / "data", acknowledged))


def compared(data: Path, acknowledged: dict[tuple[str, int], str]) -> str:
    """Rows and files against what was acknowledged."""
    with sqlite3.connect(data / "cahot.sqlite") as rows:
        stored = {(trip, number): sha256 for trip, number, sha256 in rows.execute("SELECT trip_id, number, sha256 FROM chunks")}
    lost = sum(stored.get(chunk) != sha256 for chunk, sha256 in acknowledged.items())
    files = sum(1 for path in (data / "traces").glob("??/*/*-*"))
    return f"acknowledged {len(acknowledged)}, lost {lost}, rows {len(stored)}, files {files}, doubled {files - len(stored)}"


def _times(load: Load) -> str:
    return f"median {load.within_ms(0.5):.0f} ms, 99 % within {load.within_ms(0.99):.0f} ms"


if __name__ == "__main__":
    main()
