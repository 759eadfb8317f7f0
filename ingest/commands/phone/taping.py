"""Recordings of any app, or a simulated drive, as the wire chunks that the phone's replay plays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.commands.screen import UnusableInput, complain

if TYPE_CHECKING:
    from detection import Trace

SEED = 2026
STREET_KM = 100.0  # 4 km wide: what is withheld around both ends of a drive must leave something in between
RATE_HZ = 100.0
DRIVE_S = 720.0
BEFORE_S, PARKED_S = 30.0, 260.0
STANDS_S = 240.0  # a trip is over once the car has stood so long (mobile_app.driving)


@dataclass(frozen=True)
class Taped:
    """folder: chunks in the order of their names. trips: how many; seconds: of the tape, with the parked minutes."""

    folder: Path
    trips: int
    seconds: float

    def lasts_s(self, speed: float) -> float:
        """How long it plays, about: before a trip, and once it is over, the phone rests and the tape is slower."""
        from mobile_app.sensors.replay import REST_SPEED

        resting_s = self.trips * (BEFORE_S + PARKED_S - STANDS_S)
        return resting_s / min(speed, REST_SPEED) + (self.seconds - resting_s) / speed

    def spec(self, speed: float, now: float) -> str:
        """For the recorder's `--source`; dated so that the tape ends when it has been played."""
        from mobile_app.sensors.choosing import replay_spec

        began = now + self.lasts_s(speed) - self.seconds
        return replay_spec(self.folder, speed=speed, before_s=BEFORE_S, parked_s=PARKED_S, utc_s=began)


def tape_of(paths: Iterable[str], folder: Path) -> Taped:
    """A folder of chunks from recordings, or from one simulated drive where no path is given. Raises UnusableInput.

    A recording that cannot be used is complained of; the others are taken.
    """
    from ingest.chunking import chunks_of
    from ingest.commands.replaying import trip_id_of

    folder.mkdir(parents=True)
    trips, seconds = 0, 0.0
    for trace in _usable(paths):
        for number, data in enumerate(chunks_of(trace, trip_id_of(trace))):
            (folder / f"{trips}-{number}.chunk").write_bytes(data)
        trips, seconds = trips + 1, seconds + BEFORE_S + trace.duration_s + PARKED_S
    if not trips:
        raise UnusableInput("none of these recordings can be played")
    return Taped(folder, trips, seconds)


def _usable(paths: Iterable[str]) -> Iterator[Trace]:
    from detection import CahotError
    from detection.readers import read_all
    from ingest.chunking import Unusable

    told = list(paths)
    if not told:
        yield _simulated()
        return
    for found in read_all(told):
        if isinstance(found, CahotError):
            complain(str(found))
            continue
        try:
            yield _checked(found)
        except Unusable as error:
            complain(f"{found.provenance.source or found.trip_id}: {error}")


def _checked(trace: Trace) -> Trace:
    """Dated today where it has no clock. Raises Unusable."""
    from ingest.chunking import check

    dated = replace(trace, started_at=trace.started_at or datetime.now(UTC))
    check(dated)
    return dated


def _simulated() -> Trace:
    from detection.simulator import simulate_city, simulate_drive

    city = simulate_city(SEED, street_km=STREET_KM)
    return simulate_drive(city, 0, SEED, devices=1, rate_hz=(RATE_HZ, RATE_HZ), duration_s=(DRIVE_S, DRIVE_S)).trace
