"""Defects of simulated cities against truth, as trips accumulate; and whether the confidence can be believed."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor

import numpy as np
import numpy.typing as npt

from benchmarks.bootstrap import line, total
from detection import Defects, Survey, find_defects, survey
from detection.scoring import Figures, match_defects
from detection.simulator import City, simulate_city, simulate_drive
from detection.trace import Floats

PRECISION = 0.97
BINS = np.array([0.05, 0.2, 0.4, 0.6, 0.8, 0.9, 1.001])


def report(seeds: Sequence[int], trips: Sequence[int], pool: Executor) -> None:
    """Print precision, recall, position and kind at each number of trips, then the reliability of the confidence."""
    cities = {seed: simulate_city(seed) for seed in seeds}
    surveys = {seed: list(pool.map(_survey, [(seed, i, max(trips)) for i in range(max(trips))], chunksize=4)) for seed in seeds}
    km = np.mean([city.street_km for city in cities.values()])
    print(f"simulated defects, {len(seeds)} unseen cities of {km:.0f} km of streets, within 15 m and 60°, confidence ≥ 0.5;")
    print("a hump or joint across the road is one defect in each direction")
    believed, real = [], []
    true = sum(len(_truth(city)[0]) for city in cities.values())
    for count in trips:
        parts, chances, errors, kinds = [], [], [], []
        for seed in seeds:
            found = find_defects(surveys[seed][:count])
            sure = found[found.confidence >= 0.5]
            figures, pairs, metres = match_defects(_places(sure), _truth(cities[seed])[:3])
            parts.append(figures)
            errors.append(metres)
            kinds.append(sure.kind[pairs[:, 0]] == _truth(cities[seed])[3][pairs[:, 1]])
            chances.append(_by_chance(surveys[seed][:count], len(sure), cities[seed]))
            believed.append(found.confidence)
            real.append(_is_real(found, cities[seed]))
        error, kind = np.concatenate(errors), np.concatenate(kinds)
        extra = f" position median {np.median(error):.2f} m, p90 {np.quantile(error, 0.9):.2f} m  kind right {kind.mean():.2f}"
        print(line(f"{count} trips", parts, extra))
        mine = np.concatenate(believed[-len(seeds) :]), np.concatenate(real[-len(seeds) :])
        recall, least = at_precision(*mine, true, PRECISION)
        print(f"{f'  all down to confidence {least:.2f}':<34} recall {recall:.3f} at precision ≥ {PRECISION}")
        print(f"{'  chance, as many places at random':<34} F1 {total(chances).f1:.3f}")
    _print_reliability(np.concatenate(believed), np.concatenate(real))


def at_precision(believed: Floats, real: npt.NDArray[np.bool_], true: int, precision: float) -> tuple[float, float]:
    """The largest recall of all defects down to some confidence of which at least this share is real, and that confidence."""
    order = np.argsort(-believed, kind="stable")
    right = np.cumsum(real[order])
    good = np.flatnonzero(right >= precision * np.arange(1, len(order) + 1))
    return (float(right[good[-1]] / true), float(believed[order[good[-1]]])) if len(good) else (0.0, 1.0)


def _survey(job: tuple[int, int, int]) -> Survey:
    seed, index, count = job
    return survey(simulate_drive(simulate_city(seed), index, seed, devices=-(-count // 3)).trace)


def _places(defects: Defects) -> tuple[Floats, Floats, Floats]:
    return defects.latitude, defects.longitude, defects.heading


def _truth(city: City) -> tuple[Floats, Floats, Floats, npt.NDArray[np.int8]]:
    """Latitude, longitude, heading, kind; what both directions meet stands twice."""
    true = city.defects.each_way()
    return true.latitude, true.longitude, true.heading, true.kind


def _by_chance(surveys: Sequence[Survey], count: int, city: City) -> Figures:
    """As many places drawn at random among those driven."""
    points = [s.track for s in surveys if len(s.track)]
    rng = np.random.default_rng(0)
    columns = [np.concatenate([getattr(p, name) for p in points]) for name in ("latitude_deg", "longitude_deg", "heading_deg")]
    at = rng.integers(len(columns[0]), size=count)
    return match_defects((columns[0][at], columns[1][at], columns[2][at]), _truth(city)[:3])[0]


def _is_real(found: Defects, city: City) -> npt.NDArray[np.bool_]:
    _, pairs, _ = match_defects(_places(found), _truth(city)[:3])
    real = np.zeros(len(found), bool)
    real[pairs[:, 0]] = True
    return real


def _print_reliability(believed: Floats, real: npt.NDArray[np.bool_]) -> None:
    print("confidence against share that is real, all numbers of trips together:")
    which = np.digitize(believed, BINS) - 1
    gap = 0.0
    for i in range(len(BINS) - 1):
        mine = which == i
        if mine.any():
            said, true = float(believed[mine].mean()), float(real[mine].mean())
            gap += mine.sum() * abs(said - true)
            print(f"  {BINS[i]:.2f}–{min(BINS[i + 1], 1.0):.2f}: {mine.sum():4d} defects, said {said:.2f}, real {true:.2f}")
    print(f"  expected calibration error {gap / max(len(believed), 1):.3f}")
