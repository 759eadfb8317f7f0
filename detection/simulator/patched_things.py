"""Yet other potholes, humps and joints than those of `things` and `worn_things`. For the third road model, for judging only.

Each shape follows from kind, size and length alone. Those of joints part by their length: a step or bulge below 0.5 m, a sunk
cover in a raised collar below 0.9 m, a skewed joint below 1.5 m, which the left wheels meet first, a steel plate from there on.
"""

from __future__ import annotations

import numpy as np

from detection.columns import Floats
from detection.simulator.roads import STEP_M, TRACK_M
from detection.simulator.things import JOINT, POTHOLE, ROUGH, SPEED_BUMP, Drawn

CLUSTER_M = 1.2  # longer holes are three in a row
COVER_M, SKEWED_M, PLATE_M = 0.5, 0.9, 1.5
CROSSING_M = 3.9  # longer humps are raised crossings, shorter ones cushions
BULGE_M = 0.15  # of a skewed joint; the rest of its length is how much later the right wheel meets it
LIP = 0.12  # of a hole's depth


def patched_shape(kind: int, size_m: float, length_m: float) -> Floats:
    """As `things.shape`, heights (n,) in m every STEP_M; (2, n), left and right, of a skewed joint."""
    half = int(np.ceil(0.5 * length_m / STEP_M)) + 1
    x: Floats = np.arange(-half, half + 1).astype(np.float64) * STEP_M
    if kind == POTHOLE:
        return size_m * (_hole(x, length_m) if length_m < CLUSTER_M else _cluster(x, length_m))
    if kind == SPEED_BUMP:
        return size_m * (_trapezoid(x, length_m, _ramp_m(size_m, length_m)) if length_m > 1.0 else _ramped(x, length_m))
    if length_m < COVER_M:
        return size_m * (np.clip((x + 0.5 * length_m) / 0.03, 0, 1) * np.clip((0.5 * length_m - x) / (0.8 * length_m), 0, 1))
    if length_m < SKEWED_M:
        return size_m * (0.3 * _trapezoid(x, length_m, 0.05) - 1.3 * _trapezoid(x, 0.7 * length_m, 0.04))
    if length_m < PLATE_M:
        later = 0.5 * (length_m - BULGE_M)
        return size_m * np.stack([_bulge(x + later), _bulge(x - later)])
    return size_m * _trapezoid(x, length_m, 0.1)


def _hole(x: Floats, length_m: float) -> Floats:
    """-1..LIP: a bowl, steeper where it is entered, with a lip of pushed-up asphalt at both ends."""
    s = (x + 0.5 * length_m) / length_m
    bowl = np.clip(2.2 * np.sin(np.pi * np.clip(s, 0, 1) ** 0.7), 0, 1)
    lip = LIP * (np.exp(-(((s - 0.04) / 0.04) ** 2)) + np.exp(-(((s - 0.96) / 0.04) ** 2)))
    return np.where((s > 0) & (s < 1), lip - bowl, 0.0)


def _cluster(x: Floats, length_m: float) -> Floats:
    """Three holes in a row: the middle one is the deepest."""
    part = length_m / 3
    return np.asarray(sum(deep * _hole(x + at * part, 0.9 * part) for at, deep in ((1, 0.7), (0, 1.0), (-1, 0.55))))


def _trapezoid(x: Floats, length_m: float, ramp_m: float) -> Floats:
    return np.clip((0.5 * length_m - np.abs(x)) / ramp_m, 0, 1)


def _ramp_m(size_m: float, length_m: float) -> float:
    """1 in 8 up a cushion (TRL PR32), 1 in 12 up a raised crossing (TRL 186: 1 in 10 to 15)."""
    return (8 if length_m < CROSSING_M else 12) * size_m


def _ramped(x: Floats, length_m: float) -> Floats:
    """A bolted-down rubber strip: steep sides, round top."""
    return np.clip(1 - (2 * np.abs(x) / length_m) ** 3, 0, 1)


def _bulge(x: Floats) -> Floats:
    return np.where(np.abs(x) < 0.5 * BULGE_M, np.cos(np.pi * x / BULGE_M) ** 2, 0.0)


def _pothole(rng: np.random.Generator) -> Drawn:
    depth = float(np.clip(rng.lognormal(np.log(0.07), 0.4), 0.025, 0.13))
    length = rng.uniform(0.4, 1.15) if rng.random() < 0.8 else rng.uniform(1.2, 2.2)
    lateral = rng.choice([-0.5, 0.5]) * TRACK_M + rng.normal(0, 0.2)
    return POTHOLE, 0.0, depth, length, rng.uniform(0.4, 1.0), lateral


def _speed_bump(rng: np.random.Generator) -> Drawn:
    kind = rng.random()
    if kind < 0.4:  # cushion in each lane, which wheels may straddle in part
        return SPEED_BUMP, 0.0, rng.uniform(0.065, 0.08), rng.uniform(2.0, 3.5), rng.uniform(1.6, 1.9), rng.normal(0, 0.1)
    if kind < 0.75:  # raised crossing
        return SPEED_BUMP, 1.0, rng.uniform(0.06, 0.10), rng.uniform(4.0, 7.0), 7.0, np.nan
    return SPEED_BUMP, 1.0, rng.uniform(0.05, 0.075), rng.uniform(0.35, 0.9), 7.0, np.nan


def _joint(rng: np.random.Generator) -> Drawn:
    kind = rng.random()
    if kind < 0.25:
        return JOINT, 1.0, rng.uniform(0.010, 0.022), rng.uniform(0.15, 0.45), 7.0, np.nan
    if kind < 0.5:
        return JOINT, 1.0, rng.uniform(0.012, 0.025), rng.uniform(0.95, 1.45), 7.0, np.nan
    if kind < 0.65:  # plate over a trench: 25 mm is the usual thickness
        return JOINT, 0.0, rng.uniform(0.018, 0.025), rng.uniform(1.6, 3.0), rng.uniform(1.5, 3.0), rng.normal(0, 0.3)
    lateral = rng.choice([-0.5, 0.5]) * TRACK_M + rng.normal(0, 0.15)
    return JOINT, 0.0, rng.uniform(0.012, 0.03), rng.uniform(0.6, 0.85), rng.uniform(0.6, 0.85), lateral


def _rough(rng: np.random.Generator) -> Drawn:
    return ROUGH, 0.0, rng.uniform(3.0, 5.0), rng.uniform(10.0, 35.0), 3.5, np.nan


def _distractor(rng: np.random.Generator) -> Drawn:
    lateral = rng.choice([-0.5, 0.5]) * TRACK_M + rng.normal(0, 0.4)
    return JOINT, 0.0, rng.uniform(0.003, 0.006), rng.uniform(0.55, 0.85), 0.7, lateral


PATCHED = {"pothole": _pothole, "speed_bump": _speed_bump, "joint": _joint, "rough": _rough, "distractor": _distractor}
