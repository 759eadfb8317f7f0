"""What kind a defect is: all its jolts together, who meets it, how hard, how often, and over what length.

A logistic model over a handful of figures, read off simulated cities by `python -m benchmarks.fit_defects`. Single jolts are
judged by `detection.judge`; their probabilities come in as means of logarithms, so that passes add up and none decides alone.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from scipy.special import softmax

from detection.columns import KINDS, Codes
from detection.evidence import Evidence
from detection.neighbours import Neighbours
from detection.trace import Floats

FILE = Path(__file__).parent / "models" / "defect_kinds.json"
FIGURES = (*KINDS[1:], "opposite", "opposite_hits", "severity", "hits", "rate", "spread")


@dataclass(frozen=True)
class KindModel:
    """bias and weights of each of `KINDS[1:]` over `FIGURES`: log odds up to a constant."""

    bias: tuple[float, ...]
    weights: tuple[tuple[float, ...], ...]

    def save(self, path: Path = FILE) -> None:
        path.write_text(json.dumps(asdict(self), indent=1) + "\n")

    @classmethod
    def load(cls, path: Path = FILE) -> KindModel:
        held = json.loads(path.read_text())
        return cls(tuple(held["bias"]), tuple(map(tuple, held["weights"])))


@lru_cache(maxsize=1)
def fitted() -> KindModel:
    """The model that is shipped."""
    return KindModel.load()


def kind_probabilities(figures: Floats, model: KindModel | None = None) -> Floats:
    """Probability (c, 4) of each of `KINDS[1:]`, given that there is a defect, from its figures (c, k)."""
    model = model or fitted()
    return np.asarray(softmax(figures @ np.array(model.weights).T + np.array(model.bias), axis=1))


def kinds_of(evidence: Evidence, figures: Floats, model: KindModel | None = None) -> Codes:
    """Code (c,) of the most probable kind; unknown where none of the jolts tells."""
    likely = kind_probabilities(figures, model).argmax(axis=1) + 1
    return np.where(evidence.kinds.any(axis=1), likely, 0).astype(np.int8)


def figures_of(evidence: Evidence, near: Neighbours, spread_m: Floats) -> Floats:
    """`FIGURES` (c, k) of each candidate: mean log probabilities of its jolts; whether and how often the other direction is
    hit there; mean log severity; log of hits and of their spread in m; share of passes that are hits."""
    opposite = np.where(near.opposite >= 0, evidence.hits[near.opposite], 0.0)
    figures = np.c_[
        evidence.kinds,
        opposite > 0.5,  # more than one vote of half a pass
        np.log1p(opposite),
        evidence.severity,
        np.log(np.maximum(evidence.hits, 0.1)),
        evidence.hits / np.maximum(evidence.hits + evidence.misses, 1e-12),
        np.log(spread_m),
    ]
    return np.asarray(figures, np.float64)
