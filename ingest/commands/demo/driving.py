"""Simulated drives on their way from the phone to the database, with a progress bar for each leg."""

from __future__ import annotations

import os
import time
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from detection.simulator import City, TrueJolts, simulate_city, simulate_drive
from detection.trace import Floats
from ingest.commands.demo.backlog import Backlog
from ingest.commands.demo.stage import Stage
from ingest.commands.interruption import handed_out
from ingest.commands.replaying import replay
from ingest.commands.screen import Legs, UnusableInput
from mobile_app import wire
from mobile_app.outbox import Outbox
from mobile_app.privacy import Ends
from mobile_app.uploader import Uploader, register

SEED = 2026
STREET_KM = 8.0  # small enough that 60 drives pass every street many times
DRIVE_S = (240.0, 600.0)
TRIPS_PER_DEVICE = 5  # a device drives again and again, as commuters do
SIMULATED_UNTIL = datetime(2026, 6, 1, tzinfo=UTC)  # the simulator's drives lie in the four weeks before
NEAR_S = 0.5  # what was felt further than this from any sample that was sent was withheld
PATIENCE_S = 30.0  # the server is busy finding jolts on the same two cores
LOOK_S = 0.25  # between two looks at the server's backlog


@dataclass(frozen=True)
class Driven:
    """What one drive left in its phone's outbox; chunks: 0 where all of it was withheld.

    felt: the jolts that a perfect detector would find in what is sent; felt_at_s: when, s since 1970. kept: share of its time.
    """

    trip_id: str
    device: str
    chunks: int
    felt: TrueJolts
    felt_at_s: Floats
    kept: float


@cache
def the_city() -> City:
    """The city of the demo, the same in every process."""
    return simulate_city(SEED, street_km=STREET_KM)


def drive_all(stage: Stage, trips: int, ends: Ends | None) -> list[Driven]:
    """Drives, withholds the ends, uploads and waits until all is processed. Raises UnusableInput when the server stops."""
    today, workers = datetime.now(UTC), min(os.cpu_count() or 1, trips)
    with handed_out(
        workers, lambda pool: {pool.submit(_drive, stage.phones, index, trips, today, ends) for index in range(trips)}
    ) as work:
        return _follow(stage, work)


def _follow(stage: Stage, waiting: set[Future[Driven]]) -> list[Driven]:
    """Uploads each drive once it is recorded, and shows how far everything is."""
    trips, driven, phones = len(waiting), list[Driven](), dict[str, Uploader]()
    with Legs({"driving": trips, "uploading": trips, "processing": trips}) as legs, Backlog(stage.data) as backlog:
        while waiting:
            done, waiting = wait(waiting, LOOK_S, FIRST_COMPLETED)
            for future in done:
                driven.append(future.result())
                legs.show("driving", len(driven))
                _upload(stage, driven[-1].device, phones)
                legs.show("uploading", len(driven))
            stage.check()
            legs.show("processing", backlog.processed())
        vanished = sum(not drive.chunks for drive in driven)
        while not backlog.is_empty(trips - vanished):
            time.sleep(LOOK_S)
            stage.check()
            legs.show("processing", backlog.processed() + vanished)
        legs.show("processing", trips)
    return driven


def _drive(phones: Path, index: int, trips: int, today: datetime, ends: Ends | None) -> Driven:
    """One drive in a process of its own: simulated, then recorded by the phone's code into that phone's outbox."""
    devices = max(3, trips // TRIPS_PER_DEVICE)  # three: the public sees nothing that fewer passed
    drive = simulate_drive(the_city(), index, SEED, devices=devices, duration_s=DRIVE_S)
    trace, felt = drive.trace, drive.truth[drive.truth.felt == 1]
    assert trace.device
    assert trace.started_at
    recent = replace(trace, started_at=trace.started_at + timedelta(days=(today - SIMULATED_UNTIL).days))
    outbox = Outbox(phones / trace.device)
    chunks = replay(recent, outbox, trace.trip_id, ends)
    at_s, kept = felt.t_s + recent.started_at_s, _sent_at_s(outbox, trace.trip_id)
    sent = _is_near(at_s, kept)
    share = len(kept) / max(len(trace.accelerometer), 1)
    return Driven(trace.trip_id, trace.device, chunks, felt[sent], at_s[sent], share)


def _sent_at_s(outbox: Outbox, trip_id: str) -> Floats:
    """When the samples were taken that will be sent, s since 1970."""
    waiting = [outbox.read(trip_id, number) for trip, number in outbox.pending() if trip == trip_id]
    held = [wire.decode(data) for data in waiting if data is not None]
    return np.concatenate([np.empty(0), *(chunk.started_at_us / 1e6 + chunk.accelerometer.t_s for chunk in held)])


def _is_near(at_s: Floats, kept: Floats) -> npt.NDArray[np.bool_]:
    if not len(kept):
        return np.zeros(len(at_s), bool)
    after = np.searchsorted(kept, at_s).clip(1, len(kept) - 1)
    return np.asarray(np.minimum(np.abs(at_s - kept[after - 1]), np.abs(at_s - kept[after])) < NEAR_S)


def _upload(stage: Stage, device: str, phones: dict[str, Uploader]) -> None:
    """What this phone has waiting goes to the server; on its first trip it registers. Raises UnusableInput."""
    if device not in phones:
        _, token = register(stage.address)
        phones[device] = Uploader(Outbox(stage.phones / device), stage.address, token)
    outcome = phones[device].run(PATIENCE_S)
    if not outcome.done or outcome.refused:
        raise UnusableInput(f"upload failed: {outcome}")
