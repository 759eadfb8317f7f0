"""A road surface that is not Gaussian: roughness that changes every few metres, patches, ravelling, waviness of its own.

The second opinion to `roads.wheel_tracks`. After the Laplace model of Johannesson & Rychlik (Modelling of road profiles using
roughness indicators, Int. J. Veh. Des. 66 (2014) 317) and Johannesson, Podgórski & Rychlik (parallel tracks; Chalmers preprint
2014:4): Gaussian where one stands, its variance gamma distributed from stretch to stretch. Things on the road: `worn_things`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft
from scipy.special import gamma, kv

from detection.columns import Floats
from detection.simulator.roads import HIGHEST_N, LOWEST_N, REFERENCE_N0, STEP_M, TRACK_M, taper

ROUGHEST = 2.0  # times its street's r.m.s.; assumption: what is three times as rough is a rough stretch, and those are defects


@dataclass(frozen=True)
class LaplaceStreet:
    """What one lane's surface is drawn from. Ranges: docs/simulator.md."""

    gd_n0_m3: float
    waviness: float
    shape_nu: float  # of the variance: mean 1, variance nu; the profile's kurtosis is 3 (1 + nu)
    stretch_m: float  # mean length of equal variance
    patches_per_m: float
    ravelled_per_m: float


def laplace_tracks(length_m: float, gd_n0_m3: float, rng: np.random.Generator) -> Floats:
    """Heights (2, n) in m of the left and right wheel track every STEP_M, of a street with this Gd(n0)."""
    street = draw_street(gd_n0_m3, rng)
    keep = max(2, int(np.ceil(length_m / STEP_M)) + 1)
    z = rough_tracks(street, keep, rng)
    z = z + ravelled(street, keep, rng) + patches(street, keep, rng)
    return np.asarray(z * taper(keep), np.float64)


def draw_street(gd_n0_m3: float, rng: np.random.Generator) -> LaplaceStreet:
    return LaplaceStreet(
        gd_n0_m3,
        waviness=rng.triangular(1.5, 2.1, 3.0),
        shape_nu=rng.uniform(0.3, 1.2),
        stretch_m=rng.uniform(8.0, 40.0),
        patches_per_m=rng.uniform(0.0, 0.02),
        ravelled_per_m=rng.uniform(0.0, 0.006),
    )


def rough_tracks(street: LaplaceStreet, keep: int, rng: np.random.Generator) -> Floats:
    """Heights (2, keep): white noise of changing variance through the filter that gives it the street's spectrum."""
    n = next_fast_len(int(1.1 * keep) + 1, real=True)
    frequency = np.arange(n // 2 + 1) / (n * STEP_M)
    shared, own = variances(n, street.shape_nu, street.stretch_m, rng), 0.25  # assumption: tracks wear mostly alike
    each = np.minimum(shared * np.stack([variances(n, own, street.stretch_m, rng) for _ in range(2)]), ROUGHEST**2)
    first, second = rfft(rng.standard_normal((2, n)) * np.sqrt(each))
    common = isotropic_coherence(frequency, TRACK_M, street.waviness)
    tracks = np.stack([first, common * first + np.sqrt(1 - common**2) * second])
    return np.asarray(irfft(tracks * np.sqrt(_psd(frequency, street) / (2 * STEP_M)), n)[:, :keep])


def variances(n: int, shape_nu: float, stretch_m: float, rng: np.random.Generator) -> Floats:
    """Variance (n,) every STEP_M, one gamma number of mean 1 and variance nu a stretch of exponential length."""
    ends = np.cumsum(1.0 + rng.exponential(stretch_m, 3 + int(2 * n * STEP_M / stretch_m)))
    drawn = rng.gamma(1 / shape_nu, shape_nu, len(ends) + 1)
    return np.asarray(drawn[np.searchsorted(ends, np.arange(n) * STEP_M)])


def isotropic_coherence(n_cycles_per_m: Floats, track_m: float, waviness: float) -> Floats:
    """As `roads.coherence` for any waviness w: 2^(1-v)/Γ(v) · x^v · K_v(x), v = w/2, x = 2π·n·track."""
    x, order = np.maximum(2 * np.pi * n_cycles_per_m * track_m, 1e-9), waviness / 2
    return np.asarray(np.clip(2 ** (1 - order) / gamma(order) * x**order * kv(order, x), 0.0, 1.0))


def ravelled(street: LaplaceStreet, keep: int, rng: np.random.Generator) -> Floats:
    """Heights (2, keep) of stretches that lost their stones: 3 to 15 m of short waves, 0.3 to 1.2 mm r.m.s., on one or both."""
    z = np.zeros((2, keep))
    for _ in range(rng.poisson(street.ravelled_per_m * keep * STEP_M)):
        at = _stretch(keep, rng.uniform(3.0, 15.0), rng)
        length = at.stop - at.start
        stones = np.diff(rng.standard_normal((2, length + 3)), n=1)[:, :length] / np.sqrt(2)
        fade = np.sin(np.linspace(0, np.pi, length)) ** 0.5
        z[:, at] += stones * fade * rng.uniform(3e-4, 1.2e-3) * _tracks(rng)[:, None]
    return z


def patches(street: LaplaceStreet, keep: int, rng: np.random.Generator) -> Floats:
    """Heights (2, keep) of mended places: 1 to 8 m long, up to 3 mm high or deep, with edges rolled over 10 to 40 cm."""
    z = np.zeros((2, keep))
    for _ in range(rng.poisson(street.patches_per_m * keep * STEP_M)):
        at = _stretch(keep, rng.uniform(1.0, 8.0), rng)
        s = np.arange(at.stop - at.start) * STEP_M
        edge = np.clip(np.minimum(s, s[-1] - s) / rng.uniform(0.1, 0.4), 0, 1) if len(s) else s
        z[:, at] += rng.uniform(-0.003, 0.003) * edge * _tracks(rng)[:, None]
    return z


def _tracks(rng: np.random.Generator) -> Floats:
    """Which tracks: both, the left or the right one (assumption: alike)."""
    return np.array([(1.0, 1.0), (1.0, 0.0), (0.0, 1.0)][int(rng.integers(3))])


def _stretch(keep: int, length_m: float, rng: np.random.Generator) -> slice:
    length = min(round(length_m / STEP_M), keep)
    start = int(rng.integers(keep - length + 1))
    return slice(start, start + length)


def _psd(frequency: Floats, street: LaplaceStreet) -> Floats:
    inside = (frequency >= LOWEST_N) & (frequency <= HIGHEST_N)
    psd = street.gd_n0_m3 * (np.maximum(frequency, LOWEST_N) / REFERENCE_N0) ** -street.waviness
    return np.where(inside, psd, 0.0)
