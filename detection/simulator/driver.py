"""The driver: how fast the route is driven, where it is stopped, and so where the car is at each instant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d

from detection.columns import Floats
from detection.simulator.route import GRID_M, Route

RATE_HZ = 500.0  # of all motion: 30 times the wheel's hop, so that the bilinear transform is true within 1 %
COARSE_HZ = 50.0  # the speed is planned at this rate


@dataclass(frozen=True)
class Driver:
    """Habits. Ranges: docs/simulator.md."""

    speed_factor: float  # of the posted limit
    accelerate_mps2: float
    brake_mps2: float
    turn_mps2: float  # lateral acceleration accepted in turns
    hump_mps: float  # over a long hump
    bump_mps: float  # over a short bump
    careless: float  # share of humps not braked for


@dataclass(frozen=True, eq=False)
class Motion:
    """Where the front axle is, every 1/RATE_HZ. t_s, u_m, speed_mps, ahead_mps2 (n,); curvature (n,) 1/m, left positive."""

    t_s: Floats
    u_m: Floats
    speed_mps: Floats
    ahead_mps2: Floats
    curvature: Floats


def draw_driver(rng: np.random.Generator) -> Driver:
    return Driver(
        speed_factor=rng.uniform(0.85, 1.12),
        accelerate_mps2=rng.uniform(1.0, 2.0),
        brake_mps2=rng.uniform(1.2, 2.5),
        turn_mps2=rng.uniform(1.8, 3.2),
        hump_mps=rng.uniform(5.0, 8.0),
        bump_mps=rng.uniform(4.5, 6.7),
        careless=rng.uniform(0.0, 0.2),
    )


def drive_route(
    route: Route,
    driver: Driver,
    slow_u_m: Floats,
    slow_mps: Floats,
    duration_s: float,
    rng: np.random.Generator,
    startled: Callable[[Floats, Floats], tuple[Floats, Floats]] | None = None,
) -> Motion:
    """Motion along the route for about duration_s, from standing to standing; slow_u_m: places crossed at slow_mps.

    startled: gives speed and wait (n,) by place as they are with sudden stops (`detection.simulator.sudden.stopped`).
    """
    wanted = _wanted_speed(route, driver, slow_u_m, slow_mps, rng)
    stops = route.crossings_m[rng.random(len(route.crossings_m)) < 0.25] - 3.0  # assumption: a quarter of crossings
    at = np.searchsorted(route.u_m, stops).clip(max=len(wanted) - 1)
    wanted[np.r_[0, at]] = 0.0
    wait = np.zeros(len(wanted))
    wait[at] = np.clip(rng.exponential(10.0, len(at)), 2.0, 45.0)  # assumption
    wait[0] = rng.uniform(2.0, 8.0)  # assumption: recording begins before driving
    arrive = _arrivals(_reachable(wanted, driver), wait)
    last = min(int(np.searchsorted(arrive, duration_s - 6.0)), len(arrive) - 1)  # 6 s: what braking adds
    wanted[last:] = 0.0
    speed, wait = _reachable(wanted, driver)[: last + 1], wait[: last + 1]
    if startled is not None:
        speed, wait = startled(speed, wait)
    return _sampled(route, _arrivals(speed, wait), wait)


def _wanted_speed(route: Route, driver: Driver, slow_u_m: Floats, slow_mps: Floats, rng: np.random.Generator) -> Floats:
    """The speed (n,) the driver would have without regard to what can be reached: limit, mood, traffic, turns, humps."""
    n = len(route.u_m)
    mood = 1 + 0.06 * _smooth_noise(n, 80.0, rng)  # assumption
    traffic = np.where(_smooth_noise(n, 60.0, rng) > 1.6, 0.55, 1.0)  # assumption: 5 % of the way behind someone slow
    wanted = gaussian_filter1d(route.limit_mps, 15.0 / GRID_M) * driver.speed_factor * mood * traffic
    wanted = np.minimum(wanted, np.sqrt(driver.turn_mps2 / np.maximum(np.abs(route.curvature), 1e-4)))
    for u, v in zip(slow_u_m, slow_mps, strict=True):
        near = slice(*np.searchsorted(route.u_m, [u - 3.0, u + 3.0]))
        wanted[near] = np.minimum(wanted[near], v)
    return np.maximum(wanted, 1.5)


def _reachable(wanted_mps: Floats, driver: Driver) -> Floats:
    """Speed (n,) under the wanted one that constant acceleration and braking can follow: running minima of v² against 2·a·u."""
    u = np.arange(len(wanted_mps)) * GRID_M
    climb, fall = 2 * driver.accelerate_mps2 * u, 2 * driver.brake_mps2 * u
    square = np.minimum.accumulate(wanted_mps**2 - climb) + climb
    square = np.minimum.accumulate((square + fall)[::-1])[::-1] - fall
    return np.asarray(np.sqrt(np.maximum(square, 0.0)))


def _arrivals(speed_mps: Floats, wait_s: Floats) -> Floats:
    """Time (n,) of reaching each point, exact for constant acceleration between points, after waiting wait_s at earlier ones."""
    steps = 2 * GRID_M / np.maximum(speed_mps[1:] + speed_mps[:-1], 0.2)
    return np.asarray(np.r_[0.0, np.cumsum(steps + wait_s[: len(steps)])])


def _sampled(route: Route, arrive: Floats, wait: Floats) -> Motion:
    """Even in time: the speed smoothed over about a second (no one jerks), the distance its integral."""
    coarse = np.arange(0.0, arrive[-1] + 3.0, 1 / COARSE_HZ)
    knots = np.stack([arrive, arrive + wait], axis=1).ravel()
    u = np.interp(coarse, knots, np.repeat(route.u_m[: len(arrive)], 2))
    v = gaussian_filter1d(np.gradient(u, 1 / COARSE_HZ), 0.45 * COARSE_HZ, mode="nearest")
    v = np.where(v < 0.02, 0.0, v)
    u = np.r_[0.0, np.cumsum(0.5 * (v[1:] + v[:-1])) / COARSE_HZ]
    a = np.gradient(v, 1 / COARSE_HZ)
    fine = np.arange(0.0, coarse[-1], 1 / RATE_HZ)
    u_fine = np.interp(fine, coarse, u)
    curvature = np.interp(u_fine, route.u_m, route.curvature)
    return Motion(fine, u_fine, np.interp(fine, coarse, v), np.interp(fine, coarse, a), curvature)


def _smooth_noise(n: int, length_m: float, rng: np.random.Generator) -> Floats:
    """Unit-variance noise (n,) varying over about length_m."""
    sigma = length_m / GRID_M / 2
    return np.asarray(gaussian_filter1d(rng.standard_normal(n), sigma) * np.sqrt(2 * np.sqrt(np.pi) * sigma))
