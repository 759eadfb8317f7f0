"""Other potholes, humps and joints than those of `things`: other sizes, other edges. For the second road model."""

from __future__ import annotations

import numpy as np

from detection.columns import Floats
from detection.simulator.roads import STEP_M, TRACK_M
from detection.simulator.things import JOINT, POTHOLE, ROUGH, SPEED_BUMP, Drawn

RAIL_GAUGE_M = 1.435  # between rails; assumption: crossed square on


def worn_shape(kind: int, size_m: float, length_m: float) -> Floats:
    """As `things.shape`: heights (n,) in m every STEP_M, centred, beginning and ending at 0."""
    half = int(np.ceil(0.5 * length_m / STEP_M)) + 1
    x: Floats = np.arange(-half, half + 1).astype(np.float64) * STEP_M
    inside = np.clip(0.5 * length_m - np.abs(x), 0, None)  # distance from the nearer end
    if kind == POTHOLE:
        return -size_m * _broken(x + 0.5 * length_m, length_m)
    if kind == SPEED_BUMP:
        return size_m * (_table(inside, size_m) if length_m > 4.0 else _sine(x, length_m))
    if length_m > RAIL_GAUGE_M:
        return size_m * (_sine(x - 0.5 * RAIL_GAUGE_M, 0.2) + _sine(x + 0.5 * RAIL_GAUGE_M, 0.2))
    return size_m * _sine(x, length_m) if length_m < 0.5 else -size_m * np.clip(inside / 0.08, 0, 1)  # bulge; sunk cover


def _broken(s: Floats, length_m: float) -> Floats:
    """0..1: broken off over 4 cm where wheels drop in, deepest soon after, washed out towards the far end."""
    drop = np.clip(s / 0.04, 0, 1)
    floor = np.clip((length_m - s) / (0.6 * length_m), 0, 1) ** 0.7
    return np.where((s > 0) & (s < length_m), drop * floor, 0.0)


def _sine(x: Floats, length_m: float) -> Floats:
    """0..1: one period of a raised cosine."""
    return np.where(np.abs(x) < 0.5 * length_m, 0.5 + 0.5 * np.cos(2 * np.pi * x / length_m), 0.0)


def _table(inside: Floats, height_m: float) -> Floats:
    """0..1: ramps of 1 in 12 up to a plateau; TRL 186 speaks of 1:10 to 1:15."""
    return np.clip(inside / (12 * height_m), 0, 1)


def _pothole(rng: np.random.Generator) -> Drawn:
    depth = float(np.clip(rng.lognormal(np.log(0.045), 0.5), 0.02, 0.12))
    length = float(np.clip(rng.lognormal(np.log(0.55), 0.45), 0.25, 1.6))
    lateral = rng.choice([-0.5, 0.5]) * TRACK_M + rng.normal(0, 0.2)
    return POTHOLE, 0.0, depth, length, rng.uniform(0.3, 1.0), lateral


def _speed_bump(rng: np.random.Generator) -> Drawn:
    height, kind = rng.uniform(0.06, 0.10), rng.random()
    if kind < 0.4:
        return SPEED_BUMP, 1.0, height, 3.7, 7.0, np.nan  # sinusoidal (TRL 377)
    if kind < 0.75:
        return SPEED_BUMP, 1.0, height, 24 * height + rng.uniform(2.5, 6.0), 7.0, np.nan  # flat top
    return SPEED_BUMP, 1.0, rng.uniform(0.04, 0.06), rng.uniform(0.4, 1.2), 7.0, np.nan


def _joint(rng: np.random.Generator) -> Drawn:
    kind = rng.random()
    if kind < 0.25:
        return JOINT, 1.0, rng.uniform(0.010, 0.022), RAIL_GAUGE_M + 0.25, 7.0, np.nan  # two rails
    if kind < 0.5:
        return JOINT, 1.0, rng.uniform(0.010, 0.022), rng.uniform(0.15, 0.4), 7.0, np.nan  # root or squeezed joint filling
    lateral = rng.choice([-0.5, 0.5]) * TRACK_M + rng.normal(0, 0.15)
    return JOINT, 0.0, rng.uniform(0.012, 0.03), rng.uniform(0.55, 0.85), rng.uniform(0.55, 0.85), lateral  # sunk cover


def _rough(rng: np.random.Generator) -> Drawn:
    return ROUGH, 0.0, rng.uniform(3.0, 5.0), rng.uniform(8.0, 40.0), 3.5, np.nan


def _distractor(rng: np.random.Generator) -> Drawn:
    lateral = rng.choice([-0.5, 0.5]) * TRACK_M + rng.normal(0, 0.4)
    return JOINT, 0.0, rng.uniform(0.003, 0.006), rng.uniform(0.55, 0.85), 0.7, lateral


WORN = {"pothole": _pothole, "speed_bump": _speed_bump, "joint": _joint, "rough": _rough, "distractor": _distractor}
