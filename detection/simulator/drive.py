"""One drive: a car of the fleet on a route through the city, and the trace its phone records, with the truth beside it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

import numpy as np
from scipy.spatial.transform import Rotation

from detection.columns import Columns, Floats
from detection.simulator.city import City
from detection.simulator.driver import Driver, Motion, draw_driver, drive_route
from detection.simulator.gps import Receiver, draw_receiver, locate
from detection.simulator.handling import Episode, draw_episodes, hand_force, poses_at, turning
from detection.simulator.motion import Shaking, shake
from detection.simulator.phone import Phone, draw_phone, draw_pose, measure, measure_turning, sample_times
from detection.simulator.route import Route, plan_route
from detection.simulator.sudden import TrueManoeuvres, draw_sudden, stopped, swerved, true_manoeuvres
from detection.simulator.things import SPEED_BUMP
from detection.simulator.truth import TrueJolts
from detection.simulator.vehicle import DrawVehicle, Vehicle, draw_car
from detection.trace import Trace

FIRST_DAY = datetime(2026, 5, 4, tzinfo=UTC)  # assumption: drives spread over four weeks from a Monday
RUSH_HOURS = ((7.5, 1.0), (12.5, 2.5), (17.0, 1.5))  # assumption: mean and spread, h


@dataclass(frozen=True, eq=False)
class TruePath(Columns):
    """Where the phone really was, once a second; columns (n,): s, WGS 84 degrees, m/s."""

    t_s: Floats
    latitude_deg: Floats
    longitude_deg: Floats
    speed_mps: Floats


@dataclass(frozen=True, eq=False)
class Fleet:
    """A device: the same car, driver and phone on all its trips."""

    device: str
    vehicle: Vehicle
    driver: Driver
    phone: Phone


@dataclass(frozen=True, eq=False)
class Drive:
    """What was recorded and what was true. truth: passes over `city.defects`; harmless: over `city.distractors`; manoeuvres:
    hard braking and steering.

    handled_s: (k, 2) start and end of each time the phone was in the hand. bare_shocks_s: (j,) see `truth.bare_shocks`.
    """

    trace: Trace
    truth: TrueJolts
    harmless: TrueJolts
    path: TruePath
    handled_s: Floats
    owner: Fleet
    receiver: Receiver
    manoeuvres: TrueManoeuvres
    bare_shocks_s: Floats


def simulate_drives(
    city: City,
    n: int,
    seed: int,
    *,
    devices: int | None = None,
    rate_hz: tuple[float, float] = (50.0, 200.0),
    duration_s: tuple[float, float] = (300.0, 900.0),
    draw_vehicle: DrawVehicle = draw_car,
    sudden_per_hour: float = 0.0,
) -> Iterator[Drive]:
    """n drives of `devices` distinct cars with phones (default: a third of n, rounded up), one after the other.

    rate_hz, duration_s: lowest and highest, drawn log-uniformly. sudden_per_hour: emergency stops and swerves, together; they
    are drawn apart from all else. The same arguments give the same drives.
    """
    devices = devices or -(-n // 3)
    for index in range(n):
        yield simulate_drive(
            city,
            index,
            seed,
            devices=devices,
            rate_hz=rate_hz,
            duration_s=duration_s,
            draw_vehicle=draw_vehicle,
            sudden_per_hour=sudden_per_hour,
        )


def simulate_drive(
    city: City,
    index: int,
    seed: int,
    *,
    devices: int,
    rate_hz: tuple[float, float] = (50.0, 200.0),
    duration_s: tuple[float, float] = (300.0, 900.0),
    draw_vehicle: DrawVehicle = draw_car,
    sudden_per_hour: float = 0.0,
) -> Drive:
    """Drive number `index` of `simulate_drives`, alone."""
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(1, index)))
    owner = draw_owner(seed, int(rng.integers(devices)), rate_hz, draw_vehicle)
    seconds = float(np.exp(rng.uniform(*np.log(duration_s))))
    route = plan_route(city, seconds * 13.0, rng)
    sudden = draw_sudden(
        route, seconds, sudden_per_hour, np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(2, index)))
    )
    startled = partial(stopped, accelerate_mps2=owner.driver.accelerate_mps2, sudden=sudden)
    motion = drive_route(route, owner.driver, *_slow_places(city, route, owner.driver, rng), seconds, rng, startled)
    motion = swerved(motion, sudden)
    shaking = shake(city, route, motion, owner.vehicle, rng)
    return _recorded(city, route, motion, shaking, owner, rng)


def draw_owner(seed: int, number: int, rate_hz: tuple[float, float], draw_vehicle: DrawVehicle) -> Fleet:
    """Device number `number` of the fleet of this seed."""
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(0, number)))
    return Fleet(_uuid(rng), draw_vehicle(rng), draw_driver(rng), draw_phone(rng, rate_hz))


def _slow_places(city: City, route: Route, driver: Driver, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Where (u in m) and to what speed this driver slows for humps."""
    index, station = route.meets(city.defects, city.streets)
    kind, length = city.defects.kind[index], city.defects.length_m[index]
    braked = (kind == SPEED_BUMP) & (rng.random(len(index)) >= driver.careless)
    speed = np.where(length > 2.0, driver.hump_mps, driver.bump_mps) * rng.uniform(0.9, 1.1, len(index))
    return route.u_at(station[braked]), speed[braked]


def _recorded(city: City, route: Route, motion: Motion, shaking: Shaking, owner: Fleet, rng: np.random.Generator) -> Drive:
    duration = float(motion.t_s[-1])
    pose = draw_pose(rng)
    episodes = draw_episodes(duration, pose, rng)
    receiver = draw_receiver(rng)
    path_t = motion.t_s[::50]
    u = motion.u_m[::50] - owner.vehicle.phone_behind_axle_m
    xy = np.stack([np.interp(u, route.u_m, c) for c in route.xy.T], axis=1)
    latitude, longitude = city.plane.to_degrees(*xy[::10].T)
    trace = Trace.build(
        _uuid(rng),
        accelerometer=_accelerometer(motion, shaking, owner.phone, pose, episodes, rng),
        gyroscope=_gyroscope(motion, shaking, owner.phone, pose, episodes, rng) if owner.phone.gyroscope else None,
        location=locate(path_t, xy, motion.speed_mps[::50], receiver, city.plane, rng),
        started_at=_started_at(rng),
        device=owner.device,
        reader="simulator",
    )
    path = TruePath(path_t[::10], latitude, longitude, motion.speed_mps[::500])
    handled = np.array([(e.start_s, e.end_s) for e in episodes], np.float64).reshape(-1, 2)
    true = true_manoeuvres(motion)
    return Drive(trace, shaking.truth, shaking.harmless, path, handled, owner, receiver, true, shaking.bare_shocks_s)


def _accelerometer(
    motion: Motion, shaking: Shaking, phone: Phone, pose: Rotation, episodes: list[Episode], rng: np.random.Generator
) -> tuple[Floats, Floats]:
    t = sample_times(float(motion.t_s[-1]), phone, rng)
    force = _resampled(t, motion.t_s, shaking.at_phone(phone, rng))
    turned = poses_at(t, pose, episodes).apply(force) + hand_force(t, episodes, rng)
    return t, measure(turned, phone, rng)


def _gyroscope(
    motion: Motion, shaking: Shaking, phone: Phone, pose: Rotation, episodes: list[Episode], rng: np.random.Generator
) -> tuple[Floats, Floats]:
    t = sample_times(float(motion.t_s[-1]), phone, rng)
    poses = poses_at(t, pose, episodes)
    return t, measure_turning(poses.apply(_resampled(t, motion.t_s, shaking.turning_radps)) + turning(t, poses), phone, rng)


def _resampled(t: Floats, t_known: Floats, values: Floats) -> Floats:
    return np.stack([np.interp(t, t_known, column) for column in values.T], axis=1)


def _started_at(rng: np.random.Generator) -> datetime:
    mean, spread = RUSH_HOURS[int(rng.choice(3, p=[0.4, 0.2, 0.4]))]
    hours = 24 * int(rng.integers(28)) + float(np.clip(rng.normal(mean, spread), 5.0, 23.0))
    return FIRST_DAY + timedelta(seconds=round(hours * 3600.0, 3))


def _uuid(rng: np.random.Generator) -> str:
    return str(uuid.UUID(bytes=rng.bytes(16), version=4))
