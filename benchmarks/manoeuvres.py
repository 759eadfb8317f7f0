"""Hard stops and swerves: two real drives labelled from video, and simulated drives against the rule of speed differences.

A found one counts when it overlaps a true one or begins within 2 s of it, one to one. Simulated manoeuvres of 2.2 to 3 m/s² are
neither right nor wrong to find: sources put "hard" between the two.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.bootstrap import line, total
from detection import Trace, find_manoeuvres, survey
from detection.manoeuvres import HARD_STOP, SWERVE, ManoeuvreSettings
from detection.scoring import Figures, assign
from detection.simulator import simulate_city, simulate_drive
from detection.stages import follow
from detection.trace import STANDARD_GRAVITY_MPS2, Fixes, Floats

ONSET_S = 2.0
SURELY_HARD_MPS2 = 3.0
Z_THRESH_MPS2 = 0.4 * STANDARD_GRAVITY_MPS2  # Mednis et al., DCOSS 2011: |vertical − g| over 0.4 g
STOPS, STEERED = ("freada",), ("curva", "troca")  # braking; turns and lane changes, as labelled
SUDDEN_PER_HOUR = 40.0


@dataclass(frozen=True, eq=False)
class Spans:
    """Starts and durations in s, (n,) each."""

    t_s: Floats
    duration_s: Floats


def report(folder: Path, seeds: Sequence[int], drives: int, pool: Executor) -> None:
    """Print F1 and false jolts on the real drives, then F1 on simulated ones."""
    _report_real(folder)
    _report_simulated(seeds, drives, pool)


def match(found: Spans, true: Spans) -> np.ndarray:
    """Pairs (k, 2) of indices, one to one, those that overlap most in time of onset first."""
    onset = np.abs(found.t_s[:, None] - true.t_s[None, :])
    apart = np.maximum(
        found.t_s[:, None] - (true.t_s + true.duration_s)[None, :], true.t_s[None, :] - (found.t_s + found.duration_s)[:, None]
    )
    agree = (apart <= 0.0) | (onset <= ONSET_S)
    return assign(np.where(agree, onset / (1.0 + onset), np.inf), 1.0)  # below 1 for any onset: only disagreement forbids


def speed_rule(fixes: Fixes, threshold_mps2: float) -> Spans:
    """Traccar's rule (`BehaviorEventHandler`): speed of a fix less that of the one before, over the time between them.

    Traccar sets no threshold by default (the rule is off). Steps one after the other are one stop.
    """
    brake = -np.diff(fixes.speed_mps) / np.diff(fixes.t_s)
    hard = np.r_[False, brake >= threshold_mps2, False]
    first, last = np.flatnonzero(hard[1:] & ~hard[:-1]), np.flatnonzero(hard[:-1] & ~hard[1:])
    return Spans(fixes.t_s[first], fixes.t_s[last] - fixes.t_s[first])


def _report_real(folder: Path) -> None:
    if not folder.is_dir():
        print(f"manoeuvres: skipped, no recordings at {folder}")
        return
    print("real drives labelled from video (windscreen, 51 Hz, no GPS): overlap or onset within 2 s")
    for gyroscope in (True, False):
        trips = [(read_trip(folder, trip, gyroscope), read_labels(folder, trip)) for trip in ("trip17", "trip20")]
        name = "with gyroscope" if gyroscope else "accelerometer alone"
        for what, kind, words in (("braking", HARD_STOP, STOPS), ("turns, lane changes", SWERVE, STEERED)):
            parts = [_scored_real(trace, labels, kind, words) for trace, labels in trips]
            random = total([_chance(trace, labels, words) for trace, labels in trips])
            print(line(f"{what}, {name}", parts, f" chance F1 {random.f1:.3f}"))
        _report_jolts(trips, name)


def _report_jolts(trips: Sequence[tuple[Trace, dict[str, Spans]]], name: str) -> None:
    ours = naive = count = 0
    for trace, labels in trips:
        spans = joined([labels[word] for word in labels if word.startswith(STOPS + STEERED)])
        count += len(spans.t_s)
        ours += inside_of(survey(trace).jolts.t_s, spans)
        naive += inside_of(_z_threshold(trace), spans)
    print(f"  {'false jolts per manoeuvre':<32} {ours / count:.3f} ({ours} in {count}); naive Z threshold {naive / count:.3f}")


def _report_simulated(seeds: Sequence[int], drives: int, pool: Executor) -> None:
    jobs = [(seed, index, drives) for seed in seeds for index in range(drives)]
    scored = list(pool.map(_drive, jobs, chunksize=2))
    print(f"simulated drives with emergency stops and swerves: {len(jobs)} drives, {len(seeds)} unseen cities")
    for name in scored[0]:
        print(line(name, [drive[name] for drive in scored]))
    rules = [name for name in scored[0] if name.startswith("stops, speed")]
    best = max(total([drive[name] for drive in scored]).f1 for name in rules)
    print(f"  {'gain over the best speed rule':<32} {total([drive['hard stops'] for drive in scored]).f1 - best:+.3f} F1")


def _drive(job: tuple[int, int, int]) -> dict[str, Figures]:
    seed, index, drives = job
    drive = simulate_drive(
        simulate_city(seed), index, seed, devices=-(-drives // 3), duration_s=(200.0, 500.0), sudden_per_hour=SUDDEN_PER_HOUR
    )
    stages = follow(drive.trace)
    found, truth = find_manoeuvres(drive.trace, stages=stages), drive.manoeuvres
    out = {}
    for name, kind in (("hard stops", HARD_STOP), ("swerves and hard turns", SWERVE)):
        mine, true = found[found.kind == kind], truth[truth.kind == kind]
        hard = true.peak_mps2 >= SURELY_HARD_MPS2
        out[name] = _figures(Spans(mine.t_s, mine.duration_s), Spans(true.t_s, true.duration_s), hard)
    stops = truth[truth.kind == HARD_STOP]
    for threshold in (1.5, 2.0, ManoeuvreSettings().hard_mps2, 3.5):
        by_rule = speed_rule(drive.trace.fixes, threshold)
        spans = Spans(stops.t_s, stops.duration_s)
        out[f"stops, speed rule at {threshold:g} m/s²"] = _figures(by_rule, spans, stops.peak_mps2 >= SURELY_HARD_MPS2)
    return out


def _figures(found: Spans, true: Spans, counts: np.ndarray) -> Figures:
    """What is matched to a true one that does not count is left out on both sides."""
    pairs = match(found, true)
    matched = int(counts[pairs[:, 1]].sum())
    return Figures(len(found.t_s) - (len(pairs) - matched), int(counts.sum()), matched)


def _scored_real(trace: Trace, labels: dict[str, Spans], kind: int, words: tuple[str, ...]) -> Figures:
    found = find_manoeuvres(trace)
    mine = found[found.kind == kind]
    true = joined([labels[word] for word in labels if word.startswith(words)])
    return _figures(Spans(mine.t_s, mine.duration_s), true, np.ones(len(true.t_s), bool))


def _chance(trace: Trace, labels: dict[str, Spans], words: tuple[str, ...], rounds: int = 200) -> Figures:
    """Summed over rounds: as many spans of 3 s as there are true ones, anywhere in the drive."""
    rng = np.random.default_rng(0)
    true = joined([labels[word] for word in labels if word.startswith(words)])
    n = len(true.t_s)
    runs = [Spans(np.sort(rng.uniform(0.0, trace.duration_s, n)), np.full(n, 3.0)) for _ in range(rounds)]
    return total([_figures(run, true, np.ones(n, bool)) for run in runs])


def _z_threshold(trace: Trace, apart_s: float = 0.6) -> Floats:
    over = np.flatnonzero(np.abs(trace.accelerometer.xyz[:, 2] - STANDARD_GRAVITY_MPS2) > Z_THRESH_MPS2)
    t_s = trace.accelerometer.t_s[over]
    return t_s[np.r_[True, np.diff(t_s) > apart_s]] if len(t_s) else t_s


def inside_of(t_s: Floats, spans: Spans) -> int:
    return int(((t_s[:, None] >= spans.t_s) & (t_s[:, None] <= spans.t_s + spans.duration_s)).any(axis=1).sum())


def joined(parts: Sequence[Spans]) -> Spans:
    if not parts:
        return Spans(np.empty(0), np.empty(0))
    return Spans(np.concatenate([p.t_s for p in parts]), np.concatenate([p.duration_s for p in parts]))


def read_trip(folder: Path, trip: str, gyroscope: bool) -> Trace:
    clock, force = _columns(folder / f"{trip}_acelerometro_terra.csv.gz")
    turning = _columns(folder / f"{trip}_giroscopio_terra.csv.gz") if gyroscope else None
    rates = ((turning[0] - clock[0]) * 1e-9, turning[1]) if turning is not None else None
    return Trace.build(trip, accelerometer=((clock - clock[0]) * 1e-9, force), gyroscope=rates)


def _columns(path: Path) -> tuple[Floats, Floats]:
    values = np.loadtxt(path, delimiter=",", skiprows=1, usecols=(1, 2, 3, 4))
    return values[:, 0], values[:, 1:]


def read_labels(folder: Path, trip: str) -> dict[str, Spans]:
    with gzip.open(folder / f"{trip}_groundTruth.csv.gz", "rt", newline="") as file:
        rows = [(r["evento"], float(r["inicio"]), float(r["fim"])) for r in csv.DictReader(file, skipinitialspace=True)]
    return {
        name: Spans(*(np.array(column) for column in zip(*[(a, b - a) for n, a, b in rows if n == name], strict=True)))
        for name in dict.fromkeys(name for name, _, _ in rows)
    }
