"""The life of a defect, from its passes in order of time: when it appeared, whether it worsens, whether a repair holds.

A pure function of the passes (`detection.passes`), the time of a `repaired` mark and the street's chance rate. The test
behind it is `detection.sequential`, the trend `detection.trend`; docs/life-of-a-defect.md tells what they promise.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from detection.columns import STATUSES, Codes, Columns, Counts, Floats, words
from detection.passes import DefectPasses
from detection.sequential import HOLDS, MARKED, REOPENED, SEEMS, STATES, LifeSettings, Turns, walk
from detection.trend import trends
from detection.weight import votes

DEFAULT = LifeSettings()


@dataclass(frozen=True)
class Life:
    """What is known of one defect's life; the columns of `Lives` with the state in words, None for unknown."""

    state: str
    since_s: float | None
    silent_passes: int
    silent_devices: int
    hits: int
    probability: float
    hit_probability: float
    chance: float
    born_after_s: float | None
    born_before_s: float | None
    growth: float | None
    growth_low: float | None
    growth_high: float | None

    @property
    def worsening(self) -> bool:
        """Severity grows, and the interval excludes that it does not."""
        return self.growth_low is not None and self.growth_low > 0

    def explain(self) -> str:
        """One line for a crew, without the clock: whoever shows it puts `since_s` beside it."""
        silent = f"{_count(self.silent_passes, 'silent pass', 'es')} by {_count(self.silent_devices, 'device')}"
        told = {
            "open": f"open: a pass is hit with probability {self.hit_probability:.2f}",
            "seems_repaired": f"seems repaired: {silent} in a row, hit with probability {self.hit_probability:.2f} before",
            "marked": f"marked repaired, not yet certain: {silent} and {_count(self.hits, 'hit')} since",
            "holds": f"holds: {silent} since the repair",
            "reopened": f"jolts returned: {_count(self.hits, 'hit')} and {silent} since",
        }[self.state]
        grows = f"; worsening, severity × {np.exp(self.growth):.1f} a year" if self.worsening and self.growth is not None else ""
        return f"{told} (probability of being repaired {self.probability:.2f}){grows}"


@dataclass(frozen=True, eq=False)
class Lives(Columns):
    """The lives of many defects, columns (n,) in the order of the defects.

    state: code into `STATES`. since_s: of the mark, else when the run of passes that decided the state began (NaN: as
    long as it is known). silent_passes, silent_devices, hits: since then. probability: of being repaired now.
    hit_probability: of a pass while it is there; chance: where nothing is. born_after_s, born_before_s: it appeared between
    these passes; NaN where it was there when the first car came. growth, growth_low, growth_high: of log severity a year.
    """

    WORDS = words(state=STATES)

    state: Codes
    since_s: Floats
    silent_passes: Counts
    silent_devices: Counts
    hits: Counts
    probability: Floats
    hit_probability: Floats
    chance: Floats
    born_after_s: Floats
    born_before_s: Floats
    growth: Floats
    growth_low: Floats
    growth_high: Floats

    def life(self, row: int) -> Life:
        """One of them, for people."""
        values: dict[str, Any] = {f.name: getattr(self, f.name)[row].item() for f in fields(self)}
        values |= {name: None for name, value in values.items() if value != value} | {"state": STATES[self.state[row]]}
        return Life(**values)


def lives(passes: DefectPasses, marked_at_s: Floats, chance: Floats, settings: LifeSettings = DEFAULT) -> Lives:
    """The lives of n defects from all their passes; passes without a clock tell nothing here.

    marked_at_s (n,): when the crew last marked each one repaired, NaN never. chance (n,): `passes.chance_rates`.
    """
    return follow(passes, marked_at_s, chance, settings)[0]


def follow(passes: DefectPasses, marked_at_s: Floats, chance: Floats, settings: LifeSettings = DEFAULT) -> tuple[Lives, Turns]:
    """`lives`, and every change of state on the way."""
    chance = np.clip(chance, settings.least_chance, None)
    passes = passes[np.isfinite(passes.time_s)]
    born_row, after_s, before_s = _born(passes, chance, marked_at_s, settings)
    lived = passes[np.arange(len(passes)) >= born_row[passes.defect]]
    walked = walk(lived, marked_at_s, chance, settings)
    silent, devices, hits = _since(lived, walked.since_s, settings)
    trend = _trend(lived, walked.state, walked.since_s, settings)
    made = Lives(
        state=walked.state,
        since_s=walked.since_s,
        silent_passes=silent,
        silent_devices=devices,
        hits=hits,
        probability=np.asarray(expit(walked.log_odds)),
        hit_probability=walked.hit_probability,
        chance=chance,
        born_after_s=after_s,
        born_before_s=before_s,
        **trend,
    )
    return made, walked.turns


def next_status(status: Codes, lived: Lives) -> Codes:
    """Status codes (n,) after the test: `repaired` becomes `reopened` where jolts returned. All else is the crew's to say."""
    returned = (status == STATUSES.index("repaired")) & (lived.state == REOPENED)
    return np.where(returned, np.int8(STATUSES.index("reopened")), status)


def _born(
    passes: DefectPasses, chance: Floats, marked_at_s: Floats, settings: LifeSettings
) -> tuple[npt.NDArray[np.int64], Floats, Floats]:
    """Row of the first pass of each defect's life, and the times it appeared between.

    The sum of LLRs from the first pass on peaks where the thing appeared; it is believed from the bound for changes that
    nobody marked. p is taken from the passes between the first and the last probable hit.
    """
    count = len(chance)
    row, defect = np.arange(len(passes)), passes.defect
    begin = np.searchsorted(defect, np.arange(count))
    felt = np.flatnonzero((passes.hit >= settings.silent_below) & ~(passes.time_s >= marked_at_s[defect]))
    first, last = np.full(count, len(passes)), np.full(count, -1)
    np.minimum.at(first, defect[felt], felt)
    np.maximum.at(last, defect[felt], felt)
    vote, hit = _votes_in_order(passes, settings)
    inside = (row >= first[defect]) & (row <= last[defect])
    a, b = settings.defects.real_hits
    p = (a + np.bincount(defect[inside], hit[inside], count)) / (a + b + np.bincount(defect[inside], vote[inside], count))
    gain = np.log((chance + (1.0 - chance) * p) / chance)
    total = np.cumsum(-(vote - hit) * np.log1p(-p)[defect] - hit * gain[defect])
    total = total - np.r_[0.0, total][begin][defect]
    spoken = np.full(count, len(passes))  # from where the sum says that it is there, a later rise is no birth
    np.minimum.at(spoken, defect[total < settings.reopen_at], row[total < settings.reopen_at])
    total[(row >= last[defect]) | (row >= spoken[defect])] = -np.inf
    best = np.full(count, -np.inf)
    np.maximum.at(best, defect, total)
    appeared = best >= settings.close_at + settings.doubt
    at = np.flatnonzero((total == best[defect]) & appeared[defect])
    born, after_s, before_s = begin.astype(np.int64), np.full(count, np.nan), np.full(count, np.nan)
    born[defect[at]], after_s[defect[at]], before_s[defect[at]] = at + 1, passes.time_s[at], passes.time_s[at + 1]
    return born, after_s, before_s


def _votes_in_order(passes: DefectPasses, settings: LifeSettings) -> tuple[Floats, Floats]:
    """What each pass (p,) adds to its device's votes, and how much of that is a hit."""
    worth = np.maximum(passes.weight, passes.hit)
    order = np.lexsort((np.arange(len(passes)), passes.device, passes.defect))
    total = np.cumsum(worth[order])
    new = np.r_[True, (np.diff(passes.device[order]) != 0) | (np.diff(passes.defect[order]) != 0)][: len(order)]
    start = (total - worth[order])[np.flatnonzero(new)][np.cumsum(new) - 1]
    after = np.empty(len(passes))
    after[order] = total - start
    before, rho = after - worth, settings.defects.device_correlation
    vote = after * votes(after, rho) - before * votes(before, rho)
    return vote, vote * passes.hit / np.maximum(worth, 1e-9)


def _since(passes: DefectPasses, since_s: Floats, settings: LifeSettings) -> tuple[Counts, Counts, Counts]:
    """Silent passes, their devices, and hits since each time; NaN: ever."""
    count, devices = len(since_s), int(passes.device.max(initial=0)) + 1
    later = ~(passes.time_s < since_s[passes.defect])
    felt = passes.hit >= settings.silent_below
    silent = later & ~felt
    pairs = np.unique(passes.defect[silent] * devices + passes.device[silent])
    return tuple(
        np.bincount(rows, minlength=count) for rows in (passes.defect[silent], pairs // devices, passes.defect[later & felt])
    )  # type: ignore[return-value]


def _trend(passes: DefectPasses, state: Codes, since_s: Floats, settings: LifeSettings) -> dict[str, Floats]:
    """Of the probable hits while it was there: before a repair, or after it failed."""
    gone = np.isin(state, (SEEMS, MARKED, HOLDS))[passes.defect]
    there = np.where(gone, passes.time_s < since_s[passes.defect], ~(passes.time_s < since_s[passes.defect]))
    hit = passes[there & (passes.hit >= settings.silent_below)]
    return dict(trends(hit.defect, hit.device, hit.time_s, np.maximum(hit.severity, 1e-3), hit.hit, len(state)).columns())


def _count(number: int, noun: str, plural: str = "s") -> str:
    return f"{number} {noun}{'' if number == 1 else plural}"
