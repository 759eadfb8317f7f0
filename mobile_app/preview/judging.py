"""How probable it is that the server will call a candidate a jolt: a logistic model, fitted to what the server said."""

from __future__ import annotations

import numpy as np

from mobile_app.preview.coefficients import BIAS, CENTRE, SPREAD, WEIGHTS
from mobile_app.preview.stages import Floats


def confidence_of(features: Floats) -> Floats:
    """(p,) in [0, 1] of features (p, len(FEATURES))."""
    logit = expanded((features - CENTRE) / SPREAD) @ WEIGHTS + BIAS
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(logit, -30.0, 30.0))))


def expanded(scaled: Floats) -> Floats:
    """The features (p, f), bounded, and all their products by twos: (p, f + f (f + 1) / 2)."""
    bounded = np.clip(scaled, -4.0, 4.0)
    first, second = np.triu_indices(scaled.shape[1])
    return np.concatenate([bounded, bounded[:, first] * bounded[:, second]], axis=1)
