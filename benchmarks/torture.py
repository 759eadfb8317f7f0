"""Phones, server and worker killed at random, the network cut: is all that was acknowledged stored, once, and found the same?

`python -m benchmarks.torture [--kills 200] [--phones 6] [--seed N]`. Phones are processes with the app's own outbox and uploader;
between them and the server stands a proxy that cuts, halves and delays (`benchmarks.bad_network`). kill -9 takes server, worker
or a phone at random instants until so many kills were made; then all is left in peace until every outbox is empty and every
trip processed. What is stored is compared with what the outboxes held at the start, and what was found with a run of the same
trips in which nothing happened. Prints the seed: it gives the same drives, victims and pauses, though not the same instants.
"""

from __future__ import annotations

import argparse
import hashlib
import math
import multiprocessing
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import uuid
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from multiprocessing.process import BaseProcess
from pathlib import Path

from benchmarks.bad_network import BadNetwork

PATIENCE_S = 300.0
_PHONE = """
import sys, time
from mobile_app.outbox import Outbox
from mobile_app.uploader import Uploader
uploader = Uploader(Outbox(sys.argv[1]), sys.argv[2], sys.argv[3], timeout_s=2.0, deadline_s=4.0,
                    sleep=lambda s: time.sleep(min(s, 0.1)))
outcome = uploader.run()
assert not outcome.refused and not outcome.stuck, outcome
"""
_processes = multiprocessing.get_context("forkserver")


@dataclass
class Result:
    """What a run came to. chunks: that phones had; kills by victim; faults of the network by sort."""

    chunks: int = 0
    lost: int = 0
    doubled: int = 0
    strange: int = 0
    unprocessed: int = 0
    same_findings: bool = False
    defects: int = 0
    kills: dict[str, int] = field(default_factory=dict)
    faults: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def sound(self) -> bool:
        return self.same_findings and not (self.lost or self.doubled or self.strange or self.unprocessed)


def main() -> None:
    """Parse, run, print; exit code 1 if anything was lost, doubled or found otherwise."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--kills", type=int, default=200)
    options.add_argument("--phones", type=int, default=6)
    options.add_argument("--chunks", type=int, default=400, help="small chunks of each phone, beside its drive")
    options.add_argument("--seed", type=int, default=random.randrange(10**6))
    chosen = options.parse_args()
    print(f"seed {chosen.seed}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        result = torture(Path(folder), chosen.seed, chosen.phones, chosen.kills, chosen.chunks)
    print(f"{result.chunks} chunks of {chosen.phones} phones in {result.seconds:.0f} s")
    print(f"kill -9: {result.kills}, network: {result.faults}")
    print(f"lost {result.lost}, doubled {result.doubled}, strange files {result.strange}, unprocessed trips {result.unprocessed}")
    print(f"{result.defects} defects, {'as' if result.same_findings else 'NOT as'} in a run without kills")
    sys.exit(not result.sound)


def torture(folder: Path, seed: int, phones: int, kills: int, chunks: int) -> Result:
    """One run in an empty folder."""
    _processes.set_forkserver_preload(["ingest.serve", "ingest.worker"])
    begun, result, dice = time.monotonic(), Result(), random.Random(seed)
    outboxes = [folder / f"phone{index}" for index in range(phones)]
    oracle = {
        chunk: sha256 for index, outbox in enumerate(outboxes) for chunk, sha256 in record(outbox, index, seed, chunks).items()
    }
    result.chunks = len(oracle)
    for index, outbox in enumerate(outboxes):
        subprocess.run(["cp", "-r", str(outbox), str(folder / f"calm{index}")], check=True)
    Stage(folder / "tortured", outboxes, dice, result).run(kills)
    Stage(folder / "calm", [folder / f"calm{index}" for index in range(phones)], dice, result).run(0)
    compare(folder / "tortured", oracle, result)
    found = [findings(folder / name) for name in ("tortured", "calm")]
    result.defects, result.same_findings = found[0][1], repr(found[0]) == repr(found[1])
    result.seconds = time.monotonic() - begun
    return result


class Stage:
    """Server, worker, bad network and phones, each a process that may be killed and is started anew."""

    def __init__(self, data: Path, outboxes: list[Path], dice: random.Random, result: Result) -> None:
        self.data, self.outboxes, self.dice, self.result = data, outboxes, dice, result
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.network = BadNetwork(self.port, random.Random(dice.random()))
        self.server: BaseProcess | None = None
        self.worker: BaseProcess | None = None
        self.phones: dict[int, subprocess.Popen[bytes]] = {}
        self.tokens: dict[int, str] = {}

    def run(self, kills: int) -> None:
        """Until so many were killed and, in peace, every outbox is empty and every trip processed."""
        from mobile_app.uploader import register

        self._keep_alive()
        for index in range(len(self.outboxes)):
            _, self.tokens[index] = _patiently(lambda: register(f"http://127.0.0.1:{self.port}"))
        self.network.bad = kills > 0
        for _ in range(kills):
            self._keep_alive()
            self._until_it_listens()
            time.sleep(self.dice.uniform(0.0, 0.5))
            self._kill(self.dice.choice(("server", "server", "worker", "phone")))
        self.network.bad = False
        end = time.monotonic() + PATIENCE_S
        while self._is_busy():
            self._keep_alive()
            time.sleep(0.1)
            if time.monotonic() > end:
                break
        self._stop()
        for sort, count in self.network.faults.items():
            self.result.faults[sort] = self.result.faults.get(sort, 0) + count

    def _keep_alive(self) -> None:
        if self.server is None or not self.server.is_alive():
            self.server = _processes.Process(target=_serve, args=(self.data, self.port))
            self.server.start()
        if self.worker is None or not self.worker.is_alive():
            self.worker = _processes.Process(target=_work, args=(self.data,))
            self.worker.start()
        for index, token in self.tokens.items():
            old, outbox = self.phones.get(index), self.outboxes[index]
            if (old is None or old.poll() is not None) and list(outbox.glob("*-*/trip.json")):
                command = [sys.executable, "-c", _PHONE, str(outbox), f"http://127.0.0.1:{self.network.port}", token]
                self.phones[index] = subprocess.Popen(command)

    def _until_it_listens(self) -> None:
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.05)

    def _kill(self, victim: str) -> None:
        alive = [phone for phone in self.phones.values() if phone.poll() is None]
        if victim == "phone" and alive:
            self.dice.choice(alive).kill()
        elif victim == "worker" and self.worker:
            self.worker.kill()
        elif self.server:
            victim = "server"
            self.server.kill()
            self.server.join()
        self.result.kills[victim] = self.result.kills.get(victim, 0) + 1

    def _is_busy(self) -> bool:
        if any(list(outbox.glob("*-*/trip.json")) for outbox in self.outboxes):
            return True
        with sqlite3.connect(self.data / "cahot.sqlite", timeout=30) as rows:
            return rows.execute("SELECT count(*) FROM jobs").fetchone()[0] > 0

    def _stop(self) -> None:
        for process in (self.server, self.worker):
            assert process is not None
            process.terminate()
            process.join(30)
        for phone in self.phones.values():
            phone.wait(30)
        self.network.close()


def _serve(data: Path, port: int) -> None:
    """Without a worker of its own: here it is a process that can be killed by itself."""
    from ingest import serve

    serve._supervised = lambda settings: nullcontext()  # type: ignore[assignment]
    serve.serve(port=port, data=data, on_ready=lambda address: None)


def _work(data: Path) -> None:
    """Its leases end soon, and no number of killed workers is the trip's own fault."""
    from ingest.serve import work
    from ingest.settings import Settings, Work

    work(settings=Settings(data, work=replace(Work(), lease_s=5.0, tries=1000)))


def record(folder: Path, index: int, seed: int, chunks: int) -> dict[tuple[str, int], str]:
    """A drive and a trip of many small chunks in a phone's outbox; sha256 of each chunk by trip and number."""
    from detection.simulator import simulate_city, simulate_drive
    from ingest.commands.replaying import replay
    from mobile_app.outbox import Outbox

    outbox = Outbox(folder)
    drive = simulate_drive(simulate_city(seed, street_km=1.0), index, seed, devices=64, duration_s=(130.0, 190.0))
    replay(drive.trace, outbox, str(uuid.uuid5(uuid.NAMESPACE_OID, f"{seed} drive {index}")), None)
    trip = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{seed} small {index}"))
    outbox.begin(trip, _STARTED_AT_US)
    for number in range(chunks):
        outbox.add(trip, number, _small(trip, number))
    outbox.finish(trip, chunks)
    return {(of, n): hashlib.sha256(outbox.read(of, n) or b"").hexdigest() for of, n in outbox.pending()}


_STARTED_AT_US = 1_777_878_720_000_000


def _small(trip: str, number: int) -> bytes:
    from mobile_app import wire

    t = [number + i / 20 for i in range(20)]
    z = [9.8 + math.sin(i) for i in range(20)]
    return wire.encode(trip, number, _STARTED_AT_US, {"t": t, "x": [0.0] * 20, "y": [0.0] * 20, "z": z}, None, None)


def compare(data: Path, oracle: dict[tuple[str, int], str], result: Result) -> None:
    """Rows and files against what the phones had."""
    with sqlite3.connect(data / "cahot.sqlite") as rows:
        stored = [((trip, number), sha256) for trip, number, sha256 in rows.execute("SELECT trip_id, number, sha256 FROM chunks")]
        states = [state for (state,) in rows.execute("SELECT state FROM trips")]
    held = {(path.parent.name, int(path.name.partition("-")[0])): path for path in (data / "traces").glob("??/*/*-*")}
    whole = {chunk for chunk, path in held.items() if hashlib.sha256(path.read_bytes()).hexdigest() == oracle.get(chunk)}
    result.lost = sum(dict(stored).get(chunk) != sha256 or chunk not in whole for chunk, sha256 in oracle.items())
    result.doubled = len(stored) - len(dict(stored)) + len(stored) - len(oracle)
    result.strange = len(list((data / "traces").glob("??/*/*"))) - len(oracle)
    result.unprocessed = sum(state != "processed" for state in states)


def findings(data: Path) -> tuple[object, int]:
    """Everything that was found, without what differs between installations, all defects estimated once more: which epoch of the
    calibration a tile was last estimated in depends on when trips came. And how many defects."""
    from sqlalchemy import select

    from ingest.estimating import estimate
    from ingest.settings import Settings
    from ingest.store import calibrations, defects, open_store
    from ingest.store.schema import Jolt

    settings = Settings(data)
    store = open_store(settings)
    with store.database.write() as session:
        calibrations.expire(session)
    store_result = estimate(store, settings, time.time())
    with store.database.write() as session:
        store_result(session)
    with store.database.read() as session:
        order = select(Jolt.trip_id, Jolt.number, Jolt.t_s, Jolt.severity, Jolt.kind).order_by(Jolt.trip_id, Jolt.number)
        jolts = [tuple(row) for row in session.execute(order)]
        held = defects.load(session)
    store.database.close()
    columns = [column.tolist() for name, column in held.columns().items() if name != "id"]
    # sorted, as the table is by id, which a defect keeps from the estimate that found it first
    return (jolts, sorted(zip(*columns, strict=True), key=repr)), len(held)


def _patiently(ask):  # type: ignore[no-untyped-def]
    """Until the server has started."""
    for _ in range(1200):
        try:
            return ask()
        except Exception:
            time.sleep(0.1)
    return ask()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    main()
