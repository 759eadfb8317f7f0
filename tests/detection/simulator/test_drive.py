import time

import numpy as np
import pytest
from scipy.signal import butter, sosfiltfilt
from scipy.spatial.transform import Rotation

from detection.simulator import City, Drive, TrueJolts, simulate_city, simulate_drive
from detection.simulator.motion import WANDER_M
from detection.simulator.things import POTHOLE, SPEED_BUMP, wheel_share
from detection.simulator.truth import MET_SHARE


def vertical(drive: Drive) -> tuple[np.ndarray, np.ndarray]:
    """Times and vertical acceleration in 1 to 20 Hz on an even 100 Hz grid."""
    a = drive.trace.accelerometer
    t = np.arange(a.t_s[0], a.t_s[-1], 0.01)
    xyz = np.stack([np.interp(t, a.t_s, c) for c in a.xyz.T], axis=1)
    up = sosfiltfilt(butter(2, 0.25, fs=100, output="sos"), xyz, axis=0)
    along_up = (xyz * up).sum(axis=1) / np.linalg.norm(up, axis=1)
    return t, sosfiltfilt(butter(2, [1, 20], "band", fs=100, output="sos"), along_up)


def in_hand(drive: Drive, t: np.ndarray, margin_s: float) -> np.ndarray:
    inside = np.zeros(np.shape(t), bool)
    for start, end in drive.handled_s:
        inside |= (t > start - margin_s) & (t < end + margin_s)
    return inside


def same(one: Drive, other: Drive) -> bool:
    return (
        one.trace.trip_id == other.trace.trip_id
        and one.trace.started_at == other.trace.started_at
        and np.array_equal(one.trace.accelerometer.xyz, other.trace.accelerometer.xyz)
        and np.array_equal(one.trace.fixes.latitude_deg, other.trace.fixes.latitude_deg)
        and np.array_equal(one.truth.peak_mps2, other.truth.peak_mps2)
    )


def test_the_same_seed_gives_the_same_drives_and_each_alone(city: City, drives: list[Drive]) -> None:
    again = simulate_city(11, street_km=6.0)
    alone = simulate_drive(again, 7, 5, devices=6, duration_s=(200.0, 400.0))
    assert same(alone, drives[7])
    assert not same(alone, simulate_drive(city, 7, 6, devices=6, duration_s=(200.0, 400.0)))


def test_at_rest_and_on_average_the_phone_feels_gravity(drives: list[Drive]) -> None:
    for drive in drives:
        a = drive.trace.accelerometer
        norm = np.linalg.norm(a.xyz, axis=1)[~in_hand(drive, a.t_s, 1.0)]
        assert norm.mean() == pytest.approx(9.81, abs=0.5)  # three biases of 0.12 m/s²


def test_felt_jolts_stand_where_the_truth_says(drives: list[Drive]) -> None:
    offsets = []
    for drive in drives:
        t, v = vertical(drive)
        for jolt in np.flatnonzero((drive.truth.felt == 1) & (drive.truth.peak_mps2 > 2.5)):
            at = drive.truth.t_s[jolt]
            near = np.abs(t - at) < 1.5
            if near.any() and not in_hand(drive, t[near], 2.0).any():
                offsets.append(t[near][np.abs(v[near]).argmax()] - at)
    assert len(offsets) > 30
    assert np.mean(np.abs(offsets) < 0.8) > 0.9
    assert -0.1 < np.median(offsets) < 0.5  # the front axle's answer, or the rear one's


def test_a_felt_jolt_is_larger_than_its_surroundings(drives: list[Drive]) -> None:
    ratios = []
    for drive in drives:
        t, v = vertical(drive)
        for at in drive.truth.t_s[drive.truth.felt == 1]:
            here, around = np.abs(t - at) < 0.8, (np.abs(t - at) > 2) & (np.abs(t - at) < 8)
            if around.any() and here.any() and not in_hand(drive, t[np.abs(t - at) < 8], 0.5).any():
                ratios.append(np.abs(v[here]).max() / v[around].std())
    assert np.median(ratios) > 4.0


def test_three_passes_in_ten_miss_the_hole() -> None:
    holes = simulate_city(2, street_km=60.0, per_km={"pothole": 10.0}).defects
    offset = np.random.default_rng(1).normal(0, WANDER_M, (40, len(holes)))
    met = [wheel_share(holes, passing).max(axis=1) >= MET_SHARE for passing in offset]
    assert np.mean(met) == pytest.approx(0.70, abs=0.05)


def test_drives_miss_holes_as_often(drives: list[Drive]) -> None:
    truth = TrueJolts.concatenate(d.truth for d in drives)
    holes = truth[truth.kind == POTHOLE]
    assert len(holes) > 50
    assert 0.5 < holes.met.mean() < 0.9


def test_felt_is_what_its_definition_says(drives: list[Drive]) -> None:
    truth = TrueJolts.concatenate(d.truth for d in drives)
    expected = (truth.share >= 0.25) & (truth.speed_mps > 4.0) & (truth.peak_mps2 >= 0.8)
    expected &= truth.peak_mps2 >= 3 * truth.background_mps2
    assert np.array_equal(truth.felt == 1, expected)
    assert 0.5 < truth.felt.mean() < 0.95


def test_what_no_wheel_meets_shakes_nothing(drives: list[Drive]) -> None:
    truth = TrueJolts.concatenate(d.truth for d in drives)
    missed = truth[truth.share == 0]
    assert len(missed) > 10
    assert missed.peak_mps2.max() < 0.5  # only the after-swing of something before it


def test_harmless_castings_are_hardly_ever_felt(drives: list[Drive]) -> None:
    harmless = TrueJolts.concatenate(d.harmless for d in drives)
    assert len(harmless) > 100
    assert harmless.felt.mean() < 0.1


def test_humps_are_slowed_for(drives: list[Drive]) -> None:
    truth = TrueJolts.concatenate(d.truth for d in drives)
    assert np.median(truth.speed_mps[truth.kind == SPEED_BUMP]) < np.median(truth.speed_mps[truth.kind == POTHOLE]) - 1.5


def test_a_device_keeps_its_car_and_phone_but_not_its_pose(drives: list[Drive]) -> None:
    owners = {}
    for drive in drives:
        owners.setdefault(drive.trace.device, []).append(drive)
    assert 1 < len(owners) <= 6
    shared = next(d for d in owners.values() if len(d) > 1)
    assert shared[0].owner.vehicle == shared[1].owner.vehicle
    assert np.array_equal(shared[0].owner.phone.bias_mps2, shared[1].owner.phone.bias_mps2)
    first, second = (d.trace.accelerometer.xyz[:50].mean(axis=0) for d in shared[:2])
    assert np.linalg.norm(first - second) > 1.0


def test_orientation_changes_nothing_but_the_axes(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    def recorded(turn: Rotation) -> Drive:
        monkeypatch.setattr("detection.simulator.drive.draw_pose", lambda rng: turn)
        return simulate_drive(city, 1, 5, devices=6, duration_s=(200.0, 201.0))

    flat, leaning = recorded(Rotation.identity()), recorded(Rotation.from_euler("xyz", [50, -30, 110], degrees=True))
    assert np.array_equal(flat.truth.t_s, leaning.truth.t_s)
    quiet = ~in_hand(flat, flat.trace.accelerometer.t_s, 0.5)
    norms = [np.linalg.norm(d.trace.accelerometer.xyz, axis=1)[quiet] for d in (flat, leaning)]
    assert np.corrcoef(*norms)[0, 1] > 0.98
    assert np.abs(flat.trace.accelerometer.xyz - leaning.trace.accelerometer.xyz).max() > 5


def test_fixes_follow_the_true_path(drives: list[Drive], city: City) -> None:
    errors = []
    for drive in drives:
        fixes, path = drive.trace.fixes, drive.path
        good = fixes.accuracy_m < 100
        x, y = city.plane.to_xy(fixes.latitude_deg[good], fixes.longitude_deg[good])
        true = city.plane.to_xy(path.latitude_deg, path.longitude_deg)
        then = fixes.t_s[good] - drive.receiver.lag_s
        errors.append(np.hypot(x - np.interp(then, path.t_s, true[0]), y - np.interp(then, path.t_s, true[1])))
    assert 2.0 < np.sqrt(np.mean(np.concatenate(errors) ** 2)) < 8.0
    assert np.isnan(drives[0].trace.fixes.bearing_deg[drives[0].trace.fixes.speed_mps == 0]).all()


def test_turning_left_turns_the_gyroscope_left_and_pushes_right(city: City) -> None:
    """In car axes: yaw rate and lateral acceleration have the sign of the curve, and agree with the change of course."""
    from detection.simulator.driver import Driver, drive_route
    from detection.simulator.motion import shake
    from detection.simulator.route import plan_route
    from detection.simulator.vehicle import draw_car

    rng = np.random.default_rng(8)
    route = plan_route(city, 4000.0, rng)
    motion = drive_route(route, Driver(1.0, 1.6, 2.0, 2.5, 6.0, 4.0, 0.0), np.empty(0), np.empty(0), 250.0, rng)
    shaking = shake(city, route, motion, draw_car(rng), rng)
    course = np.unwrap(np.arctan2(*np.gradient(route.xy, axis=0).T[::-1]))
    turned = np.interp(motion.u_m[-1], route.u_m, course) - course[0]
    assert np.trapezoid(shaking.turning_radps[:, 2], dx=1 / 500) == pytest.approx(turned, abs=0.1)
    sharp = np.abs(motion.speed_mps * motion.curvature) > 0.3
    assert (np.sign(shaking.from_driving[sharp, 1]) == np.sign(motion.curvature[sharp])).all()


def test_trips_spread_over_days(drives: list[Drive]) -> None:
    days = {drive.trace.started_at.date() for drive in drives if drive.trace.started_at}
    assert len(days) > 6


def test_slow_phones_are_an_option(city: City) -> None:
    drive = simulate_drive(city, 0, 5, devices=6, rate_hz=(5.0, 8.0), duration_s=(200.0, 250.0))
    assert 4.5 < drive.trace.accelerometer.rate_hz < 8.5


def test_ten_minutes_are_driven_within_half_a_second_of_computing(city: City) -> None:
    def seconds(index: int) -> float:
        begin = time.process_time()
        simulate_drive(city, index, 9, devices=3, duration_s=(600.0, 601.0), rate_hz=(100.0, 101.0))
        return time.process_time() - begin

    assert min(seconds(index) for index in range(3)) < 0.5
