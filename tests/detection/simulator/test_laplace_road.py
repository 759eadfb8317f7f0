"""The second road model: spectrum and tails of its surface, shapes of its things, and that the first one stays as it was."""

import itertools
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.ndimage import median_filter
from scipy.signal import butter, sosfiltfilt, welch
from scipy.signal import coherence as measured_coherence
from scipy.stats import kurtosis

from detection.readers import read
from detection.simulator import Drive, TrueJolts, simulate_city, simulate_drives
from detection.simulator.full_car import draw_full_car
from detection.simulator.laplace_road import (
    ROUGHEST,
    LaplaceStreet,
    draw_street,
    isotropic_coherence,
    laplace_tracks,
    patches,
    ravelled,
    rough_tracks,
    variances,
)
from detection.simulator.roads import STEP_M, coherence, wheel_tracks
from detection.simulator.things import JOINT, POTHOLE, SPEED_BUMP
from detection.simulator.worn_things import RAIL_GAUGE_M, worn_shape
from detection.trace import Trace

PLAIN = LaplaceStreet(gd_n0_m3=64e-6, waviness=2.0, shape_nu=0.8, stretch_m=15.0, patches_per_m=0.0, ravelled_per_m=0.0)
CAR_BAND = butter(2, [0.5, 3.0], "band", fs=1 / STEP_M, output="sos")  # cycles/m: the wheel's hop at 5 to 20 m/s


@pytest.mark.parametrize("waviness", [1.5, 2.0, 3.0])
def test_the_mean_psd_is_that_of_the_street(waviness: float) -> None:
    tracks = rough_tracks(replace(PLAIN, waviness=waviness), int(30000 / STEP_M), np.random.default_rng(1))
    n, psd = welch(tracks, 1 / STEP_M, nperseg=int(200 / STEP_M))
    octaves = np.logspace(np.log10(0.022), np.log10(2.83), 8)
    for low, high in itertools.pairwise(octaves):
        inside = (n >= low) & (n < high)
        ratio = psd[:, inside] / (64e-6 * (n[inside] / 0.1) ** -waviness)
        assert ratio.mean() == pytest.approx(1.0, rel=0.25), f"{low:.3f} to {high:.3f} cycles/m"


@pytest.mark.parametrize("shape_nu", [0.4, 1.2])
def test_what_shakes_a_car_has_heavier_tails_than_gauss(shape_nu: float) -> None:
    """Gaussian with gamma variances, those of both tracks and of each multiplied and cut off; the first road model has 3."""
    rng = np.random.default_rng(2)
    mine = rough_tracks(replace(PLAIN, shape_nu=shape_nu, stretch_m=30.0), int(40000 / STEP_M), rng)
    tails = kurtosis(sosfiltfilt(CAR_BAND, mine), axis=1, fisher=False)
    drawn = rng.gamma(1 / shape_nu, shape_nu, 100_000) * rng.gamma(4.0, 0.25, 100_000)
    drawn = np.minimum(drawn, ROUGHEST**2)
    assert tails == pytest.approx(3 * np.mean(drawn**2) / np.mean(drawn) ** 2, rel=0.15)
    assert min(tails) > 3.8
    gauss = kurtosis(sosfiltfilt(CAR_BAND, wheel_tracks(10000.0, 64e-6, rng)), axis=1, fisher=False)
    assert gauss == pytest.approx(3.0, abs=0.2)


def test_drawn_streets_have_heavy_tails_and_differ_in_waviness() -> None:
    rng = np.random.default_rng(3)
    drawn = [draw_street(64e-6, rng) for _ in range(300)]
    assert 1.5 <= min(s.waviness for s in drawn) < 1.7
    assert 2.7 < max(s.waviness for s in drawn) <= 3.0
    streets = [laplace_tracks(400.0, 64e-6, rng) for _ in range(30)]
    tails = [kurtosis(sosfiltfilt(CAR_BAND, z), axis=1, fisher=False) for z in streets]
    assert np.median(tails) > 3.5


def test_roughness_changes_along_the_street() -> None:
    rng = np.random.default_rng(4)
    drawn = variances(200_000, 0.8, 15.0, rng)
    assert drawn.mean() == pytest.approx(1.0, abs=0.15)
    assert np.var(drawn) == pytest.approx(0.8, rel=0.3)
    assert 200_000 * STEP_M / (np.count_nonzero(np.diff(drawn)) + 1) == pytest.approx(16.0, rel=0.2)


def test_tracks_agree_in_long_waves_as_an_isotropic_surface_of_this_waviness() -> None:
    n = np.array([0.02, 0.1, 0.3, 1.0])
    assert isotropic_coherence(n, 1.5, 2.0) == pytest.approx(coherence(n, 1.5))
    left, right = rough_tracks(replace(PLAIN, waviness=1.6), int(20000 / STEP_M), np.random.default_rng(5))
    n, squared = measured_coherence(left, right, 1 / STEP_M, nperseg=int(50 / STEP_M))
    for low, high in ((0.03, 0.06), (0.1, 0.2), (0.3, 0.5), (1.0, 2.0)):
        inside = (n >= low) & (n < high)
        assert squared[inside].mean() == pytest.approx((isotropic_coherence(n[inside], 1.5, 1.6) ** 2).mean(), abs=0.1)


def test_patches_and_ravelling_are_as_low_as_they_say() -> None:
    rng, many = np.random.default_rng(6), replace(PLAIN, patches_per_m=0.02, ravelled_per_m=0.02)
    mended, stones = patches(many, 40_000, rng), ravelled(many, 40_000, rng)
    assert 0.001 < np.abs(mended).max() < 0.012  # a few lie on one another
    assert np.abs(np.diff(mended)).max() < 0.0016, "edges rolled over at least 10 cm"
    assert 0.1 < np.mean(stones != 0) < 0.4
    assert 1e-4 < stones[stones != 0].std() < 1.2e-3


def test_stretches_join_without_a_step_and_short_lanes_can_be_drawn() -> None:
    for length in (5.0, 100.0):
        tracks = laplace_tracks(length, 512e-6, np.random.default_rng(7))
        assert tracks.shape == (2, int(np.ceil(length / STEP_M)) + 1)
        assert np.abs(tracks[:, [0, -1]]).max() < 1e-6


@pytest.mark.parametrize(
    ("kind", "size", "length", "lowest", "highest"),
    [
        (POTHOLE, 0.05, 0.6, -0.05, 0.0),
        (SPEED_BUMP, 0.08, 3.7, 0.0, 0.08),
        (SPEED_BUMP, 0.08, 6.0, 0.0, 0.08),
        (SPEED_BUMP, 0.05, 0.6, 0.0, 0.05),
        (JOINT, 0.02, RAIL_GAUGE_M + 0.25, 0.0, 0.02),
        (JOINT, 0.02, 0.3, 0.0, 0.02),
        (JOINT, 0.02, 0.7, -0.02, 0.0),
    ],
)
def test_things_are_as_high_or_deep_as_drawn_and_end_at_the_road(
    kind: int, size: float, length: float, lowest: float, highest: float
) -> None:
    z = worn_shape(kind, size, length)
    assert z.min() == pytest.approx(lowest, abs=0.15 * size)
    assert z.max() == pytest.approx(highest, abs=0.15 * size)
    assert z[[0, -1]] == pytest.approx(0.0, abs=1e-12)
    assert length <= len(z) * STEP_M <= length + 0.1
    assert np.count_nonzero(z) * STEP_M == pytest.approx(0.4 if kind == JOINT and length > 1 else length, abs=0.1)


def test_a_pothole_breaks_off_sharply_and_washes_out_slowly() -> None:
    z = worn_shape(POTHOLE, 0.06, 1.0)
    deepest = z.argmin()
    assert deepest < 0.3 * len(z)
    assert np.abs(np.diff(z)).argmax() < deepest


def test_the_first_model_is_the_default_and_another_keeps_the_streets() -> None:
    first, named, other = (simulate_city(3, street_km=2.0, **kw) for kw in ({}, {"roads": "iso8608"}, {"roads": "laplace"}))
    assert first.roads == "iso8608"
    assert all(np.array_equal(a, b) for a, b in zip(first.surface, named.surface, strict=True))
    assert all(np.array_equal(a.xy, b.xy) for a, b in zip(first.streets, other.streets, strict=True))
    assert not np.array_equal(first.surface[0], other.surface[0])
    with pytest.raises(ValueError, match="no road model 'cobbles'; there are: iso8608, laplace, patched"):
        simulate_city(3, street_km=2.0, roads="cobbles")


@pytest.fixture(scope="module")
def other_drives() -> list[Drive]:
    city = simulate_city(12, street_km=6.0, roads="laplace")
    return list(simulate_drives(city, 5, 5, duration_s=(300.0, 400.0), draw_vehicle=draw_full_car))


def test_drives_on_the_other_roads_feel_things_of_all_kinds_and_few_castings(other_drives: list[Drive]) -> None:
    truth = TrueJolts.concatenate(d.truth for d in other_drives)
    harmless = TrueJolts.concatenate(d.harmless for d in other_drives)
    assert 0.4 < truth.felt.mean() < 0.95
    assert {POTHOLE, SPEED_BUMP, JOINT} <= set(truth.kind[truth.felt == 1])
    assert 1.0 < np.median(truth.peak_mps2[truth.felt == 1]) < 8.0
    assert harmless.felt.mean() < 0.15


def test_the_bare_street_shakes_a_car_as_a_thing_would_on_laplace_roads_only(other_drives: list[Drive]) -> None:
    first = simulate_city(12, street_km=6.0, per_km={})
    known = list(simulate_drives(first, 4, 5, duration_s=(300.0, 400.0), draw_vehicle=draw_full_car))
    per_km = [
        sum(len(d.bare_shocks_s) for d in drives) / sum(np.trapezoid(d.path.speed_mps, d.path.t_s) / 1e3 for d in drives)
        for drives in (known, other_drives)
    ]
    assert per_km[0] < 0.5
    assert per_km[1] > 2 * per_km[0]


def jumpiness(traces: Iterable[Trace]) -> float:
    """99 % quantile of the half-second r.m.s. (2 to 24 Hz, above 8 m/s) over its running median of 12 s."""
    ratios = []
    for trace in traces:
        a, known = trace.accelerometer, trace.fixes.speed_mps >= 0
        t = np.arange(a.t_s[0], a.t_s[-1], 0.01)
        xyz = np.stack([np.interp(t, a.t_s, c) for c in a.xyz.T], axis=1)
        up = sosfiltfilt(butter(2, 0.25, fs=100, output="sos"), xyz, axis=0)
        vertical = sosfiltfilt(
            butter(4, [2, 24], "band", fs=100, output="sos"), (xyz * up).sum(axis=1) / np.linalg.norm(up, axis=1)
        )
        speed = np.interp(t, trace.fixes.t_s[known], trace.fixes.speed_mps[known])
        n = len(t) // 50
        rms = np.sqrt((vertical[: n * 50].reshape(n, 50) ** 2).mean(axis=1))
        ratios.append((rms / median_filter(rms, 25))[speed[: n * 50].reshape(n, 50).min(axis=1) > 8.0])
    return float(np.quantile(np.concatenate(ratios), 0.99))


@pytest.mark.parametrize("recording", ["q1-smooth.zip", "q3-recording.zip"])
def test_real_roads_jump_as_the_second_model_does_and_more_than_the_first(
    shared_data: Path, bare: dict[str, float], recording: str
) -> None:
    real = jumpiness(read(shared_data / "phyphox" / recording))
    assert real == pytest.approx(bare["laplace"], rel=0.3)
    assert real > 1.3 * bare["iso8608"]


@pytest.fixture(scope="module")
def bare() -> dict[str, float]:
    """Jumpiness of streets without things, by road model."""
    drive = {"devices": 6, "rate_hz": (100.0, 101.0), "duration_s": (150.0, 170.0)}
    cities = {roads: simulate_city(31, street_km=4.0, per_km={}, roads=roads) for roads in ("iso8608", "laplace")}
    return {
        name: jumpiness(d.trace for d in simulate_drives(city, 6, 3, **drive) if not len(d.handled_s))
        for name, city in cities.items()
    }
