"""Passes of made-up defects with known truth, and the slow twin of the walk along them: one defect, dictionaries, loops."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from detection.passes import DefectPasses
from detection.sequential import HOLDS, MARKED, OPEN, REOPENED, SEEMS, LifeSettings

DAY_S = 86_400.0
Row = tuple[float, int, float, float]  # time in s, device, weight, hit


def table(*defects: Sequence[Row], severity: float = 3.0) -> DefectPasses:
    """Passes of several defects, each a list of rows in order of time."""
    rows = [(k, *row) for k, defect in enumerate(defects) for row in defect]
    which, time_s, device, weight, hit = np.array(rows, float).reshape(-1, 5).T
    felt = np.where(hit > 0, severity, np.nan)
    columns = [which, time_s, device, np.arange(len(rows)), weight, hit, felt]
    return DefectPasses.from_columns(dict(zip(DefectPasses.empty().columns(), columns, strict=True)))


def days(hits: Sequence[float], devices: int = 50, start: int = 0, weight: float = 1.0) -> list[Row]:
    """A pass a day, by one device after the other."""
    return [((start + k) * DAY_S, (start + k) % devices, weight, hit) for k, hit in enumerate(hits)]


def random_streets(
    count: int,
    before: int,
    after: int,
    rng: np.random.Generator,
    *,
    repaired: np.ndarray,
    chance: float = 0.03,
    within: float = 0.3,
) -> DefectPasses:
    """`count` things with hit probabilities from Beta(2, 1.5), passed by 20 devices that each hit them more or less often
    (intraclass correlation `within`), a pass a day; those repaired (count,) are gone from pass `before` on."""
    n = before + after
    p, spread = rng.beta(2.0, 1.5, count), (1.0 - within) / within
    own = rng.beta(np.maximum(p * spread, 0.01)[:, None] * np.ones(20), np.maximum((1 - p) * spread, 0.01)[:, None] * np.ones(20))
    device = rng.integers(20, size=(count, n))
    there = np.take_along_axis(own, device, axis=1)
    there[:, before:] *= ~repaired[:, None]
    hit = (rng.random((count, n)) < chance + (1 - chance) * there) * rng.uniform(0.6, 1.0, (count, n))
    time_s = np.tile(np.arange(n) * DAY_S, (count, 1))
    columns = [np.repeat(np.arange(count), n), time_s, device, np.arange(count * n), rng.uniform(0.5, 1.0, (count, n)), hit]
    severity = np.where(hit > 0, np.exp(rng.normal(1.0, 0.4, (count, n))), np.nan)
    names = DefectPasses.empty().columns()
    return DefectPasses.from_columns({k: v.ravel() for k, v in zip(names, [*columns, severity], strict=True)})


def naive_walk(rows: Sequence[Row], marked_at_s: float, chance: float, rules: LifeSettings) -> tuple[int, float]:
    """State and log odds of one defect after its passes."""
    history: dict[int, list[float]] = {}
    run: dict[int, list[float]] = {}
    state, marked, awake, top, llr = OPEN, False, False, 0.0, 0.0

    def mark() -> None:
        nonlocal state, marked, awake, top, run, llr
        marked = awake = True
        if state == SEEMS:
            state, top = HOLDS, top + rules.doubt
        else:
            history.update(_sum(history, run))
            state, run, llr = MARKED, {}, 0.0

    for time_s, device, weight, hit in rows:
        if time_s >= marked_at_s and not marked:
            mark()
        run = _sum(run, {device: [max(weight, hit), hit]})
        llr = _llr(_votes(run, rules), _votes(history, rules), chance, rules)
        awake = awake or hit >= rules.silent_below
        silent = sum(n - h >= rules.silent_below for n, h in run.values()) >= rules.least_devices
        felt = sum(h >= rules.silent_below for _, h in run.values()) >= rules.least_devices
        if state in (OPEN, REOPENED):
            if awake and silent and llr >= rules.close_at + rules.doubt:
                state, top, run, llr = SEEMS, llr - rules.doubt, {}, 0.0
            elif llr <= 0 or not awake:
                history.update(_sum(history, run))
                run, llr = {}, 0.0
        elif state == MARKED:
            if silent and llr >= rules.close_at:
                state, top, run, llr = HOLDS, llr, {}, 0.0
            elif felt and llr <= rules.reopen_at:
                history.update(_sum(history, run))
                state, run, llr = REOPENED, {}, 0.0
        elif felt and llr <= rules.reopen_at - rules.doubt:
            history.update(_sum(history, run))
            state, run, llr = (REOPENED if state == HOLDS else OPEN), {}, 0.0
        elif llr >= 0:
            run, llr = {}, 0.0
    if math.isfinite(marked_at_s) and not marked:
        mark()
    if state in (SEEMS, HOLDS):
        return state, top + min(llr, 0.0)
    return state, llr if state == MARKED else llr - rules.doubt


def _sum(a: dict[int, list[float]], b: dict[int, list[float]]) -> dict[int, list[float]]:
    return {k: [sum(x) for x in zip(a.get(k, [0.0, 0.0]), b.get(k, [0.0, 0.0]), strict=True)] for k in {*a, *b}}


def _votes(counts: dict[int, list[float]], rules: LifeSettings) -> tuple[float, float]:
    """Effective passes and hits."""
    worth = {k: 1.0 / (1.0 + max(n - 1.0, 0.0) * rules.defects.device_correlation) for k, (n, _) in counts.items()}
    return sum(n * worth[k] for k, (n, _) in counts.items()), sum(h * worth[k] for k, (_, h) in counts.items())


def _llr(run: tuple[float, float], history: tuple[float, float], chance: float, rules: LifeSettings) -> float:
    """ln P(run | repaired) − ln P(run | present), p integrated over its posterior by a midpoint rule."""
    a, b = rules.defects.real_hits
    worth = min(1.0, rules.history_worth / max(history[0], 1e-9))
    over = under = 0.0
    for k in range(48):
        p = (k + 0.5) / 48
        hit, miss = (chance + (1 - chance) * p) / chance, 1 - p
        belief = p ** (a - 1) * miss ** (b - 1) * hit ** (worth * history[1]) * miss ** (worth * (history[0] - history[1]))
        under += belief
        over += belief * hit ** run[1] * miss ** (run[0] - run[1])
    return -math.log(over / under)
