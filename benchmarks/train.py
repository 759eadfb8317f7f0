"""Make the models that judge peaks, from simulated drives: detection/models/jolt.npz and kind.npz.

    python -m benchmarks.train [--cities 40] [--recordings DIR]

Seeds from 2001, which no evaluation uses. Cities take turns in two kinds of car on two kinds of road; every drive has a car
and a phone of its own, two of seven phones are slow, and every tenth drive has no fixes. The third kind of car and of road is
never trained on: it judges (benchmarks/transfer.py). The simulated truth says which peaks are things on the road: the
loudest within 0.8 s of when the front axle met a felt one is its own. With --recordings the peaks of potholelab
(`benchmarks.real_rows`) teach `jolt.npz` too; of them only the trees are kept.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from rich.progress import track
from sklearn.ensemble import HistGradientBoostingClassifier

from benchmarks.potholelab import load_potholelab
from benchmarks.real_rows import SECOND, Rows, chosen, no_rows, potholelab_rows, together
from detection import Fixes
from detection.features import FEATURES, features_of
from detection.forest import Forest
from detection.judge import JUDGED_KINDS, MODELS
from detection.measure import peak_times
from detection.settings import SurveySettings
from detection.simulator import City, draw_full_car, simulate_city, simulate_drive
from detection.simulator.vehicle import draw_car
from detection.stages import follow
from detection.trace import Floats

WORLDS = ((draw_car, "iso8608"), (draw_full_car, "iso8608"), (draw_car, "laplace"), (draw_full_car, "laplace"))
SAME_S = 0.8  # a peak further from the front axle's time is another thing
WITHOUT_FIXES = 10  # one drive of so many
SETTINGS = SurveySettings()
Codes = npt.NDArray[np.int8]


@dataclass(frozen=True)
class Batch:
    """Drives in each of many cities, whose seeds follow `first_seed`."""

    first_seed: int
    drives: int
    rate_hz: tuple[float, float]


BATCHES = (Batch(2001, 30, (50.0, 200.0)), Batch(2101, 12, (5.0, 50.0)))
Job = tuple[Batch, int, int]  # city and drive of the batch


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cities", type=int, default=40, help="of each of fast and slow phones")
    parser.add_argument("--recordings", type=Path, help="folder of real recordings; without it only the simulator teaches")
    args = parser.parse_args()
    with ProcessPoolExecutor() as pool:
        table, kind = simulated_rows(args.cities, pool)
    print(f"{len(table)} simulated peaks, {int((kind > 0).sum())} of them things on the road")
    real = real_rows(args.recordings)
    mixed, weight = together(table, real)
    MODELS.mkdir(exist_ok=True)
    jolt_model(mixed, np.r_[kind > 0, real.code > 0], weight).save(MODELS / "jolt.npz")
    kind_model(table, kind).save(MODELS / "kind.npz")
    sizes = ", ".join(f"{path.name} {path.stat().st_size / 1024:.0f} kB" for path in sorted(MODELS.glob("*.npz")))
    print(f"written: {sizes}; classes of kind: {', '.join(JUDGED_KINDS)}")


def simulated_rows(cities: int, pool: Executor) -> tuple[Floats, Codes]:
    """Features (n, k) and kinds (n,) of the peaks of all drives in so many cities of each batch."""
    jobs = [(batch, city, drive) for batch in BATCHES for city in range(cities) for drive in range(batch.drives)]
    parts = list(track(pool.map(rows, jobs, chunksize=4), "driving", total=len(jobs)))
    return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])


def real_rows(recordings: Path | None) -> Rows:
    """Peaks of potholelab's roads in that folder, or none, which is said."""
    if recordings is None or not (recordings / "potholelab").is_dir():
        print("trained on the simulator only" if recordings is None else f"{recordings}: no potholelab; simulator only")
        return no_rows()
    held = potholelab_rows(load_potholelab(recordings / "potholelab"))
    held = chosen(held, held.code != SECOND)
    print(f"{len(held)} peaks of real recordings, {int((held.code > 0).sum())} of them marked")
    return held


def jolt_model(table: Floats, thing: npt.NDArray[np.bool_], weight: Floats | None = None) -> Forest:
    """Trees that tell peaks of things on the road from others."""
    return fit(table, thing, leaves=16, rounds=200, weight=weight)


def kind_model(table: Floats, kind: Codes) -> Forest:
    """Trees that tell the kinds of things on the road apart."""
    return fit(table[kind > 0], kind[kind > 0], leaves=8, rounds=120)


def rows(job: Job) -> tuple[Floats, Codes]:
    """Features of every peak of one drive, and the kind of what caused it (0 nothing)."""
    batch, number, index = job
    draw_vehicle, roads = WORLDS[number % len(WORLDS)]
    seed = batch.first_seed + number
    drive = simulate_drive(
        _city(seed, roads), index, seed, devices=batch.drives, rate_hz=batch.rate_hz, draw_vehicle=draw_vehicle
    )
    trace = drive.trace
    if index % WITHOUT_FIXES == WITHOUT_FIXES - 1:
        trace = replace(trace, fixes=Fixes.empty())
    stages = follow(trace, SETTINGS)
    if stages is None:
        return np.empty((0, len(FEATURES))), np.empty(0, np.int8)
    t_s, kind = peak_times(stages), np.zeros(len(stages.peaks), np.int8)
    score = stages.score[stages.peaks]
    felt = drive.truth[drive.truth.felt == 1]
    for true_s, code in zip(felt.t_s, felt.kind, strict=True):
        near = np.flatnonzero(np.abs(t_s - true_s) <= SAME_S)
        if len(near):
            kind[near[np.argmax(score[near])]] = code
    return features_of(stages, SETTINGS.features), kind


@lru_cache(maxsize=2)
def _city(seed: int, roads: str) -> City:
    return simulate_city(seed, roads=roads)


def fit(
    table: Floats,
    target: npt.NDArray[np.generic],
    leaves: int,
    rounds: int,
    weight: Floats | None = None,
    names: Sequence[str] = FEATURES,
) -> Forest:
    """Boosted trees as a `Forest`, checked against scikit-learn's own answer; without weight (n,) all rows weigh alike.

    names (k,): of the columns of the table.
    """
    model = HistGradientBoostingClassifier(
        max_iter=rounds, learning_rate=0.07, max_leaf_nodes=leaves, min_samples_leaf=30, l2_regularization=5.0, random_state=0
    ).fit(table, target, weight)
    forest = as_forest(model._predictors, np.ravel(model._baseline_prediction), names)
    expected = np.reshape(model.decision_function(table[:2000]), (min(len(table), 2000), -1))
    np.testing.assert_allclose(forest.raw(table[:2000]), expected, atol=1e-6)
    return forest


def as_forest(rounds: Iterable[Iterable[object]], bias: Floats, names: Sequence[str]) -> Forest:
    """The trees of a scikit-learn model of histogram boosting; names (k,): of the columns it was fitted to."""
    tables, roots, of_class, first = [], [], [], 0
    for trees in rounds:
        for column, tree in enumerate(trees):
            nodes = tree.nodes  # type: ignore[attr-defined]  # scikit-learn publishes no other form of its trees
            inner = nodes["is_leaf"] == 0
            left, right = (np.where(inner, nodes[side].astype(np.int64) + first, -1) for side in ("left", "right"))
            tables.append(
                (nodes["feature_idx"], nodes["num_threshold"], left, right, nodes["missing_go_to_left"] > 0, nodes["value"])
            )
            roots.append(first)
            of_class.append(column)
            first += len(nodes)
    feature, threshold, left, right, missing, value = (np.concatenate(column) for column in zip(*tables, strict=True))
    threshold = np.minimum(threshold, np.finfo(np.float64).max)  # infinite where known values are parted from unknown ones
    return Forest(
        feature.astype(np.int64), threshold, left, right, missing, value,
        np.array(roots), np.array(of_class), np.asarray(bias, np.float64), np.array(names),
    )  # fmt: skip


if __name__ == "__main__":
    main()
