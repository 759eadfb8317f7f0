"""The marked recordings, ready for all detectors: signals, our own evidence, marks, units and folds."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.peers.found import Counts, Found, Marks
from benchmarks.peers.signal import Signal, road_terms
from benchmarks.peers.tuning import Task
from benchmarks.pittsburgh import TRIPS, marks_of
from benchmarks.potholelab import Road, load_potholelab
from detection import survey
from detection.readers import read
from detection.simulator import simulate_city, simulate_drive
from detection.trace import Floats, Trace


@dataclass(frozen=True, eq=False)
class Recordings:
    """Signals and our own weak peaks (score = confidence) of each recording, in the order of task.marks; what was driven."""

    task: Task
    signals: Sequence[Signal]
    own: Sequence[Found]
    km: float

    @property
    def usable_s(self) -> list[Floats]:
        """Times of each recording at which something could be found."""
        return [signal.t_s[signal.usable] for signal in self.signals]


def pittsburgh(folder: Path) -> Recordings:
    """Three drives of one loop at 5 Hz, ±1 s; a fold is a trip."""
    judged = [judge(next(iter(read(folder / f"{trip}_sensors.csv")))) for trip in TRIPS]
    marks = [_one_unit(marks_of(folder, trip), i) for i, trip in enumerate(TRIPS)]
    return _together(Task("pittsburgh, 5 Hz, one trip left out", marks, np.arange(len(TRIPS)), 1.0), judged)


def potholelab(folder: Path) -> Recordings:
    """Thirty spliced roads at 50 Hz, ±0.5 s; a unit is a clip in all its uses, a fold a vehicle."""
    roads = load_potholelab(folder)
    clips, first = np.unique(np.concatenate([road.clip_id for road in roads]), return_index=True)
    _, fold = np.unique(np.concatenate([road.vehicle for road in roads])[first], return_inverse=True)
    marks = [_by_clip(road, np.searchsorted(clips, road.clip_id)) for road in roads]
    task = Task("potholelab, 50 Hz, one vehicle left out, units are clips", marks, fold, 0.5)
    return _together(task, [judge(road.trace()) for road in roads])


def simulated(seeds: Sequence[int], drives: int, pool: Executor) -> Recordings:
    """Drives through unseen cities at 50 to 200 Hz, what could be felt, ±1 s; a unit is a drive, a fold a city."""
    jobs = [(seed, index, drives) for seed in seeds for index in range(drives)]
    results = list(pool.map(_simulate, jobs, chunksize=2))
    marks = [_one_unit(felt_s, i) for i, (_, felt_s) in enumerate(results)]
    task = Task(f"simulator, {len(jobs)} drives, one city left out", marks, np.repeat(np.arange(len(seeds)), drives), 1.0)
    return _together(task, [judged for judged, _ in results])


Judged = tuple[Signal, Found, float]


def _simulate(job: tuple[int, int, int]) -> tuple[Judged, Floats]:
    seed, index, drives = job
    drive = simulate_drive(simulate_city(seed), index, seed, devices=-(-drives // 3))
    return judge(drive.trace), drive.truth.t_s[drive.truth.felt == 1]


def judge(trace: Trace) -> Judged:
    found = survey(trace)
    return road_terms(trace), Found(found.evidence.t_s, found.evidence.confidence), found.notes["driven_m"] / 1000.0


def _together(task: Task, judged: Sequence[Judged]) -> Recordings:
    signals, own, km = zip(*judged, strict=True)
    return Recordings(task, signals, own, sum(km))


def _one_unit(times_s: Floats, unit: int) -> Marks:
    return Marks(times_s, times_s, np.zeros(1), np.array([unit]))


def _by_clip(road: Road, units: Counts) -> Marks:
    edges = road.t_s[np.searchsorted(road.clip, np.arange(len(road.clip_id)))]
    return Marks(road.mark_start_s, road.mark_end_s, edges, units)
