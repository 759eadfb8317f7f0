"""Simulated drives on their way from the phone to the database, with a progress bar for each leg."""

from __future__ import annotations

import os
import time
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from detection.simulator import City, TrueJolts, simulate_city, simulate_drive
from ingest.commands.demo.backlog import Backlog
from ingest.commands.demo.stage import Stage
from ingest.commands.interruption import handed_out
from ingest.commands.replaying import replay
from ingest.commands.screen import Legs, UnusableInput
from mobile_app.outbox import Outbox
from mobile_app.uploader import Uploader, register

SEED = 2026
STREET_KM = 8.0  # small enough that 60 drives pass every street many times
DRIVE_S = (240.0, 600.0)
TRIPS_PER_DEVICE = 5  # a device drives again and again, as commuters do
SIMULATED_UNTIL = datetime(2026, 6, 1, tzinfo=UTC)  # the simulator's drives lie in the four weeks before
PATIENCE_S = 30.0  # the server is busy finding jolts on the same two cores
LOOK_S = 0.25  # between two looks at the server's backlog


@dataclass(frozen=True)
class Driven:
    """What one drive left in its phone's outbox. felt: the jolts that a perfect detector would find."""

    trip_id: str
    device: str
    chunks: int
    felt: TrueJolts


@cache
def the_city() -> City:
    """The city of the demo, the same in every process."""
    return simulate_city(SEED, street_km=STREET_KM)


def drive_all(stage: Stage, trips: int) -> list[Driven]:
    """Drives, uploads and waits until all is processed. Raises UnusableInput when the server stops."""
    today, workers = datetime.now(UTC), min(os.cpu_count() or 1, trips)
    with handed_out(
        workers, lambda pool: {pool.submit(_drive, stage.phones, index, trips, today) for index in range(trips)}
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
        while not backlog.is_empty(trips):
            time.sleep(LOOK_S)
            stage.check()
            legs.show("processing", backlog.processed())
    return driven


def _drive(phones: Path, index: int, trips: int, today: datetime) -> Driven:
    """One drive in a process of its own: simulated, then recorded by the phone's code into that phone's outbox."""
    devices = max(3, trips // TRIPS_PER_DEVICE)  # three: the public sees nothing that fewer passed
    drive = simulate_drive(the_city(), index, SEED, devices=devices, duration_s=DRIVE_S)
    trace, felt = drive.trace, drive.truth[drive.truth.felt == 1]
    assert trace.device
    assert trace.started_at
    recent = replace(trace, started_at=trace.started_at + timedelta(days=(today - SIMULATED_UNTIL).days))
    chunks = replay(recent, Outbox(phones / trace.device), trace.trip_id)
    return Driven(trace.trip_id, trace.device, chunks, felt)


def _upload(stage: Stage, device: str, phones: dict[str, Uploader]) -> None:
    """What this phone has waiting goes to the server; on its first trip it registers. Raises UnusableInput."""
    if device not in phones:
        _, token = register(stage.address)
        phones[device] = Uploader(Outbox(stage.phones / device), stage.address, token)
    outcome = phones[device].run(PATIENCE_S)
    if not outcome.done or outcome.refused:
        raise UnusableInput(f"upload failed: {outcome}")
