"""How probable it is that a peak is a thing on the road, and what kind: boosted trees over its measured features.

Trained on simulated drives of several cars, kinds of road and sampling rates (`python -m benchmarks.train` makes the files
under models/); the trees see band energies against the street's own background, never a threshold in m/s².
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
from scipy.special import expit, softmax

from detection.columns import KINDS
from detection.features import FEATURES
from detection.forest import Forest
from detection.trace import Floats

FIRST_TREES, HOPELESS = 40, -3.75  # log odds after so many trees from which 99 % never reach a confidence of 0.05 any more
MODELS = Path(__file__).parent / "models"
JUDGED_KINDS = KINDS[1:]  # in the order of the classes of the model


def confidence_of(features: Floats) -> Floats:
    """Probability (n,) that something on the road that people feel caused each peak, from its `FEATURES` (n, k)."""
    if not len(features):
        return np.empty(0)
    return np.asarray(expit(_model("jolt").hopeful(features, FIRST_TREES, HOPELESS)))


def kind_probabilities(features: Floats) -> Floats:
    """Probability (n, 4) of each of `JUDGED_KINDS`, given that a thing on the road caused the peak."""
    if not len(features):
        return np.empty((0, len(JUDGED_KINDS)))
    return np.asarray(softmax(_model("kind").raw(features), axis=1))


@lru_cache(maxsize=2)
def _model(name: str) -> Forest:
    forest = Forest.load(MODELS / f"{name}.npz")
    if tuple(forest.features) != FEATURES:
        raise ValueError(f"models/{name}.npz was trained on other features; make it anew: python -m benchmarks.train")
    return forest
