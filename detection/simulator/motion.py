"""What the road and the driver do to the car's body, and which thing on the road caused which jolt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from detection.columns import Floats
from detection.simulator.city import City
from detection.simulator.driver import RATE_HZ, Motion
from detection.simulator.phone import Phone, through_mount
from detection.simulator.road_models import road_model
from detection.simulator.roads import STEP_M
from detection.simulator.route import Indices, Route
from detection.simulator.things import ROUGH, TrueDefects, wheel_share
from detection.simulator.truth import TrueJolts, bare_shocks, judge
from detection.simulator.vehicle import GRAVITY_MPS2, Ride, Vehicle

WANDER_M = 0.28  # standard deviation of a light vehicle's place in its lane: 0.19 to 0.455 m (VTI rapport 892A, 2016)


@dataclass(frozen=True, eq=False)
class Shaking:
    """Arrays every 1/RATE_HZ: force of the road (n, 3) and of driving with gravity (n, 3) in m/s², car axes (ahead, left, up);
    turning_radps (n, 3) about the same axes; speed_mps (n,)."""

    from_road: Floats
    from_driving: Floats
    turning_radps: Floats
    speed_mps: Floats
    truth: TrueJolts
    harmless: TrueJolts
    bare_shocks_s: Floats

    def at_phone(self, phone: Phone, rng: np.random.Generator) -> Floats:
        """Specific force (n, 3) in m/s² that the phone feels, still in car axes."""
        vibration = engine(self.speed_mps, rng)
        still = np.array([0.0, 0.0, GRAVITY_MPS2])
        shaking = phone.gain * self.from_road + self.from_driving - still + vibration
        return np.asarray(through_mount(shaking, phone, RATE_HZ) + still)


@dataclass(frozen=True, eq=False)
class _Met:
    """Things of one table met on the way: which, where in the joined surface, and how much of each wheel meets them (n, 2)."""

    things: TrueDefects
    index: Indices
    station_m: Floats
    share: Floats


def shake(city: City, route: Route, motion: Motion, vehicle: Vehicle, rng: np.random.Generator) -> Shaking:
    """The ride over the route's surface and things, with the truth about each thing passed."""
    tables = [_meet(route, city, things, rng) for things in (city.defects, city.distractors)]
    bare = route.surface(city)
    full = _with_things(bare, tables, road_model(city.roads).shape)
    heights = vehicle.envelope(np.concatenate([full, bare]))
    station = np.interp(motion.u_m, route.u_m, route.station_m)
    behind = np.interp(motion.u_m - vehicle.wheelbase_m, route.u_m, route.station_m)
    front, rear = _under(heights, station), _under(heights, behind)
    ride = vehicle.ride(front[:2], rear[:2], RATE_HZ)
    background = vehicle.vertical(front[2:], rear[2:], RATE_HZ)
    truth, harmless = (_judged(met, route, motion, vehicle, ride.vertical_mps2, background) for met in tables)
    return _felt_in_cabin(ride, motion, vehicle, truth, harmless, bare_shocks(motion, background))


def engine(speed_mps: Floats, rng: np.random.Generator) -> Floats:
    """Vibration (n, 3) in m/s²: a four-cylinder's second order, 25 Hz idling, 40 to 75 Hz driving, and broad tyre noise.

    Amplitudes are assumptions, checked against the smooth real recording (docs/simulator.md).
    """
    gear_mps = rng.uniform(4.0, 6.0)
    hz = np.where(speed_mps < 0.3, rng.uniform(22.0, 30.0), 40.0 + 35.0 * (speed_mps / gear_mps % 1.0))
    tone = np.sin(2 * np.pi * np.cumsum(hz) / RATE_HZ) * rng.uniform(0.01, 0.08)
    hum = rng.standard_normal((len(speed_mps), 3)) * (speed_mps * rng.uniform(0.002, 0.012))[:, None]
    return np.asarray(tone[:, None] * rng.normal(0, 1, 3) + hum)


def _meet(route: Route, city: City, things: TrueDefects, rng: np.random.Generator) -> _Met:
    index, station = route.meets(things, city.streets)
    return _Met(things, index, station, wheel_share(things[index], rng.normal(0, WANDER_M, len(index))))


def _with_things(bare: Floats, tables: list[_Met], shape: Callable[[int, float, float], Floats]) -> Floats:
    """Heights (2, n) of surface and things; a rough stretch multiplies the surface, all else is added."""
    full = bare.copy()
    for met in tables:
        for i, station, share in zip(met.index, met.station_m, met.share, strict=True):
            kind, size, length = int(met.things.kind[i]), float(met.things.size_m[i]), float(met.things.length_m[i])
            added = shape(kind, size, length)
            n = added.shape[-1]
            first = round(station / STEP_M) - n // 2
            if first < 0 or first + n > full.shape[1]:
                continue
            at = slice(first, first + n)
            if kind == ROUGH:
                full[:, at] += bare[:, at] * (size - 1) * np.sin(np.linspace(0, np.pi, n)) ** 0.5
            else:
                full[:, at] += share[:, None] * added
    return full


def _under(heights: Floats, station_m: Floats) -> Floats:
    """Heights (k, n) under a wheel at each station, linear between samples."""
    place = np.clip(station_m / STEP_M, 0, heights.shape[1] - 1.001)
    whole = place.astype(np.intp)
    part = place - whole
    return np.asarray(heights[:, whole] * (1 - part) + heights[:, whole + 1] * part)


def _judged(met: _Met, route: Route, motion: Motion, vehicle: Vehicle, vertical: Floats, background: Floats) -> TrueJolts:
    u = route.u_at(met.station_m)
    t = np.interp(u, motion.u_m, motion.t_s)
    passed = (u > 1.0) & (u < motion.u_m[-1] - 1.0)
    index, share = met.index[passed], met.share[passed].max(axis=1, initial=0.0)
    return judge(met.things, index, share, t[passed], motion, vehicle.wheelbase_m, vertical, background)


def _felt_in_cabin(
    ride: Ride, motion: Motion, vehicle: Vehicle, truth: TrueJolts, harmless: TrueJolts, bare_shocks_s: Floats
) -> Shaking:
    left = motion.speed_mps**2 * motion.curvature
    lean, squat = (k / GRAVITY_MPS2 for k in vehicle.lean_per_g_rad)
    high = vehicle.phone_height_m
    road = np.stack(
        [
            ride.pitch[2] * high - GRAVITY_MPS2 * ride.pitch[0],
            GRAVITY_MPS2 * ride.roll[0] - ride.roll[2] * high,
            ride.vertical_mps2,
        ],
        axis=1,
    )
    tilted = np.stack([motion.ahead_mps2 * (1 + vehicle.lean_per_g_rad[1]), left * (1 + vehicle.lean_per_g_rad[0])], axis=1)
    driving = np.column_stack([tilted, np.full(len(left), GRAVITY_MPS2)])
    roll_rate = ride.roll[1] + np.gradient(lean * left, 1 / RATE_HZ)
    pitch_rate = ride.pitch[1] - np.gradient(squat * motion.ahead_mps2, 1 / RATE_HZ)
    turning = np.stack([roll_rate, pitch_rate, motion.speed_mps * motion.curvature], axis=1)
    return Shaking(road, driving, turning, motion.speed_mps, truth, harmless, bare_shocks_s)
