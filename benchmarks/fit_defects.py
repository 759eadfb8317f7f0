"""Reads the numbers of the defect posterior and of the defects' kinds off simulated cities.

    python -m benchmarks.fit_defects [--cities 6] [--drives 150]

Needs to be run again when single jolts are judged otherwise (`python -m benchmarks.train`). Seeds 201 and on: neither those
that trees are trained on, nor those that `benchmarks.evaluate` judges by. Each city is looked at after 5, 15, 40 and 150 drives.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import fields, replace

import numpy as np
import numpy.typing as npt
from rich.progress import track
from scipy.optimize import minimize
from scipy.special import expit, softmax

from detection import Survey, survey
from detection.evidence import Evidence, chance_of_trips
from detection.geo import heading_of
from detection.kinds import FIGURES, KindModel, figures_of
from detection.look import looks
from detection.placing import place
from detection.posterior import SpotModel, log_odds
from detection.scene import gather
from detection.scoring import match_defects
from detection.settings import DefectSettings
from detection.simulator import City, simulate_city, simulate_drive
from detection.trace import Floats

FIRST_SEED = 201
DRIVES = (5, 15, 40, 150)
RULES = DefectSettings()
BEFORE = SpotModel(
    real=0.08,
    harmless=0.1,
    real_hits=(1.6, 1.0),
    plain=(0.1, 0.2, 0.4, 0.6, 3.0),
    faint=(0.8, 0.8, 0.8, 0.8, 0.8),
    plain_share=0.5,
    harmless_sureness=(2.0, 1.0, 0.6, 0.3, 0.15),
    chance_sureness=(2.0, 1.0, 0.5, 0.2, 0.1),
    chance_worth=15.0,
    chance_factor=1.0,
    slight=0.3,
    rough=0.3,
    displaced=0.3,
    displaced_m=6.0,
)
PULL = 0.1  # towards BEFORE, per table and squared log: simulated castings are too few to tell alone what harmless spots show


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cities", type=int, default=6)
    parser.add_argument("--drives", type=int, default=150, help="in each city")
    args = parser.parse_args()
    seeds = range(FIRST_SEED, FIRST_SEED + args.cities)
    jobs = [(seed, index, args.drives) for seed in seeds for index in range(args.drives)]
    with ProcessPoolExecutor() as pool:
        surveys = list(track(pool.map(drive, jobs, chunksize=4), "driving", total=len(jobs)))
    tables = []
    for k, seed in enumerate(seeds):
        mine = surveys[k * args.drives : (k + 1) * args.drives]
        tables += [table_of(mine[:count], simulate_city(seed)) for count in DRIVES if count <= args.drives]
    model, kinds = fit(tables)
    model.save()
    kinds.save()
    print(f"{sum(len(t[1]) for t in tables)} candidates, {int(sum((t[1] > 0).sum() for t in tables))} of them defects; written")


def drive(job: tuple[int, int, int]) -> Survey:
    seed, index, count = job
    return survey(simulate_drive(simulate_city(seed), index, seed, devices=-(-count // 3)).trace)


Table = tuple[Evidence, npt.NDArray[np.int64], Floats]  # evidence of candidates; their true kinds, 0 none; figures of kind


def table_of(surveys: Sequence[Survey], city: City, rules: DefectSettings = RULES) -> Table:
    """All candidates of these trips with what is true of them."""
    gathered = gather(sorted(surveys, key=lambda one: one.trip_id))
    chance = chance_of_trips(gathered, rules)
    parts, places, figures = [], [], []
    for look in looks(gathered, chance, rules):
        placed = place(look, gathered, np.full(len(look.candidates), 0.5), rules)
        heading = heading_of(look.candidates.east, look.candidates.north)
        latitude, longitude = look.scene.plane.to_degrees(placed.x_m, placed.y_m)
        free = look.own & ~look.evidence.stretch
        parts.append(cut(look.evidence, free))
        places.append(np.c_[latitude, longitude, heading][free])
        figures.append(figures_of(look.evidence, look.near, placed.spread_m)[free])
    evidence = Evidence(*(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Evidence)))
    true = city.defects.each_way()
    _, pairs, _ = match_defects(tuple(np.concatenate(places).T), (true.latitude, true.longitude, true.heading))
    kind = np.zeros(len(evidence), np.int64)
    kind[pairs[:, 0]] = true.kind[pairs[:, 1]]
    return evidence, kind, np.concatenate(figures)


def cut(evidence: Evidence, which: npt.NDArray[np.bool_]) -> Evidence:
    return Evidence(*(getattr(evidence, f.name)[which] for f in fields(Evidence)))


def fit(tables: Sequence[Table]) -> tuple[SpotModel, KindModel]:
    """Both models from these tables."""
    evidence = Evidence(*(np.concatenate([getattr(t[0], f.name) for t in tables]) for f in fields(Evidence)))
    kind, figures = np.concatenate([t[1] for t in tables]), np.concatenate([t[2] for t in tables])
    model = fit_spots(evidence, kind > 0, PULL * len(tables))
    clear = (kind > 0) & (log_odds(evidence, model) > 0) & evidence.kinds.any(axis=1)
    return model, fit_kinds(figures[clear], kind[clear])


def fit_spots(evidence: Evidence, real: npt.NDArray[np.bool_], pull: float) -> SpotModel:
    """The model under which these answers are likeliest (log loss), each number in the log, `plain_share` in the logit."""
    start, sign = _numbers(BEFORE), np.where(real, 1.0, -1.0)

    def loss(numbers: Floats) -> float:
        odds = log_odds(evidence, _model(numbers))
        return float(np.logaddexp(0.0, -sign * odds).sum() + pull * ((numbers - start) ** 2).sum())

    best = minimize(loss, start, method="L-BFGS-B", options={"maxiter": 200, "maxfun": 20_000})
    return _model(best.x)


def _numbers(model: SpotModel) -> Floats:
    held = [np.ravel(getattr(model, f.name)) for f in fields(SpotModel)]
    return np.array([np.log(v / (1 - v)) if f.name == "plain_share" else np.log(v)
                     for f, values in zip(fields(SpotModel), held, strict=True) for v in values])  # fmt: skip


def _model(numbers: Floats) -> SpotModel:
    made, at = {}, 0
    for f in fields(SpotModel):
        size = np.size(getattr(BEFORE, f.name))
        values = numbers[at : at + size]
        found = expit(values) if f.name == "plain_share" else np.exp(np.clip(values, -9.0, 9.0))
        made[f.name] = tuple(found.tolist()) if isinstance(getattr(BEFORE, f.name), tuple) else float(found[0])
        at += size
    return replace(BEFORE, **made)


def fit_kinds(figures: Floats, kind: npt.NDArray[np.int64], pull: float = 0.5) -> KindModel:
    """Multinomial logistic regression over standardised figures with a ridge; weights are given for the figures as they are."""
    mean, scale = figures.mean(axis=0), figures.std(axis=0) + 1e-9
    held, classes = (figures - mean) / scale, 4
    one_hot = np.eye(classes)[kind - 1]

    def loss(flat: Floats) -> tuple[float, Floats]:
        weights = flat.reshape(classes, len(FIGURES) + 1)
        share = softmax(held @ weights[:, 1:].T + weights[:, 0], axis=1)
        slope = (share - one_hot).T @ np.c_[np.ones(len(held)), held] + pull * np.c_[np.zeros(classes), weights[:, 1:]]
        value = -np.log(np.maximum((share * one_hot).sum(axis=1), 1e-300)).sum() + 0.5 * pull * (weights[:, 1:] ** 2).sum()
        return float(value), slope.ravel()

    flat = minimize(loss, np.zeros(classes * (len(FIGURES) + 1)), jac=True, method="L-BFGS-B").x
    weights = flat.reshape(classes, -1)
    plain = weights[:, 1:] / scale
    bias = weights[:, 0] - plain @ mean
    return KindModel(tuple(np.round(bias, 4).tolist()), tuple(map(tuple, np.round(plain, 4).tolist())))


if __name__ == "__main__":
    main()
