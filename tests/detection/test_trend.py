"""Is it getting worse? A slope with an interval that may be believed."""

from __future__ import annotations

import numpy as np
import pytest

from detection.trend import COVERAGE, DEVICE_SIGMA, HIT_SIGMA, YEAR_S, trends


def hits(count: int, each: int, growth: float, rng: np.random.Generator, devices: int = 8) -> tuple[np.ndarray, ...]:
    """`each` hits of each thing over half a year, by devices with levels of their own."""
    thing = np.repeat(np.arange(count), each)
    device = rng.integers(devices, size=count * each)
    time_s = rng.uniform(0.0, 0.5 * YEAR_S, count * each)
    level = rng.normal(0, DEVICE_SIGMA, (count, devices))[thing, device]
    severity = np.exp(level + growth * time_s / YEAR_S + rng.normal(0, HIT_SIGMA, count * each))
    return thing, device, time_s, severity, np.ones(count * each)


@pytest.mark.parametrize("each", [4, 12, 40])
@pytest.mark.parametrize("growth", [0.0, 1.5])
def test_the_interval_covers_the_true_growth_as_often_as_it_says(each: int, growth: float) -> None:
    made = trends(*hits(1500, each, growth, np.random.default_rng(each)), 1500)
    covered = (made.growth_low <= growth) & (growth <= made.growth_high)
    assert covered.mean() == pytest.approx(COVERAGE, abs=0.04)
    assert np.median(made.growth) == pytest.approx(growth, abs=0.15)


def test_cars_that_changed_over_time_are_no_growth() -> None:
    """A soft car first, a hard one later: each alone sees no change."""
    year = np.linspace(0, 1, 40)
    device = (year > 0.5).astype(int)
    severity = np.exp(1.2 * device)
    made = trends(np.zeros(40, int), device, year * YEAR_S, severity, np.ones(40), 1)
    pooled = trends(np.zeros(40, int), np.arange(40), year * YEAR_S, severity, np.ones(40), 1)
    assert made.growth[0] < 0.5 * pooled.growth[0]


def test_one_odd_jolt_does_not_make_a_trend() -> None:
    year = np.linspace(0, 1, 20)
    severity = np.ones(20)
    severity[-1] = 100.0
    made = trends(np.zeros(20, int), np.arange(20), year * YEAR_S, severity, np.ones(20), 1)
    plain = np.polyfit(year, np.log(severity), 1)[0]
    assert made.growth[0] < 0.35 * plain
    assert made.growth_low[0] < 0


def test_the_slope_without_outliers_is_that_of_least_squares() -> None:
    rng = np.random.default_rng(1)
    year = rng.uniform(0, 1, 30)
    log = 0.3 * year + rng.uniform(-0.1, 0.1, 30)
    made = trends(np.zeros(30, int), np.arange(30), year * YEAR_S, np.exp(log), np.ones(30), 1)
    assert made.growth[0] == pytest.approx(np.polyfit(year, log, 1)[0], abs=1e-6)


def test_two_hits_or_one_moment_tell_no_trend() -> None:
    thing, time_s = np.array([0, 0, 1, 1, 1]), np.array([0.0, 1.0, 5.0, 5.0, 5.0]) * YEAR_S
    made = trends(thing, np.arange(5), time_s, np.ones(5), np.ones(5), 3)
    assert np.isnan(made.growth).all()
    assert np.isnan(made.growth_low).all()


def test_things_do_not_disturb_each_other() -> None:
    rng = np.random.default_rng(3)
    columns = hits(5, 20, 1.0, rng)
    together = trends(*columns, 5)
    for k in range(5):
        alone = trends(*(np.zeros(20, int) if i == 0 else c[columns[0] == k] for i, c in enumerate(columns)), 1)
        assert together.growth[k] == pytest.approx(alone.growth[0])
        assert together.growth_low[k] == pytest.approx(alone.growth_low[0])
