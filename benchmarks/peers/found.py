"""From a statistic to scored times, with the same minimal spacing for every detector, and to counts against marks."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from benchmarks.peers.signal import Signal
from detection import statistic
from detection.scoring import Pairs, assign
from detection.settings import SurveySettings
from detection.trace import Floats

RULES = SurveySettings()
CELL_S = 0.05  # statistics are kept as the largest of each cell: peaks are 0.6 s apart anyway
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Found:
    """Scored times of one detector in one recording, (k,) each, in order of time."""

    t_s: Floats
    score: Floats

    def above(self, threshold: float) -> Found:
        """Those at least as high."""
        kept = self.score >= threshold
        return Found(self.t_s[kept], self.score[kept])


@dataclass(frozen=True, eq=False)
class Marks:
    """True times of one recording, (m,) from start_s to end_s, and the unit each belongs to.

    unit_of: edges_s (u,) where units begin and unit (u,) what is drawn whole by the bootstrap: a trip, a clip.
    """

    start_s: Floats
    end_s: Floats
    edges_s: Floats
    unit: Counts

    def unit_at(self, t_s: Floats) -> Counts:
        """Unit that holds each time, (k,)."""
        return self.unit[np.clip(np.searchsorted(self.edges_s, t_s, side="right") - 1, 0, None)]


def strongest(signal: Signal, values: Floats) -> Found:
    """Local maxima of values (n,) > 0 where usable, the highest first taking all within 0.6 s and 5 m (1.2 s
    below 8 Hz): as our own detector's."""
    rules = RULES.statistic_at(signal.rate_hz)
    step = max(1, round(CELL_S * signal.rate_hz))
    whole = len(values) // step * step
    cells = np.where(signal.usable, values, 0.0)[:whole].reshape(-1, step)
    best = np.arange(0, whole, step) + cells.argmax(axis=1)
    speed = np.maximum(signal.speed_mps[best], rules.min_speed_mps)
    apart = np.maximum(rules.apart_s, rules.apart_m / speed) * signal.rate_hz / step
    lowest = replace(rules, threshold=float(np.finfo(float).tiny))
    # a flat zero on both sides: a recording that begins or ends with its peak has a maximum, too
    padded = np.r_[0.0, cells.max(axis=1), 0.0]
    kept = statistic.peaks(padded, np.ones(len(padded), bool), np.r_[apart[:1], apart, apart[-1:]], lowest) - 1
    return Found(signal.t_s[best[kept]], values[best[kept]])


def matched(found: Found, marks: Marks, tolerance_s: float) -> Pairs:
    """Pairs (p, 2) of `detection.scoring.assign`: a time inside a mark costs nothing, outside its distance."""
    t = found.t_s[:, None]
    return assign(np.maximum(np.maximum(marks.start_s - t, t - marks.end_s), 0.0), tolerance_s)


def counted(found: Found, marks: Marks, tolerance_s: float, units: int) -> Counts:
    """found, true and matched of each unit, (units, 3). A match counts where its mark is, a false alarm where it is."""
    pairs = matched(found, marks, tolerance_s)
    false = np.delete(found.t_s, pairs[:, 0])
    at_mark = marks.unit_at(marks.start_s)
    hit = np.bincount(at_mark[pairs[:, 1]], minlength=units)
    return np.column_stack([hit + np.bincount(marks.unit_at(false), minlength=units), np.bincount(at_mark, minlength=units), hit])
