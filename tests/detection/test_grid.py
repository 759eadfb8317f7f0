"""The even grid: nothing in a gap, nothing lost outside, averaged where the phone is faster."""

from __future__ import annotations

import tracemalloc

import naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detection import Samples, SamplingRateTooLow
from detection.grid import Grid, make_grid, on_grid
from detection.settings import GridSettings
from detection.simulator import Drive

RULES = GridSettings()


def still(t: np.ndarray) -> Samples:
    return Samples(t, np.tile([0.0, 0.0, 9.81], (len(t), 1)))


@st.composite
def phones(draw: st.DrawFn) -> Samples:
    """Up to five stretches of jittered samples with gaps between them, at 5 to 250 Hz."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    rate = draw(st.floats(5.0, 250.0))
    parts, now = [], 0.0
    for seconds, gap in draw(st.lists(st.tuples(st.floats(2.0, 20.0), st.floats(0.0, 50.0)), min_size=1, max_size=5)):
        n = int(seconds * rate) + 2
        parts.append(now + np.cumsum(rng.uniform(0.5, 1.5, n)) / rate)
        now = parts[-1][-1] + gap
    t = np.concatenate(parts)
    return Samples(t, rng.normal((0.0, 0.0, 9.81), 1.0, (len(t), 3)))


@given(phones())
@settings(max_examples=40)
def test_gaps_are_cut_not_bridged(samples: Samples) -> None:
    grid = make_grid(samples, RULES)
    longest_s = max(RULES.gap_s, RULES.gap_intervals / samples.rate_hz)
    expected = naive.grid_times(samples.t_s.tolist(), grid.rate_hz, longest_s)
    assert grid.t_s == pytest.approx(np.concatenate([np.empty(0), *map(np.array, expected)]))
    assert grid.gaps == max(0, len(expected) - 1)
    wide = np.flatnonzero(np.diff(samples.t_s) > longest_s)
    for i in wide:
        assert not ((grid.t_s > samples.t_s[i]) & (grid.t_s < samples.t_s[i + 1])).any()


@given(phones())
@settings(max_examples=40)
def test_seams_are_marked_for_half_a_second_on_both_sides_of_each_cut(samples: Samples) -> None:
    grid = make_grid(samples, RULES)
    cuts = [0, *(np.flatnonzero(np.diff(grid.t_s) > 1.5 / grid.rate_hz) + 1), len(grid)]
    reach = grid.samples(RULES.seam_s)
    if len(cuts) - 2 == grid.gaps:  # two stretches may lie so close that their grids seem one
        near = [min(abs(i + 0.5 - cut) for cut in cuts) < reach for i in range(len(grid))]
        assert grid.seam.tolist() == near


def test_the_rate_of_a_slow_phone_is_its_own() -> None:
    assert make_grid(still(np.arange(0, 20, 1 / 16)), RULES).rate_hz == pytest.approx(16.0)
    assert make_grid(still(np.arange(0, 20, 1 / 400)), RULES).rate_hz == RULES.rate_hz


def test_too_slow_sampling_is_refused_with_both_numbers() -> None:
    with pytest.raises(SamplingRateTooLow, match=r"delivered 2\.0 samples a second .* at least 3; record again") as raised:
        make_grid(still(np.arange(0, 60, 0.5)), RULES)
    assert (raised.value.actual_hz, raised.value.needed_hz) == (pytest.approx(2.0), 3.0)
    assert "\n" not in str(raised.value)


@given(phones())
@settings(max_examples=30)
def test_a_constant_stays_constant_and_a_line_a_line(samples: Samples) -> None:
    grid = make_grid(samples, RULES)
    line = np.stack([samples.t_s * 0.1, np.ones(len(samples)), -samples.t_s], axis=1)
    made = on_grid(Samples(samples.t_s.copy(), line), grid)
    half = 0.5 / grid.rate_hz
    held_s = [
        np.diff(samples.t_s)[np.searchsorted(samples.t_s, grid.t_s + d).clip(1, len(samples) - 1) - 1] for d in (-half, 0, half)
    ]
    inside = ~grid.seam & (np.max(held_s, axis=0) < 2.0 / samples.rate_hz)  # not where a short pause is bridged
    assert made[1][inside] == pytest.approx(1.0)
    late = 0.0 if samples.rate_hz <= 150.0 else 0.5 / samples.rate_hz  # a mean of held samples lags half an interval
    assert made[2][inside] == pytest.approx(-(grid.t_s + late)[inside], abs=1.5 / samples.rate_hz)


def test_averaging_a_fast_phone_is_a_mean_over_each_cell(town_drives: list[Drive]) -> None:
    fast = next(d.trace.accelerometer for d in town_drives if d.trace.accelerometer.rate_hz > 150.0)
    grid = make_grid(fast, RULES)
    made = on_grid(fast, grid)
    some = np.arange(1000, 1400)
    for axis in range(3):
        expected = naive.cell_means(fast.t_s, fast.xyz[:, axis], grid.t_s[some], grid.rate_hz)
        assert made[axis, some] == pytest.approx(expected, abs=0.02)


def test_engine_hum_above_the_grids_band_does_not_fold_into_it() -> None:
    t = np.arange(0, 30, 1 / 400)
    hum = Samples(t, np.stack([np.sin(2 * np.pi * 110.0 * t)] * 3, axis=1))  # would show as 10 Hz if merely picked
    grid = make_grid(hum, RULES)
    assert np.abs(on_grid(hum, grid)[0, 100:-100]).max() < 0.2


def test_phones_up_to_half_as_fast_again_are_interpolated() -> None:
    t = np.arange(0, 30, 1 / 120)
    wave = Samples(t, np.stack([np.sin(2 * np.pi * 2.0 * t)] * 3, axis=1))
    grid = make_grid(wave, RULES)
    assert on_grid(wave, grid)[0] == pytest.approx(np.sin(2 * np.pi * 2.0 * grid.t_s), abs=2e-3)


def test_a_day_with_an_hour_of_samples_costs_an_hour() -> None:
    t = np.concatenate([k * 3600.0 + np.arange(0, 150, 0.02) for k in range(24)])
    samples = still(t)
    tracemalloc.start()
    grid = make_grid(samples, RULES)
    on_grid(samples, grid)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(grid) <= len(t)
    assert grid.gaps == 23
    assert most < 40 * 8 * len(t)  # bytes: a few dozen columns of the samples, nothing of the day


def test_a_grid_says_how_many_samples_a_time_is() -> None:
    grid = Grid(np.arange(10) / 50.0, 50.0, np.zeros(10, bool), 0)
    assert (grid.samples(0.5), grid.samples(0.0), len(grid)) == (25, 1, 10)
