"""Which kind a found mark of potholelab is: told by the shipped features and by the form itself, by the other vehicles' marks.

Metal bumps are no kind of ours (people would call them a speed bump), so the shipped `kind` model cannot answer. Two judges do,
and the mean of their probabilities counts: trees over the shipped features and what the shipped model makes of them, fitted by
the same `benchmarks.train.fit`; and the machine over convolutions of the form that `benchmarks.crossing_classes` was made for,
with its numbers as they are there. Each kind weighs the same.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.special import softmax
from sklearn.metrics import f1_score

from benchmarks import train
from benchmarks.crossing_classes import Machine, Rocket, described
from benchmarks.potholelab import RATE_HZ, Road
from benchmarks.real_rows import CLASSES, Rows, chosen, clip_weights
from detection.features import FEATURES
from detection.judge import JUDGED_KINDS, kind_probabilities
from detection.trace import Floats

Codes = npt.NDArray[np.int64]
KINDS = range(1, len(CLASSES))
REACH = 48  # samples on either side of a peak, 2 s in all: the middle of the lengths that `crossing_classes` cuts to
AROUND = 300  # samples on either side whose median is gravity


def said(chance: Floats) -> Codes:
    """The likeliest kind (n,)."""
    return np.asarray(chance.argmax(axis=1) + 1)


def chances(
    roads: Sequence[Road], rows: Rows, asked_roads: Sequence[Road], asked: Rows, seeds: Sequence[int] = (0,)
) -> tuple[Floats, list[Floats]]:
    """Probability of each kind (n, 3) by the features, and by the form with thresholds drawn with each of the seeds."""
    marked = chosen(rows, rows.code > 0)
    weight = clip_weights(marked)
    share = np.bincount(marked.code, weight, len(CLASSES))
    weight = weight / share[marked.code]
    weight = weight / weight.mean()
    trees = _by_features(marked, weight, asked.table)
    series, others = _forms(roads, marked), _forms(asked_roads, asked)
    return trees, [_by_form(series, marked.code, weight, others, seed) for seed in seeds]


def _by_features(marked: Rows, weight: Floats, table: Floats) -> Floats:
    """Probability of each kind (n, 3)."""
    # a sensor that none of these phones had is no feature here: trees cannot cut a column without a value
    missing = np.isnan(marked.table).all(axis=0)
    taught, asked = (np.c_[np.where(missing, 0.0, one), np.log(kind_probabilities(one) + 1e-6)] for one in (marked.table, table))
    forest = train.fit(taught, marked.code, leaves=4, rounds=150, weight=weight, names=(*FEATURES, *JUDGED_KINDS))
    return np.asarray(softmax(forest.raw(asked), axis=1))


def _by_form(series: Sequence[Floats], code: Codes, weight: Floats, asked: Sequence[Floats], seed: int) -> Floats:
    """The same from the form alone: what speaks for each kind, as if it were log odds."""
    rocket = Rocket.drawn(series, seed)
    machine = Machine.taught([described(rocket, series)], code, weight)
    return np.asarray(softmax(machine.decision(described(rocket, asked)), axis=1))


def _forms(roads: Sequence[Road], rows: Rows) -> list[Floats]:
    """Vertical acceleration around each peak, m/s² without gravity, shifted inwards at the ends of its road."""
    out = []
    for number, t_s in zip(rows.road.tolist(), rows.t_s.tolist(), strict=True):
        up, centre = roads[number].upright[:, 2], round(t_s * RATE_HZ)
        first = min(max(centre - REACH, 0), len(up) - 2 * REACH)
        usual = float(np.median(up[max(centre - AROUND, 0) : centre + AROUND]))
        out.append(up[first : first + 2 * REACH] - usual)
    return out


def print_kinds(true: Codes, said: Codes, clip: Codes) -> None:
    """Macro F1 with its 90 % interval over clips, F1 of each kind, and what saying kinds at random by their share gets."""
    rng = np.random.default_rng(0)
    low, high = np.quantile([_macro(true[at], said[at]) for at in _drawn(clip, 300, rng)], [0.05, 0.95])
    random = np.mean([_macro(true, rng.permutation(said)) for _ in range(50)])
    print(f"{'kinds of found marks':<34} macro F1 {_macro(true, said):.3f} [{low:.3f}, {high:.3f}]  chance {random:.3f}")
    each = f1_score(true, said, labels=list(KINDS), average=None, zero_division=0.0)
    print("  " + ", ".join(f"{CLASSES[k]} {f1:.2f} of {int((true == k).sum())}" for k, f1 in zip(KINDS, each, strict=True)))


def print_apart(true: Codes, trees: Floats, form: Sequence[Floats]) -> None:
    """Macro F1 of each judge by itself, and of both, over the seeds of the form's thresholds."""
    alone, both = ([_macro(true, said(one + other)) for one in form] for other in (np.zeros_like(trees), trees))
    print(f"  by features alone {_macro(true, said(trees)):.3f}, by form alone {min(alone):.3f} to {max(alone):.3f},", end=" ")
    print(f"together {min(both):.3f} to {max(both):.3f} over {len(form)} seeds of its thresholds")


def _macro(true: Codes, said: Codes) -> float:
    return float(f1_score(true, said, labels=list(KINDS), average="macro", zero_division=0.0))


def _drawn(clip: Codes, rounds: int, rng: np.random.Generator) -> list[Codes]:
    """Rows of clips drawn whole."""
    own = [np.flatnonzero(clip == one) for one in np.unique(clip)]
    return [np.concatenate([own[i] for i in rng.integers(len(own), size=len(own))]) for _ in range(rounds)]
