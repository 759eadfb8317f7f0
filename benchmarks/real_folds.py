"""potholelab, one vehicle left out: the shipped stages, features and trees, trained without anything of the judged vehicle.

For each vehicle the trees are trained as `benchmarks.train` does, on simulated drives and on the roads with that vehicle's
clips cut out; the threshold is the best on the other vehicles, each judged by trees that saw neither. The counts, folds and
matching are the peers' (`benchmarks.peers`), so the figures stand beside theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from benchmarks import train
from benchmarks.bootstrap import line, total
from benchmarks.peers.found import Counts, Found, Marks, counted
from benchmarks.peers.tuning import best, figures
from benchmarks.potholelab import Road, load_potholelab
from benchmarks.real_kinds import chances, print_apart, print_kinds, said
from benchmarks.real_rows import SECOND, Rows, chosen, potholelab_rows, together
from detection.scoring import Figures
from detection.trace import Floats

TOLERANCE_S = 0.5
FORM_SEEDS = range(5)  # of thresholds that are drawn; the first is the figure's
CONFIDENCES = np.linspace(0.02, 0.98, 49)
Names = npt.NDArray[np.str_]


@dataclass(frozen=True, eq=False)
class Held:
    """The roads as recorded: their peaks, marks, the clips (units) in order of name and the vehicle (fold) of each."""

    roads: Sequence[Road]
    rows: Rows
    marks: Sequence[Marks]
    clips: Names
    fold: Counts
    vehicles: Names


def report(folder: Path, cities: int, pool: Executor) -> None:
    """Print precision, recall, F1 with chance, per vehicle and in all, and how often kinds of found marks are right."""
    if not folder.is_dir():
        print(f"potholelab: skipped, no recordings at {folder}")
        return
    simulated = train.simulated_rows(cities, pool)
    held = hold(load_potholelab(folder))
    print(
        f"potholelab: {len(held.clips)} clips at 50 Hz, {sum(len(m.start_s) for m in held.marks)} marks, ±{TOLERANCE_S:g} s, one"
    )
    print(
        f"vehicle left out; trained on {len(simulated[1])} simulated peaks and those of the other vehicles; intervals over clips"
    )
    confidence, counts = judged(held, simulated)
    for number, vehicle in enumerate(held.vehicles):
        print(line(f"  {vehicle[:32]}", _parts(counts[held.fold == number])))
    print(line("all, threshold learnt", _parts(counts)))
    print(f"{'chance, as many at random':<34} F1 {chance_f1(held, int(counts[:, 0].sum())):.3f}")
    found = confidence >= 0.0
    marks = chosen(held.rows, found & (held.rows.code > 0))
    trees, form = kinds_left_out(held, marks)
    print_kinds(marks.code, said(trees + form[0]), np.searchsorted(held.clips, marks.clip_id))
    print_apart(marks.code, trees, form)


def hold(roads: Sequence[Road]) -> Held:
    """Everything the folds need of the roads."""
    ids, vehicle = (np.concatenate([getattr(road, name) for road in roads]) for name in ("clip_id", "vehicle"))
    clips, first = np.unique(ids, return_index=True)
    vehicles, fold = np.unique(vehicle[first], return_inverse=True)
    marks = [
        Marks(
            road.mark_start_s,
            road.mark_end_s,
            road.t_s[np.searchsorted(road.clip, np.arange(len(road.clip_id)))],
            np.searchsorted(clips, road.clip_id),
        )
        for road in roads
    ]
    return Held(roads, potholelab_rows(roads), marks, clips, fold, vehicles)


def rows_without(held: Held, folds: Sequence[int]) -> Rows:
    """Peaks of the roads with all clips of these vehicles cut out."""
    rows = potholelab_rows(roads_without(held, folds))
    return chosen(rows, rows.code != SECOND)


def roads_without(held: Held, folds: Sequence[int]) -> list[Road]:
    """The roads with all clips of these vehicles cut out."""
    return [road.without([str(held.vehicles[f]) for f in folds]) for road in held.roads]


def judged(held: Held, simulated: tuple[Floats, Counts]) -> tuple[Floats, Counts]:
    """Confidence over the learnt threshold (n,) of each peak, by trees that never saw its vehicle, and counts (units, 3)."""
    folds = range(len(held.vehicles))
    pairs = {pair: tabulate(held, confidence_without(held, simulated, pair)) for pair in combinations(folds, 2)}
    counts = np.zeros((len(held.clips), 3), np.int64)
    over = np.zeros(len(held.rows))
    mine = held.fold[np.searchsorted(held.clips, held.rows.clip_id)]
    for one in folds:
        others = [(other, pairs[min(one, other), max(one, other)]) for other in folds if other != one]
        training = np.sum([table[:, held.fold == other].sum(axis=1) for other, table in others], axis=0)
        step = best(training[None])[1]
        confidence = confidence_without(held, simulated, (one,))
        counts[held.fold == one] = tabulate(held, confidence)[step][held.fold == one]
        over[mine == one] = confidence[mine == one] - CONFIDENCES[step]
    return over, counts


def confidence_without(held: Held, simulated: tuple[Floats, Counts], folds: Sequence[int]) -> Floats:
    """Confidence (n,) of every peak of the roads as recorded, by trees trained without these vehicles."""
    rows = rows_without(held, folds)
    table, weight = together(simulated[0], rows)
    forest = train.jolt_model(table, np.r_[simulated[1] > 0, rows.code > 0], weight)
    return np.asarray(expit(forest.raw(held.rows.table)[:, 0]))


def kinds_left_out(held: Held, marks: Rows) -> tuple[Floats, Floats]:
    """Probability of each kind of these peaks by their features (n, 3) and by their form (seeds, n, 3), by judges that saw no
    mark of their vehicle."""
    trees, form = np.zeros((len(marks), 3)), np.zeros((len(FORM_SEEDS), len(marks), 3))
    mine = held.fold[np.searchsorted(held.clips, marks.clip_id)]
    for one in np.unique(mine).tolist():
        others = roads_without(held, (one,))
        asked = chosen(marks, mine == one)
        trees[mine == one], form[:, mine == one] = chances(others, rows_without(held, (one,)), held.roads, asked, FORM_SEEDS)
    return trees, form


def tabulate(held: Held, confidence: Floats) -> Counts:
    """found, true, matched (thresholds, units, 3) at each of `CONFIDENCES`."""
    out = np.zeros((len(CONFIDENCES), len(held.clips), 3), np.int64)
    for number, marks in enumerate(held.marks):
        own = np.flatnonzero(held.rows.road == number)
        own = own[np.argsort(held.rows.t_s[own])]
        found = Found(held.rows.t_s[own], confidence[own])
        out += np.stack([counted(found.above(step), marks, TOLERANCE_S, len(held.clips)) for step in CONFIDENCES])
    return out


def chance_f1(held: Held, count: int, rounds: int = 5) -> float:
    """Mean F1 of as many times drawn evenly from all roads."""
    rng = np.random.default_rng(0)
    lengths = np.array([len(road.t_s) for road in held.roads])
    parts = []
    for _ in range(rounds):
        for road, marks, k in zip(held.roads, held.marks, rng.multinomial(count, lengths / lengths.sum()), strict=True):
            drawn = np.sort(rng.choice(road.t_s, k))
            parts.append(Figures(*counted(Found(drawn, drawn), marks, TOLERANCE_S, len(held.clips)).sum(axis=0).tolist()))
    return total(parts).f1


def _parts(counts: Counts) -> list[Figures]:
    return [part for part in figures(counts) if part.found or part.true]
