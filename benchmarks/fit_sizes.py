"""Make the model that tells how deep holes and how high humps are: detection/models/size.npz and size.json.

    python -m benchmarks.fit_sizes

Simulated cities that no evaluation uses, with more holes and humps than usual; the same two cars on the same two kinds of road
that teach the judge of single jolts (`benchmarks.train`). What is told of a thing's error comes from cities that the trees did
not see; the model that is written saw all. `python -m benchmarks.evaluate --only severity` judges it, on others.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.optimize import nnls
from sklearn.ensemble import HistGradientBoostingRegressor

from benchmarks.severity import PER_KM
from benchmarks.train import WORLDS, as_forest
from detection import Survey, survey
from detection.calibration import calibrate, level_of
from detection.columns import Floats
from detection.forest import Forest
from detection.scoring import match_jolts
from detection.simulator import City, TrueJolts, simulate_city, simulate_drive
from detection.sizing import HIT, MODELS, SIZED, Spread, figures_of, fused

FIRST_SEED, CITIES, DRIVES = 251, 8, 60
NEAR_S = 0.5
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Hits:
    """Hits (h,) of things of known size: figures (h, k), log_size, thing (over all cities), device, city."""

    figures: Floats
    log_size: Floats
    thing: Ints
    device: Ints
    city: Ints

    def of(self, cities: Sequence[int]) -> Hits:
        mine = np.isin(self.city, cities)
        return Hits(*(getattr(self, name)[mine] for name in self.__dataclass_fields__))


def main() -> None:
    jobs = [(number, index) for number in range(CITIES) for index in range(DRIVES)]
    with ProcessPoolExecutor() as pool:
        drives = list(pool.map(_drive, jobs, chunksize=4))
    parts = [hits_of(drives[n * DRIVES : (n + 1) * DRIVES], n) for n in range(CITIES)]
    hits = Hits(*(np.concatenate([getattr(part, name) for part in parts]) for name in Hits.__dataclass_fields__))
    halves = [list(range(half * CITIES // 2, (half + 1) * CITIES // 2)) for half in (0, 1)]
    left_out = [errors(fit(hits.of(halves[1 - half])), hits.of(halves[half])) for half in (0, 1)]
    spread = spread_of(*(np.concatenate(column) for column in zip(*left_out, strict=True)))
    forest = fit(hits)
    forest.save(MODELS / "size.npz")
    spread.save()
    print(f"{len(hits.thing)} hits of {len(np.unique(hits.thing))} things; error in the log: {spread}; written")


def hits_of(drives: Sequence[tuple[Survey, TrueJolts]], number: int) -> Hits:
    """The hits of one city, calibrated among its own drives."""
    known, rows = calibrate([one for one, _ in drives]), []
    names = {name: code for code, name in enumerate(sorted({one.owner for one, _ in drives}))}
    for one, truth in drives:
        felt = truth[(truth.felt == 1) & np.isin(truth.kind, SIZED)]
        at, true = match_jolts(one.evidence.t_s, felt.t_s, NEAR_S)[1].T
        jolts, felt = one.evidence[at], felt[true]
        severity = known.severity(level_of(jolts), jolts.speed_mps, np.full(len(at), one.owner, object), jolts.kind).severity
        about = np.full((3, len(at)), (number * 100_000,), np.int64)
        about += np.stack([felt.defect, np.full(len(at), names[one.owner]), np.zeros(len(at), np.int64)])
        rows.append((figures_of(jolts, severity), np.log(felt.size_m), about[0], about[1], np.full(len(at), number)))
    return Hits(*(np.concatenate(column) for column in zip(*rows, strict=True)))


def fit(hits: Hits) -> Forest:
    """Trees that tell the log of the size from a hit's figures; each thing weighs alike, however often it was hit."""
    _, which, count = np.unique(hits.thing, return_inverse=True, return_counts=True)
    weight = 1.0 / np.sqrt(count[which])
    model = HistGradientBoostingRegressor(
        max_iter=80, learning_rate=0.09, max_leaf_nodes=8, min_samples_leaf=20, l2_regularization=5.0, random_state=0
    ).fit(hits.figures, hits.log_size, weight / weight.mean())
    forest = as_forest(model._predictors, np.ravel(model._baseline_prediction), HIT)
    np.testing.assert_allclose(forest.raw(hits.figures)[:, 0], model.predict(hits.figures), atol=1e-6)
    return forest


def errors(forest: Forest, hits: Hits) -> tuple[Floats, Floats]:
    """Error in the log of each thing, and the votes it rests on."""
    things, first, owner = np.unique(hits.thing, return_index=True, return_inverse=True)
    told, votes = fused(owner, len(things), forest.raw(hits.figures)[:, 0], hits.device)
    return told - hits.log_size[first], votes


def spread_of(error: Floats, votes: Floats) -> Spread:
    """What of the squared errors does not fall with the votes, and what does."""
    size = np.sqrt(votes)  # things with more votes say more exactly
    (thing, hit), _ = nnls(np.c_[size, size / votes], size * error**2)
    return Spread(round(float(np.sqrt(thing)), 4), round(float(np.sqrt(hit)), 4))


def _drive(job: tuple[int, int]) -> tuple[Survey, TrueJolts]:
    number, index = job
    draw_vehicle, roads = WORLDS[number % len(WORLDS)]
    drive = simulate_drive(_city(number, roads), index, FIRST_SEED + number, devices=24, draw_vehicle=draw_vehicle)
    return survey(drive.trace), drive.truth


@lru_cache(maxsize=2)
def _city(number: int, roads: str) -> City:
    return simulate_city(FIRST_SEED + number, street_km=10.0, per_km=PER_KM, roads=roads)


if __name__ == "__main__":
    main()
