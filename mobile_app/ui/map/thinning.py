"""Lines with fewer points that look the same (Douglas and Peucker, 1973), for every tolerance at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mobile_app.ui.map.view import Array


def importance(x: Array, y: Array, least: float = 0.0) -> Array:
    """The tolerance up to which each point is kept; infinite at both ends. `least`: worth no more, a point is worth 0.

    Thinning for a tolerance splits where the furthest point lies beyond it. So a point stays as long as its own distance and
    those of all splits before it are larger.
    """
    worth = np.zeros(len(x))
    worth[:1] = worth[-1:] = np.inf
    spans = [(0, len(x) - 1, np.inf)]
    while spans:
        first, last, most = spans.pop()
        if last - first < 2:
            continue
        inner = slice(first + 1, last)
        away = _distance(x[inner], y[inner], (x[first], y[first]), (x[last], y[last]))
        furthest = int(np.argmax(away))
        if away[furthest] > least:
            middle = first + 1 + furthest
            worth[middle] = most = min(most, float(away[furthest]))
            spans += [(first, middle, most), (middle, last, most)]
    return worth


def kept(x: Array, y: Array, within: float) -> NDArray[np.bool_]:
    """Which points to keep so that none that goes lies further than `within` from the line that is left. The ends stay."""
    worth: NDArray[np.bool_] = importance(x, y, within) > within
    return worth


def _distance(x: Array, y: Array, one: tuple[float, float], other: tuple[float, float]) -> Array:
    """Of points from a stretch between two others, not from the line through them: a way may turn back."""
    dx, dy = other[0] - one[0], other[1] - one[1]
    length = dx * dx + dy * dy
    along = np.clip(((x - one[0]) * dx + (y - one[1]) * dy) / length, 0.0, 1.0) if length > 0 else np.zeros(len(x))
    distance: Array = np.hypot(x - one[0] - along * dx, y - one[1] - along * dy)
    return distance
