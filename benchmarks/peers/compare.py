"""One set of recordings: every detector tuned on the training folds, judged on the fold left out, in one table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from benchmarks.bootstrap import line, total
from benchmarks.peers.catalogue import PEERS, Peer, Statistic
from benchmarks.peers.forest_folds import forest_left_out
from benchmarks.peers.found import Counts, Found, counted, strongest
from benchmarks.peers.recordings import Recordings
from benchmarks.peers.signal import Signal
from benchmarks.peers.tuning import best, figures, left_out, tabulate

SHIPPED = 0.5  # confidence from which a jolt is shown to people
Detector = Callable[[Signal, Found], Found]  # of a recording and our own weak peaks in it


@dataclass(frozen=True, eq=False)
class Compared:
    """By name of the detector: counts (units, 3) of the fold left out, and the detector tuned on all folds."""

    rows: dict[str, Counts]
    tuned: dict[str, Detector]


def compare(held: Recordings) -> Compared:
    """Every detector, ours first, as shipped and tuned as the peers are. Raises ValueError for fewer than three folds."""
    task = held.task
    shipped = np.sum(
        [
            counted(own.above(SHIPPED), marks, task.tolerance_s, len(task))
            for own, marks in zip(held.own, task.marks, strict=True)
        ],
        axis=0,
    )
    table, steps = tabulate([held.own], task)
    rows = {"Cahot, as shipped": shipped, "Cahot, threshold learnt": left_out(table, task.fold)}
    learnt = float(steps[best(table.sum(axis=2))])
    tuned: dict[str, Detector] = {
        "Cahot, as shipped": lambda _, own: own.above(SHIPPED),
        "Cahot, threshold learnt": lambda _, own: own.above(learnt),
    }
    for peer in PEERS:
        table, steps = tabulate(candidates(peer, held), task)
        rows[peer.name] = left_out(table, task.fold)
        variant, step = best(table.sum(axis=2))
        tuned[peer.name] = partial(_above, peer.variants[variant], float(steps[variant, step]))
    name = "random forest (as Wu 2020)"
    rows[name], forest = forest_left_out(held)
    tuned[name] = lambda signal, _: forest(signal)
    return Compared(rows, tuned)


def print_table(held: Recordings, rows: dict[str, Counts]) -> None:
    """Precision, recall, F1 with its 90 % interval over units, false alarms per km, and what as many random times would get."""
    print(
        f"{held.task.name}: {held.km:.1f} km, {sum(len(m.start_s) for m in held.task.marks)} marks, ±{held.task.tolerance_s:g} s"
    )
    for name, counts in rows.items():
        parts = [part for part in figures(counts) if part.found or part.true]
        summed = total(parts)
        false_per_km = (summed.found - summed.matched) / held.km
        print(line(name, parts, f" {false_per_km:.2f} false/km, chance F1 {chance_f1(held, summed.found):.2f}"))


def candidates(peer: Peer, held: Recordings) -> list[list[Found]]:
    """Scored times of each variant in each recording."""
    return [[strongest(signal, variant(signal)) for signal in held.signals] for variant in peer.variants]


def chance_f1(held: Recordings, count: int, rounds: int = 5) -> float:
    """Mean F1 of as many times drawn among all at which something could be found."""
    rng = np.random.default_rng(0)
    sizes = np.array([len(t) for t in held.usable_s])
    sums = np.zeros(3)
    for _ in range(rounds):
        drawn = rng.multinomial(count, sizes / sizes.sum())
        for t_s, marks, k in zip(held.usable_s, held.task.marks, drawn, strict=True):
            found = Found(np.sort(rng.choice(t_s, k)), np.ones(k))
            sums += counted(found, marks, held.task.tolerance_s, len(held.task)).sum(axis=0)
    return float(2.0 * sums[2] / max(sums[0] + sums[1], 1.0))


def _above(statistic: Statistic, threshold: float, signal: Signal, _: Found) -> Found:
    return strongest(signal, statistic(signal)).above(threshold)
