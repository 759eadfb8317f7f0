"""How deep a hole and how high a hump is, in metres, told from the shocks of its hits.

Severity is harm: a short hole of 10 cm shakes a car no more than one of 3, for the wheel does not follow it. What a crew must
bring follows the size. Boosted trees over what is known of each hit (its calibrated severity, how peaked, how long and how fast
it was, and its kind) tell the log of the size; the hits of a thing are averaged, one device one vote. Read off simulated
drives by `python -m benchmarks.fit_sizes`, of two cars on two kinds of road: no recording of holes of known depth exists here.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from detection.calibration import level_of
from detection.columns import KINDS, Codes, Columns, Floats
from detection.forest import Forest
from detection.jolts import Jolts
from detection.settings import CalibrationSettings, DefectSettings
from detection.weight import as_often, votes

Ints = npt.NDArray[np.int64]

MODELS = Path(__file__).parent / "models"
SIZED = (KINDS.index("pothole"), KINDS.index("speed_bump"))  # of a joint and of a rough stretch there is no one size
HIT = ("severity", "peak over level", "duration", "speed", "length", "first swing", "up first", *KINDS[1:], "confidence")
LEAST_WEIGHT = 0.6  # of a recording, from 20 Hz on: slower phones know neither how long a shock was nor how peaked
CORRELATION = DefectSettings().device_correlation
INTERVAL_Z = CalibrationSettings().interval_z


@dataclass(frozen=True, eq=False)
class Sizes(Columns):
    """size_m: depth of a hole, height of a hump; low_m, high_m: its 90 % interval. Columns (n,), NaN where none is known."""

    size_m: Floats
    low_m: Floats
    high_m: Floats


@dataclass(frozen=True)
class Spread:
    """Errors in the log: of a thing, however many hits it had, and of a single hit beside that."""

    thing: float
    hit: float

    def save(self, path: Path = MODELS / "size.json") -> None:
        path.write_text(json.dumps(asdict(self), indent=1) + "\n")

    @classmethod
    def load(cls, path: Path = MODELS / "size.json") -> Spread:
        return cls(**json.loads(path.read_text()))


def figures_of(jolts: Jolts, severity: Floats) -> Floats:
    """`HIT` (h, k) of hits and their calibrated severities (h,); natural logarithms of all that has a unit."""
    duration, speed = jolts.duration_s + 0.02, np.maximum(jolts.speed_mps, 0.5)
    peak = np.maximum(jolts.peak_mps2, 1e-3)
    columns = np.c_[
        np.log(np.maximum(severity, 1e-6)),
        np.log(peak / np.maximum(level_of(jolts), 1e-6)),
        np.log(duration),
        np.log(speed),
        np.log(duration * speed),
        np.abs(jolts.first_swing_mps2) / peak,
        np.sign(jolts.first_swing_mps2),
        *(getattr(jolts, name) for name in KINDS[1:]),
        jolts.confidence,
    ]
    return np.asarray(columns, np.float64)


def sizes_of(owner: Ints, kind: Codes, jolts: Jolts, severity: Floats, device: Ints) -> Sizes:
    """Of each of the things of these kinds (n,), from its hits (h,): owner (h,) the thing each belongs to, device (h,) codes."""
    told = np.flatnonzero(np.isin(kind[owner], SIZED) & (jolts.weight >= LEAST_WEIGHT))
    forest, spread = _model()
    log_size = forest.raw(figures_of(jolts[told], severity[told]))[:, 0]
    log_m, votes_of = fused(owner[told], len(kind), log_size, device[told])
    known = votes_of > 0
    error = INTERVAL_Z * np.sqrt(spread.thing**2 + spread.hit**2 / np.where(known, votes_of, 1.0))
    return Sizes(*(np.where(known, np.round(np.exp(log_m + side * error), 6), np.nan) for side in (0.0, -1.0, 1.0)))


def fused(owner: Ints, count: int, log_size: Floats, device: Ints) -> tuple[Floats, Floats]:
    """Mean of the hits (h,) of each of `count` things, and how many votes they are, (count,) each; 0 votes: nothing is known."""
    vote = votes(as_often(owner, device), CORRELATION) if len(owner) else np.empty(0)
    total = np.bincount(owner, vote, count)
    return np.bincount(owner, vote * log_size, count) / np.maximum(total, 1e-12), np.asarray(total, np.float64)


@lru_cache(maxsize=1)
def _model() -> tuple[Forest, Spread]:
    forest = Forest.load(MODELS / "size.npz")
    if tuple(forest.features) != HIT:
        raise ValueError("models/size.npz was trained on other figures; make it anew: python -m benchmarks.fit_sizes")
    return forest, Spread.load()
