"""The forest's folds: a detector that is itself trained needs its threshold from forests that saw neither fold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import combinations

import numpy as np
from sklearn.ensemble import RandomForestClassifier

from benchmarks.peers import forest
from benchmarks.peers.found import Counts, Found, counted
from benchmarks.peers.recordings import Recordings
from benchmarks.peers.signal import Signal
from benchmarks.peers.tuning import best
from detection.trace import Floats

PROBABILITIES = np.linspace(0.05, 0.95, 37)  # thresholds tried
Rows = Sequence[tuple[Floats, Floats]]


def forest_left_out(held: Recordings) -> tuple[Counts, Callable[[Signal], Found]]:
    """Counts (units, 3) of the fold left out, and the detector trained on all.

    The threshold for fold g is the best over each other fold h as found by a forest that saw neither g nor h.
    Raises ValueError for fewer than three folds: nothing would be left to train on.
    """
    fold, folds = held.task.fold, np.unique(held.task.fold).tolist()
    if len(folds) < 3:
        raise ValueError(f"{held.task.name}: {len(folds)} folds; the forest needs three, give more trips or cities")
    rows = [forest.rows(signal) for signal in held.signals]
    tables = {pair: _table(held, rows, pair) for pair in combinations(folds, 2)}
    out = np.zeros((len(held.task), 3), np.int64)
    over_all = np.zeros((1, len(PROBABILITIES), 3), np.int64)
    for one in folds:
        others = [(other, tables[min(one, other), max(one, other)]) for other in folds if other != one]
        training = np.sum([table[:, fold == other].sum(axis=1) for other, table in others], axis=0)[None]
        over_all += training
        mine = fold == one
        out[mine] = _table(held, rows, (one,))[best(training)[1]][mine]
    trained = _trained(held, rows, ())
    return out, partial(_detect, trained, float(PROBABILITIES[best(over_all)[1]]))


def _table(held: Recordings, rows: Rows, without: tuple[int, ...]) -> Counts:
    """Counts (thresholds, units, 3) of a forest trained without these folds, in every recording that holds one of them."""
    task, trained = held.task, _trained(held, rows, without)
    table = np.zeros((len(PROBABILITIES), len(task), 3), np.int64)
    for signal, marks, (centre_s, features) in zip(held.signals, task.marks, rows, strict=True):
        if np.isin(task.fold[marks.unit], without).any():
            found = forest.predict(trained, signal, centre_s, features)
            table += np.stack([counted(found.above(p), marks, task.tolerance_s, len(task)) for p in PROBABILITIES])
    return table


def _trained(held: Recordings, rows: Rows, without: tuple[int, ...]) -> RandomForestClassifier:
    task = held.task
    wanted = ~np.isin(np.arange(task.fold.max() + 1), without)
    parts = []
    for (centre_s, features), marks in zip(rows, task.marks, strict=True):
        usable = forest.pure(centre_s, marks, task.fold, wanted)
        parts.append((features[usable], forest.labels(centre_s[usable], marks, task.tolerance_s)))
    return forest.train(parts)


def _detect(trained: RandomForestClassifier, threshold: float, signal: Signal) -> Found:
    return forest.predict(trained, signal, *forest.rows(signal)).above(threshold)
