"""Which fixes to believe: null island, coarse fixes, stale repeats and teleports are dropped, and counted.

Sorting and repeated stamps are `Trace.build`'s; gaps in the samples are `detection.grid`'s.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from detection.geo import steps_m
from detection.settings import FixSettings
from detection.trace import Fixes

Mask = npt.NDArray[np.bool_]


def clean_fixes(fixes: Fixes, settings: FixSettings) -> tuple[Fixes, dict[str, int]]:
    """The fixes (k ≤ m) that place a car on the road, and how many were dropped by reason."""
    dropped: dict[str, int] = {}
    for reason, test in _TESTS:
        bad = test(fixes, settings)
        if bad.any():
            dropped[reason] = int(bad.sum())
            fixes = fixes[~bad]
    return fixes, dropped


def _on_null_island(fixes: Fixes, settings: FixSettings) -> Mask:
    limit = settings.null_island_deg
    return np.asarray((np.abs(fixes.latitude_deg) < limit) & (np.abs(fixes.longitude_deg) < limit))


def _too_coarse(fixes: Fixes, settings: FixSettings) -> Mask:
    return np.asarray(fixes.accuracy_m > settings.max_accuracy_m)  # NaN compares false: unknown is kept


def _stale_repeat(fixes: Fixes, settings: FixSettings) -> Mask:
    """A position repeated to the last digit while moving; a standing car keeps the first and last of a run."""
    if len(fixes) < 2:
        return np.zeros(len(fixes), bool)
    same = (np.diff(fixes.latitude_deg) == 0) & (np.diff(fixes.longitude_deg) == 0)
    repeats = np.r_[False, same]
    standing = ~(fixes.speed_mps > settings.stand_mps)
    last_of_run = repeats & ~np.r_[same, False]
    return np.asarray(repeats & ~(standing & last_of_run))


def _teleports(fixes: Fixes, settings: FixSettings) -> Mask:
    """Fixes that no drive connects to the chain of the others, found pass by pass over the remaining ones."""
    bad = np.zeros(len(fixes), bool)
    if len(fixes) < 3:
        return bad
    for _ in range(8):  # a burst of n false fixes in a row needs up to n passes; longer bursts are another place
        left = np.flatnonzero(~bad)
        leap = _leaps(fixes[left], settings)
        if not leap.any():
            break
        # a lone false fix is left and entered by a leap; at the ends only one side exists
        alone = np.r_[leap[:1], leap[:-1] & leap[1:], leap[-1:]] if len(left) > 2 else np.zeros(len(left), bool)
        if not alone.any():
            break
        bad[left[alone]] = True
    return bad


def _leaps(fixes: Fixes, settings: FixSettings) -> Mask:
    slack = np.nan_to_num(fixes.accuracy_m, nan=10.0)
    far = steps_m(fixes.latitude_deg, fixes.longitude_deg) - slack[:-1] - slack[1:]
    return np.asarray(far > settings.max_speed_mps * np.diff(fixes.t_s))


_TESTS = (
    ("fix on null island", _on_null_island),
    ("fix too coarse", _too_coarse),
    ("stale fix", _stale_repeat),
    ("fix teleported", _teleports),
)
