"""Fixes out of tables that repeat the last known position on every sample."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from detection.trace import Floats

REPEAT_S = 1.0  # phones fix once a second: a value held longer is told again, so that standing is not a gap


def changed_fixes(columns: Mapping[str, Floats]) -> dict[str, Floats]:
    """The rows of location columns (t, latitude, longitude, …; each (n,)) where a fix is new.

    New is a row whose latitude, longitude or speed differs from the row before, and every REPEAT_S after it as long as nothing
    changes. Rows without a position are none.
    """
    there = np.isfinite(columns["latitude"]) & np.isfinite(columns["longitude"]) & np.isfinite(columns["t"])
    rows = {name: column[there] for name, column in columns.items()}
    t = rows["t"]
    if not len(t):
        return rows
    fresh = np.zeros(len(t), bool)
    fresh[0] = True
    for name in ("latitude", "longitude", "speed"):
        if name in rows:
            fresh[1:] |= ~_same(rows[name][1:], rows[name][:-1])
    since = t - t[np.maximum.accumulate(np.where(fresh, np.arange(len(t)), 0))]
    held = np.floor(since / REPEAT_S + 1e-9)
    fresh[1:] |= held[1:] > held[:-1]
    return {name: column[fresh] for name, column in rows.items()}


def _same(a: Floats, b: Floats) -> npt.NDArray[np.bool_]:
    return np.asarray((a == b) | (np.isnan(a) & np.isnan(b)))
