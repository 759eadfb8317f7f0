"""A sequential test that walks along the passes of many defects at once: still there, or repaired?

Two hypotheses about a run of passes. *Present*: a pass is hit by the thing with the probability p that its own history
speaks for, or by chance with q. *Repaired*: by chance only. Their log likelihood ratio (LLR, positive for repaired) is
summed pass by pass: Wald's sequential test (Ann. Math. Stat. 16, 1945) after a `repaired` mark, Page's cumulative sum
(Biometrika 41, 1954), which restarts at 0, where nobody said when. p is not known but has its Beta posterior over a
grid. At every p a silent pass multiplies *present* over *repaired* by 1 − p ≤ 1 and a hit by (q + (1 − q) p) / q ≥ 1, so
silence never speaks against a repair and a hit never for it. In a run, a device's n passes count n / (1 + (n − 1) ρ), as
in `detection.posterior`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from detection.columns import Codes, Columns, Counts, Floats, words
from detection.passes import DefectPasses
from detection.settings import DefectSettings
from detection.weight import votes

STATES = ("open", "seems_repaired", "marked", "holds", "reopened")  # the index is the code kept in arrays
OPEN, SEEMS, MARKED, HOLDS, REOPENED = range(5)
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
_P = (np.arange(48) + 0.5) / 48  # grid of hit probabilities: 0.02 apart, finer than any history can tell


@dataclass(frozen=True)
class LifeSettings:
    """Error rates, and what is believed before the first pass."""

    wrong_close: float = 0.02  # α: share of marked things still there that the test may close
    wrong_reopen: float = 0.02  # β: share of marked things really gone that it may reopen
    unprompted: float = 0.01  # share of passes that may be the first after a repair (or its failure) nobody marked: a
    # hole lives months and is passed daily; page's sum then errs once in 1 / (α · unprompted) = 5 000 passes or less often
    least_chance: float = 0.02  # no street is believed to jolt by chance less often: castings lie between its defects
    least_devices: int = 2  # nothing is decided on the word of one device
    history_worth: float = 30.0  # votes that a history counts at most: the fleet that passes next is another one
    silent_below: float = 0.5  # a pass with a weaker hit is called silent; the test itself takes it for what it is worth
    defects: DefectSettings = field(default_factory=DefectSettings)

    @property
    def close_at(self) -> float:
        """LLR at which a marked repair is believed: Wald's ln((1 − β) / α)."""
        return float(np.log((1.0 - self.wrong_reopen) / self.wrong_close))

    @property
    def reopen_at(self) -> float:
        """LLR at which a mark is disbelieved: Wald's ln(β / (1 − α))."""
        return float(np.log(self.wrong_reopen / (1.0 - self.wrong_close)))

    @property
    def doubt(self) -> float:
        """Log odds against a change that nobody marked, which evidence must first make up for."""
        return float(-np.log(self.unprompted))


@dataclass(frozen=True, eq=False)
class Turns(Columns):
    """Each change of state (k,), in order of defect and time: defect (row), time_s, state entered, passes it took since
    the mark or since the run began."""

    WORDS = words(state=STATES)

    defect: Counts
    time_s: Floats
    state: Codes
    passes: Counts


@dataclass(frozen=True, eq=False)
class Walked:
    """Where the walk ended, (n,): state; since_s, beginning of what speaks for it; log_odds of being repaired;
    hit_probability a pass while it is there. turns: how it got there."""

    state: Codes
    since_s: Floats
    log_odds: Floats
    hit_probability: Floats
    turns: Turns


def walk(passes: DefectPasses, marked_at_s: Floats, chance: Floats, settings: LifeSettings) -> Walked:
    """Follow each defect (n,) along its passes, which must have times. marked_at_s (n,): of the `repaired` mark, NaN none;
    chance (n,): hit probability of a pass where nothing is. A loop over the k-th pass of all defects, k = 1, 2, ….
    """
    road = _Road(passes, marked_at_s, chance, settings)
    for row in _rounds(passes.defect):
        defect = passes.defect[row]
        road.mark(defect[passes.time_s[row] >= marked_at_s[defect]])
        road.drive(row)
        road.decide(row)
    road.mark(np.flatnonzero(np.isfinite(marked_at_s)))
    return road.walked()


def log_ratio(hits: Floats, misses: Floats, felt: Floats, belief: Floats) -> Floats:
    """LLR (n,) of repaired over present from effective hits and misses of a run; felt, belief (n, 48) as below."""
    return -_log_sum(belief + hits[:, None] * felt + misses[:, None] * np.log1p(-_P))


def feel(chance: Floats) -> Floats:
    """What one hit does to the log likelihood of *present* over *repaired* at each p of the grid, (n, 48)."""
    q = chance[:, None]
    return np.asarray(np.log(q + (1.0 - q) * _P) - np.log(q))


def believe(hits: Floats, misses: Floats, felt: Floats, settings: LifeSettings) -> Floats:
    """Log posterior of p over the grid, (n, 48), after the effective hits and misses (n,) of the history."""
    a, b = settings.defects.real_hits
    worth = np.minimum(1.0, settings.history_worth / np.maximum(hits + misses, 1e-9))[:, None]
    prior = (a - 1.0) * np.log(_P) + (b - 1.0) * np.log1p(-_P)
    belief = prior + worth * (hits[:, None] * felt + misses[:, None] * np.log1p(-_P))
    return np.asarray(belief - _log_sum(belief)[:, None])


def _log_sum(logs: Floats) -> Floats:
    """Log of the sum of exp along the grid."""
    top = logs.max(axis=1, initial=-np.inf)
    return np.asarray(top + np.log(np.exp(logs - top[:, None]).sum(axis=1)))


def _rounds(defect: Counts) -> Iterator[Ints]:
    """Rows of the first pass of every defect, then of the second, …; rows are in order of defect."""
    begin = np.flatnonzero(np.r_[True, np.diff(defect) != 0]) if len(defect) else np.empty(0, np.int64)
    size = np.diff(np.r_[begin, len(defect)])
    for k in range(int(size.max(initial=0))):
        yield begin[size > k] + k


class _Road:
    """The state of the walk: arrays over defects (n,) and over pairs of defect and device (m,), changed in place.

    A *run* is what the sum has been taken over since it last was 0; its passes join the history when it ends there.
    """

    def __init__(self, passes: DefectPasses, marked_at_s: Floats, chance: Floats, settings: LifeSettings) -> None:
        n, devices = len(marked_at_s), int(passes.device.max(initial=0)) + 1
        self.passes, self.marked_at_s, self.settings = passes, marked_at_s, settings
        keys, self.pair = np.unique(passes.defect * devices + passes.device, return_inverse=True)
        self.pairs_begin = np.searchsorted(keys, np.arange(n + 1) * devices)
        self.pair_run = np.full(len(keys), -1)  # the run that n and hit of the pair belong to
        self.pair_n, self.pair_hit, self.past_n, self.past_hit = np.zeros((4, len(keys)))
        self.state, self.marked = np.zeros(n, np.int8), np.zeros(n, bool)
        self.run, self.run_passes, self.run_silent, self.run_felt = np.zeros((4, n), np.int64)
        self.n, self.hit, self.llr, self.top = np.zeros((4, n))
        self.felt = feel(chance)
        self.belief = believe(np.zeros(n), np.zeros(n), self.felt, settings)  # of p, from the history
        self.run_from_s, self.since_s = np.full((2, n), np.nan)
        self.awake = np.zeros(n, bool)  # a probable hit was seen: before that there is nothing to repair
        self.turns: list[tuple[Ints, Floats, Codes, Ints]] = []

    def mark(self, defect: Ints) -> None:
        """The crew says repaired: what was unsure joins the history, what already seemed repaired holds."""
        defect = defect[~self.marked[defect]]
        self.marked[defect] = True
        seemed = defect[self.state[defect] == SEEMS]
        waiting = defect[self.state[defect] != SEEMS]
        self.absorb(waiting)
        self.top[seemed] += self.settings.doubt
        self._turn(waiting, self.marked_at_s[waiting], MARKED)
        self._turn(seemed, self.marked_at_s[seemed], HOLDS)
        self.since_s[defect] = self.marked_at_s[defect]
        self.awake[defect] = True

    def drive(self, row: Ints) -> None:
        """Add one pass to the run of each defect, and the LLR of the run."""
        d, pair, hit = self.passes.defect[row], self.pair[row], self.passes.hit[row]
        fresh = self.pair_run[pair] != self.run[d]
        self.pair_run[pair] = self.run[d]
        before_n, before_hit = np.where(fresh, 0.0, self.pair_n[pair]), np.where(fresh, 0.0, self.pair_hit[pair])
        after_n, after_hit = before_n + np.maximum(self.passes.weight[row], hit), before_hit + hit
        self.pair_n[pair], self.pair_hit[pair] = after_n, after_hit
        rho = self.settings.defects.device_correlation
        self.n[d] += after_n * votes(after_n, rho) - before_n * votes(before_n, rho)
        self.hit[d] += after_hit * votes(after_n, rho) - before_hit * votes(before_n, rho)
        half = self.settings.silent_below
        self.run_felt[d] += (before_hit < half) & (after_hit >= half)
        self.run_silent[d] += (before_n - before_hit < half) & (after_n - after_hit >= half)
        self.run_from_s[d] = np.where(self.run_passes[d] == 0, self.passes.time_s[row], self.run_from_s[d])
        self.run_passes[d] += 1
        self.llr[d] = log_ratio(self.hit[d], self.n[d] - self.hit[d], self.felt[d], self.belief[d])
        self.awake[d] |= hit >= half

    def decide(self, row: Ints) -> None:
        """Turn the states whose bound is reached; end the runs that fell back to 0."""
        d, rules = self.passes.defect[row], self.settings
        llr, state, time_s = self.llr[d], self.state[d], self.passes.time_s[row]
        there, gone = (state == OPEN) | (state == REOPENED), (state == SEEMS) | (state == HOLDS)
        silent, felt = self.run_silent[d] >= rules.least_devices, self.run_felt[d] >= rules.least_devices
        seems = there & self.awake[d] & silent & (llr >= rules.close_at + rules.doubt)
        holds = (state == MARKED) & silent & (llr >= rules.close_at)
        failed = (state == MARKED) & felt & (llr <= rules.reopen_at)
        back = gone & felt & (llr <= rules.reopen_at - rules.doubt)
        self.top[d] = np.where(seems, llr - rules.doubt, np.where(holds, llr, self.top[d]))
        self.since_s[d] = np.where(seems | back, self.run_from_s[d], self.since_s[d])
        for turned, into in ((seems, SEEMS), (holds, HOLDS), (failed, REOPENED)):
            self._turn(d[turned], time_s[turned], into)
        self._turn(d[back & (state == SEEMS)], time_s[back & (state == SEEMS)], OPEN)
        self._turn(d[back & (state == HOLDS)], time_s[back & (state == HOLDS)], REOPENED)
        self.absorb(d[failed | back | (there & ((llr <= 0) | ~self.awake[d]))])
        self.clear(d[seems | holds | (gone & (llr >= 0))])

    def absorb(self, defect: Ints) -> None:
        """The run was of a thing still there: its passes join the history."""
        size = self.pairs_begin[defect + 1] - self.pairs_begin[defect]
        owner = np.repeat(defect, size)
        pair = np.arange(size.sum()) + np.repeat(self.pairs_begin[defect] - np.cumsum(size) + size, size)
        now = self.pair_run[pair] == self.run[owner]
        self.past_n[pair[now]] += self.pair_n[pair[now]]
        self.past_hit[pair[now]] += self.pair_hit[pair[now]]
        vote = votes(self.past_n[pair], self.settings.defects.device_correlation)
        count = len(self.run)
        n, hit = (
            np.asarray(np.bincount(owner, past[pair] * vote, count), np.float64)[defect] for past in (self.past_n, self.past_hit)
        )
        self.belief[defect] = believe(hit, n - hit, self.felt[defect], self.settings)
        self.clear(defect)

    def clear(self, defect: Ints) -> None:
        """Begin a new run."""
        self.run[defect] += 1
        self.n[defect] = self.hit[defect] = self.llr[defect] = 0.0
        self.run_passes[defect] = self.run_silent[defect] = self.run_felt[defect] = 0

    def walked(self) -> Walked:
        gone = (self.state == SEEMS) | (self.state == HOLDS)
        odds = np.where(self.state == MARKED, self.llr, self.llr - self.settings.doubt)
        return Walked(
            self.state,
            self.since_s,
            np.where(gone, self.top + np.minimum(self.llr, 0.0), odds),
            np.exp(self.belief) @ _P,
            self._turns(),
        )

    def _turn(self, defect: Ints, time_s: Floats, state: int) -> None:
        self.state[defect] = state
        self.turns.append((defect, time_s, np.full(len(defect), state, np.int8), self.run_passes[defect]))

    def _turns(self) -> Turns:
        if not self.turns:
            return Turns.empty()
        defect, time_s, state, count = (np.concatenate(column) for column in zip(*self.turns, strict=True))
        return Turns(defect, time_s, state, count)[np.lexsort((time_s, defect))]
