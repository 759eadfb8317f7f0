"""Which kind a found mark of potholelab is: trees over the shipped features, trained on the other vehicles' marks alone.

Metal bumps are no kind of ours (people would call them a speed bump), so the shipped `kind` model cannot answer; the trees
are fitted by the same `benchmarks.train.fit`, each kind weighing the same.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from sklearn.metrics import f1_score

from benchmarks import train
from benchmarks.real_rows import CLASSES, Rows, chosen, clip_weights
from detection.trace import Floats

Codes = npt.NDArray[np.int64]
KINDS = range(1, len(CLASSES))


def kinds_by(rows: Rows, table: Floats) -> Codes:
    """Code into `CLASSES` (n,) of each peak of the table (n, k), as the marked peaks of these rows teach."""
    marked = chosen(rows, rows.code > 0)
    weight = clip_weights(marked)
    share = np.bincount(marked.code, weight, len(CLASSES))
    weight = weight / share[marked.code]
    # a sensor that none of these phones had is no feature here: trees cannot cut a column without a value
    missing = np.isnan(marked.table).all(axis=0)
    forest = train.fit(np.where(missing, 0.0, marked.table), marked.code, leaves=4, rounds=150, weight=weight / weight.mean())
    return np.asarray(forest.raw(np.where(missing, 0.0, table)).argmax(axis=1) + 1)


def print_kinds(true: Codes, said: Codes, clip: Codes) -> None:
    """Macro F1 with its 90 % interval over clips, F1 of each kind, and what saying kinds at random by their share gets."""
    rng = np.random.default_rng(0)
    low, high = np.quantile([_macro(true[at], said[at]) for at in _drawn(clip, 300, rng)], [0.05, 0.95])
    random = np.mean([_macro(true, rng.permutation(said)) for _ in range(50)])
    print(f"{'kinds of found marks':<34} macro F1 {_macro(true, said):.3f} [{low:.3f}, {high:.3f}]  chance {random:.3f}")
    each = f1_score(true, said, labels=list(KINDS), average=None, zero_division=0.0)
    print("  " + ", ".join(f"{CLASSES[k]} {f1:.2f} of {int((true == k).sum())}" for k, f1 in zip(KINDS, each, strict=True)))


def _macro(true: Codes, said: Codes) -> float:
    return float(f1_score(true, said, labels=list(KINDS), average="macro", zero_division=0.0))


def _drawn(clip: Codes, rounds: int, rng: np.random.Generator) -> list[Codes]:
    """Rows of clips drawn whole."""
    own = [np.flatnonzero(clip == one) for one in np.unique(clip)]
    return [np.concatenate([own[i] for i in rng.integers(len(own), size=len(own))]) for _ in range(rounds)]
