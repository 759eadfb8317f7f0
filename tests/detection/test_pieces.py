"""What is computed in pieces, by strides or by runs, against the slow obvious form of the same."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from detection import statistic
from detection.exposure import _argmax_per_group
from detection.grid import covered, sums_of
from detection.settings import StatisticSettings
from detection.windows import around

seeds = st.integers(0, 2**32)


@pytest.mark.parametrize("n", [15, 101, statistic.PIECE - 200, statistic.PIECE + 1, 3 * statistic.PIECE])
@pytest.mark.parametrize("rate_hz", [100.0, 12.0])
def test_the_band_in_pieces_is_scipys_to_the_last_bit(n: int, rate_hz: float) -> None:
    noise = np.random.default_rng(n).normal(size=n) + 3.0
    sections, _ = statistic._filter(rate_hz, StatisticSettings().band_hz)
    whole = signal.sosfiltfilt(sections, noise, padlen=min(n - 1, statistic.PADDING))
    assert np.array_equal(statistic.band(noise, rate_hz, StatisticSettings()), whole)


@given(seeds, st.integers(0, 12), st.integers(1, 80))
def test_a_sample_is_covered_if_any_span_holds_it(seed: int, spans: int, length: int) -> None:
    rng = np.random.default_rng(seed)
    first = rng.integers(-10, length + 10, spans)
    end = first + rng.integers(0, 20, spans)
    slow = [any(a <= i < b for a, b in zip(first, end, strict=True)) for i in range(length)]
    assert covered(first, end, length).tolist() == slow


@given(seeds, st.integers(1, 60), st.integers(1, 12))
def test_sums_by_strides_are_sums(seed: int, n: int, step: int) -> None:
    rows = np.random.default_rng(seed).normal(size=(2, n))
    slow = [[sum(row[k * step : (k + 1) * step]) for k in range(n // step)] for row in rows]
    assert np.allclose(sums_of(rows, step), np.array(slow).reshape(2, -1), atol=1e-12)


@given(seeds, st.integers(1, 60), st.integers(0, 8), st.booleans())
def test_windows_hold_the_last_value_beyond_an_end(seed: int, n: int, reach: int, even: bool) -> None:
    rng = np.random.default_rng(seed)
    values = rng.normal(size=n)
    centre = np.arange(0, n, 3) if even else rng.integers(0, n, 5)
    slow = [[values[min(max(c + gone, 0), n - 1)] for gone in range(-reach, reach + 1)] for c in centre]
    assert around(values, centre, reach).tolist() == slow


@given(st.lists(st.lists(st.sampled_from([0.0, 0.0, 0.5, 1.0]), min_size=1, max_size=6), min_size=1, max_size=8))
@settings(max_examples=50)
def test_the_best_of_a_run_is_its_last_largest(runs: list[list[float]]) -> None:
    start = np.cumsum([0, *map(len, runs[:-1])])
    slow = [at + max(range(len(run)), key=lambda i: (run[i], i)) for at, run in zip(start, runs, strict=True)]
    assert _argmax_per_group(np.concatenate(runs), start).tolist() == slow
