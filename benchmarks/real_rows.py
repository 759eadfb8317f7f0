"""Training rows from other people's recordings: peaks of potholelab's spliced roads, with what people marked there.

Only measured features and labels leave this module, never samples; what they teach beside the simulator is
`benchmarks.train`'s, how well it carries over to another vehicle is `benchmarks.real_folds`'.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.potholelab import Road
from detection.features import FEATURES, features_of
from detection.measure import peak_times
from detection.settings import SurveySettings
from detection.stages import follow
from detection.trace import Floats

REACH_S = 0.5  # a peak so far outside a marked clip is still its own: the tolerance of the evaluation
CLASSES = ("nothing", "pothole", "speed_bump", "metal_bumps")
SECOND = -1  # a weaker peak of a thing that has a stronger one: neither right nor wrong, not trained on
REAL_SHARE = 0.3  # of the weight of all rows: simulated ones are many, real ones are right about real noise
SHORTEST_S = 12.0  # of what is left of a road: the span of the background
SETTINGS = SurveySettings()
Codes = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Rows:
    """Peaks (n,) of all roads: table (n, len(FEATURES)), code into `CLASSES` or `SECOND`, clip_id, road (its number) and
    t_s (when the front axle met it there)."""

    table: Floats
    code: Codes
    clip_id: npt.NDArray[np.str_]
    road: Codes
    t_s: Floats

    def __len__(self) -> int:
        return len(self.code)


def potholelab_rows(roads: Sequence[Road]) -> Rows:
    """The peaks of these roads, looked at as `detection.survey` does. Roads shorter than `SHORTEST_S` are left out."""
    parts = [_rows(road, number) for number, road in enumerate(roads) if len(road.t_s) and road.t_s[-1] >= SHORTEST_S]
    return Rows(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def no_rows() -> Rows:
    """None at all."""
    return Rows(*_nothing())


def clip_weights(rows: Rows) -> Floats:
    """Weight (n,), mean 1: a clip that was spliced in k times as often counts √k as much, for it is no more news."""
    _, which, count = np.unique(rows.clip_id, return_inverse=True, return_counts=True)
    weight = 1.0 / np.sqrt(count[which])
    return np.asarray(weight / weight.mean())


def together(simulated: Floats, rows: Rows, share: float = REAL_SHARE) -> tuple[Floats, Floats]:
    """Simulated table (m, k) and the real rows below it, with weights (m + n,) of mean 1 of which `share` is the real ones'."""
    table, m, n = np.concatenate([simulated, rows.table]), len(simulated), len(rows)
    if m == 0 or n == 0:
        return table, np.r_[np.ones(m), clip_weights(rows) if n else np.empty(0)]
    each = (1.0 - share) * (m + n) / m, share * (m + n) / n
    return table, np.r_[np.full(m, each[0]), each[1] * clip_weights(rows)]


def chosen(rows: Rows, wanted: npt.NDArray[np.bool_]) -> Rows:
    """Those rows only."""
    return Rows(*(column[wanted] for column in (rows.table, rows.code, rows.clip_id, rows.road, rows.t_s)))


def _rows(road: Road, number: int) -> tuple[Floats, Codes, npt.NDArray[np.str_], Codes, Floats]:
    stages = follow(road.trace(), SETTINGS)
    if stages is None or not len(stages.peaks):
        return _nothing()
    at, level, t_s = stages.t_s[stages.peaks], stages.level[stages.peaks], peak_times(stages)
    code = np.zeros(len(at), np.int64)
    for start_s, end_s, kind in road.marks:
        own = np.flatnonzero((at >= start_s - REACH_S) & (at <= end_s + REACH_S))
        if len(own):
            code[own] = SECOND
            code[own[np.argmax(level[own])]] = CLASSES.index(kind)
    sample = np.clip(np.searchsorted(road.t_s, t_s), 0, len(road.t_s) - 1)
    clip_id = road.clip_id[road.clip[sample]]
    return features_of(stages, SETTINGS.features), code, clip_id, np.full(len(at), number), t_s


def _nothing() -> tuple[Floats, Codes, npt.NDArray[np.str_], Codes, Floats]:
    return np.empty((0, len(FEATURES))), np.empty(0, np.int64), np.empty(0, np.str_), np.empty(0, np.int64), np.empty(0)
