"""Three marked drives of one loop at 5 Hz: leave one trip out, ±1 s."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from benchmarks import pittsburgh_places
from benchmarks.bootstrap import chance, line, total
from detection import Survey, survey
from detection.readers import read
from detection.scoring import Figures, match_jolts
from detection.trace import Floats

TOLERANCE_S = 1.0
TRIPS = ("trip1", "trip2", "trip3")


def report(folder: Path) -> None:
    """Print the figures at the default settings, and with the threshold learnt on the other trips."""
    if not folder.is_dir():
        print(f"pittsburgh: skipped, no recordings at {folder}")
        return
    surveys = {trip: survey(next(iter(read(folder / f"{trip}_sensors.csv")))) for trip in TRIPS}
    marks = {trip: marks_of(folder, trip) for trip in TRIPS}
    print(f"pittsburgh: 3 drives at 5 Hz, {sum(map(len, marks.values()))} marks, ±{TOLERANCE_S:g} s")
    print(line("as shipped", [_scored(surveys[t], marks[t], 0.5) for t in TRIPS]))
    learnt = [_scored(surveys[t], marks[t], _best_threshold(surveys, marks, without=t)) for t in TRIPS]
    print(line("threshold learnt, one trip left out", learnt))
    random = [chance(learnt[i].found, _driven(surveys[t]), marks[t], TOLERANCE_S)[1] for i, t in enumerate(TRIPS)]
    print(f"{'chance, as many at random':<34} F1 {total(random).f1:.3f}")
    print("best of the field's detectors, same rules: Z-THRESH 0.47, random forest 0.50")
    pittsburgh_places.report(surveys, marks)


def marks_of(folder: Path, trip: str) -> Floats:
    """Seconds from the start of the trip, as the passenger pressed: up to a second late."""
    first = {}
    for name in ("sensors", "potholes"):
        with (folder / f"{trip}_{name}.csv").open(newline="") as file:
            first[name] = [float(row["timestamp"]) for row in csv.DictReader(file)]
    return np.array(first["potholes"]) - min(first["sensors"])


def _scored(found: Survey, marks: Floats, confidence: float) -> Figures:
    return match_jolts(found.evidence.t_s[found.evidence.confidence >= confidence], marks, TOLERANCE_S)[0]


def _best_threshold(surveys: dict[str, Survey], marks: dict[str, Floats], without: str) -> float:
    others = [trip for trip in TRIPS if trip != without]
    steps = np.linspace(0.2, 0.95, 31)
    f1 = [total([_scored(surveys[t], marks[t], c) for t in others]).f1 for c in steps]
    best = np.flatnonzero(np.isclose(f1, max(f1)))
    return float(steps[best[len(best) // 2]])  # the middle of a plateau, not its edge


def _driven(found: Survey) -> Floats:
    return np.asarray(found.track.t_s)
