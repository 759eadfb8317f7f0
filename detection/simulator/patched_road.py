"""A third road surface, for judging only: bumps and hollows of every size scattered over the plane, in runs of unlike roughness.

Built without a Gaussian spectrum: a Poisson field of round bumps whose height grows with their size, so that its density falls
with a power of wave number, its values are not Gaussian, and both tracks share what is wider than the car. What men and frost
have done to it is `street_wear`. Nothing that is shipped was trained on it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.fft import irfft, next_fast_len, rfft

from detection.columns import Floats
from detection.simulator.roads import REFERENCE_N0, STEP_M, TRACK_M, taper
from detection.simulator.street_wear import draw_wear, worn

SMALLEST_M, LARGEST_M, SIZES = 0.04, 24.0, 20  # standard deviations of the bumps: half an octave apart
WIDE = 3.0  # standard deviations aside of a track that still matter


@dataclass(frozen=True)
class BumpStreet:
    """What one lane's ground is drawn from. Ranges: docs/simulator.md."""

    gd_n0_m3: float
    waviness: float
    crowding: float  # bumps of one size in a square of that size
    run_m: float  # mean length laid in one go
    run_spread: float  # of the logarithm of a run's r.m.s.


def patched_tracks(length_m: float, gd_n0_m3: float, rng: np.random.Generator) -> Floats:
    """Heights (2, n) in m of the left and right wheel track every STEP_M, of a street with about this Gd(n0)."""
    street = draw_bump_street(gd_n0_m3, rng)
    keep = max(2, int(np.ceil(length_m / STEP_M)) + 1)
    z = bumpy_tracks(street, keep, rng) * runs(street, keep, rng)
    return np.asarray((z + worn(draw_wear(gd_n0_m3, rng), keep, rng)) * taper(keep), np.float64)


def draw_bump_street(gd_n0_m3: float, rng: np.random.Generator) -> BumpStreet:
    return BumpStreet(
        gd_n0_m3,
        waviness=rng.uniform(1.7, 2.5),
        crowding=float(np.exp(rng.uniform(np.log(0.1), np.log(1.0)))),
        run_m=rng.uniform(10.0, 50.0),
        run_spread=rng.uniform(0.25, 0.6),
    )


def bumpy_tracks(street: BumpStreet, keep: int, rng: np.random.Generator) -> Floats:
    """Heights (2, keep): for each size a scatter of heights on a line, blurred to bumps of that size."""
    n = next_fast_len(keep + int(2 * WIDE * LARGEST_M / STEP_M), real=True)
    frequency = np.arange(n // 2 + 1) / (n * STEP_M)
    spectrum = np.zeros((2, len(frequency)), np.complex128)
    for size_m in sizes():
        spectrum += rfft(_scatter(street, size_m, n, rng)) * _blur(frequency, size_m)
    return np.asarray(irfft(spectrum, n)[:, :keep] * np.sqrt(street.gd_n0_m3 / _density(street)))


def sizes() -> Floats:
    """(SIZES,) standard deviations of the bumps in m."""
    return np.geomspace(SMALLEST_M, LARGEST_M, SIZES)


def runs(street: BumpStreet, keep: int, rng: np.random.Generator) -> Floats:
    """(keep,) how much rougher each run is than its street, log-normal with mean square 1, changing over a metre."""
    ends = np.cumsum(2.0 + rng.exponential(street.run_m, 3 + int(2 * keep * STEP_M / street.run_m)))
    drawn = np.exp(rng.normal(-(street.run_spread**2), street.run_spread, len(ends) + 1))
    at = np.arange(keep) * STEP_M
    knots = np.stack([ends - 0.5, ends + 0.5], axis=1).ravel()
    return np.asarray(np.interp(at, knots, np.repeat(drawn, 2)[1:-1]))


def _scatter(street: BumpStreet, size_m: float, n: int, rng: np.random.Generator) -> Floats:
    """(2, n): heights of the bumps of one size where they lie, as much as either track sees of them."""
    apart = 2 * WIDE * size_m < TRACK_M  # too small to be met by both tracks: no need of those between
    width_m = 2 * WIDE * size_m if apart else TRACK_M + 2 * WIDE * size_m
    seen = np.zeros((2, n))
    for tracks in ((0,), (1,)) if apart else ((0, 1),):
        count = int(rng.poisson(street.crowding * n * STEP_M * width_m / size_m**2))
        at: npt.NDArray[np.intp] = rng.integers(n, size=count)
        aside_m = rng.uniform(-0.5, 0.5, count) * width_m
        height = rng.laplace(0.0, np.sqrt(0.5), count) * _height(street, size_m)
        for track in tracks:
            y = 0.0 if apart else (0.5 - track) * TRACK_M
            seen[track] = np.bincount(at, height * np.exp(-0.5 * ((aside_m - y) / size_m) ** 2), n)
    return seen


def _height(street: BumpStreet, size_m: float) -> float:
    """r.m.s. of one bump, arbitrary unit: the power that gives the waviness."""
    return float(size_m ** (0.5 * (street.waviness - 1)))


def _blur(frequency: Floats, size_m: float) -> Floats:
    """Fourier transform of exp(-x²/2 size²) sampled every STEP_M."""
    return np.asarray(np.sqrt(2 * np.pi) * size_m / STEP_M * np.exp(-2 * (np.pi * frequency * size_m) ** 2))


def _density(street: BumpStreet) -> float:
    """One-sided density at n0 of a track, unscaled (Campbell): 2 · bumps per m · mean square of height · share · transform."""
    total = 0.0
    for size_m in map(float, sizes()):
        share = np.sqrt(np.pi) * size_m  # integral over the lane of the square of what a track sees
        transform = 2 * np.pi * size_m**2 * np.exp(-4 * (np.pi * REFERENCE_N0 * size_m) ** 2)
        total += 2 * street.crowding / size_m**2 * share * _height(street, size_m) ** 2 * transform
    return total
