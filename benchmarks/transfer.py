"""How much of the figures is owed to the simulator's own cars and roads: drives in others, on bare ones, in an unseen world."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace

import numpy as np

from benchmarks.bootstrap import line, rate_interval, total
from benchmarks.jolts_simulated import Scored, World, print_kinds, score
from detection.scoring import Figures
from detection.simulator import PER_KM, draw_full_car, draw_nonlinear_car

FIRST = World()
OTHER = World(draw_vehicle=draw_full_car, roads="laplace")
WORLDS = {
    "first car, first roads": FIRST,
    "full car, first roads": replace(FIRST, draw_vehicle=draw_full_car),
    "first car, Laplace roads": replace(FIRST, roads="laplace"),
    "full car, Laplace roads": OTHER,
}
UNSEEN = World(draw_vehicle=draw_nonlinear_car, roads="patched")  # no part of it is ever trained on: benchmarks/train.py
UNSEEN_WORLDS = {
    "third car, first roads": replace(FIRST, draw_vehicle=draw_nonlinear_car),
    "first car, third roads": replace(FIRST, roads="patched"),
    "third car, third roads": UNSEEN,
}
NOTHING: tuple[tuple[str, float], ...] = ()
CASTINGS = (("distractor", PER_KM["distractor"]),)


def report(seeds: Sequence[int], drives: int, pool: Executor) -> None:
    """Print single-pass figures in each car on each kind of road, then what is found where there is nothing."""
    print(f"from one car and road model to another, 50 to 200 Hz, {len(seeds)} unseen cities, {drives} drives each, ±1 s;")
    print("what the shipped models were trained on: benchmarks/train.py; bare shocks: `Drive.bare_shocks_s`")
    scored = _rows(WORLDS, seeds, drives, pool)
    named = [Figures(s.all.found - s.bare, s.all.true, s.all.matched) for s in scored]
    print(line("  the last, bare shocks not counted", named))
    print_kinds(scored)
    slow = score(seeds, drives, pool, replace(OTHER, rate_hz=(10.0, 25.0)))
    print(line("  the last at 10 to 25 Hz", [s.all for s in slow], f" {_false_per_km(slow)}"), flush=True)
    print("streets without defects: whatever is found is false")
    for name, world in WORLDS.items():
        print(f"{name:<34} {_false_per_km(score(seeds, drives, pool, replace(world, per_km=NOTHING)))}", flush=True)
    for name in ("first car, first roads", "full car, Laplace roads"):
        scored = score(seeds, drives, pool, replace(WORLDS[name], per_km=CASTINGS))
        print(f"{'  with castings: ' + name:<42} {_false_per_km(scored)}", flush=True)
    unseen(seeds, drives, pool)


def unseen(seeds: Sequence[int], drives: int, pool: Executor) -> None:
    """Print the same in the third car and on the third roads, which no training sees; both together are THE figure."""
    print("unseen by training, vehicle and road alike (detection/simulator/nonlinear_car.py, patched_road.py):")
    scored = _rows(UNSEEN_WORLDS, seeds, drives, pool)
    print(line("  bare shocks not counted", [Figures(s.all.found - s.bare, s.all.true, s.all.matched) for s in scored]))
    print(f"{'  chance, as many at random':<34} F1 {total([s.random for s in scored]).f1:.3f}")
    print_kinds(scored)
    slow = score(seeds, drives, pool, replace(UNSEEN, rate_hz=(10.0, 25.0)))
    print(line("  at 10 to 25 Hz", [s.all for s in slow], f" {_false_per_km(slow)}"), flush=True)
    print("its streets without defects: whatever is found is false")
    for name, per_km in (("third car, third roads", NOTHING), ("  with castings", CASTINGS)):
        print(f"{name:<34} {_false_per_km(score(seeds, drives, pool, replace(UNSEEN, per_km=per_km)))}", flush=True)


def _rows(worlds: Mapping[str, World], seeds: Sequence[int], drives: int, pool: Executor) -> list[Scored]:
    """One line each; the last world's drives."""
    scored: list[Scored] = []
    for name, world in worlds.items():
        scored = score(seeds, drives, pool, world)
        print(line(name, [s.all for s in scored], f" {_false_per_km(scored)}"), flush=True)
    return scored


def _false_per_km(scored: Sequence[Scored]) -> str:
    counts, km = np.array([s.all.found - s.all.matched for s in scored]), np.array([s.km for s in scored])
    low, high = rate_interval(counts, km)
    bare = sum(s.bare for s in scored) / max(counts.sum(), 1)
    rate = f"{counts.sum() / km.sum():.3f} [{low:.3f}, {high:.3f}] false per km over {km.sum():.0f} km"
    return f"{rate}, {bare:.0%} of them bare shocks"
