"""What is measured of each jolt: when, how hard, how fast, where."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from detection import Jolts, Samples, Survey, Trace, survey
from detection.geo import turn_deg
from detection.measure import _onset, felt, severity
from detection.scoring import match_jolts
from detection.settings import SurveySettings
from detection.simulator import City, Drive

RULES = SurveySettings()
speeds, levels = st.floats(2.5, 40.0), st.floats(0.01, 20.0)


def a_trace(shocks_s: tuple[float, ...], *, size_mps2: float = 6.0, speed_mps: float = 10.0, rate_hz: float = 100.0) -> Trace:
    """Five minutes on a straight, even street north with shocks of half a wheel-hop swing at these times."""
    t = np.arange(0.0, 300.0, 1.0 / rate_hz)
    rng = np.random.default_rng(1)
    up = 9.81 + rng.normal(0, 0.3, len(t))
    for at in shocks_s:
        up += size_mps2 * np.sin(2 * np.pi * 11.0 * (t - at)) * np.exp(-np.maximum(t - at, 0.0) / 0.06) * (t >= at)
    fix_t = np.arange(0.0, 300.0)
    place = {"t": fix_t, "latitude": 48.0 + speed_mps * fix_t / 111_195.0, "longitude": np.full(300, 11.0)}
    place |= {"speed": np.full(300, speed_mps), "accuracy": np.full(300, 4.0)}
    xyz = np.stack([rng.normal(0, 0.2, len(t)), rng.normal(0, 0.2, len(t)), up], axis=1)
    return Trace.build("t", accelerometer=(t, xyz), location=place)


def test_a_shock_is_found_once_at_the_instant_of_its_first_swing() -> None:
    jolts = survey(a_trace((100.0, 150.0, 203.3))).jolts
    assert jolts.t_s == pytest.approx([100.0, 150.0, 203.3], abs=0.06)
    assert (np.diff(jolts.t_s) > 0).all()
    assert jolts.speed_mps == pytest.approx(10.0)
    assert (jolts.first_swing_mps2 > 0).all(), "these shocks begin upwards"
    assert turn_deg(np.array(0.0), jolts.heading_deg) == pytest.approx([0.0] * 3, abs=0.5)
    assert (jolts.duration_s < 0.3).all()


def test_a_jolt_lies_where_the_front_axle_was_a_lag_earlier() -> None:
    jolts = survey(a_trace((100.0,))).jolts
    north = (jolts.latitude_deg[0] - 48.0) * 111_195.0
    ahead = RULES.fixes.front_axle_ahead_m + 10.0 * RULES.fixes.lag_prior_s  # steady speed says nothing of the lag
    assert north == pytest.approx(1000.0 + ahead, abs=1.5)


def test_the_second_axle_does_not_move_the_jolt_though_it_hits_harder() -> None:
    """Wheelbase 2.7 m at 10 m/s: the rear axle follows after 0.27 s."""
    front, rear = a_trace((100.0,), size_mps2=5.0), a_trace((100.27,), size_mps2=8.0)
    flat = a_trace(())
    both = front.accelerometer.xyz + rear.accelerometer.xyz - flat.accelerometer.xyz
    jolts = survey(replace(front, accelerometer=Samples(front.accelerometer.t_s.copy(), both))).jolts
    assert jolts.t_s == pytest.approx([100.0], abs=0.06)


@given(levels, speeds)
def test_severity_is_what_the_jolt_would_have_been_at_the_reference_speed(level: float, speed: float) -> None:
    rules = RULES.severity
    at_reference = severity(np.array([level]), np.array([rules.reference_mps]), RULES)[0]
    assert at_reference == pytest.approx(level / rules.felt_mps2)
    faster = severity(np.array([level]), np.array([speed * 1.5]), RULES)[0]
    assert faster < severity(np.array([level]), np.array([speed]), RULES)[0], "the same shaking at higher speed is less"


def test_severity_without_speed_is_that_at_the_reference_speed() -> None:
    assert severity(np.array([2.0]), np.array([np.nan]), RULES) == severity(np.array([2.0]), np.array([11.1]), RULES)


@given(st.lists(st.lists(st.floats(0.0, 10.0), min_size=5, max_size=5), min_size=1, max_size=8))
def test_the_onset_is_the_first_value_of_half_the_peak(rows: list[list[float]]) -> None:
    size = np.array(rows)
    expected = [next(i for i, v in enumerate(row) if v >= 0.5 * max(row)) for row in rows]
    assert _onset(size, size.max(axis=1)).tolist() == expected


def test_every_measured_column_is_in_its_range(town_surveys: list[Survey]) -> None:
    for found in town_surveys:
        jolts = found.evidence
        assert (np.diff(jolts.t_s) >= 0).all()
        for column in (jolts.confidence, jolts.weight):
            assert ((column >= 0) & (column <= 1)).all()
        for column in (jolts.severity, jolts.peak_mps2, jolts.duration_s, jolts.score):
            assert (column > 0).all()
        placed = np.isfinite(jolts.latitude_deg)
        assert np.array_equal(placed, np.isfinite(jolts.longitude_deg))
        assert (jolts.position_sigma_m[placed] > 0).all()
        assert ((jolts.heading_deg[placed] >= 0) & (jolts.heading_deg[placed] < 360)).all()


def test_a_harder_score_is_mostly_a_surer_jolt(town_surveys: list[Survey]) -> None:
    evidence = Jolts.concatenate([found.evidence for found in town_surveys])
    assert spearmanr(evidence.score, evidence.confidence).statistic > 0.4


def test_what_nobody_feels_is_no_jolt() -> None:
    weight = felt(np.array([0.2, 0.6, 0.9, 1.5, 8.0]), RULES)
    assert weight == pytest.approx([0.0, 0.04, 0.5, 0.98, 1.0], abs=0.01)
    assert (np.diff(weight) > 0).all()


def test_jolts_lie_where_they_say_they_do(town: City, town_drives: list[Drive], town_surveys: list[Survey]) -> None:
    """Along the road the stated 1 σ holds: most within it, nearly all within three."""
    z, error = [], []
    for drive, found in zip(town_drives, town_surveys, strict=True):
        felt, jolts = drive.truth[drive.truth.felt == 1], found.jolts
        _, pairs = match_jolts(jolts.t_s, felt.t_s, 0.6)
        mine, thing = jolts[pairs[:, 0]], felt.defect[pairs[:, 1]]
        x, y = town.plane.to_xy(mine.latitude_deg, mine.longitude_deg)
        true_x, true_y = town.plane.to_xy(town.defects.latitude[thing], town.defects.longitude[thing])
        heading = np.radians(mine.heading_deg)
        z.append(((x - true_x) * np.sin(heading) + (y - true_y) * np.cos(heading)) / mine.position_sigma_m)
        error.append(np.hypot(x - true_x, y - true_y))
    off = np.concatenate(z)
    off = off[np.isfinite(off)]
    assert len(off) > 30
    assert np.mean(np.abs(off) < 1.0) > 0.5
    assert np.mean(np.abs(off) < 3.0) > 0.93
    assert abs(np.mean(off)) < 0.4, "a systematic error along the road: lag or lever arm"
    assert np.nanmedian(np.concatenate(error)) < 5.5  # receivers of 2 to 5 m a side


def test_the_time_of_a_jolt_is_that_of_its_front_axle(town_drives: list[Drive], town_surveys: list[Survey]) -> None:
    late = []
    for drive, found in zip(town_drives, town_surveys, strict=True):
        felt, jolts = drive.truth[drive.truth.felt == 1], found.jolts
        _, pairs = match_jolts(jolts.t_s, felt.t_s)
        late += (jolts.t_s[pairs[:, 0]] - felt.t_s[pairs[:, 1]]).tolist()
    assert abs(np.median(late)) < 0.15
    assert np.mean(np.abs(late) < 0.35) > 0.8


def test_a_jolt_without_fixes_has_time_and_strength_but_no_place() -> None:
    trace = a_trace((100.0,))
    jolts = survey(replace(trace, fixes=trace.fixes[:0])).jolts
    assert jolts.t_s == pytest.approx([100.0], abs=0.06)
    for column in (jolts.latitude_deg, jolts.longitude_deg, jolts.heading_deg, jolts.speed_mps, jolts.position_sigma_m):
        assert np.isnan(column).all()
    assert 0 < jolts.weight[0] < 1
