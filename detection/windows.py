"""Windows of a signal around given samples, a row each."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from detection.trace import Floats


def around(signal: Floats, centre: npt.NDArray[np.intp], reach: int) -> Floats:
    """The samples within reach of each centre (p,), (p, 2 reach + 1); beyond an end of the signal (n,) its last value."""
    width = 2 * reach + 1
    first = centre - reach
    inside = (first >= 0) & (first + width <= len(signal))
    if inside.all() and len(centre):
        windows, apart = sliding_window_view(signal, width), np.diff(first)
        if len(apart) and apart[0] > 0 and (apart == apart[0]).all():
            return windows[first[0] : first[-1] + 1 : apart[0]]  # nothing is copied
        return windows[first]
    return np.asarray(signal[np.clip(first[:, None] + np.arange(width), 0, len(signal) - 1)])
