"""What frost, diggers and braking have done to a street: cracks, trenches, corrugation, gutters, cobbles. For `patched_road`.

All of it belongs to the street: no table of truth names it, and what is found there counts as false. So nothing here may be as
large as what a table would name: a step of 10 mm is a joint.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from detection.columns import Floats
from detection.simulator.roads import STEP_M, TRACK_M

LARGEST_STEP_M, LARGEST_CRACK_M, LARGEST_GUTTER_M = 0.008, 0.005, 0.015


@dataclass(frozen=True)
class Wear:
    """One lane's. Sizes in m. A spacing of infinity: none."""

    crack_every_m: float
    crack_deep_m: float
    trench_every_m: float
    trench_step_m: float
    corrugated_m: float  # how far before the crossing; 0: not
    corrugation_m: float  # amplitude
    gutter_m: float  # depth where the crossing street's edge runs through; 0: none
    cobbled_m: float  # length of the stretch; 0: none
    cobble_m: float  # standard deviation of a stone's height


def draw_wear(gd_n0_m3: float, rng: np.random.Generator) -> Wear:
    """Rougher streets are more worn: sizes go with the root of Gd(n0), 1 for 64·10⁻⁶ m³, a third to twice."""
    worse = float(np.clip(np.sqrt(gd_n0_m3 / 64e-6), 1 / 3, 2.0))
    return Wear(
        crack_every_m=rng.uniform(5.0, 25.0) if rng.random() < 0.5 else np.inf,
        crack_deep_m=worse * rng.uniform(0.0015, 0.004),
        trench_every_m=rng.uniform(40.0, 150.0),
        trench_step_m=worse * rng.uniform(0.002, 0.006),
        corrugated_m=rng.uniform(8.0, 25.0) if rng.random() < 0.3 else 0.0,
        corrugation_m=worse * rng.uniform(0.0005, 0.002),
        gutter_m=min(worse * rng.uniform(0.003, 0.012), LARGEST_GUTTER_M) if rng.random() < 0.4 else 0.0,
        cobbled_m=rng.uniform(10.0, 60.0) if rng.random() < 0.04 else 0.0,
        cobble_m=rng.uniform(0.0015, 0.003),
    )


def worn(wear: Wear, keep: int, rng: np.random.Generator) -> Floats:
    """Heights (2, keep) of all of it."""
    z = np.zeros((2, keep))
    for add in (cracks, trenches, corrugation, gutters, cobbles):
        add(z, wear, rng)
    return z


def cracks(z: Floats, wear: Wear, rng: np.random.Generator) -> None:
    """Across the whole lane, askew: edges sunk over 0.2 to 0.6 m with a cleft of 2 to 8 cm in the middle."""
    if not np.isfinite(wear.crack_every_m):
        return
    for at in _places(z, wear.crack_every_m, rng):
        deep, half = min(wear.crack_deep_m * rng.lognormal(0.0, 0.5), LARGEST_CRACK_M), 0.5 * rng.uniform(0.2, 0.6)
        cleft, askew = rng.uniform(0.02, 0.08), rng.normal(0, 0.2)
        for track, side in enumerate((0.5, -0.5)):
            x = _around(z, at + side * askew, half)
            s = np.abs(x * STEP_M - at - side * askew)
            z[track, x] -= deep * (0.5 + 0.5 * np.cos(np.pi * np.minimum(s / half, 1))) + 2 * deep * (s < 0.5 * cleft)


def trenches(z: Floats, wear: Wear, rng: np.random.Generator) -> None:
    """Filled and settled, or heaped: across the lane 0.5 to 1.5 m, or along one track 3 to 20 m; edges over 2 to 15 cm."""
    for at in _places(z, wear.trench_every_m, rng):
        along = rng.random() < 0.4
        half, edge = 0.5 * (rng.uniform(3.0, 20.0) if along else rng.uniform(0.5, 1.5)), rng.uniform(0.02, 0.15)
        high = min(wear.trench_step_m * rng.lognormal(0.0, 0.5), LARGEST_STEP_M) * (-1.0 if rng.random() < 0.7 else 1.0)
        x = _around(z, at, half)
        shape = high * np.clip((half - np.abs(x * STEP_M - at)) / edge, 0, 1)
        only = int(rng.integers(2))
        for track in (only,) if along else (0, 1):
            z[track, x] += shape


def corrugation(z: Floats, wear: Wear, rng: np.random.Generator) -> None:
    """Shoved into waves of 0.5 to 1.2 m where cars brake, growing towards the stop line 12 m before the end."""
    last, n = z.shape[1] - round(12.0 / STEP_M), round(wear.corrugated_m / STEP_M)
    if n == 0 or last < n:
        return
    s = np.arange(n) * STEP_M
    wave = np.sin(2 * np.pi * np.cumsum(1 / rng.uniform(0.5, 1.2) * rng.uniform(0.9, 1.1, n)) * STEP_M)
    z[:, last - n : last] += wear.corrugation_m * wave * np.sin(np.pi * s / s[-1]) * rng.uniform(0.6, 1.0, 2)[:, None]


def gutters(z: Floats, wear: Wear, rng: np.random.Generator) -> None:
    """A shallow dip of 1.5 to 4 m near both ends, and a low crown before it."""
    for at in (rng.uniform(8.0, 11.0), z.shape[1] * STEP_M - rng.uniform(8.0, 11.0)):
        half = 0.5 * rng.uniform(1.5, 4.0)
        x = _around(z, at, 2 * half)
        s = (x * STEP_M - at) / half
        z[:, x] -= wear.gutter_m * (1 - s**2) * np.exp(-(s**2))


def cobbles(z: Floats, wear: Wear, rng: np.random.Generator) -> None:
    """Stones of 10 to 18 cm, each at its own height, rounded by a few mm, joints between them."""
    n = round(wear.cobbled_m / STEP_M)
    if n == 0 or z.shape[1] < n:
        return
    first, stone = int(rng.integers(z.shape[1] - n + 1)), rng.uniform(0.10, 0.18)
    s = np.arange(n) * STEP_M
    fade = np.clip(np.minimum(s, s[-1] - s) / 1.0, 0, 1)
    for track in range(2):
        which = (s / stone + rng.random()).astype(np.intp)
        within = s / stone - np.floor(s / stone) - 0.5
        height = rng.normal(0, wear.cobble_m, which[-1] + 1)[which] - 0.004 * (2 * within) ** 4
        z[track, first : first + n] += height * fade


def _places(z: Floats, every_m: float, rng: np.random.Generator) -> Floats:
    """Places (k,) in m along the lane, gamma distributed distances with this mean: neither clockwork nor chance alone."""
    length_m = z.shape[1] * STEP_M
    steps = rng.gamma(4.0, every_m / 4.0, 4 + int(2 * length_m / every_m))
    at = np.cumsum(steps) - every_m * rng.random()
    return np.asarray(at[(at > TRACK_M) & (at < length_m - TRACK_M)])


def _around(z: Floats, at_m: float, half_m: float) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Indices within half_m of a place."""
    first, last = (int(np.clip((at_m + side * half_m) / STEP_M, 0, z.shape[1] - 1)) for side in (-1, 1))
    return np.arange(first, last + 1)
