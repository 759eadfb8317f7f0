"""Whether a probability can be believed: of what is said to be real with 0.8, are 80 % real?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detection.columns import Columns, Counts, Floats

EDGES = (0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 1.0)  # finer where crews decide
Z = 1.645  # intervals hold 90 %


@dataclass(frozen=True, eq=False)
class Reliability(Columns):
    """One row a bin of confidence that is not empty, columns (k,).

    low, high: its edges. said: mean confidence in it. real: share that is real; real_low, real_high: its 90 % interval.
    count: how many.
    """

    low: Floats
    high: Floats
    said: Floats
    real: Floats
    real_low: Floats
    real_high: Floats
    count: Counts

    @property
    def expected_error(self) -> float:
        """Expected calibration error: mean distance between said and real, each thing weighing the same; NaN without any."""
        return float(np.average(np.abs(self.said - self.real), weights=self.count)) if len(self) else float("nan")


def reliability(confidence: Floats, real: npt.NDArray[np.bool_], edges: tuple[float, ...] = EDGES) -> Reliability:
    """Confidence (n,) in [0, 1] against what turned out real (n,), in bins between edges; the last one holds 1, too."""
    ends = np.asarray(edges, np.float64)
    which = np.clip(np.searchsorted(ends, confidence, side="right") - 1, 0, len(ends) - 2)
    count = np.bincount(which, minlength=len(ends) - 1)
    held = np.flatnonzero(count)
    said = np.bincount(which, confidence, len(ends) - 1)[held] / count[held]
    true = np.asarray(np.bincount(which, real, len(ends) - 1)[held], np.float64)
    low, high = share_interval(true, count[held].astype(np.float64))
    return Reliability(ends[held], ends[held + 1], said, true / count[held], low, high, count[held].astype(np.int64))


def share_interval(successes: Floats, trials: Floats) -> tuple[Floats, Floats]:
    """90 % interval (low, high), each (n,), of a share; honest for few trials and near 0 and 1 (Wilson, JASA 22, 1927)."""
    share = successes / trials
    middle = (share + Z**2 / (2.0 * trials)) / (1.0 + Z**2 / trials)
    reach = Z / (1.0 + Z**2 / trials) * np.sqrt(share * (1.0 - share) / trials + Z**2 / (4.0 * trials**2))
    # rounding must not leave the share outside where all or none succeed
    return np.minimum(np.maximum(middle - reach, 0.0), share), np.maximum(np.minimum(middle + reach, 1.0), share)
