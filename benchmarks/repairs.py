"""Repairs in simulated cities: how soon a true one is believed, how often a false one is, and whether ids last.

Each city is driven, then driven again twice: with one half of its things repaired, and with the other half. So every
thing found is judged once as repaired and once as still there. Time of the mark: between the first drives and the second.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.stats import beta

from detection import Defects, Survey, carry_ids, find_defects, survey
from detection.life import follow
from detection.passes import chance_rates, passes_of
from detection.scoring import match_defects
from detection.sequential import HOLDS, OPEN, REOPENED, SEEMS
from detection.simulator import City, simulate_city, simulate_drive

FOUR_WEEKS_S = 28 * 86_400.0
STEPS = 6  # estimates while the first drives accumulate
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Judged:
    """One thing found, (n,), in one of the two second rounds: repaired in truth; the test's turns after the mark: closed,
    undone (reopened or withdrawn); early: proposed before; took: passes to close, or all there were; worsens."""

    repaired: Bools
    closed: Bools
    undone: Bools
    early: Bools
    took: npt.NDArray[np.int64]
    worsens: Bools

    @staticmethod
    def joined(parts: Sequence[Judged]) -> Judged:
        return Judged(*(np.concatenate([getattr(part, name) for part in parts]) for name in Judged.__dataclass_fields__))


def report(seeds: Sequence[int], trips: int, pool: Executor) -> None:
    """Print passes to close and wrong decisions with a mark and without one, and how many ids last."""
    jobs = [(seed, half, i, trips) for seed in seeds for half in (None, 0, 1) for i in range(trips)]
    driven = list(pool.map(_survey, jobs, chunksize=4))
    rounds = {(s, h): [driven[k] for k, job in enumerate(jobs) if job[:2] == (s, h)] for s in seeds for h in (None, 0, 1)}
    print(
        f"repairs, {len(seeds)} unseen cities, {trips} trips before the repair and {trips} after it; half of the things repaired"
    )
    for marked in (True, False):
        judged = [_judge(rounds[s, None], rounds[s, h], simulate_city(s), h, marked) for s in seeds for h in (0, 1)]
        _print_judged(Judged.joined(judged), marked)
    _print_identity([_kept_ids(rounds[seed, None], simulate_city(seed)) for seed in seeds])
    spreads = np.array([_spread(rounds[seed, None]) for seed in seeds]).mean(axis=0)
    print(f"log severity of one thing: σ {spreads[0]:.2f} between devices, {spreads[1]:.2f} between hits of one device")


@lru_cache(maxsize=2)
def _city(seed: int, half: int | None) -> City:
    city = simulate_city(seed)
    return city if half is None else city.without(city.defects.id[half::2])


def _survey(job: tuple[int, int | None, int, int]) -> Survey:
    """Drives of the second round are other drives of the same fleet, four weeks later."""
    seed, half, index, trips = job
    later = half is not None
    made = survey(simulate_drive(_city(seed, half), index + trips * later, seed, devices=-(-trips // 3)).trace)
    return replace(made, started_at_s=made.started_at_s + FOUR_WEEKS_S * later)


def _judge(before: Sequence[Survey], after: Sequence[Survey], city: City, half: int, marked: bool) -> Judged:
    """What was found with confidence ≥ 0.5 before the mark and is in truth a thing, followed through both rounds."""
    old = find_defects(before)
    known = old[old.confidence >= 0.5]
    now = carry_ids(find_defects([*before, *after]), old)
    of = _things(known, city)
    kept = np.flatnonzero([name in of for name in now.id])
    mark_s = min(s.started_at_s for s in after) - 3_600.0
    marks = np.full(len(now), np.nan)
    marks[kept] = mark_s if marked else np.nan
    passes = passes_of(now, [*before, *after])
    lives, turns = follow(passes, marks, chance_rates(now, [*before, *after]))
    late = turns.time_s >= mark_s
    wanted, back = (HOLDS, REOPENED) if marked else (SEEMS, OPEN)
    closes = (turns.state == wanted) & late
    took = np.bincount(passes.defect[passes.time_s >= mark_s], minlength=len(now))
    for row in np.flatnonzero(closes)[::-1]:
        took[turns.defect[row]] = turns.passes[row]
    gone = np.isin(city.defects.each_way().id.astype(str), city.defects.id[half::2].astype(str))

    def turned(which: Bools) -> Bools:
        return np.isin(kept, turns.defect[which])

    return Judged(
        repaired=gone[[of[name] for name in now.id[kept]]],
        closed=turned(closes),
        undone=turned((turns.state == back) & late),
        early=turned((turns.state == SEEMS) & ~late),
        took=took[kept],
        worsens=(lives.growth_low > 0)[kept],
    )


def _things(found: Defects, city: City) -> dict[str, int]:
    """Row of `each_way` of the true thing by id of the defect found."""
    true = city.defects.each_way()
    places = [(table.latitude, table.longitude, table.heading) for table in (found, true)]
    _, pairs, _ = match_defects(places[0], places[1])
    return {str(found.id[i]): int(j) for i, j in pairs}


def _print_judged(all_: Judged, marked: bool) -> None:
    print("after a `repaired` mark:" if marked else "without a mark, as proposals:")
    gone, there = all_.repaired, ~all_.repaired
    took = all_.took[gone]
    print(f"  {'passes until a true repair is believed':<46} {_median_took(took, all_.closed[gone])}")
    print(f"  {'true repairs believed within the drives':<46} {_share(all_.closed[gone])}")
    print(f"  {'wrong close: still there, yet believed gone':<46} {_share(all_.closed[there])}")
    print(f"  {'wrong reopen: gone, yet jolts said to return':<46} {_share(all_.undone[gone])}")
    if marked:
        print(f"  {'rightly reopened: marked, but still there':<46} {_share(all_.undone[there])}")
    else:
        print(f"  {'proposed before anything was repaired':<46} {_share(all_.early)}")
        print(f"  {'called worsening, though nothing grows':<46} {_share(all_.worsens)}")


def _median_took(took: npt.NDArray[np.int64], closed: Bools, rounds: int = 1000) -> str:
    """Kaplan-Meier median, so that those who ran out of passes first do not flatter it; 90 % bootstrap interval over things."""
    rng = np.random.default_rng(0)
    drawn = rng.integers(len(took), size=(rounds, len(took)))
    low, high = np.quantile([_kaplan_meier(took[i], closed[i]) for i in drawn], [0.05, 0.95], method="nearest")
    return f"median {_kaplan_meier(took, closed):.0f} [{low:.0f}, {high:.0f}]"


def _kaplan_meier(took: npt.NDArray[np.int64], closed: Bools) -> float:
    """The first number of passes by which half are closed (Kaplan & Meier 1958); infinite where that is never seen."""
    at = np.unique(took[closed])
    risk = (took[None, :] >= at[:, None]).sum(axis=1)
    left = np.cumprod(1.0 - (closed & (took == at[:, None])).sum(axis=1) / risk)
    return float(at[left <= 0.5][0]) if (left <= 0.5).any() else float("inf")


def _share(which: Bools) -> str:
    """Count, share and its exact 90 % interval (Clopper & Pearson 1934)."""
    k, n = int(which.sum()), len(which)
    low, high = beta.ppf(0.05, k, n - k + 1) if k else 0.0, beta.ppf(0.95, k + 1, n - k) if k < n else 1.0
    return f"{k / n:.3f} [{low:.3f}, {high:.3f}]  {k} of {n}"


def _kept_ids(surveys: Sequence[Survey], city: City) -> tuple[int, int, int, int]:
    """(ids kept, chances) from one estimate to the next, and from first sight to the last estimate."""
    old, seen, first, kept, chances = Defects.empty(), dict[int, str](), dict[int, str](), 0, 0
    for part in range(1, STEPS + 1):
        old = carry_ids(find_defects(surveys[: len(surveys) * part // STEPS]), old)
        now = {thing: name for name, thing in _things(old[old.confidence >= 0.5], city).items()}
        chances += len(seen.keys() & now.keys())
        kept += sum(now[thing] == seen[thing] for thing in seen.keys() & now.keys())
        seen, first = now, now | first
    return kept, chances, sum(first[thing] == name for thing, name in seen.items()), len(seen)


def _print_identity(counts: Sequence[tuple[int, int, int, int]]) -> None:
    kept, chances, lasting, last = np.sum(counts, axis=0)
    print(f"ids of true things, estimated {STEPS} times as trips accumulate:")
    print(f"  {'kept from one estimate to the next':<46} {_share(np.arange(chances) < kept)}")
    print(f"  {'the same at first sight and at the end':<46} {_share(np.arange(last) < lasting)}")


def _spread(surveys: Sequence[Survey]) -> tuple[float, float]:
    """σ of log severity of one thing: between devices, and between the hits of one device."""
    found = find_defects(surveys)
    passes = passes_of(found[found.confidence >= 0.9], surveys)
    hit = passes[passes.hit >= 0.5]
    level = np.log(hit.severity)
    _, pair, n = np.unique(np.c_[hit.defect, hit.device], axis=0, return_inverse=True, return_counts=True)
    again = n[pair.ravel()] > 1
    own = level - (np.bincount(pair.ravel(), level) / n)[pair.ravel()]
    within = float((own[again] ** 2).sum() / (n[n > 1] - 1).sum())
    of_thing = level - (np.bincount(hit.defect, level) / np.maximum(np.bincount(hit.defect), 1))[hit.defect]
    total = float((of_thing**2).sum() / (len(level) - len(np.unique(hit.defect))))
    return max(total - within, 0.0) ** 0.5, within**0.5
