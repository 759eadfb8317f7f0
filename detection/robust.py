"""Means that a few far values do not carry away."""

from __future__ import annotations

import numpy as np

from detection.scene import Ints
from detection.trace import Floats

HUBER_M = 5.0  # GPS 1 σ: beyond it influence stops growing
PRIOR_M2 = 9.0  # one prior value 3 m off keeps the spread of few from being nothing


def robust_mean(place: Floats, weight: Floats, of: Ints, start: Floats, rounds: int = 3) -> tuple[Floats, Floats]:
    """Weighted means (c, d) of the places (n, d) of each of the candidates `of` (n,), with Huber weights (Huber 1964).

    start: (c, d), kept where there is nothing. The second value is the weighted RMS distance along an axis, (c,).
    """
    count, axes = start.shape
    centre, spread = start.copy(), np.full(count, HUBER_M)
    for _ in range(rounds):
        gap = np.sqrt(((place - centre[of]) ** 2).sum(axis=1))
        robust = weight * np.minimum(1.0, HUBER_M / np.maximum(gap, 1e-6))
        total = np.bincount(of, robust, count)
        some = total > 0
        for axis in range(axes):
            centre[some, axis] = np.bincount(of, robust * place[:, axis], count)[some] / total[some]
        squares = np.bincount(of, robust * gap**2, count) / np.maximum(total, 1e-12)
        spread = np.sqrt((squares + PRIOR_M2) / axes)
    return centre, spread
