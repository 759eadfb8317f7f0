"""How probable a candidate is, given who passed with and without a jolt."""

from __future__ import annotations

import math
from dataclasses import fields, replace
from pathlib import Path

import naive
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detection.evidence import Evidence
from detection.posterior import SpotModel, fitted, log_odds, posterior

MODEL = fitted()
STEPS = 5


def spot(hits: list[int], misses: float, **other: float) -> Evidence:
    """One candidate, whose hits are of these steps of sureness (0 faint to 4 sure), each of another device."""
    plain = {"chance": 0.04, "severity": 1.5, "beside_m": np.inf, "twice": 0.0} | other
    return Evidence(
        hits=np.array([float(len(hits))]),
        misses=np.array([misses]),
        sureness=np.bincount(hits, minlength=STEPS)[None].astype(float),
        devices=np.array([len(hits)]),
        severity=np.array([plain["severity"]]),
        kinds=np.log([[0.7, 0.1, 0.1, 0.1]]),
        chance=np.array([plain["chance"]]),
        beside_m=np.array([plain["beside_m"]]),
        beside=np.array([[other.get("beside_hits", 0.0), other.get("beside_misses", 0.0)]]),
        twice=np.array([plain["twice"]]),
        stretch=np.array([bool(other.get("stretch", False))]),
    )


def probability(hits: list[int], misses: float, **other: float) -> float:
    return float(posterior(spot(hits, misses, **other))[0])


jolts = st.lists(st.integers(0, 4), min_size=1, max_size=12)


@given(jolts, st.integers(0, 12), st.floats(0.001, 0.3))
def test_the_posterior_is_bayes_rule_over_urns(hits: list[int], misses: int, chance: float) -> None:
    """Each sort of spot draws hits from one urn and their sureness from another."""
    draws = [0] * len(hits) + [1] * misses
    thing = naive.log_urn(draws, MODEL.real_hits)
    rate = min(MODEL.chance_factor * chance, MODEL.real_hits[0] / MODEL.chance_worth)
    stray = naive.log_urn(draws, (rate * MODEL.chance_worth, (1 - rate) * MODEL.chance_worth))
    sure = {
        name: naive.log_urn(hits, getattr(MODEL, name)) for name in ("plain", "faint", "harmless_sureness", "chance_sureness")
    }
    seen = MODEL.plain_share * math.exp(sure["plain"]) + (1 - MODEL.plain_share) * math.exp(sure["faint"])
    gained = MODEL.rough * 0.1 * math.log1p(len(hits))
    real = MODEL.real * math.exp(thing + gained) * seen
    harmless = MODEL.harmless * math.exp(thing + sure["harmless_sureness"])
    expected = real / (real + harmless + math.exp(stray + sure["chance_sureness"]))
    assert probability(hits, misses, chance=chance) == pytest.approx(expected, rel=1e-6)


@given(jolts, st.floats(0.0, 200.0), st.floats(0.01, 50.0), st.floats(0.001, 0.3), st.floats(0.0, 30.0))
def test_another_silent_pass_never_raises_confidence(
    hits: list[int], misses: float, more: float, chance: float, beside_m: float
) -> None:
    """Neither against chance, nor against something harmless, nor against a neighbour's displaced jolts."""
    given_ = {"chance": chance, "beside_m": beside_m, "beside_hits": 9.0, "beside_misses": 2.0}
    assert probability(hits, misses + more, **given_) <= probability(hits, misses, **given_) + 1e-9


@given(jolts, st.floats(0.0, 30.0))
def test_a_sure_hit_more_raises_confidence(hits: list[int], misses: float) -> None:
    assert probability([*hits, 4], misses) >= probability(hits, misses) - 0.02  # one sure among faint ones is odd


@given(st.integers(1, 8), st.floats(0.0, 20.0))
def test_sure_jolts_make_a_surer_candidate_than_faint_ones(count: int, misses: float) -> None:
    assert probability([4] * count, misses) > probability([0] * count, misses)


def test_faint_jolts_at_one_spot_are_something_harmless_however_many() -> None:
    """A casting shakes every car a little: a hundred such passes are no defect, where ten sure ones are."""
    assert probability([0] * 100, 20.0) < 0.1
    assert probability([4] * 10, 20.0) > 0.99


def test_a_jolt_beside_a_busy_neighbour_is_more_likely_its_own() -> None:
    alone = probability([4], 3.0)
    beside = probability([4], 3.0, beside_m=5.0, beside_hits=10.0, beside_misses=2.0)
    both = probability([4], 3.0, beside_m=5.0, beside_hits=10.0, beside_misses=2.0, twice=1.0)
    assert beside < both < alone, "a trip that hit both did not mistake one for the other"


def test_slight_things_are_seldom_defects() -> None:
    assert probability([3, 3, 2], 2.0, severity=-0.5) < probability([3, 3, 2], 2.0, severity=1.0)


def test_parts_of_a_stretch_are_no_defects_of_their_own() -> None:
    assert probability([4] * 9, 0.0, stretch=True) == 0.0


def test_a_street_that_jolts_everywhere_by_chance_makes_no_defects() -> None:
    assert probability([1, 0], 18.0, chance=0.1) < 0.1


@given(st.integers(0, 2**32))
def test_a_posterior_is_a_probability_whatever_the_counts(seed: int) -> None:
    rng = np.random.default_rng(seed)
    count = 30
    sure = rng.exponential(20.0, (count, STEPS)) * (rng.random((count, STEPS)) < 0.5)
    evidence = Evidence(
        hits=sure.sum(axis=1), misses=rng.exponential(100.0, count), sureness=sure, devices=rng.integers(1, 9, count),
        severity=rng.normal(0, 2, count), kinds=np.log(rng.dirichlet(np.ones(4), count)), chance=rng.uniform(0.001, 0.3, count),
        beside_m=np.where(rng.random(count) < 0.5, np.inf, rng.uniform(0, 30, count)), beside=rng.exponential(9.0, (count, 2)),
        twice=rng.random(count), stretch=rng.random(count) < 0.1,
    )  # fmt: skip
    made = posterior(evidence)
    assert np.isfinite(made).all()
    assert ((made >= 0) & (made <= 1)).all()


def test_a_model_survives_its_file(tmp_path: Path) -> None:
    changed = replace(MODEL, real=0.5, plain=(1.0, 2.0, 3.0, 4.0, 5.0))
    changed.save(tmp_path / "model.json")
    assert SpotModel.load(tmp_path / "model.json") == changed


def test_every_number_of_the_model_is_one_it_could_be() -> None:
    for column in fields(SpotModel):
        assert np.min(getattr(MODEL, column.name)) > 0, column.name
    assert MODEL.plain_share < 1
    assert log_odds(spot([4, 4, 4], 0.0), MODEL)[0] > 3
