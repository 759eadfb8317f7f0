"""Sudden manoeuvres of a drive: emergency stops and swerves, drawn on request, and the truth about all hard ones."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import ndimage

from detection.columns import Codes, Columns, Floats, words
from detection.simulator.driver import RATE_HZ, Motion
from detection.simulator.route import GRID_M, Route

HARD_STOP, SWERVE = 0, 1  # codes as in `detection.manoeuvres`
NOTED_MPS2 = 2.2  # calmer braking and turning is everyday driving; between this and 3 m/s² opinions differ
ENDS_MPS2 = 1.1
JOINED_S = 0.6  # both sides of one swerve
THINNED = 10  # 50 values a second say all about steering and braking
TRUE_SIGMA_S = 0.1  # tyres and body follow no faster


@dataclass(frozen=True, eq=False)
class TrueManoeuvres(Columns):
    """Every stretch of braking (kind 0) or steering (1) of at least 2.2 m/s², columns (n,): start and duration in s, code, peak
    in m/s², speed in m/s at its start."""

    WORDS = words(kind=("hard_stop", "swerve"))

    t_s: Floats
    duration_s: Floats
    kind: Codes
    peak_mps2: Floats
    speed_mps: Floats


@dataclass(frozen=True, eq=False)
class Sudden:
    """What befalls one drive. Stops (k,): place u in m, braking in m/s², share of the speed that is left, wait in s.

    Swerves (j,): place, lateral acceleration in m/s² (left positive), seconds to one side, once or twice (back again).
    """

    stop_u_m: Floats
    stop_mps2: Floats
    stop_share: Floats
    stop_wait_s: Floats
    swerve_u_m: Floats
    swerve_mps2: Floats
    swerve_s: Floats
    swerve_times: Floats


def draw_sudden(route: Route, seconds: float, per_hour: float, rng: np.random.Generator) -> Sudden:
    """As many stops as swerves, at random places of the way; ranges are assumptions around emergency braking of 4 to 8 m/s²."""
    stops, swerves = rng.poisson(0.5 * per_hour * seconds / 3600.0, 2)
    far = float(route.u_m[-1]) * 0.6  # the route is longer than what is driven of it
    return Sudden(
        stop_u_m=rng.uniform(60.0, far, stops),
        stop_mps2=rng.uniform(3.5, 7.5, stops),
        stop_share=np.where(rng.random(stops) < 0.6, 0.0, rng.uniform(0.2, 0.5, stops)),
        stop_wait_s=rng.uniform(1.0, 6.0, stops),
        swerve_u_m=rng.uniform(60.0, far, swerves),
        swerve_mps2=rng.choice([-1.0, 1.0], swerves) * rng.uniform(3.5, 6.0, swerves),
        swerve_s=rng.uniform(1.2, 2.2, swerves),
        swerve_times=rng.integers(1, 3, swerves).astype(np.float64),
    )


def stopped(speed_mps: Floats, wait_s: Floats, accelerate_mps2: float, sudden: Sudden) -> tuple[Floats, Floats]:
    """Speed and wait (n,) by place with the emergency stops in them."""
    u = np.arange(len(speed_mps)) * GRID_M
    speed, wait = speed_mps.copy(), wait_s.copy()
    for place, brake, share, pause in zip(sudden.stop_u_m, sudden.stop_mps2, sudden.stop_share, sudden.stop_wait_s, strict=True):
        at = int(place / GRID_M)
        if at >= len(speed) - 1:
            continue
        slowest = share * speed[at]
        ahead = np.where(u <= u[at], 2 * brake * (u[at] - u), 2 * accelerate_mps2 * (u - u[at]))
        speed = np.minimum(speed, np.sqrt(slowest**2 + ahead))
        wait[at] += pause if share == 0.0 else 0.0
    return speed, wait


def swerved(motion: Motion, sudden: Sudden) -> Motion:
    """The motion with swerves: a sine of lateral acceleration, so that the heading comes back to the road's."""
    left = np.zeros(len(motion.t_s))
    for place, force, one_s, times in zip(
        sudden.swerve_u_m, sudden.swerve_mps2, sudden.swerve_s, sudden.swerve_times, strict=True
    ):
        first = int(np.searchsorted(motion.u_m, place))
        phase = np.arange(round(one_s * times * RATE_HZ)) / (one_s * RATE_HZ)
        side = np.where(phase < 1.0, 1.0, -1.0) * force
        if first + len(phase) < len(left) and motion.speed_mps[first] > 6.0:
            left[first : first + len(phase)] += side * np.sin(2 * np.pi * phase)
    return replace(motion, curvature=motion.curvature + left / np.maximum(motion.speed_mps, 4.0) ** 2)


def true_manoeuvres(motion: Motion) -> TrueManoeuvres:
    """All hard braking and steering that really happened, drawn or not."""
    left = motion.speed_mps**2 * motion.curvature
    parts = [_noted(-motion.ahead_mps2, HARD_STOP, motion), _noted(left, SWERVE, motion, both_sides=True)]
    found = TrueManoeuvres.concatenate(parts)
    return found[np.argsort(found.t_s, kind="stable")]


def _noted(force_mps2: Floats, kind: int, motion: Motion, both_sides: bool = False) -> TrueManoeuvres:
    force = ndimage.gaussian_filter1d(force_mps2[::THINNED], TRUE_SIGMA_S * RATE_HZ / THINNED)
    force = np.abs(force) if both_sides else force
    above = force >= ENDS_MPS2
    labels, count = ndimage.label(above | ndimage.binary_closing(above, np.ones(round(JOINED_S * RATE_HZ / THINNED), bool)))
    index = np.arange(1, count + 1)
    peak = np.asarray(ndimage.maximum(force, labels, index), np.float64)
    runs = ndimage.find_objects(labels)
    first = np.array([run[0].start for run in runs], np.intp)
    length = np.array([run[0].stop - run[0].start for run in runs], np.intp)
    hard = peak >= NOTED_MPS2
    first, length, peak = THINNED * first[hard], THINNED * length[hard], peak[hard]
    codes = np.full(len(first), kind, np.int8)
    return TrueManoeuvres(motion.t_s[first], length / RATE_HZ, codes, peak, motion.speed_mps[first])
