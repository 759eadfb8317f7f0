"""Thresholds learnt on the training folds only, figures from the fold left out.

One table of counts for every variant, threshold and unit; a fold is then a sum over units.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.peers.found import Counts, Found, Marks, counted
from detection.scoring import Figures
from detection.trace import Floats

THRESHOLDS = 40
MOST = 3.0  # times as many found as there are marks: no threshold worth having lets more through


@dataclass(frozen=True, eq=False)
class Task:
    """One set of recordings: marks of each, fold of each unit (u,), tolerance."""

    name: str
    marks: Sequence[Marks]
    fold: Counts
    tolerance_s: float

    def __len__(self) -> int:
        return len(self.fold)


def ladder(found: Sequence[Found], marks: Sequence[Marks]) -> Floats:
    """Thresholds (q,) between the highest score and that which lets `MOST` times the number of marks through."""
    scores = np.sort(np.concatenate([f.score for f in found]))[::-1]
    if not len(scores):
        return np.array([np.inf])
    most = min(len(scores), int(MOST * sum(len(m.start_s) for m in marks)) + 1)
    # a quarter of the marks found is the least that could have the best F1; evenly spaced in number of times let through
    at = np.linspace(most // 12, most - 1, THRESHOLDS).astype(int)
    return scores[at]


def tabulate(variants: Sequence[Sequence[Found]], task: Task) -> tuple[Counts, Floats]:
    """Counts (variants, thresholds, units, 3) and thresholds (variants, thresholds) of one detector's variants."""
    steps = np.stack([np.resize(ladder(found, task.marks), THRESHOLDS) for found in variants])
    table = np.zeros((*steps.shape, len(task), 3), np.int64)
    for v, found in enumerate(variants):
        for q, threshold in enumerate(steps[v]):
            for one, marks in zip(found, task.marks, strict=True):
                table[v, q] += counted(one.above(threshold), marks, task.tolerance_s, len(task))
    return table, steps


def left_out(table: Counts, fold: Counts) -> Counts:
    """(units, 3): each fold's units at the variant and threshold with the best F1 over the units of the other folds."""
    out = np.zeros(table.shape[2:], np.int64)
    for one in np.unique(fold):
        v, q = best(table[:, :, fold != one].sum(axis=2))
        out[fold == one] = table[v, q][fold == one]
    return out


def best(sums: Counts) -> tuple[int, int]:
    """Variant and threshold of counts (variants, thresholds, 3) with the highest F1, averaged over neighbouring thresholds."""
    both = sums[..., 0] + sums[..., 1]
    f1 = 2.0 * sums[..., 2] / np.maximum(both, 1)
    padded = np.pad(f1, ((0, 0), (1, 1)), mode="edge")
    smooth = (padded[:, :-2] + padded[:, 1:-1] + padded[:, 2:]) / 3.0
    v, q = np.unravel_index(int(np.argmax(smooth)), smooth.shape)
    return int(v), int(q)


def figures(counts: Counts) -> list[Figures]:
    """One per unit, of counts (units, 3)."""
    return [Figures(*map(int, row)) for row in counts]
