"""Orders of rows that are nearly in order already: much faster than sorting by several columns."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
SMALL = 1 << 15


def grouped(group: Ints, within: Ints) -> Ints:
    """Order (n,) by group ≥ 0, then by `within`, then as given.

    Linear where there are less than 32 768 groups (numpy sorts 16 bits by radix) and `within` consists of a few runs that are
    in order (its stable sort merges runs).
    """
    first = np.argsort(within, kind="stable")
    number = group[first]
    small = int(number.max(initial=0)) < SMALL
    return np.asarray(first[np.argsort(number.astype(np.int16) if small else number, kind="stable")])
