"""Does recording begin and end with the drive? `python -m benchmarks.phone_starts [--seeds N] [RECORDING…]`

Simulated days (`benchmarks.phone_scenes`) and recorded drives go through the recorder's own intake, motion, driving and pre-roll,
with a source that at rest gives ten samples a second and no fixes, and whose first fix after that takes its time. Counts the
seconds driven and recorded, and the trips of whoever drove nothing.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks import phone_scenes
from benchmarks.phone_scenes import Scene
from mobile_app.driving import DrivingSettings
from mobile_app.intake import ACCELEROMETER, LOCATION, Event, Intake
from mobile_app.outbox import Outbox
from mobile_app.recording import Recording
from mobile_app.status import State

if TYPE_CHECKING:
    from detection import Trace

FIRST_FIX_S = (2.0, 12.0)  # of a receiver that was switched off minutes ago


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--seeds", type=int, default=100)
    options.add_argument("recordings", nargs="*", type=Path, help="recorded drives, in any format that `cahot detect` reads")
    chosen = options.parse_args()
    print(f"{'scenes':<12} {'count':>5} {'driven h':>9} {'recorded':>9} {'trips':>6} {'of it not driven':>17}")
    sound = True
    for name, pieces in {
        "errands": phone_scenes.errand,
        "on foot": phone_scenes.on_foot,
        "bicycles": phone_scenes.by_bicycle,
    }.items():
        total = Found()
        for seed in range(chosen.seeds):
            total += played(phone_scenes.scene(pieces(seed), seed), seed)
        print(total.line(name, chosen.seeds))
        sound &= total.share >= 0.98 if total.driven_s else total.trips == 0
    every, count = Found(), 0
    for path in chosen.recordings:
        for name, drive in recorded(path):
            found = played(drive, 0)
            every, count = every + found, count + 1
            print(found.line(name, 1))
    if count:
        print(every.line("recordings", count))
    sys.exit(not sound)


@dataclass
class Found:
    """Seconds driven, of these recorded, trips, and seconds recorded in which nobody drove."""

    driven_s: float = 0.0
    recorded_s: float = 0.0
    trips: int = 0
    idle_s: float = 0.0

    @property
    def share(self) -> float:
        return self.recorded_s / self.driven_s if self.driven_s else math.nan

    def __add__(self, other: Found) -> Found:
        return Found(
            self.driven_s + other.driven_s,
            self.recorded_s + other.recorded_s,
            self.trips + other.trips,
            self.idle_s + other.idle_s,
        )

    def line(self, name: str, count: int) -> str:
        share = f"{self.share:9.2%}" if self.driven_s else f"{'-':>9}"
        return f"{name:<12} {count:>5} {self.driven_s / 3600:>9.2f} {share} {self.trips:>6} {self.idle_s:>15.0f} s"


def played(day: Scene | RecordedDay, seed: int) -> Found:
    """One scene through the recorder."""
    spans = trips_of(day, seed)
    driven = day.driving
    held = np.zeros(len(driven), bool)
    for begin_s, end_s in spans:
        held[max(int(begin_s), 0) : math.ceil(end_s)] = True
    return Found(float(driven.sum()), float((driven & held).sum()), len(spans), float((held & ~driven).sum()))


def trips_of(day: Scene | RecordedDay, seed: int) -> list[tuple[float, float]]:
    """Begin and end of each trip, in seconds of the scene."""
    rng, ended = np.random.default_rng(seed), list[str]()
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        outbox, intake, origins = Outbox(Path(folder) / "outbox"), Intake(), dict[str, float]()
        recording = Recording(outbox, intake, ended.append)
        recording.allowed = True
        intake.clock(0.0, 1_800_000_000.0)
        first_fix_s = math.inf
        for second in range(len(day.driving)):
            resting = recording.state is State.IDLE
            first_fix_s = math.inf if resting else min(first_fix_s, second + rng.uniform(*FIRST_FIX_S))
            for event in day.samples(second, 5 if resting else 1):
                intake.accelerometer(event[0], *event[2])
            fix = day.fix(second)
            if fix is not None and second >= first_fix_s:
                intake.location(fix[0], *fix[2])
            recording.take(intake.drain())
            if recording.trip is not None:
                origins[recording.trip.trip_id] = recording.trip.origin_s
        recording.take(intake.drain(all_of_it=True))
        recording.stop()
        ends = {trip: outbox.ended_until_s(trip) for trip in ended}
    return [(origins[trip], min(origins[trip] + (ends[trip] or 0.0), float(len(day.driving)))) for trip in ended]


PARKED_S = 300
REST_HZ = 10
MOVING_MPS = 2.5


class RecordedDay:
    """A recorded drive as a scene, with still minutes before and after. Driven: from where it first moves by the recording's own
    speed to where it last does, but for stops longer than a trip lives.
    """

    def __init__(self, trace: Trace) -> None:
        t_s, fixes = trace.accelerometer.t_s, trace.fixes
        seconds = int(max(t_s[-1], fixes.t_s[-1] if len(fixes) else 0.0)) + 1
        self._samples: list[list[Event]] = [[] for _ in range(seconds)]
        self._fixes: list[Event | None] = [None] * seconds
        for t, xyz in zip(t_s.tolist(), trace.accelerometer.xyz.tolist(), strict=True):
            if t >= 0:
                self._samples[int(t)].append((t + PARKED_S, ACCELEROMETER, tuple(xyz)))
        columns = (fixes.latitude_deg, fixes.longitude_deg, fixes.speed_mps, fixes.bearing_deg, fixes.accuracy_m)
        for t, *values in zip(fixes.t_s.tolist(), *(column.tolist() for column in columns), strict=True):
            if t >= 0:
                self._fixes[int(t)] = (t + PARKED_S, LOCATION, tuple(values))
        moving = np.array([fix is not None and fix[2][2] >= MOVING_MPS for fix in self._fixes])
        held = np.zeros(seconds + 2 * PARKED_S, bool)
        at = np.flatnonzero(moving)
        for before, after in pairwise(at.tolist()):
            if after - before < DrivingSettings().stand_s:
                held[PARKED_S + before : PARKED_S + after + 1] = True
        self.driving, self._still = held, self._samples[0][0][2] if self._samples[0] else (0.0, 0.0, 9.81)

    def samples(self, second: int, step: int = 1) -> Iterator[Event]:
        inside = second - PARKED_S
        if 0 <= inside < len(self._samples):
            yield from self._samples[inside][:: max(len(self._samples[inside]) // REST_HZ, 1) if step > 1 else 1]
        else:
            yield from ((second + i / 20, ACCELEROMETER, self._still) for i in range(20))

    def fix(self, second: int) -> Event | None:
        inside = second - PARKED_S
        return self._fixes[inside] if 0 <= inside < len(self._fixes) else None


def recorded(path: Path) -> Iterator[tuple[str, RecordedDay]]:
    """All drives in a file or folder; those without fixes tell nothing of speed and are left out."""
    from detection.readers import read_all

    for trace in read_all([path]):
        if isinstance(trace, Exception):
            print(trace, file=sys.stderr)
        elif len(trace.fixes) and len(trace.accelerometer):
            yield trace.trip_id[:12], RecordedDay(trace)


if __name__ == "__main__":
    main()
