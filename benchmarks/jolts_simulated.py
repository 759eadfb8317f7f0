"""Jolts of single drives through simulated cities, against what could be felt, ±1 s."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from benchmarks.bootstrap import chance, interval, line, total
from detection import KINDS, survey
from detection.scoring import Figures, match_jolts
from detection.simulator import PER_KM, City, simulate_city, simulate_drive
from detection.simulator.vehicle import DrawVehicle, draw_car
from detection.trace import Floats

TOLERANCE_S = 1.0


@dataclass(frozen=True)
class Scored:
    """One drive: figures over all, per kind (recall) and by chance; matched kinds; km driven; how late each is found, s;
    bare: how many of the false ones lie where the bare street shakes the car as a felt thing does."""

    all: Figures
    per_kind: dict[str, Figures]
    random: Figures
    kind_right: Figures
    km: float
    late_s: Floats
    bare: int


@dataclass(frozen=True)
class World:
    """What is driven, on what, with which phones; things of `PER_KM` a km of street, or of other numbers."""

    draw_vehicle: DrawVehicle = draw_car
    roads: str = "iso8608"
    per_km: tuple[tuple[str, float], ...] = tuple(PER_KM.items())
    rate_hz: tuple[float, float] = (50.0, 200.0)


def report(seeds: Sequence[int], drives: int, pool: Executor, world: World = World()) -> None:
    """Print single-pass figures over `drives` drives in each city."""
    scored = score(seeds, drives, pool, world)
    km = sum(s.km for s in scored)
    figures = total([s.all for s in scored])
    rates = f"{world.rate_hz[0]:g} to {world.rate_hz[1]:g} Hz"
    print(f"simulated drives, {rates}: {len(scored)} drives, {km:.0f} km, {len(seeds)} unseen cities, ±1 s")
    print(line("single pass", [s.all for s in scored], f" {(figures.found - figures.matched) / km:.2f} false per km"))
    print(f"{'chance, as many at random':<34} F1 {total([s.random for s in scored]).f1:.3f}")
    print_kinds(scored)
    late = np.concatenate([s.late_s for s in scored])
    print(f"  {'found late by (median, p90 of |.|)':<32} {np.median(late):+.3f} s, {np.quantile(np.abs(late), 0.9):.3f} s")


def print_kinds(scored: Sequence[Scored]) -> None:
    """Print how many of each kind are found, and how often the kind is right."""
    for kind in KINDS[1:]:
        parts = [s.per_kind[kind] for s in scored]
        low, high = interval(parts, lambda f: f.recall)
        print(f"  {kind:<32} recall {total(parts).recall:.3f} [{low:.3f}, {high:.3f}] of {total(parts).true}")
    print(f"  {'kind right where matched':<32} {total([s.kind_right for s in scored]).precision:.3f}")


def score(seeds: Sequence[int], drives: int, pool: Executor, world: World = World()) -> list[Scored]:
    """Every drive of every city, scored."""
    jobs = [(seed, index, drives, world) for seed in seeds for index in range(drives)]
    return list(pool.map(_drive, jobs, chunksize=4))


@lru_cache(maxsize=1)
def _city(seed: int, world: World) -> City:
    return simulate_city(seed, per_km=dict(world.per_km), roads=world.roads)


def _drive(job: tuple[int, int, int, World]) -> Scored:
    seed, index, drives, world = job
    drive = simulate_drive(
        _city(seed, world), index, seed, devices=-(-drives // 3), rate_hz=world.rate_hz, draw_vehicle=world.draw_vehicle
    )
    found = survey(drive.trace)
    jolts, truth = found.jolts, drive.truth[drive.truth.felt == 1]
    figures, pairs = match_jolts(jolts.t_s, truth.t_s, TOLERANCE_S)
    kind = truth.kind[pairs[:, 1]]
    return Scored(
        figures,
        {name: Figures(0, int((truth.kind == code).sum()), int((kind == code).sum())) for code, name in enumerate(KINDS) if code},
        chance(figures.found, found.track.t_s, truth.t_s, TOLERANCE_S, rounds=10)[1] if len(found.track) else Figures(),
        Figures(len(pairs), len(pairs), int((jolts.kind[pairs[:, 0]] == kind).sum())),
        found.notes.get("driven_m", 0.0) / 1000.0,
        jolts.t_s[pairs[:, 0]] - truth.t_s[pairs[:, 1]],
        match_jolts(np.delete(jolts.t_s, pairs[:, 0]), drive.bare_shocks_s, TOLERANCE_S)[0].matched,
    )
