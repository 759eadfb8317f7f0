"""What lies around a peak: is it one shock or a stretch, and how even is the street, here and on the whole trip?

Everything is told from the score and the envelope at the decimated rate; a peak's own second is left out where the street is
meant. Natural logarithms.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from detection.settings import FeatureSettings
from detection.stages import Stages
from detection.trace import Floats

AWAY_S = (-2.0, -1.0, -0.5, -0.25, 0.25, 0.5, 1.0, 2.0)  # from a rear axle's answer to the length of a rough stretch
SPANS_S = (1.0, 2.0, 4.0)
SIDES_S = ((0.6, 1.5), (1.5, 3.5))  # beside both axles of one thing; beside a rough stretch
STREET_S = (10.0, 30.0)  # of one surface; of the way since the last crossing
SHARES = (0.5, 0.8, 0.95, 0.99)
SURROUNDINGS = (
    *(f"score {away:+g} s" for away in AWAY_S),
    *(f"energy within {span:g} s" for span in SPANS_S),
    *(f"energy {side} {low:g} s" for low, _ in SIDES_S for side in ("before", "after")),
    "street within 4 s", "peak over street within 4 s",
    *(f"{what} within {span:g} s" for span in STREET_S for what in ("evenness", "score")),
    *(f"score of {share:.0%} of the trip" for share in SHARES), "evenness of the trip",
)  # fmt: skip
FLOOR = 1e-6
MOST = 4.5  # scores above count as this: evenness tells of the street, not of one hard thing

Indices = npt.NDArray[np.intp]


def surroundings(stages: Stages, peak_mps2: Floats, settings: FeatureSettings) -> Floats:
    """The columns `SURROUNDINGS` (peaks, k); peak_mps2 (peaks,): the largest swing of each."""
    if not len(stages.peaks):
        return np.empty((0, len(SURROUNDINGS)))
    within = _Within(stages)
    usual = np.log(stages.usual[stages.peaks] ** 2 + FLOOR)
    energy = within.sums(stages.level**2)
    around = np.log(np.stack([within.mean(energy, -s, s) for s in SPANS_S], axis=1) + FLOOR) - usual[:, None]
    sides = [within.mean(energy, *span) for low, high in SIDES_S for span in ((-high, -low), (low, high))]
    beside = np.log(np.stack(sides, axis=1) + FLOOR) - usual[:, None]
    street = 0.5 * np.log(within.mean(energy, -4.0, 4.0, without=(-settings.reach_s, 0.9)) + FLOOR)
    columns = [_scores(stages), around, beside, street[:, None], (np.log(peak_mps2 + 1e-3) - street)[:, None]]
    return np.concatenate([*columns, _evenness(stages, within), np.tile(_trip(stages), (len(stages.peaks), 1))], axis=1)


def _scores(stages: Stages) -> Floats:
    """Scores some way before and after, over the peak's own."""
    away = np.round(np.asarray(AWAY_S) * stages.decimated_hz).astype(np.intp)
    at = np.clip(stages.peaks[:, None] + away, 0, len(stages.score) - 1)
    return np.asarray(np.log(stages.score[at] + 1e-3) - np.log(stages.score[stages.peaks] + 1e-3)[:, None])


def _evenness(stages: Stages, within: _Within) -> Floats:
    """Kurtosis and mean square of the score where the car drove, a second and a half around the peak left out."""
    capped = np.where(stages.allowed, np.minimum(stages.score, MOST), 0.0) ** 2
    driven, second, fourth = (within.sums(values) for values in (stages.allowed.astype(np.float64), capped, capped**2))
    columns = []
    for span in STREET_S:
        share, square, power = (within.mean(sums, -span, span, without=(-1.5, 1.5)) for sums in (driven, second, fourth))
        share = np.maximum(share, 1e-3)
        columns += [np.log((power / share + FLOOR) / ((square / share) ** 2 + FLOOR)), np.log(square / share + FLOOR)]
    return np.stack(columns, axis=1)


def _trip(stages: Stages) -> Floats:
    """How heavy the tails of the whole trip's score are, (5,)."""
    score = stages.score[stages.allowed] if stages.allowed.any() else stages.score
    square = np.minimum(score, MOST) ** 2
    kurtosis = np.mean(square**2) / (np.mean(square) ** 2 + FLOOR)
    return np.asarray(np.log(np.r_[np.quantile(score, SHARES), kurtosis] + 1e-3))


class _Within:
    """Means over spans around the peaks by running sums: linear in samples and in peaks."""

    def __init__(self, stages: Stages) -> None:
        self.peaks, self.hz, self.last = stages.peaks, stages.decimated_hz, len(stages.level)

    @staticmethod
    def sums(values: Floats) -> Floats:
        out = np.zeros(len(values) + 1)
        np.cumsum(values, out=out[1:])
        return out

    def mean(self, sums: Floats, start_s: float, end_s: float, without: tuple[float, float] | None = None) -> Floats:
        """Mean (p,) from start to end relative to each peak, less what lies within `without`; 0 where nothing is left."""
        total, count = self._span(sums, start_s, end_s)
        if without is not None:
            own, of = self._span(sums, *without)
            total, count = total - own, count - of
        return np.asarray(np.maximum(total, 0.0) / np.maximum(count, 1))

    def _span(self, sums: Floats, start_s: float, end_s: float) -> tuple[Floats, Indices]:
        begin, end = (np.clip(self.peaks + round(s * self.hz), 0, self.last) for s in (start_s, end_s))
        return sums[end] - sums[begin], end - begin
