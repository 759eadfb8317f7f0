"""Band, envelope, background, score and peaks, each against its slow twin on what simulated drives give it."""

from __future__ import annotations

import naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detection import statistic
from detection.settings import StatisticSettings
from detection.simulator import Drive
from detection.survey import Stages, follow

RULES = StatisticSettings()


@pytest.fixture(scope="module")
def stages(town_drives: list[Drive]) -> Stages:
    every = [follow(drive.trace) for drive in town_drives if drive.trace.accelerometer.rate_hz > 90.0]
    return max((found for found in every if found), key=lambda found: len(found.peaks))


@pytest.mark.parametrize("step", [1, 4, 5])
def test_the_envelope_is_a_bell_weighted_mean_of_energy(stages: Stages, step: int) -> None:
    piece = stages.banded[500:1003]
    made = statistic.envelope(piece, step, 100.0, RULES)
    assert made == pytest.approx(np.array(naive.envelope(piece, step, 100.0, RULES)))


@given(st.floats(0.1, 50.0))
def test_the_envelope_of_a_steady_swing_is_its_rms(amplitude: float) -> None:
    swing = amplitude * np.sin(2 * np.pi * 10.0 * np.arange(500) / 100.0)
    made = statistic.envelope(swing, 5, 100.0, RULES)
    assert made == pytest.approx(amplitude / np.sqrt(2.0), rel=0.02)


def test_the_band_keeps_wheel_hop_in_place_and_drops_leaning_and_hum() -> None:
    t = np.arange(0, 20, 0.01)
    bell = np.exp(-(((t - 10.0) / 2.0) ** 2))
    wheel = np.sin(2 * np.pi * 12.0 * (t - 10.0)) * bell
    kept = statistic.band(wheel + 2.0 * np.sin(2 * np.pi * 0.2 * t), 100.0, RULES)
    assert kept == pytest.approx(wheel, abs=0.08)
    assert np.abs(statistic.band(np.sin(2 * np.pi * 45.0 * t), 100.0, RULES)[200:-200]).max() < 0.15


@pytest.mark.parametrize("rate_hz", [5.0, 10.0, 26.0, 50.0, 60.0, 100.0])
def test_there_is_a_band_for_every_rate_a_phone_may_have(rate_hz: float) -> None:
    steady = statistic.band(np.full(200, 9.81), rate_hz, RULES)
    assert np.abs(steady).max() < 0.01
    assert np.isfinite(statistic.band(np.random.default_rng(1).normal(0, 1, 31), rate_hz, RULES)).all()


@given(st.integers(0, 2**32), st.integers(1, 400), st.sampled_from([0.3, 2.0, 12.0, 1e6]))
@settings(max_examples=60)
def test_the_background_is_a_running_median_over_what_could_be_used(seed: int, n: int, window_s: float) -> None:
    rng = np.random.default_rng(seed)
    rules = StatisticSettings(background_s=window_s)
    level, speed = rng.lognormal(0, 0.5, n), rng.uniform(0, 30, n)
    usable = rng.random(n) < rng.uniform(0.05, 1.0)
    made = statistic.background(level, speed, usable, 20.0, rules)
    if usable.any():
        assert made == pytest.approx(np.array(naive.background(level, speed, usable, 20.0, rules)))
    else:
        assert np.isinf(made).all()


def test_one_shock_does_not_raise_its_own_background(stages: Stages) -> None:
    everywhere = np.ones(len(stages.level), bool)
    speed = np.full(len(stages.level), 10.0)
    quiet = statistic.background(stages.level, speed, everywhere, stages.decimated_hz, RULES)
    louder = stages.level.copy()
    louder[1000:1012] *= 20.0  # 0.6 s of a 12 s window
    after = statistic.background(louder, speed, everywhere, stages.decimated_hz, RULES)
    assert (after[1000:1012] / quiet[1000:1012]).max() < 1.5


@given(st.floats(1.0, 1000.0))
@settings(max_examples=20)
def test_a_car_that_shakes_more_in_all_shocks_alike_scores_the_same(stages: Stages, gain: float) -> None:
    rules = StatisticSettings(floor_mps2=0.0)
    everywhere = np.ones(len(stages.level), bool)
    speed = np.nan_to_num(stages.speed_mps, nan=11.0)

    def score(level: np.ndarray) -> np.ndarray:
        return statistic.score(level, statistic.background(level, speed, everywhere, stages.decimated_hz, rules), rules)

    assert score(stages.level * gain) == pytest.approx(score(stages.level))


def test_what_no_one_feels_scores_nothing() -> None:
    level = np.full(100, 0.01)
    level[50] = 0.1  # ten times the background, and far below any feeling
    assert statistic.score(level, np.full(100, 0.01), RULES).max() < 1.0


@given(st.integers(0, 2**32), st.integers(3, 300))
def test_peaks_are_taken_from_the_highest_down(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    strength, allowed = rng.lognormal(0.5, 0.6, n), rng.random(n) < 0.9
    apart = rng.uniform(1.0, 20.0, n)
    assert statistic.peaks(strength, allowed, apart, RULES).tolist() == naive.peaks(strength, allowed, apart, RULES)


def test_peaks_of_a_drive_are_those_a_loop_finds(stages: Stages) -> None:
    apart = np.maximum(RULES.apart_s, RULES.apart_m / np.maximum(np.nan_to_num(stages.speed_mps, nan=11.1), 2.5)) * 20.0
    made = statistic.peaks(stages.score, stages.allowed, apart, RULES)
    assert made.tolist() == naive.peaks(stages.score, stages.allowed, apart, RULES) == stages.peaks.tolist()
    assert len(made) > 3


def test_two_axles_of_one_car_make_one_peak_at_walking_and_at_driving_speed() -> None:
    for speed in (3.0, 8.0, 15.0):
        axles_s = (5.0, 5.0 + 2.7 / speed)
        t = np.arange(0, 10, 0.05)
        strength = 1.0 + sum(3.0 * np.exp(-0.5 * ((t - at) / 0.16) ** 2) for at in axles_s)
        apart = np.full(len(t), max(RULES.apart_s, RULES.apart_m / speed) * 20.0)
        assert len(statistic.peaks(strength, np.ones(len(t), bool), apart, RULES)) == 1
