"""A phone with drives in its outbox, a real server, a hundred faults between: does every sample arrive, once, and no other?

`python -m benchmarks.phone_network [--faults 100] [--seed N]`. Simulated drives go through the phone's own recorder, their ends
withheld by small cells, three at first and one more whenever all are sent; the phone's own `Sync` sends them to `cahot serve`
through `benchmarks.faulty_proxy`, each of its rounds meeting a fault until so many were met. What the server then gives out as
this device's data is compared, sample by sample, with the drives: those outside the private cells once, those inside never; and
what was on the wire is searched for the latter.
"""

from __future__ import annotations

import argparse
import io
import itertools
import json
import random
import re
import socket
import sys
import tempfile
import time
import uuid
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path

from benchmarks.faulty_proxy import FAULTS, FaultyProxy
from benchmarks.torture import _processes, _serve
from detection import Trace
from detection.simulator import simulate_city, simulate_drive
from ingest.commands.replaying import replay
from mobile_app import wire
from mobile_app.choices import Choices, save_choices
from mobile_app.credentials import Credentials, load_credentials, register, save_credentials
from mobile_app.home import Home
from mobile_app.network import Always
from mobile_app.outbox import Outbox
from mobile_app.privacy import Cell, Ends, Fix, holds, kept_spans
from mobile_app.sync import Sync

RULES = Ends.of_cell(100.0)  # the simulated town is 1 km wide and would vanish behind 500 m
PATIENCE_S = 120.0
OPTIONS = {"timeout_s": 0.7, "deadline_s": 3.0}  # of a connection, where a phone's are 30 and 120 s
WAIT_S = 0.05  # at most, where a phone would wait for minutes
PUT = re.compile(rb"PUT /v1/trips/([0-9a-f-]{36})/chunks/\d+ HTTP/1.1\r\n.*?Content-Length: (\d+)\r\n.*?\r\n\r\n", re.DOTALL)

Sample = tuple[str, int, int]  # stream, trip by its place in the list, µs since 1970


@dataclass
class Result:
    """samples: that may be sent. withheld: recorded inside the cells, of which on_wire were heard. played: faults by sort."""

    trips: int = 0
    samples: int = 0
    withheld: int = 0
    lost: int = 0
    doubled: int = 0
    strange: int = 0
    on_wire: int = 0
    heard_chunks: int = 0
    left: int = 0
    played: Counter[str] = field(default_factory=Counter)

    @property
    def sound(self) -> bool:
        return not (self.lost or self.doubled or self.strange or self.on_wire or self.left) and self.samples > 0


def main() -> None:
    """Parse, run, print; exit code 1 unless all is as it should be."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--faults", type=int, default=100)
    options.add_argument("--seed", type=int, default=random.randrange(10**6))
    chosen = options.parse_args()
    print(f"seed {chosen.seed}", flush=True)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        result = through_faults(Path(folder), chosen.faults, chosen.seed)
    print(f"{sum(result.played.values())} faults in {time.monotonic() - begun:.0f} s: {dict(result.played)}")
    print(f"{result.samples} samples of {result.trips} trips outside private cells: lost {result.lost}, doubled {result.doubled}")
    print(
        f"{result.withheld} inside: stored {result.strange}, in {result.heard_chunks} chunks heard on the wire {result.on_wire}"
    )
    print(f"left in the outbox: {result.left} trips")
    sys.exit(not result.sound)


def through_faults(folder: Path, faults: int, seed: int, seconds: float = 400.0) -> Result:
    """One run in an empty folder."""
    dice, result = random.Random(seed), Result()
    home = Home(folder / "phone")
    outbox = Outbox(home.outbox)
    coming, traces = drives(seed, seconds), list[Trace]()

    def record() -> None:
        traces.append(next(coming))
        replay(traces[-1], outbox, str(uuid.UUID(traces[-1].trip_id)), RULES)

    for _ in range(3):
        record()
    proxy = FaultyProxy(dice)
    server = Server(folder / "server", proxy)
    url = f"http://127.0.0.1:{proxy.port}"
    save_choices(home.choices, Choices(server_url=url).agree(time.time()))
    try:
        server.keep_alive()
        save_credentials(home.credentials, Credentials(url, *register(url)))
        _send(Sync(home, Always(), outbox, options=OPTIONS, chance=dice.random), server, faults, dice, record)
        result.left, result.played, result.trips = len(outbox.trips()), proxy.played, len(traces)
        stored = data_of(proxy.server_port, load_credentials(home.credentials).token)
    finally:
        server.stop()
        proxy.close()
    _compare(traces, stored, b"".join(map(bytes, proxy.heard)), result)
    return result


class Server:
    """`cahot serve` without its worker, killed and started again on the same data."""

    def __init__(self, data: Path, proxy: FaultyProxy) -> None:
        self.data, self.proxy = data, proxy
        with socket.create_server(("127.0.0.1", 0)) as free:
            proxy.server_port = free.getsockname()[1]
        _processes.set_forkserver_preload(["ingest.serve"])
        self._start()
        proxy.kill = self.kill

    def _start(self) -> None:
        self.process = _processes.Process(target=_serve, args=(self.data, self.proxy.server_port))
        self.process.start()

    def kill(self) -> None:
        self.process.kill()
        self.process.join()

    def keep_alive(self) -> None:
        """Starts it again where it was killed, and waits until it listens. The proxy may kill it meanwhile."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            if not self.process.is_alive():
                self._start()
            try:
                socket.create_connection(("127.0.0.1", self.proxy.server_port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.05)

    def stop(self) -> None:
        self.process.terminate()
        self.process.join(30)


def _send(sync: Sync, server: Server, faults: int, dice: random.Random, record: Callable[[], None]) -> None:
    """Rounds of the phone's own loop until so many faults were met and nothing is left; more is recorded where it runs out."""
    proxy, order = server.proxy, [FAULTS[i % len(FAULTS)] for i in range(faults)]
    dice.shuffle(order)
    end = time.monotonic() + PATIENCE_S + 3 * faults
    while time.monotonic() < end and (order or sync.outbox.trips()):
        if not sync.outbox.trips():
            record()
        proxy.next_fault = order.pop() if order else None
        proxy.spared = dice.choice((0, 1, 1, 1))  # the first connection greets, the second sends the chunks
        again_s = sync.step()
        if proxy.next_fault:  # nothing was connected to that could have met it
            order.append(proxy.next_fault)
            proxy.next_fault = None
        server.keep_alive()
        time.sleep(min(again_s, WAIT_S))


def drives(seed: int, seconds: float) -> Iterator[Trace]:
    """Of one town, each with a phone of its own."""
    town = simulate_city(seed, street_km=2.0)
    for i in itertools.count():
        yield simulate_drive(town, i, seed, devices=64, rate_hz=(95.0, 105.0), duration_s=(seconds, seconds)).trace


def data_of(port: int, token: str) -> list[wire.Chunk]:
    """Chunks of `GET /v1/devices/me/data`, asked for without any fault between."""
    http = HTTPConnection("127.0.0.1", port, timeout=60)
    http.request("GET", "/v1/devices/me/data", headers={"Authorization": f"Bearer {token}"})
    with zipfile.ZipFile(io.BytesIO(http.getresponse().read())) as archive:
        names = [name for name in archive.namelist() if name.startswith("traces/")]
        rows = json.loads(archive.read("rows.json"))
        assert len(rows["chunks"]) == len(names)
        return [wire.decode(archive.read(name)) for name in names]


def _compare(traces: list[Trace], stored: list[wire.Chunk], heard: bytes, result: Result) -> None:
    index = {str(uuid.UUID(trace.trip_id)): number for number, trace in enumerate(traces)}
    allowed: Counter[Sample] = Counter()
    private: set[Sample] = set()
    known: set[Cell] = set()  # of the ends of the trips before: an end beside one of them counts as in it
    for number, trace in enumerate(traces):
        may, may_not = split(trace, number, known)
        allowed.update(may)
        private |= may_not
    arrived = Counter(sample for chunk in stored for sample in samples_of(chunk, index))
    result.samples, result.withheld = allowed.total(), len(private)
    result.lost = (allowed - arrived).total()
    result.doubled = sum(count - 1 for count in arrived.values() if count > 1)
    result.strange = sum(count for sample, count in arrived.items() if sample not in allowed)
    on_wire = chunks_heard(heard)
    result.heard_chunks = len(on_wire)
    result.on_wire = len(private & {sample for chunk in on_wire for sample in samples_of(chunk, index)})


def split(trace: Trace, number: int, known: set[Cell]) -> tuple[list[Sample], set[Sample]]:
    """Samples that may be sent, and those that may not: by the rules, straight from the trace. Adds to known."""
    origin_s = min(0.0, float(trace.accelerometer.t_s[0]))
    started_us = round((trace.started_at_s + origin_s) * 1e6)
    fixes = trace.fixes
    rows = zip(fixes.t_s - origin_s, fixes.latitude_deg, fixes.longitude_deg, fixes.accuracy_m, strict=True)
    spans, ends = kept_spans([Fix(*map(float, row)) for row in rows if row[0] >= 0], RULES, known)
    known |= ends
    streams = {"accelerometer": trace.accelerometer.t_s, "location": fixes.t_s[fixes.t_s >= origin_s]}
    if trace.gyroscope is not None:
        streams["gyroscope"] = trace.gyroscope.t_s
    may: list[Sample] = []
    may_not: set[Sample] = set()
    for name, times in streams.items():
        for t_s in (times - origin_s).tolist():
            sample = (name, number, started_us + round(t_s * 1e6))
            if holds(spans, t_s):
                may.append(sample)
            else:
                may_not.add(sample)
    return may, may_not - set(may)


def samples_of(chunk: wire.Chunk, index: dict[str, int]) -> list[Sample]:
    """Each by its stream and instant."""
    found = []
    for name in ("accelerometer", "gyroscope", "location"):
        series = getattr(chunk, name)
        for t_s in series.t_s.tolist() if series is not None else ():
            found.append((name, index[chunk.trip_id], chunk.started_at_us + round(t_s * 1e6)))
    return found


def chunks_heard(heard: bytes) -> list[wire.Chunk]:
    """All chunks that went over the wire whole, acknowledged or not."""
    found = []
    for match in PUT.finditer(heard):
        body = heard[match.end() : match.end() + int(match[2])]
        try:
            found.append(wire.decode(body))
        except wire.ChunkError:  # cut off: its beginning is no chunk
            continue
    return found


if __name__ == "__main__":
    main()
