"""Scores of trips on which somebody marked where it jolted: one found to one marked, folds by trip, against chance."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import numpy as np
import pandas as pd

from detection.analysis.trips import Trip, read_trips
from detection.columns import Columns, Counts, Floats, Texts
from detection.errors import UnreadableRecording
from detection.intervals import chance, interval, total
from detection.jolts import Jolts
from detection.scoring import Figures, match_jolts

MARKS = ("_marks.csv", "_potholes.csv")  # what a file of marks is called after the beginning of its recording's name
STEPS = np.linspace(0.2, 0.95, 31)  # confidences that a fold may choose from
SHOWN = 0.5  # confidence from which a jolt is shown to people: `Jolts.probable`

FIGURES: Mapping[str, Callable[[Figures], float]] = {
    "precision": lambda f: f.precision,
    "recall": lambda f: f.recall,
    "F1": lambda f: f.f1,
}


@dataclass(frozen=True, eq=False)
class MarkedTrip:
    """trip: what was found. marks_s (m,): s from the start of the trip at which it jolted, by a person or the simulator."""

    trip: Trip
    marks_s: Floats

    def found(self, confidence: float = SHOWN) -> Jolts:
        """The jolts of at least this confidence."""
        evidence = self.trip.survey.evidence
        return evidence[evidence.confidence >= confidence]


@dataclass(frozen=True, eq=False)
class Scores(Columns):
    """One row a trip, columns (k,). found, marked, matched: counts; threshold: confidence from which a jolt counted as found;
    chance: of `found` times drawn at random among those driven, how many match on average."""

    trip: Texts
    threshold: Floats
    found: Counts
    marked: Counts
    matched: Counts
    chance: Floats

    def to_frame(self) -> pd.DataFrame:
        """The columns, with precision, recall and F1 of each trip."""
        figures = self.figures()
        return super().to_frame().assign(**{name: [of(f) for f in figures] for name, of in FIGURES.items()})

    def figures(self) -> list[Figures]:
        """The counts of each trip."""
        return [Figures(*map(int, row)) for row in zip(self.found, self.marked, self.matched, strict=True)]

    def summary(self) -> pd.DataFrame:
        """Precision, recall and F1 over all trips: value, low and high of the 90 % interval (trips drawn whole), and chance."""
        parts = self.figures()
        of_found, of_marked = self.chance.sum() / max(self.found.sum(), 1), self.chance.sum() / max(self.marked.sum(), 1)
        both = 2.0 * self.chance.sum() / max(self.found.sum() + self.marked.sum(), 1)
        random = {"precision": of_found, "recall": of_marked, "F1": both}
        rows = {name: (of(total(parts)), *interval(parts, of), random[name]) for name, of in FIGURES.items()}
        return pd.DataFrame.from_dict(rows, orient="index", columns=["value", "low", "high", "chance"])


def score(marked: Sequence[MarkedTrip], tolerance_s: float = 1.0, confidence: float = SHOWN) -> Scores:
    """All trips at one confidence, matched one to one within the tolerance."""
    return _scores(marked, tolerance_s, [confidence] * len(marked))


def leave_one_out(marked: Sequence[MarkedTrip], tolerance_s: float = 1.0) -> Scores:
    """Each trip at the confidence that does best on the others: what a threshold tuned on marks is worth where there are none.

    Raises ValueError for fewer than two trips.
    """
    if len(marked) < 2:
        raise ValueError(f"{len(marked)} marked trip: leaving one out leaves nothing to learn from; give two or more")
    chosen = [_best([m for j, m in enumerate(marked) if j != i], tolerance_s) for i in range(len(marked))]
    return _scores(marked, tolerance_s, chosen)


def marked_trips(folder: str | PathLike[str]) -> list[MarkedTrip]:
    """Every recording in a folder that has a file of marks beside it: `drive7_sensors.csv` and `drive7_marks.csv`.

    Any format that can be read; names of marks end as `MARKS` say. Empty where there are none.
    """
    marks = [path for ending in MARKS for path in sorted(Path(folder).rglob(f"*{ending}"))]
    out = []
    for path in marks:
        stem = path.name[: -max(len(ending) for ending in MARKS if path.name.endswith(ending))]
        recorded = [other for other in sorted(path.parent.glob(f"{_escaped(stem)}*")) if not other.name.endswith(MARKS)]
        for trip in read_trips(recorded):
            out.append(MarkedTrip(trip, read_marks(path, trip)))
    return out


def read_marks(path: str | PathLike[str], trip: Trip) -> Floats:
    """Seconds from the start of the trip (m,), ascending, of a CSV with a column `t` (s from the start) or `timestamp` (Unix s).

    Raises UnreadableRecording.
    """
    table = pd.read_csv(path)
    if "t" in table:
        return np.sort(table["t"].to_numpy(np.float64))
    if "timestamp" not in table:
        raise UnreadableRecording(path, f"its columns ({', '.join(table.columns)}) hold no times", "name one t or timestamp")
    if trip.trace.started_at is None:
        raise UnreadableRecording(path, f"has times of day, and the recording {trip.trip_id} none", "give t, s from its start")
    return np.sort(table["timestamp"].to_numpy(np.float64) - trip.trace.started_at_s)


def _scores(marked: Sequence[MarkedTrip], tolerance_s: float, thresholds: Sequence[float]) -> Scores:
    figures = [_figures(m, tolerance_s, c) for m, c in zip(marked, thresholds, strict=True)]
    random = [_by_chance(m, f.found, tolerance_s) for m, f in zip(marked, figures, strict=True)]
    return Scores(
        trip=np.array([m.trip.trip_id for m in marked], object),
        threshold=np.array(thresholds, np.float64),
        found=np.array([f.found for f in figures], np.int64),
        marked=np.array([f.true for f in figures], np.int64),
        matched=np.array([f.matched for f in figures], np.int64),
        chance=np.array(random, np.float64),
    )


def _figures(marked: MarkedTrip, tolerance_s: float, confidence: float) -> Figures:
    return match_jolts(marked.found(confidence).t_s, marked.marks_s, tolerance_s)[0]


def _by_chance(marked: MarkedTrip, found: int, tolerance_s: float) -> float:
    stages = marked.trip.stages
    if stages is None or not stages.allowed.any():
        return 0.0
    f1, _ = chance(found, stages.t_s[stages.allowed], marked.marks_s, tolerance_s)
    return 0.5 * f1 * (found + len(marked.marks_s))  # the figures themselves are rounded


def _best(others: Sequence[MarkedTrip], tolerance_s: float) -> float:
    f1 = np.array([total([_figures(m, tolerance_s, c) for m in others]).f1 for c in STEPS])
    best = np.flatnonzero(np.isclose(f1, f1.max()))
    return float(STEPS[best[len(best) // 2]])  # the middle of a plateau, not its edge


def _escaped(name: str) -> str:
    """A name as a pattern that means itself."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in name)
