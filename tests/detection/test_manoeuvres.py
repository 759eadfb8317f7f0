"""Hard stops and swerves, on drives whose truth is known and on two real ones labelled from video."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from benchmarks.manoeuvres import Spans, inside_of, joined, match, read_labels, read_trip, speed_rule
from detection import MANOEUVRES, Fixes, Manoeuvres, Samples, Trace, find_manoeuvres, survey
from detection.car_motion import CarMotionSettings, car_motion
from detection.manoeuvres import HARD_STOP, SWERVE
from detection.simulator import City, Drive, simulate_drives
from detection.stages import follow

RECORDINGS = Path(__file__).resolve().parents[3] / "shared" / "data" / "manoeuvres"
needs_recordings = pytest.mark.skipif(not RECORDINGS.is_dir(), reason=f"no recordings at {RECORDINGS}")


@pytest.fixture(scope="module")
def sudden_drives(town: City) -> list[Drive]:
    return list(simulate_drives(town, 8, 5, duration_s=(180.0, 300.0), sudden_per_hour=60.0))


def push(ahead: float, left: float, *, start_s: float = 60.0, length_s: float = 2.0) -> Trace:
    """Two minutes at 15 m/s with one push, northwards at 50 Hz, upright; speed, heading and yaw follow from the push."""
    rng = np.random.default_rng(4)
    t = np.arange(0.0, 120.0, 0.02)
    acts = ((t >= start_s) & (t < start_s + length_s)).astype(float)
    start_up = 1.5 * ((t >= 5.0) & (t < 15.0))
    along, across = start_up + ahead * acts, left * acts
    speed = np.maximum(np.cumsum(along) * 0.02, 0.0)
    yaw = across / np.maximum(speed, 3.0)
    heading = -np.cumsum(yaw) * 0.02
    east, north = np.cumsum(speed * np.sin(heading)) * 0.02, np.cumsum(speed * np.cos(heading)) * 0.02
    force = np.c_[along, across, np.full(len(t), 9.81)] + rng.normal(0, 0.05, (len(t), 3))
    turning = np.c_[np.zeros((len(t), 2)), yaw] + rng.normal(0, 0.002, (len(t), 3))
    second = slice(None, None, 50)
    fixes = {
        "t": t[second] + 0.3,
        "latitude": 48.0 + north[second] / 111_195.0,
        "longitude": 9.0 + east[second] / 74_404.0,
        "speed": speed[second],
        "bearing": np.degrees(heading[second]) % 360.0,
        "accuracy": np.full(len(t[second]), 4.0),
    }
    return Trace.build("push", accelerometer=(t, force), gyroscope=(t, turning), location=fixes)


def without_fixes(trace: Trace) -> Trace:
    return replace(trace, fixes=Fixes.empty())


def test_a_hard_stop_is_found_with_its_time_peak_place_and_speed() -> None:
    found = find_manoeuvres(push(-5.0, 0.0))
    assert [MANOEUVRES[k] for k in found.kind] == ["hard_stop"]
    assert found.t_s[0] == pytest.approx(60.0, abs=0.5)
    assert found.duration_s[0] == pytest.approx(2.0, abs=0.8)
    assert found.peak_mps2[0] == pytest.approx(5.0, rel=0.15)
    assert found.speed_mps[0] == pytest.approx(15.0, abs=1.0)
    assert found.latitude_deg[0] == pytest.approx(48.0 + (75.0 + 15.0 * 45.0) / 111_195.0, abs=0.0002)
    assert found.confidence[0] > 0.8


@pytest.mark.parametrize("side", [-4.5, 4.5])
def test_a_swerve_to_either_side_is_a_swerve(side: float) -> None:
    found = find_manoeuvres(push(0.0, side, length_s=1.2))
    assert [MANOEUVRES[k] for k in found.kind] == ["swerve"]
    assert found.t_s[0] == pytest.approx(60.0, abs=0.6)


def test_a_hard_start_is_no_manoeuvre_where_fixes_tell_ahead() -> None:
    assert len(find_manoeuvres(push(4.0, 0.0))) == 0


@pytest.mark.parametrize(("ahead", "left"), [(-2.0, 0.0), (0.0, 1.9), (-1.4, 1.4)])
def test_everyday_braking_and_turning_is_none(ahead: float, left: float) -> None:
    assert len(find_manoeuvres(push(ahead, left))) == 0


@pytest.mark.parametrize(("ahead", "left", "kind"), [(-5.0, 0.0, HARD_STOP), (0.0, 4.5, SWERVE)])
def test_without_fixes_turning_tells_a_swerve_from_a_stop(ahead: float, left: float, kind: int) -> None:
    found = find_manoeuvres(without_fixes(push(ahead, left, length_s=1.5)))
    assert found.kind.tolist() == [kind]
    assert np.isnan([found.latitude_deg[0], found.heading_deg[0], found.speed_mps[0]]).all()


def test_without_fixes_and_gyroscope_a_hard_force_is_found_at_half_the_confidence() -> None:
    trace = push(-5.0, 0.0)
    sure = find_manoeuvres(trace)
    guessed = find_manoeuvres(replace(without_fixes(trace), gyroscope=None))
    assert len(guessed) == 1
    assert guessed.confidence[0] <= 0.5 < sure.confidence[0]


def test_phone_pose_does_not_matter() -> None:
    trace = push(-4.0, 0.0)
    pose = Rotation.from_euler("xyz", [70.0, -40.0, 130.0], degrees=True).as_matrix()
    assert trace.gyroscope is not None
    turned = replace(
        trace,
        accelerometer=Samples(trace.accelerometer.t_s, trace.accelerometer.xyz @ pose),
        gyroscope=Samples(trace.gyroscope.t_s, trace.gyroscope.xyz @ pose),
    )
    plain, posed = find_manoeuvres(trace), find_manoeuvres(turned)
    for name, column in plain.columns().items():
        np.testing.assert_allclose(posed.columns()[name], column, rtol=0.02, atol=0.05, err_msg=name)


def test_a_frame_turned_to_the_earth_works_too() -> None:
    """Some apps turn samples to east and north: a car that went round a corner before braks along another axis of theirs."""
    trace = push(-5.0, 0.0)
    heading = np.radians(90.0) * (trace.accelerometer.t_s > 40.0)  # a corner at 40 s, as seen by the Earth's axes
    x, y, z = trace.accelerometer.xyz.T
    earth = np.c_[np.sin(heading) * y + np.cos(heading) * x, np.cos(heading) * y - np.sin(heading) * x, z]
    found = find_manoeuvres(without_fixes(replace(trace, accelerometer=Samples(trace.accelerometer.t_s, earth))))
    assert found.kind.tolist() == [HARD_STOP]


def test_without_gravity_the_fixes_alone_find_a_long_stop() -> None:
    trace = push(-5.0, 0.0, length_s=2.5)
    linear = Samples(trace.accelerometer.t_s, trace.accelerometer.xyz - [0.0, 0.0, 9.81])
    found = find_manoeuvres(replace(trace, accelerometer=linear, gravity_included=False, gyroscope=None))
    assert found.kind.tolist() == [HARD_STOP]
    assert found.confidence[0] < 0.35


def test_a_trip_too_short_or_standing_has_none() -> None:
    t = np.arange(0.0, 60.0, 0.02)
    still = np.array([0.0, 0.0, 9.81]) + np.random.default_rng(2).normal(0.0, 0.02, (len(t), 3))
    for n in (10, len(t)):
        found = find_manoeuvres(Trace.build("still", accelerometer=(t[:n], still[:n])))
        assert isinstance(found, Manoeuvres)
        assert len(found) == 0


def test_slow_acceleration_follows_the_fixes_and_quick_the_accelerometer(sudden_drives: list[Drive]) -> None:
    """The complementary filter: summed over ten seconds, ahead is the change of GPS speed, whatever the sensor's bias."""
    trace = sudden_drives[1].trace
    biased = replace(trace, accelerometer=Samples(trace.accelerometer.t_s, trace.accelerometer.xyz + np.array([0.3, 0.3, 0.0])))
    stages = follow(biased)
    assert stages is not None
    assert stages.path is not None
    motion = car_motion(biased, stages, CarMotionSettings())
    ends = motion.t_s[100::100]
    gained = np.array([motion.ahead_mps2[(motion.t_s >= a) & (motion.t_s < a + 10.0)].sum() * 0.1 for a in ends[:-2]])
    seen = np.diff(stages.path.speed_at(np.r_[ends[:-2], ends[-2]]))
    known = np.isfinite(gained) & np.isfinite(seen)
    assert known.sum() > 5
    assert np.median(np.abs(gained - seen)[known]) < 0.7


def test_most_sudden_manoeuvres_of_simulated_drives_are_found_and_little_else(sudden_drives: list[Drive]) -> None:
    matched = missed = false = 0
    for drive in sudden_drives:
        found, truth = find_manoeuvres(drive.trace), drive.manoeuvres
        for kind in (HARD_STOP, SWERVE):
            mine, true = found[found.kind == kind], truth[truth.kind == kind]
            pairs = match(Spans(mine.t_s, mine.duration_s), Spans(true.t_s, true.duration_s))
            hard = true.peak_mps2 >= 3.0
            matched += int(hard[pairs[:, 1]].sum())
            missed += int(hard.sum() - hard[pairs[:, 1]].sum())
            false += len(mine) - len(pairs)
    assert matched >= 15
    assert matched / (matched + 0.5 * (missed + false)) >= 0.85


def test_drives_are_the_same_with_and_without_the_option_at_zero(town: City) -> None:
    plain, asked = (next(simulate_drives(town, 1, 6, duration_s=(60.0, 70.0), **more)) for more in ({}, {"sudden_per_hour": 0.0}))
    np.testing.assert_array_equal(plain.trace.accelerometer.xyz, asked.trace.accelerometer.xyz)


def test_true_manoeuvres_are_what_the_car_really_did(sudden_drives: list[Drive]) -> None:
    for drive in sudden_drives:
        stops = drive.manoeuvres[(drive.manoeuvres.kind == HARD_STOP) & (drive.manoeuvres.peak_mps2 > 3.0)]
        for t_s, duration_s, peak in zip(stops.t_s, stops.duration_s, stops.peak_mps2, strict=True):
            before, after = np.interp([t_s, t_s + duration_s], drive.path.t_s, drive.path.speed_mps)
            assert 0.3 * peak * duration_s < before - after + 1.5
            assert before - after < peak * duration_s + 1.5


def test_the_speed_rule_joins_steps_and_passes_over_unknown_speeds() -> None:
    speed = np.array([15.0, 15.0, 11.0, 7.0, 7.0, np.nan, 2.0])
    t = np.arange(7.0)
    fixes = Fixes(t, 48.0 + t * 1e-4, np.full(7, 9.0), speed, np.full(7, np.nan), np.full(7, np.nan))
    found = speed_rule(fixes, 2.67)
    assert found.t_s.tolist() == [1.0]
    assert found.duration_s.tolist() == [2.0]


@needs_recordings
def test_real_hard_braking_is_found_and_nothing_else_is_called_so() -> None:
    trace, labels = read_trip(RECORDINGS, "trip17", True), read_labels(RECORDINGS, "trip17")
    found = find_manoeuvres(trace)
    stops, true = found[found.kind == HARD_STOP], labels["freada_agressiva"]
    pairs = match(Spans(stops.t_s, stops.duration_s), true)
    assert 2 * len(pairs) / (len(stops) + len(true.t_s)) >= 0.9


@needs_recordings
@pytest.mark.parametrize("gyroscope", [True, False])
def test_real_hard_manoeuvres_do_not_become_jolts(gyroscope: bool) -> None:
    inside = count = 0
    for trip in ("trip17", "trip20"):
        labels = read_labels(RECORDINGS, trip)
        spans = joined([spans for name, spans in labels.items() if name.startswith(("freada", "curva", "troca"))])
        inside += inside_of(survey(read_trip(RECORDINGS, trip, gyroscope)).jolts.t_s, spans)
        count += len(spans.t_s)
    assert inside <= 0.05 * count
