"""How probable a candidate is, given who passed with and without a jolt."""

from __future__ import annotations

import naive
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit
from street_drives import drive

from detection.exposure import Passes
from detection.posterior import Evidence, chance_at, chance_of_trips, posterior, weigh
from detection.scene import gather
from detection.settings import DefectSettings

RULES = DefectSettings()


def passes(rows: list[tuple[int, int, float, float]]) -> Passes:
    """Rows of candidate, device, weight, hit."""
    candidate, device, weight, hit = (np.array(column) for column in zip(*rows, strict=True))
    jolt = np.where(hit > 0, np.arange(len(rows)), -1)
    return Passes(candidate, device, np.arange(len(rows)), np.zeros(len(rows)), weight, hit, jolt)


def one(hits: float, passed: float, confidence: float = 0.5) -> Evidence:
    return Evidence(np.array([hits]), np.array([passed]), np.array([3]), np.array([confidence]))


def probability(hits: float, passed: float, confidence: float = 0.5) -> float:
    return float(posterior(one(hits, passed, confidence), np.array([0.05]), RULES)[0])


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 4), st.floats(0.0, 1.0), st.sampled_from([0.0, 0.0, 0.3, 0.9])),
        min_size=1,
        max_size=40,
    )
)
def test_effective_counts_are_those_of_the_formula(rows: list[tuple[int, int, float, float]]) -> None:
    made = weigh(passes(rows), 4, RULES)
    for c in range(4):
        mine = [row[1:] for row in rows if row[0] == c]
        hits, passed = naive.evidence(mine, RULES.device_correlation)
        assert (made.hits[c], made.passes[c]) == (pytest.approx(hits), pytest.approx(passed))
        assert made.devices[c] == len({device for device, weight, hit in mine if weight + hit > 0})
        sure = [hit for *_, hit in mine if hit > 0]
        assert made.confidence[c] == pytest.approx(np.mean(sure) if sure else 0.0)
        assert 0 <= made.hits[c] <= made.passes[c] + 1e-9


def test_a_commuters_forty_passes_weigh_less_than_three_devices() -> None:
    made = weigh(passes([(0, 0, 1.0, 0.9)] * 40 + [(1, k, 1.0, 0.9) for k in range(3)]), 2, RULES)
    assert made.hits[0] < made.hits[1]
    assert made.devices.tolist() == [1, 3]


@given(st.integers(1, 20), st.integers(0, 20))
def test_the_posterior_is_bayes_rule_with_two_urns(hits: int, misses: int) -> None:
    a, b = RULES.real_hits
    chance = 0.05 * RULES.chance_concentration, 0.95 * RULES.chance_concentration
    factor = naive.log_beta_binomial(hits, misses, a, b) - naive.log_beta_binomial(hits, misses, *chance)
    assert probability(hits, hits + misses) == pytest.approx(expit(logit(0.5) + factor), abs=1e-9)


@given(st.floats(0.5, 30.0), st.floats(0.0, 30.0), st.floats(0.1, 5.0))
def test_passes_without_a_jolt_lower_the_confidence(hits: float, misses: float, more: float) -> None:
    passed = max(hits + misses, 1.0)
    assert probability(hits, passed + more) < probability(hits, passed) + 1e-12


@given(st.floats(1.0, 20.0), st.floats(0.0, 1.0), st.floats(0.1, 5.0))
def test_more_hits_among_as_many_passes_raise_the_confidence(passed: float, share: float, more: float) -> None:
    hits = share * passed
    assert probability(hits + more, passed + more) > probability(hits, passed + more) - 1e-12


@given(st.floats(0.02, 0.85), st.floats(0.02, 0.85))
def test_surer_jolts_make_a_surer_candidate(low: float, high: float) -> None:
    low, high = sorted((low, high))
    assert probability(2.0, 4.0, low) <= probability(2.0, 4.0, high) + 1e-12


def test_one_pass_with_a_jolt_says_no_more_than_the_jolt_itself() -> None:
    """That there was a hit is why the candidate exists: the passes speak only from the second one on."""
    assert probability(1.0, 1.0, 0.6) == pytest.approx(0.6)
    assert probability(1.0, 1.0, 1.0) == pytest.approx(RULES.prior_range[1]), "one jolt alone makes nothing certain"


def test_a_street_that_jolts_everywhere_by_chance_makes_no_defects() -> None:
    """A hundred candidates hit once or twice in ten passes each, against ten that are hit nine times."""
    hits = np.r_[np.full(100, 1.5), np.full(10, 9.0)]
    made = posterior(Evidence(hits, np.full(110, 10.0), np.full(110, 5), np.full(110, 0.5)), np.full(110, 0.25), RULES)
    assert (made[:100] < 0.2).all()
    assert (made[100:] > 0.95).all()


@given(st.integers(0, 2**32))
def test_a_posterior_is_a_probability_whatever_the_counts(seed: int) -> None:
    rng = np.random.default_rng(seed)
    passed = rng.exponential(5.0, 30)
    evidence = Evidence(passed * rng.random(30), passed, rng.integers(1, 9, 30), rng.random(30))
    made = posterior(evidence, rng.uniform(*RULES.chance_range, 30), RULES)
    assert np.isfinite(made).all()
    assert ((made >= 0) & (made <= 1)).all()


def test_a_trips_chance_rate_is_what_its_own_jolts_hold_of_chance() -> None:
    """60 points of 10 m are 21.4 windows of 28 m; two jolts of confidence 0.6 are 0.48 of a hit by chance."""
    rate, worth = RULES.chance_prior
    made = chance_of_trips(gather([drive("a", hits=[100.0, 300.0], confidence=0.6), drive("b"), drive("c", hits=[9.0])]), RULES)
    windows = 600.0 / (2 * RULES.hit_reach_m)
    assert made[0] == pytest.approx((2 * 0.6 * 0.4 + worth * rate) / (windows + worth))
    assert made[1] == pytest.approx(worth * rate / (windows + worth)), "without a jolt the prior fades"
    assert made[0] > made[2] > made[1]


def test_the_chance_rate_of_a_place_is_that_of_those_who_passed_it() -> None:
    rows = passes([(0, 0, 1.0, 0.0), (0, 1, 0.5, 0.0), (1, 2, 1.0, 0.9)])
    made = chance_at(rows, np.array([0.02, 0.08, 0.9]), 2, RULES)
    assert made[0] == pytest.approx((0.02 + 0.5 * 0.08) / 1.5)
    assert made[1] == RULES.chance_range[1], "no trip is worse than a coin"
