"""How probable it is that the server will call a candidate a jolt: a logistic model, fitted to what the server said."""

from __future__ import annotations

import numpy as np

from mobile_app.preview.coefficients import BIAS, CENTRE, SPREAD, WEIGHTS
from mobile_app.preview.stages import Floats


def confidence_of(features: Floats) -> Floats:
    """(p,) in [0, 1] of features (p, len(FEATURES))."""
    logit = np.clip((features - CENTRE) / SPREAD, -4.0, 4.0) @ WEIGHTS + BIAS
    return np.asarray(1.0 / (1.0 + np.exp(-logit)))
