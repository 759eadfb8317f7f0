"""How probable it is that a candidate is really there, given who passed with and without a jolt.

The model. At a spot of the road there is a defect; or something harmless that shakes cars all the same (a casting, an
uneven seam); or nothing, and jolts fall there by chance; or nothing, and GPS puts there what a stronger neighbour caused.
How often each is expected is a prior: things per window of road. Each predicts

* how many of the passes are hits: an unknown rate for each spot, Beta(real_hits) for a thing, and around the chance rate
  of the trips that passed for chance (beta-binomial);
* how sure the hits are: at one spot one car's jolt resembles the next one's, so the shares of jolts by sureness are
  unknown for each spot, too, and Dirichlet (Dirichlet-multinomial; for defects a mixture of two: plain and faint ones);
* that things of little severity are seldom defects.

A harmless thing is hit as often as a defect would be: passes without a jolt say nothing for or against it, and so one more
of them never makes a defect likelier. The numbers are read off simulated cities by `python -m benchmarks.fit_defects`.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import betaln, expit, gammaln

from detection.evidence import ROUGH, Evidence, kind_shares
from detection.trace import Floats

BOTH = 0.05  # of trips that a thing shook once, GPS puts so many jolts at two places
FILE = Path(__file__).parent / "models" / "defects.json"


@dataclass(frozen=True)
class SpotModel:
    """What each sort of spot shows. Tuples of five: Dirichlet parameters over `evidence.STEPS`.

    real: defects per window of road; harmless: the same of harmless things. real_hits: Beta of the share of passes that
    hit a thing. plain, faint, plain_share: two sorts of defects. chance_worth: passes that a trip's own chance rate is
    worth; chance_factor: what it is multiplied by. slight: log odds lost per unit of log severity below `ample`; rough:
    gained per log of hits that are rough, for nothing harmless shakes cars over a length.
    displaced, displaced_m: how much of a neighbour's hits land beside it, and the 1 σ of how far.
    """

    real: float
    harmless: float
    real_hits: tuple[float, float]
    plain: tuple[float, ...]
    faint: tuple[float, ...]
    plain_share: float
    harmless_sureness: tuple[float, ...]
    chance_sureness: tuple[float, ...]
    chance_worth: float
    chance_factor: float
    slight: float
    rough: float
    displaced: float
    displaced_m: float
    ample: float = 1.0  # log severity: 2.7 times just felt

    def save(self, path: Path = FILE) -> None:
        path.write_text(json.dumps(asdict(self), indent=1) + "\n")

    @classmethod
    def load(cls, path: Path = FILE) -> SpotModel:
        held: dict[str, Any] = json.loads(path.read_text())
        values: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in held.items()}
        return cls(**values)


@lru_cache(maxsize=1)
def fitted() -> SpotModel:
    """The model that is shipped."""
    return SpotModel.load()


def posterior(evidence: Evidence, model: SpotModel | None = None) -> Floats:
    """Probability (c,) that each candidate is a defect; a part of a stretch that has a stronger one is none of its own."""
    return np.where(evidence.stretch, 0.0, expit(log_odds(evidence, model or fitted())))


def log_odds(evidence: Evidence, model: SpotModel) -> Floats:
    """Log odds (c,) of a defect against all else."""
    thing = _beta_binomial(evidence.hits, evidence.misses, *model.real_hits)
    plain, faint = (_dirichlet(evidence.sureness, sort) for sort in (model.plain, model.faint))
    seen = np.logaddexp(np.log(model.plain_share) + plain, np.log1p(-model.plain_share) + faint)
    real = np.log(model.real) + thing + seen + model.slight * np.minimum(evidence.severity - model.ample, 0.0)
    real = real + model.rough * kind_shares(evidence)[:, ROUGH] * np.log1p(evidence.hits)
    harmless = np.log(model.harmless) + thing + _dirichlet(evidence.sureness, model.harmless_sureness)
    chance = _by_rate(evidence, model.chance_factor * evidence.chance, model) + _dirichlet(
        evidence.sureness, model.chance_sureness
    )
    a, b = model.real_hits
    rate = (a + evidence.beside[:, 0]) / (a + b + evidence.beside.sum(axis=1))
    astray = model.displaced * rate * np.exp(-0.5 * (evidence.beside_m / model.displaced_m) ** 2)
    twice = np.log(BOTH) * evidence.hits * evidence.twice
    moved = np.where(astray > 0, _by_rate(evidence, astray, model) + seen + twice, -np.inf)
    return np.asarray(real - np.logaddexp(np.logaddexp(harmless, chance), moved))


def _by_rate(evidence: Evidence, rate: Floats, model: SpotModel) -> Floats:
    """Log likelihood of the hits where they come at about this rate: never as often as at a thing, so that a pass without
    one always speaks against the thing."""
    rate = np.clip(rate, 1e-6, model.real_hits[0] / model.chance_worth)
    return _beta_binomial(evidence.hits, evidence.misses, rate * model.chance_worth, (1.0 - rate) * model.chance_worth)


def _beta_binomial(hits: Floats, misses: Floats, a: float | Floats, b: float | Floats) -> Floats:
    """In real-valued counts, without the binomial coefficient, which is the same for all sorts."""
    return np.asarray(betaln(a + hits, b + misses) - betaln(a, b))


def _dirichlet(counts: Floats, alpha: tuple[float, ...]) -> Floats:
    """Dirichlet-multinomial of real-valued counts (c, k), without the coefficient."""
    a = np.asarray(alpha)
    each = gammaln(a + counts) - gammaln(a)
    return np.asarray(gammaln(a.sum()) - gammaln(a.sum() + counts.sum(axis=1)) + each.sum(axis=1))
