"""Road surface: random height profiles of two wheel tracks, after ISO 8608. Things on the road are `things.py`."""

from __future__ import annotations

import numpy as np
from scipy.fft import irfft, next_fast_len
from scipy.special import k1

from detection.columns import Floats

STEP_M = 0.025  # spacing of a profile: a quarter of the shortest contact patch
TRACK_M = 1.5  # between left and right wheel; assumption: a middle-sized car
REFERENCE_N0 = 0.1  # cycles/m: ISO 8608:2016
LOWEST_N, HIGHEST_N = (
    0.011,
    10.0,
)  # cycles/m: ISO 8608 reports 0.011 to 2.83; the slope is continued to 10 cm, below that the tyre spans
CLASS_NAMES = "ABCD"
CLASS_LIMITS_M3 = {"A": (8e-6, 32e-6), "B": (32e-6, 128e-6), "C": (128e-6, 512e-6), "D": (512e-6, 2048e-6)}
# ISO 8608:2016 annex C: Gd(n0) between the limits of a class, m³; A has no lower limit there, 8e-6 continues the factor 4
TAPER_M = 6.0  # assumption: every stretch begins and ends at height 0, so that stretches join without a step


def draw_roughness(class_name: str, rng: np.random.Generator) -> float:
    """Gd(n0) in m³, log-uniform within the class."""
    low, high = np.log(CLASS_LIMITS_M3[class_name])
    return float(np.exp(rng.uniform(low, high)))


def wheel_tracks(length_m: float, gd_n0_m3: float, rng: np.random.Generator) -> Floats:
    """Heights (2, n) in m of the left and right wheel track every STEP_M, PSD Gd(n0)·(n/n0)^-2 each."""
    keep = max(2, int(np.ceil(length_m / STEP_M)) + 1)
    n = next_fast_len(int(1.1 * keep) + 1, real=True)
    frequency = np.arange(n // 2 + 1) / (n * STEP_M)
    white = rng.standard_normal((4, len(frequency)))
    first, second = white[0] + 1j * white[1], white[2] + 1j * white[3]
    common = coherence(frequency, TRACK_M)
    tracks = np.stack([first, common * first + np.sqrt(1 - common**2) * second])
    z = irfft(tracks * _amplitude(frequency, gd_n0_m3) * n, n)[:, :keep]
    return np.asarray(z * taper(keep), np.float64)


def displacement_psd(n_cycles_per_m: Floats, gd_n0_m3: float) -> Floats:
    """ISO 8608 one-sided displacement PSD, m³, waviness 2."""
    return np.asarray(gd_n0_m3 * (n_cycles_per_m / REFERENCE_N0) ** -2.0)


def coherence(n_cycles_per_m: Floats, track_m: float) -> Floats:
    """Amplitude coherence of two parallel tracks of an isotropic surface with waviness 2: x·K1(x), x = 2π·n·track.

    The Fourier integral of the two-dimensional density n^-3 over the width; isotropy held against measured tracks:
    Dodds & Robson, J. Sound Vib. 31 (1973) 175; Kamash & Robson, J. Sound Vib. 57 (1978) 89.
    """
    x = np.maximum(2 * np.pi * n_cycles_per_m * track_m, 1e-9)
    return np.asarray(np.clip(x * k1(x), 0.0, 1.0))


def _amplitude(frequency: Floats, gd_n0_m3: float) -> Floats:
    inside = (frequency >= LOWEST_N) & (frequency <= HIGHEST_N)
    psd = np.where(inside, displacement_psd(np.maximum(frequency, LOWEST_N), gd_n0_m3), 0.0)
    return np.asarray(np.sqrt(psd * frequency[1] / 4))


def taper(n: int) -> Floats:
    """Window (n,) that rises from 0 and falls to 0 within TAPER_M."""
    edge = min(int(TAPER_M / STEP_M), n // 2)
    window = np.ones(n)
    window[:edge] = 0.5 - 0.5 * np.cos(np.pi * np.arange(edge) / edge)
    window[n - edge :] = window[:edge][::-1]
    return window
