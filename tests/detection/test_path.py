"""Where the car was: interpolation, gaps, heading at rest, and the lag of the fixes found from the trace itself."""

from __future__ import annotations

from dataclasses import replace

import naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detection import Fixes, Survey, Trace
from detection.geo import turn_deg
from detection.grid import Grid
from detection.path import _speed_gained, find_forward, make_path
from detection.settings import FixSettings
from detection.simulator import City, Drive, simulate_drives
from detection.survey import follow

RULES = FixSettings()


def along_a_street(t: np.ndarray, speed: np.ndarray, heading_deg: float = 90.0) -> Fixes:
    """Fixes at t with this speed, on a straight line from 48°N 11°E."""
    gone = np.r_[0.0, np.cumsum(np.diff(t) * (speed[1:] + speed[:-1]) / 2)]
    north, east = gone * np.cos(np.radians(heading_deg)), gone * np.sin(np.radians(heading_deg))
    unknown = np.full(len(t), np.nan)
    lon = 11.0 + east / (111_195.0 * np.cos(np.radians(48.0)))
    return Fixes(t, 48.0 + north / 111_195.0, lon, speed, unknown, unknown.copy())


def test_places_between_fixes_lie_between_them() -> None:
    t = np.arange(0.0, 60.0)
    path = make_path(along_a_street(t, np.full(60, 10.0)), RULES)
    assert path is not None
    latitude, longitude = path.place_at(np.array([30.5]))
    assert naive.distance_m((latitude[0], longitude[0]), path_place(path, 30.0)) == pytest.approx(5.0, abs=0.05)
    assert path.speed_at(np.array([30.5])) == pytest.approx(10.0)
    assert path.heading_at(np.array([30.5])) == pytest.approx(90.0, abs=0.1)


def path_place(path: object, t_s: float, ahead_m: float = 0.0) -> tuple[float, float]:
    latitude, longitude = path.place_at(np.array([t_s]), ahead_m)  # type: ignore[attr-defined]
    return float(latitude[0]), float(longitude[0])


@pytest.mark.parametrize("heading", [0.0, 45.0, 90.0, 200.0, 359.0])
def test_the_front_axle_is_ahead_of_the_phone(heading: float) -> None:
    path = make_path(along_a_street(np.arange(0.0, 60.0), np.full(60, 10.0), heading), RULES)
    assert naive.distance_m(path_place(path, 30.0, 3.0), path_place(path, 30.3)) == pytest.approx(0.0, abs=0.05)


def test_a_fix_shows_where_the_car_was_a_lag_ago() -> None:
    path = make_path(along_a_street(np.arange(0.0, 60.0), np.full(60, 10.0)), RULES)
    assert path is not None
    late = replace(path, lag_s=0.5)
    assert naive.distance_m(path_place(late, 30.0), path_place(path, 30.5)) == pytest.approx(0.0, abs=0.01)


def test_nothing_is_placed_in_a_tunnel_nor_before_the_first_fix() -> None:
    t = np.r_[np.arange(10.0, 40.0), np.arange(60.0, 90.0), np.arange(190.0, 220.0)]
    path = make_path(along_a_street(t, np.full(90, 10.0)), RULES)
    assert path is not None
    asked = np.array([5.0, 20.0, 50.0, 70.0, 140.0, 200.0, 225.0])
    for column in path.place_at(asked):
        assert np.isfinite(column).tolist() == [False, True, False, True, False, True, False]
    known = np.isfinite(path.speed_at(asked))
    assert known[[1, 3, 5]].all(), "speed between fixes"
    assert not known[[0, 4, 6]].any(), "speed where there was no fix for a minute and more"


def test_a_standing_car_keeps_the_heading_it_came_with() -> None:
    """Fixes of a car that stands wander by metres in all directions."""
    t = np.arange(0.0, 60.0)
    speed = np.where(t < 30, 10.0, 0.0)
    fixes = along_a_street(t, speed, 120.0)
    wander = np.where(t < 30, 0.0, 1e-5) * np.random.default_rng(1).normal(0, 1, (2, 60))
    path = make_path(
        replace(fixes, latitude_deg=fixes.latitude_deg + wander[0], longitude_deg=fixes.longitude_deg + wander[1]), RULES
    )
    assert path is not None
    assert np.abs(turn_deg(np.array(120.0), path.heading_at(np.arange(35.0, 58.0)))).max() < 15.0


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_fixes_are_no_path(count: int) -> None:
    t = np.arange(float(count))
    assert make_path(along_a_street(t, np.full(count, 10.0)) if count else Fixes.empty(), RULES) is None


def test_a_bearing_that_contradicts_the_course_is_not_believed() -> None:
    """Some phones give the compass, which turns with the phone in its mount."""
    fixes = replace(along_a_street(np.arange(0.0, 60.0), np.full(60, 10.0)), bearing_deg=np.full(60, 270.0))
    path = make_path(fixes, RULES)
    assert path is not None
    assert path.heading_at(np.array([30.0])) == pytest.approx(90.0, abs=0.5)


@given(st.integers(0, 2**32))
@settings(max_examples=15)
def test_the_speed_gained_is_the_integral_of_acceleration_moved_back_by_the_lag(seed: int) -> None:
    rng = np.random.default_rng(seed)
    grid = Grid((np.arange(2000) + 0.5) / 100.0, 100.0, np.zeros(2000, bool), 0)
    horizontal = rng.normal(0, 1, (2, 2000)).cumsum(axis=1) / 30.0
    t_s = np.sort(rng.uniform(3.0, 17.0, 12))
    lags = np.array([-0.4, 0.0, 0.35, 1.4])
    made = _speed_gained(horizontal, grid, t_s, lags)
    assert made.shape == (2, 4, 11)
    for axis in range(2):
        for i, lag in enumerate(lags):
            expected = naive.speed_gained(horizontal[axis], 100.0, grid.t_s[0], t_s, lag)
            assert made[axis, i] == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize("lag", [0.0, 0.35, 0.9])
@pytest.mark.parametrize("forward_deg", [0.0, 130.0])
def test_lag_and_forward_are_found_from_braking_and_speeding_up(lag: float, forward_deg: float) -> None:
    t = (np.arange(12_000) + 0.5) / 100.0
    ahead = 1.2 * np.sin(0.5 * t) + 0.6 * np.sin(0.17 * t)
    speed = 12.0 + np.cumsum(ahead) / 100.0
    left = 1.5 * np.sin(0.31 * t + 1.0)  # bends
    east, north = np.sin(np.radians(forward_deg)), np.cos(np.radians(forward_deg))
    horizontal = np.stack([north * ahead - east * left, east * ahead + north * left])
    fix_t = np.arange(2.0, 118.0)
    seen = np.interp(fix_t - lag, t, speed) + np.random.default_rng(1).normal(0, 0.1, len(fix_t))
    path = make_path(along_a_street(fix_t, seen), RULES)
    assert path is not None
    noise = np.random.default_rng(2).normal(0, 0.5, horizontal.shape)
    found = find_forward(horizontal + noise, Grid(t, 100.0, np.zeros(len(t), bool), 0), path, RULES)
    assert found.lag_s == pytest.approx(lag, abs=0.06)
    assert north * found.weights[0] + east * found.weights[1] > 0.99
    assert found.explained > 0.9


def test_a_trip_that_says_nothing_of_its_lag_keeps_the_usual_one() -> None:
    t = (np.arange(3000) + 0.5) / 100.0
    path = make_path(along_a_street(np.arange(2.0, 12.0), np.full(10, 10.0)), RULES)
    assert path is not None
    found = find_forward(np.zeros((2, 3000)), Grid(t, 100.0, np.zeros(3000, bool), 0), path, RULES)
    assert (found.lag_s, found.lag_sigma_s) == (RULES.lag_prior_s, RULES.lag_prior_sigma_s)


def test_the_lag_of_simulated_receivers_is_recovered(town: City, town_drives: list[Drive], town_surveys: list[Survey]) -> None:
    error = np.array([s.notes["lag_s"] - d.receiver.lag_s for s, d in zip(town_surveys, town_drives, strict=True)])
    spread = np.std([d.receiver.lag_s for d in town_drives])
    assert np.median(np.abs(error)) <= 0.1
    assert np.sqrt(np.mean(error**2)) < 0.7 * spread, "no better than taking the mean lag for every phone"
    longer = list(simulate_drives(town, 4, 12, duration_s=(400.0, 401.0)))
    stages = [follow(drive.trace) for drive in longer]
    off = [abs(s.path.lag_s - d.receiver.lag_s) for s, d in zip(stages, longer, strict=True) if s and s.path]
    assert np.median(off) <= 0.08, "longer trips tell their lag better"


def test_the_stated_error_of_the_lag_is_honest(town_drives: list[Drive]) -> None:
    z = []
    for drive in town_drives:
        stages = follow(drive.trace)
        assert stages is not None
        assert stages.forward is not None
        z.append((stages.forward.lag_s - drive.receiver.lag_s) / stages.forward.lag_sigma_s)
    assert 0.4 < np.sqrt(np.mean(np.square(z))) < 2.0
    assert np.mean(np.abs(z) < 2.0) > 0.8


def test_a_trace_shifted_by_an_hour_has_the_same_lag(town_drives: list[Drive]) -> None:
    trace = town_drives[1].trace
    a, f = trace.accelerometer, trace.fixes
    later = Trace(
        trace.trip_id, replace(a, t_s=a.t_s + 3600.0), replace(f, t_s=f.t_s + 3600.0), None, None, None, True, trace.provenance
    )
    now, then = follow(replace(trace, gyroscope=None)), follow(later)
    assert now is not None
    assert then is not None
    assert then.forward.lag_s == pytest.approx(now.forward.lag_s, abs=1e-3)  # type: ignore[union-attr]
