import itertools

import numpy as np
import pytest
from scipy.signal import coherence as measured_coherence
from scipy.signal import welch

from detection.simulator.roads import CLASS_LIMITS_M3, STEP_M, coherence, displacement_psd, draw_roughness, wheel_tracks


@pytest.mark.parametrize(("name", "gd_n0_m3"), [("A", 16e-6), ("B", 64e-6), ("C", 256e-6)])
def test_the_psd_of_a_profile_is_that_of_its_iso_8608_class(name: str, gd_n0_m3: float) -> None:
    tracks = wheel_tracks(4000.0, gd_n0_m3, np.random.default_rng(1))
    n, psd = welch(tracks, 1 / STEP_M, nperseg=int(200 / STEP_M))
    octaves = np.logspace(np.log10(0.022), np.log10(2.83), 8)
    for low, high in itertools.pairwise(octaves):
        inside = (n >= low) & (n < high)
        ratio = psd[:, inside] / displacement_psd(n[inside], gd_n0_m3)
        assert ratio.mean() == pytest.approx(1.0, rel=0.25), f"class {name}, {low:.3f} to {high:.3f} cycles/m"


def test_roughness_is_drawn_within_the_limits_of_its_class() -> None:
    rng = np.random.default_rng(2)
    for name, (low, high) in CLASS_LIMITS_M3.items():
        drawn = [draw_roughness(name, rng) for _ in range(200)]
        assert low <= min(drawn) < 1.3 * low
        assert high / 1.3 < max(drawn) <= high


def test_wheel_tracks_agree_in_long_waves_and_not_in_short_ones() -> None:
    left, right = wheel_tracks(8000.0, 64e-6, np.random.default_rng(3))
    n, squared = measured_coherence(left, right, 1 / STEP_M, nperseg=int(50 / STEP_M))
    for low, high in ((0.03, 0.06), (0.1, 0.2), (0.3, 0.5), (1.0, 2.0)):
        inside = (n >= low) & (n < high)
        assert squared[inside].mean() == pytest.approx((coherence(n[inside], 1.5) ** 2).mean(), abs=0.08)


def test_stretches_join_without_a_step() -> None:
    tracks = wheel_tracks(100.0, 512e-6, np.random.default_rng(4))
    assert np.abs(tracks[:, [0, -1]]).max() < 1e-6
    assert np.abs(np.diff(tracks)).max() < 0.02
