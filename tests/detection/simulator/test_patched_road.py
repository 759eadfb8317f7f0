"""The third roads: density, tails and tracks of the ground, each kind of wear, shapes of things, drives that no training saw."""

import itertools
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.ndimage import median_filter
from scipy.signal import butter, find_peaks, sosfiltfilt, welch
from scipy.signal import coherence as measured_coherence
from scipy.stats import kurtosis

from detection.readers import read
from detection.simulator import Drive, TrueJolts, draw_nonlinear_car, simulate_city, simulate_drives
from detection.simulator.laplace_road import isotropic_coherence
from detection.simulator.patched_road import BumpStreet, bumpy_tracks, draw_bump_street, patched_tracks, runs
from detection.simulator.patched_things import BULGE_M, LIP, patched_shape
from detection.simulator.roads import STEP_M, TRACK_M, wheel_tracks
from detection.simulator.street_wear import LARGEST_STEP_M, Wear, cobbles, corrugation, cracks, draw_wear, gutters, trenches, worn
from detection.simulator.things import JOINT, POTHOLE, ROUGH, SPEED_BUMP
from detection.trace import Trace

GROUND = BumpStreet(gd_n0_m3=64e-6, waviness=2.0, crowding=0.3, run_m=30.0, run_spread=0.4)
UNWORN = Wear(
    crack_every_m=np.inf, crack_deep_m=0.003, trench_every_m=1e9, trench_step_m=0.004,
    corrugated_m=0.0, corrugation_m=0.002, gutter_m=0.0, cobbled_m=0.0, cobble_m=0.002,
)  # fmt: skip
CAR_BAND = butter(2, [0.5, 3.0], "band", fs=1 / STEP_M, output="sos")  # cycles/m: the wheel's hop at 5 to 20 m/s


@pytest.mark.parametrize("waviness", [1.7, 2.0, 2.5])
def test_the_mean_psd_falls_with_the_waviness_and_is_gd_at_n0(waviness: float) -> None:
    """To 1.6 cycles/m; above that the smallest bumps end it, where a tyre spans all of it."""
    tracks = bumpy_tracks(replace(GROUND, waviness=waviness), int(20000 / STEP_M), np.random.default_rng(1))
    n, psd = welch(tracks, 1 / STEP_M, nperseg=int(200 / STEP_M))
    for low, high in itertools.pairwise(np.geomspace(0.022, 1.6, 7)):
        inside = (n >= low) & (n < high)
        ratio = psd[:, inside] / (64e-6 * (n[inside] / 0.1) ** -waviness)
        assert ratio.mean() == pytest.approx(1.0, rel=0.25), f"{low:.3f} to {high:.3f} cycles/m"


def test_tracks_agree_in_long_waves_because_bumps_are_round() -> None:
    """No formula of coherence went into it: an isotropic surface's comes out."""
    left, right = bumpy_tracks(replace(GROUND, crowding=1.0), int(20000 / STEP_M), np.random.default_rng(5))
    n, squared = measured_coherence(left, right, 1 / STEP_M, nperseg=int(50 / STEP_M))
    for low, high in ((0.03, 0.06), (0.1, 0.2), (0.3, 0.5), (1.0, 2.0)):
        inside = (n >= low) & (n < high)
        expected = (isotropic_coherence(n[inside], TRACK_M, 2.0) ** 2).mean()
        assert squared[inside].mean() == pytest.approx(expected, abs=0.12)


def test_the_ground_is_not_gaussian_and_the_whole_street_less_so() -> None:
    rng = np.random.default_rng(2)
    ground = bumpy_tracks(replace(GROUND, crowding=0.15), int(10000 / STEP_M), rng)
    assert kurtosis(sosfiltfilt(CAR_BAND, ground), axis=1, fisher=False).min() > 3.3
    streets = [sosfiltfilt(CAR_BAND, patched_tracks(300.0, 64e-6, rng)) for _ in range(20)]
    gauss = [sosfiltfilt(CAR_BAND, wheel_tracks(300.0, 64e-6, rng)) for _ in range(20)]
    assert np.median([kurtosis(z, axis=1, fisher=False) for z in streets]) > 4.0
    assert np.median([kurtosis(z, axis=1, fisher=False) for z in gauss]) < 3.2


def test_runs_are_unlike_and_change_within_a_metre() -> None:
    factor = runs(replace(GROUND, run_spread=0.4), 400_000, np.random.default_rng(4))
    assert np.mean(factor**2) == pytest.approx(1.0, rel=0.15)
    assert np.log(factor).std() == pytest.approx(0.4, rel=0.15)
    assert np.abs(np.diff(factor)).max() < 0.2


def test_roughness_is_that_asked_for() -> None:
    rng = np.random.default_rng(6)
    sizes = [np.median([patched_tracks(300.0, gd, rng).std() for _ in range(12)]) for gd in (16e-6, 256e-6)]
    assert sizes[1] / sizes[0] == pytest.approx(4.0, rel=0.3)


def laid(wear: Wear, seed: int = 1, length_m: float = 2000.0) -> np.ndarray:
    return worn(wear, int(length_m / STEP_M), np.random.default_rng(seed))


def test_no_wear_is_as_large_as_what_a_table_would_name() -> None:
    """A step of 10 mm is a joint: of the worst streets no trench is, and few lie on one another."""
    rng, worst = np.random.default_rng(9), []
    for _ in range(30):
        z = np.zeros((2, int(300 / STEP_M)))
        trenches(z, draw_wear(512e-6, rng), rng)
        worst.append(np.abs(z).max())
    assert np.median(worst) <= LARGEST_STEP_M
    assert np.mean(np.array(worst) > LARGEST_STEP_M + 1e-9) < 0.3


def test_without_wear_there_is_none() -> None:
    assert not laid(UNWORN).any()


def test_cracks_cross_both_tracks_askew_every_few_metres() -> None:
    z = laid(replace(UNWORN, crack_every_m=10.0))
    assert z.max() <= 0.0
    starts = [np.flatnonzero((row[:-1] == 0) & (row[1:] < 0)) * STEP_M for row in z]
    for found in starts:
        assert len(found) == pytest.approx(200, rel=0.15)
    apart = np.abs(starts[0][:50, None] - starts[1][None]).min(axis=1)
    assert 0.05 < np.median(apart) < 0.4


def test_trenches_settle_more_often_than_they_rise_and_have_edges() -> None:
    z = laid(replace(UNWORN, trench_every_m=50.0), length_m=10_000.0)
    assert (z < 0).sum() > 1.5 * (z > 0).sum()
    assert 0.004 < np.abs(z).max() < 0.03
    both, one = ((z != 0).sum(axis=0) == k for k in (2, 1))
    assert both.any()
    assert one.any()


def test_corrugation_lies_before_the_stop_line_only() -> None:
    z = laid(replace(UNWORN, corrugated_m=20.0), length_m=200.0)
    where = np.flatnonzero(z.any(axis=0)) * STEP_M
    assert 167.0 < where.min() < where.max() <= 188.1
    turns = np.count_nonzero(np.diff(np.sign(z[0][z[0] != 0])) != 0)
    assert 20.0 / 1.4 * 2 * 0.8 < turns < 20.0 / 0.45 * 2 * 1.2


def test_gutters_are_shallow_and_at_both_ends() -> None:
    z = laid(replace(UNWORN, gutter_m=0.01), length_m=200.0)
    assert z.min() == pytest.approx(-0.01, rel=0.05)
    assert not z[:, int(20 / STEP_M) : int(180 / STEP_M)].any()


def test_cobbles_are_stones_of_their_own_height_on_each_track() -> None:
    z = laid(replace(UNWORN, cobbled_m=40.0), length_m=200.0)
    stones = z[:, z.any(axis=0)]
    assert stones.shape[1] * STEP_M == pytest.approx(40.0, abs=0.5)
    assert 0.001 < stones.std() < 0.004
    assert abs(np.corrcoef(stones)[0, 1]) < 0.9


@pytest.mark.parametrize("add", [cracks, trenches, corrugation, gutters, cobbles])
def test_short_lanes_can_be_worn(add: object) -> None:
    z = np.zeros((2, 120))
    add(z, draw_wear(512e-6, np.random.default_rng(3)), np.random.default_rng(1))  # type: ignore[operator]
    assert np.isfinite(z).all()


def test_stretches_join_without_a_step_and_drawn_streets_differ() -> None:
    for length in (5.0, 100.0):
        tracks = patched_tracks(length, 512e-6, np.random.default_rng(7))
        assert tracks.shape == (2, int(np.ceil(length / STEP_M)) + 1)
        assert np.abs(tracks[:, [0, -1]]).max() < 1e-6
    drawn = [draw_bump_street(64e-6, np.random.default_rng(seed)) for seed in range(100)]
    assert min(s.waviness for s in drawn) < 1.75
    assert max(s.waviness for s in drawn) > 2.4
    assert draw_bump_street(64e-6, np.random.default_rng(7)) == drawn[7]


@pytest.mark.parametrize(
    ("kind", "size", "length", "lowest", "highest"),
    [
        (POTHOLE, 0.06, 0.6, -0.06, LIP * 0.06),
        (POTHOLE, 0.06, 1.8, -0.06, LIP * 0.06),
        (SPEED_BUMP, 0.07, 2.5, 0.0, 0.07),
        (SPEED_BUMP, 0.08, 5.0, 0.0, 0.08),
        (SPEED_BUMP, 0.06, 0.5, 0.0, 0.06),
        (JOINT, 0.02, 0.3, 0.0, 0.02),
        (JOINT, 0.02, 0.7, -0.02, 0.006),
        (JOINT, 0.02, 1.2, 0.0, 0.02),
        (JOINT, 0.022, 2.0, 0.0, 0.022),
    ],
)
def test_things_are_as_high_or_deep_as_drawn_and_end_at_the_road(
    kind: int, size: float, length: float, lowest: float, highest: float
) -> None:
    z = np.atleast_2d(patched_shape(kind, size, length))
    assert z.min() == pytest.approx(lowest, abs=0.12 * size)
    assert z.max() == pytest.approx(highest, abs=0.15 * size)
    assert z[:, [0, -1]] == pytest.approx(0.0, abs=1e-12)
    assert length <= z.shape[1] * STEP_M <= length + 0.1


def test_a_skewed_joint_is_met_by_the_left_wheel_first_and_the_right_one_later() -> None:
    left, right = patched_shape(JOINT, 0.02, 1.2)
    assert (right.argmax() - left.argmax()) * STEP_M == pytest.approx(1.2 - BULGE_M, abs=STEP_M)
    assert left.max() == pytest.approx(right.max(), rel=0.02)


def test_a_long_hole_is_three_in_a_row() -> None:
    z = patched_shape(POTHOLE, 0.06, 1.8)
    bottoms, _ = find_peaks(-z, prominence=0.02)
    assert len(bottoms) >= 3
    assert np.ptp(bottoms) * STEP_M > 0.8


@pytest.fixture(scope="module")
def third_drives() -> list[Drive]:
    city = simulate_city(12, street_km=6.0, roads="patched")
    return list(simulate_drives(city, 5, 5, duration_s=(300.0, 400.0), draw_vehicle=draw_nonlinear_car))


def test_things_of_all_kinds_are_felt_in_the_third_world_and_few_castings(third_drives: list[Drive]) -> None:
    truth = TrueJolts.concatenate(d.truth for d in third_drives)
    harmless = TrueJolts.concatenate(d.harmless for d in third_drives)
    assert 0.3 < truth.felt.mean() < 0.95
    assert {POTHOLE, SPEED_BUMP, JOINT, ROUGH} >= set(truth.kind[truth.felt == 1]) >= {POTHOLE, SPEED_BUMP, JOINT}
    assert 1.0 < np.median(truth.peak_mps2[truth.felt == 1]) < 8.0
    assert harmless.felt.mean() < 0.15


def test_the_same_seed_gives_the_same_third_world(third_drives: list[Drive]) -> None:
    again = simulate_city(12, street_km=6.0, roads="patched")
    drive = next(iter(simulate_drives(again, 5, 5, duration_s=(300.0, 400.0), draw_vehicle=draw_nonlinear_car)))
    assert np.array_equal(drive.trace.accelerometer.xyz, third_drives[0].trace.accelerometer.xyz)
    assert np.array_equal(drive.truth.peak_mps2, third_drives[0].truth.peak_mps2)


def test_the_third_roads_keep_the_streets_of_the_first() -> None:
    first, third = (simulate_city(3, street_km=2.0, roads=roads) for roads in ("iso8608", "patched"))
    assert all(np.array_equal(a.xy, b.xy) for a, b in zip(first.streets, third.streets, strict=True))
    assert not np.array_equal(first.surface[0], third.surface[0])


def signal(trace: Trace) -> tuple[np.ndarray, np.ndarray]:
    """(vertical m/s² in 0.7 to 24 Hz, speed m/s) at 100 Hz."""
    a, known = trace.accelerometer, trace.fixes.speed_mps >= 0
    t = np.arange(a.t_s[0], a.t_s[-1], 0.01)
    xyz = np.stack([np.interp(t, a.t_s, c) for c in a.xyz.T], axis=1)
    up = sosfiltfilt(butter(2, 0.25, fs=100, output="sos"), xyz, axis=0)
    vertical = (xyz * up).sum(axis=1) / np.linalg.norm(up, axis=1)
    speed = np.interp(t, trace.fixes.t_s[known], trace.fixes.speed_mps[known])
    return sosfiltfilt(butter(4, [0.7, 24], "band", fs=100, output="sos"), vertical), speed


def shocks_per_km(traces: Iterable[Trace]) -> float:
    """Peaks of 0.8 m/s² and 4 times the r.m.s. within ± 4 s, above 8 m/s: `truth.bare_shocks`, of what the phone recorded."""
    count, km = 0, 0.0
    for trace in traces:
        v, speed = signal(trace)
        r_m_s = np.sqrt(np.convolve(v**2, np.ones(801) / 801, mode="same"))
        peak, _ = find_peaks(np.abs(v), height=0.8, distance=60)
        count += int(((np.abs(v[peak]) >= 4.0 * r_m_s[peak]) & (speed[peak] > 8.0)).sum())
        km += float(speed[speed > 8.0].sum() * 1e-5)
    return count / km


def jumpiness(traces: Iterable[Trace]) -> float:
    """99 % quantile of the half-second r.m.s. over its running median of 12 s, above 8 m/s."""
    ratios = []
    for trace in traces:
        v, speed = signal(trace)
        n = len(v) // 50
        r_m_s = np.sqrt((v[: n * 50].reshape(n, 50) ** 2).mean(axis=1))
        ratios.append((r_m_s / median_filter(r_m_s, 25))[speed[: n * 50].reshape(n, 50).min(axis=1) > 8.0])
    return float(np.quantile(np.concatenate(ratios), 0.99))


@pytest.fixture(scope="module")
def traces() -> list[Trace]:
    """Short drives of many vehicles in the third world, with all its things."""
    city = simulate_city(31, street_km=6.0, roads="patched")
    drive = {"devices": 12, "rate_hz": (100.0, 101.0), "duration_s": (150.0, 170.0), "draw_vehicle": draw_nonlinear_car}
    return [d.trace for d in simulate_drives(city, 12, 3, **drive) if not len(d.handled_s)]


@pytest.mark.parametrize("recording", ["q1-smooth.zip", "q3-recording.zip"])
def test_the_third_world_jumps_as_real_roads_do(shared_data: Path, traces: list[Trace], recording: str) -> None:
    real = list(read(shared_data / "phyphox" / recording))
    assert jumpiness(traces) == pytest.approx(jumpiness(real), rel=0.35)


def test_it_shocks_a_phone_about_as_often_as_real_roads_do(shared_data: Path, traces: list[Trace]) -> None:
    smooth, bad = (shocks_per_km(read(shared_data / "phyphox" / name)) for name in ("q1-smooth.zip", "q3-recording.zip"))
    assert 0.5 * smooth < shocks_per_km(traces) < 1.5 * bad
