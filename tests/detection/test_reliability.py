"""Whether a probability can be believed, and how sure that answer is."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from detection.reliability import EDGES, reliability, share_interval

told = st.lists(st.tuples(st.floats(0.0, 1.0), st.booleans()), max_size=40)


@given(told)
def test_bins_are_those_that_counting_one_by_one_gives(pairs: list[tuple[float, bool]]) -> None:
    table = reliability(np.array([c for c, _ in pairs]), np.array([r for _, r in pairs], bool))
    expected = []
    for low, high in pairwise(EDGES):
        held = [(c, r) for c, r in pairs if low <= c < high or (c == high == EDGES[-1])]
        if held:
            expected.append((low, high, np.mean([c for c, _ in held]), np.mean([r for _, r in held]), len(held)))
    got = list(zip(table.low, table.high, table.said, table.real, table.count, strict=True))
    assert np.allclose(np.array(got).reshape(-1, 5), np.array(expected).reshape(-1, 5))


@given(told.filter(len))
def test_the_expected_error_is_the_mean_gap_over_all_things(pairs: list[tuple[float, bool]]) -> None:
    table = reliability(np.array([c for c, _ in pairs]), np.array([r for _, r in pairs], bool))
    gaps = [abs(s - r) * n for s, r, n in zip(table.said, table.real, table.count, strict=True)]
    assert table.expected_error == pytest.approx(sum(gaps) / len(pairs))


def test_an_honest_forecast_has_no_error_and_a_boast_has_much() -> None:
    half = np.arange(1000) % 2 == 0
    assert reliability(np.full(1000, 0.5), half).expected_error == 0.0
    assert reliability(np.full(1000, 1.0), half).expected_error == 0.5
    assert np.isnan(reliability(np.empty(0), np.empty(0, bool)).expected_error)


@given(st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_intervals_are_those_of_wilson(case: tuple[int, int]) -> None:
    hits, trials = case
    low, high = share_interval(np.array([float(hits)]), np.array([float(trials)]))
    known = binomtest(hits, trials).proportion_ci(0.90, method="wilson")
    assert (low[0], high[0]) == pytest.approx((known.low, known.high), abs=2e-4)
    assert low[0] <= hits / trials <= high[0]
