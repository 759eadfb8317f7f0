"""The third vehicle against a corner-by-corner integration, what can be worked out by hand, and itself in pieces."""

import itertools
import math
import time
from dataclasses import replace

import numpy as np
import pytest

from detection.simulator import City, draw_nonlinear_car, simulate_city, simulate_drive
from detection.simulator.axles import Axles
from detection.simulator.corner_forces import STICK_MPS, STOP_NPM, STOP_NPM3, CornerForces
from detection.simulator.nonlinear_car import NonlinearCar
from detection.simulator.patched_road import patched_tracks
from detection.simulator.published_axles import BMW_E90, COMPACT_ELECTRIC, JEEP_CHEROKEE, LIGHT_CAR, UAZ_VAN, VEHICLES
from detection.simulator.roads import STEP_M
from detection.simulator.stepping import Nonlinear
from detection.simulator.vehicle import GRAVITY_MPS2, Ride

RATE_HZ = 500.0
STRAIGHT = {"bump_degressive_spm": 0.0, "rebound_degressive_spm": 0.0, "free_m": (9.0, 9.0)}  # with equal slopes and no friction


def car(axles: Axles = BMW_E90, friction_n: tuple[float, float] = (80.0, 60.0), **changes: float) -> NonlinearCar:
    place = {"phone_behind_axle_m": 1.0, "phone_left_m": 0.3, "phone_height_m": 0.5}
    tyre = {"tyre_radius_m": 0.33, "contact_sigma_m": 0.05}
    panel = {"panel_hz": 25.0, "panel_damping": 0.1, "panel_share": 0.0}
    return NonlinearCar(axles, friction_n, **(place | tyre | panel | changes))


def corner_by_corner(one: NonlinearCar, front: np.ndarray, rear: np.ndarray, parts: int = 4) -> dict[str, np.ndarray]:
    """Every spring, damper, stop, tyre and mount where it stands, as a workshop names it; Runge-Kutta, `parts` steps a sample."""
    c = one.axles
    road = np.concatenate([front, rear])
    road = road - road[:, :1]
    body_kg = c.sprung_kg - c.engine_kg
    total_m = sum(c.axle_from_centre_m)
    mount_w = 2 * math.pi * c.mount_hz
    signs = (1, -1, 1, -1)

    def slope(state: np.ndarray, under: np.ndarray) -> np.ndarray:
        z, pitch, roll, hf, tf, hr, tr, e, z1, pitch1, roll1, hf1, tf1, hr1, tr1, e1 = state  # t: tilt of an axle, rad
        body_up = body_pitch = body_roll = 0.0
        axle_up, axle_roll = [0.0, 0.0], [0.0, 0.0]
        for i in range(4):
            a, sign = i // 2, signs[i]
            x = c.axle_from_centre_m[0] if a == 0 else -c.axle_from_centre_m[1]
            h, tilt, h1, tilt1 = (hf, tf, hf1, tf1) if a == 0 else (hr, tr, hr1, tr1)
            y = sign * c.spring_aside_m[a]
            travel = (z - pitch * x + roll * y) - (h + tilt * y)
            force = -c.spring_npm[a] * travel
            for beyond, back in ((-travel - c.free_m[a], 1.0), (travel - c.free_m[a], -1.0)):
                if beyond > 0:
                    force += back * (STOP_NPM * beyond + STOP_NPM3 * beyond**3)
            yd = sign * c.damper_aside_m[a]
            rate = (z1 - pitch1 * x + roll1 * yd) - (h1 + tilt1 * yd)
            stroke = c.damper_ratio[a] * rate
            oil, thin = (c.rebound_nspm[a], c.rebound_degressive_spm) if rate > 0 else (c.bump_nspm[a], c.bump_degressive_spm)
            brake = -c.damper_ratio[a] * oil * stroke / (1 + thin * abs(stroke))
            brake -= one.friction_n[a] * rate / math.sqrt(rate**2 + STICK_MPS**2)
            yt = sign * c.track_m[a] / 2
            share = (total_m - abs(x)) / total_m
            weight = GRAVITY_MPS2 * (c.sprung_kg * share + c.axle_kg[a]) / 2
            tyre = max(0.0, weight + c.tyre_npm * (under[i] - h - tilt * yt)) - weight
            body_up += force + brake
            body_pitch += -(force + brake) * x
            body_roll += force * y + brake * yd
            axle_up[a] += tyre - force - brake
            axle_roll[a] += tyre * yt - force * y - brake * yd
        for a, tilt in ((0, tf), (1, tr)):
            twist = c.bar_nm_per_rad[a] * (roll - tilt)
            body_roll -= twist
            axle_roll[a] += twist
        apart, apart1 = e - (z - pitch * c.engine_ahead_m), e1 - (z1 - pitch1 * c.engine_ahead_m)
        mount = c.engine_kg * (mount_w**2 * apart + 2 * c.mount_damping * mount_w * apart1)
        body_up += mount
        body_pitch -= mount * c.engine_ahead_m
        second = [body_up / body_kg, body_pitch / c.pitch_kgm2, body_roll / c.roll_kgm2]
        for a in (0, 1):
            second += [axle_up[a] / c.axle_kg[a], axle_roll[a] / c.axle_roll_kgm2[a]]
        return np.r_[state[8:], second, -mount / c.engine_kg]

    state, h, out = np.zeros(16), 1 / RATE_HZ / parts, []
    for i in range(road.shape[1] - 1):
        out.append(np.r_[state, slope(state, road[:, i])[8:11]])
        for j in range(parts):
            u0, um, u1 = (road[:, i] + (road[:, i + 1] - road[:, i]) * (j + w) / parts for w in (0, 0.5, 1))
            s1 = slope(state, u0)
            s2 = slope(state + h / 2 * s1, um)
            s3 = slope(state + h / 2 * s2, um)
            state = state + h / 6 * (s1 + 2 * s2 + 2 * s3 + slope(state + h * s3, u1))
    rows = np.array(out).T
    ahead = c.axle_from_centre_m[0] - one.phone_behind_axle_m
    vertical = rows[16] - rows[17] * ahead + rows[18] * one.phone_left_m
    return {"roll": rows[2], "pitch": rows[1], "roll2": rows[18], "pitch2": rows[17], "vertical": vertical}


def rough_with_a_hole(n: int, seed: int, deep_m: float) -> tuple[np.ndarray, np.ndarray]:
    """Heights (2, n) front and rear of a rough street with a hump, and a hole for the right wheels; at 12 m/s."""
    rng = np.random.default_rng(seed)
    z = rng.normal(0, 0.0008, (2, n)).cumsum(axis=-1)
    z[:, 80:140] += 2 * deep_m * np.sin(np.linspace(0, np.pi, 60))
    z[1, 300:330] -= deep_m
    later = np.roll(z, 110, axis=1)
    later[:, :110] = z[:, :1]
    return z, later


def street(one: NonlinearCar, deep_m: float) -> tuple[np.ndarray, np.ndarray]:
    """Heights (2, 600) under front and rear wheels at 12 m/s, as the tyre feels them: a hump, and a hole for the right wheels."""
    z = patched_tracks(60.0, 64e-6, np.random.default_rng(1))
    z[1, 520:560] -= deep_m
    z[:, 800:940] += 1.5 * deep_m * np.sin(np.linspace(0, np.pi, 140))
    felt, at, station = one.envelope(z), np.arange(z.shape[1]) * STEP_M, 9.0 + np.arange(600) * 12.0 / RATE_HZ
    front, rear = (np.stack([np.interp(station - behind, at, row) for row in felt]) for behind in (0.0, one.wheelbase_m))
    return front, rear


@pytest.mark.parametrize("axles", VEHICLES)
@pytest.mark.parametrize("deep_m", [0.0, 0.03, 0.08])
def test_it_is_the_corner_by_corner_integration(axles: Axles, deep_m: float) -> None:
    """Up to stops and lifted wheels: vertical within 4 % of the largest and 1.5 % r.m.s., angular acceleration 8 and 3 %."""
    one = car(axles)
    front, rear = street(one, deep_m)
    ride, slow = one.ride(front, rear, RATE_HZ), corner_by_corner(one, front, rear)
    angular = [(ride.roll[0], "roll"), (ride.pitch[0], "pitch"), (ride.roll[2], "roll2"), (ride.pitch[2], "pitch2")]
    for fast, name in (*angular, (ride.vertical_mps2, "vertical")):
        worst, mean = (0.04, 0.015) if name == "vertical" else (0.08, 0.03)
        assert fast[:-1] == pytest.approx(slow[name], abs=worst * np.abs(slow[name]).max()), name
        assert np.sqrt(np.mean((fast[:-1] - slow[name]) ** 2)) < mean * np.sqrt(np.mean(slow[name] ** 2)), name


@pytest.mark.parametrize("axles", VEHICLES)
def test_in_pieces_a_ride_is_what_it_is_in_one(axles: Axles) -> None:
    forces = CornerForces(axles, (80.0, 60.0))
    moving = Nonlinear(axles.linear(), forces.directions(), forces.looks(), forces.constants().forces)
    front, rear = rough_with_a_hole(6000, 7, 0.02)
    road = np.concatenate([front, rear]) - np.concatenate([front, rear])[:, :1]
    rates = np.eye(16, 32)[8:11]
    whole, cut = (moving.respond(rates, road, RATE_HZ, piece_s=s) for s in (12.0, 1.5))
    assert cut == pytest.approx(whole, abs=0.01 * np.abs(whole).max())
    close = 5e-3 if axles is LIGHT_CAR else 1e-3  # the least damped keeps most of what its start left out
    assert np.sqrt(np.mean((cut - whole) ** 2)) < close * whole.std()


def straight(axles: Axles) -> Axles:
    """The same with linear dampers and without stops; with `friction_n` 0 only the ground is not linear."""
    return replace(axles, bump_nspm=axles.rebound_nspm, **STRAIGHT)


def test_without_what_is_not_linear_it_is_its_linear_system() -> None:
    front, rear = rough_with_a_hole(4000, 2, 0.005)
    one = car(straight(BMW_E90), friction_n=(0.0, 0.0))
    ride = one.ride(front, rear, RATE_HZ)
    road = np.concatenate([front, rear])
    linear = one.axles.linear()
    roll = linear.respond(np.eye(16)[2:3], road - road[:, :1], RATE_HZ)[0]
    assert ride.roll[0] == pytest.approx(roll, abs=1e-3 * np.abs(roll).max())


def bump(height_m: float) -> np.ndarray:
    """Heights (2, 3000): a smooth bump of 0.25 s under both wheels."""
    z = np.zeros((2, 3000))
    z[:, 500:625] = height_m * np.sin(np.linspace(0, np.pi, 125)) ** 2
    return z


def largest(ride: Ride) -> float:
    return float(np.abs(ride.vertical_mps2).max())


def test_twice_the_bump_is_not_twice_the_jolt() -> None:
    """Friction holds back small ones; degressive dampers spare the middle; stops strike where travel ends."""
    flat = np.zeros((2, 3000))
    for axles in VEHICLES:
        per_m = [largest(car(axles).ride(bump(h), flat, RATE_HZ)) / h for h in (0.003, 0.03, 0.15)]
        assert max(per_m) > 1.15 * min(per_m)
        linear = car(straight(axles), friction_n=(0.0, 0.0))
        per_m = [largest(linear.ride(bump(h), flat, RATE_HZ)) / h for h in (0.003, 0.01)]
        assert per_m[0] == pytest.approx(per_m[1], rel=1e-6)


def test_dampers_brake_the_rebound_more_than_the_bump() -> None:
    """A step up presses the body up less than a step down pulls it, at first: the rebound is damped more."""
    step, flat = np.zeros((2, 1000)), np.zeros((2, 1000))
    step[:, 300:] = 0.02
    for axles in VEHICLES:
        even = replace(axles, free_m=(9.0, 9.0), bump_degressive_spm=0.0, rebound_degressive_spm=0.0)
        even = replace(even, bump_nspm=(1000.0, 1000.0), rebound_nspm=(3000.0, 3000.0))
        up, down = (car(even, friction_n=(0.0, 0.0)).ride(sign * step, flat, RATE_HZ) for sign in (1.0, -1.0))
        early = slice(300, 310)
        assert 0.0 < up.vertical_mps2[early].sum() < -0.6 * down.vertical_mps2[early].sum()


def test_where_the_ground_drops_away_the_car_falls_and_is_not_pulled() -> None:
    drop = np.zeros((2, 700))
    drop[:, 200:] = -5.0
    for axles in VEHICLES:
        middle = car(axles, phone_behind_axle_m=axles.axle_from_centre_m[0], phone_left_m=0.0)
        falling = middle.ride(drop, drop, RATE_HZ).vertical_mps2[275:500]
        assert falling.mean() == pytest.approx(-GRAVITY_MPS2, rel=0.1)


@pytest.mark.parametrize("tilt", ["all", "front", "left"])
def test_at_rest_on_a_plane_the_body_lies_in_the_plane(tilt: str) -> None:
    front, rear = np.zeros((2, 8000)), np.zeros((2, 8000))
    if tilt in ("all", "front"):
        front[:, 500:] = 0.02
    if tilt == "all":
        rear[:, 500:] = 0.02
    if tilt == "left":
        for z, track in ((front, BMW_E90.track_m[0]), (rear, BMW_E90.track_m[1])):
            z[0, 500:], z[1, 500:] = 0.01 * track / 2, -0.01 * track / 2
    ride = car().ride(front, rear, RATE_HZ)
    assert ride.roll[0, -1] == pytest.approx(0.01 if tilt == "left" else 0.0, abs=1e-5)
    assert ride.pitch[0, -1] == pytest.approx(-0.02 / sum(BMW_E90.axle_from_centre_m) if tilt == "front" else 0.0, abs=1e-5)
    assert ride.vertical_mps2[-1] == pytest.approx(0.0, abs=1e-4)


def test_published_vehicles_bounce_near_one_and_a_half_hertz_and_hop_between_seven_and_sixteen() -> None:
    for axles in VEHICLES:
        undamped = replace(axles, bump_nspm=(0.0, 0.0), rebound_nspm=(0.0, 0.0), mount_damping=0.0)
        poles = np.linalg.eigvals(undamped.linear().state_matrix())
        hz = np.sort(np.abs(poles[poles.imag > 0])) / (2 * np.pi)
        assert 0.9 < hz[0] < hz[2] < 2.6
        assert 6.5 < hz[3] < hz[-1] < 17.0


def test_rigid_axles_hop_slower_than_wheels_of_their_own() -> None:
    def hop_hz(axles: Axles) -> float:
        return float(np.sqrt((2 * axles.tyre_npm + 2 * axles.spring_npm[0]) / axles.axle_kg[0]) / (2 * np.pi))

    assert max(hop_hz(a) for a in (JEEP_CHEROKEE, UAZ_VAN)) < 9.0 < 11.0 < min(hop_hz(a) for a in (BMW_E90, COMPACT_ELECTRIC))


def test_rates_and_accelerations_are_derivatives_of_the_angles() -> None:
    front, rear = rough_with_a_hole(4000, 3, 0.01)
    ride = car().ride(front, rear, RATE_HZ)
    for angle, rate, acceleration in (ride.roll, ride.pitch):
        assert np.gradient(angle, 1 / RATE_HZ)[5:-5] == pytest.approx(rate[5:-5], abs=0.02 * np.abs(rate).max())
        assert np.gradient(rate, 1 / RATE_HZ)[5:-5] == pytest.approx(acceleration[5:-5], abs=0.1 * np.abs(acceleration).max())


def test_where_the_phone_lies_adds_pitch_and_roll() -> None:
    front, rear = rough_with_a_hole(1500, 4, 0.02)
    middle = car(phone_behind_axle_m=BMW_E90.axle_from_centre_m[0], phone_left_m=0.0).ride(front, rear, RATE_HZ)
    for ahead, left in itertools.product((-1.0, 0.5), (-0.4, 0.4)):
        there = car(phone_behind_axle_m=BMW_E90.axle_from_centre_m[0] - ahead, phone_left_m=left).ride(front, rear, RATE_HZ)
        expected = middle.vertical_mps2 - ahead * middle.pitch[2] + left * middle.roll[2]
        assert there.vertical_mps2 == pytest.approx(expected, abs=1e-8 * np.abs(expected).max())


def test_the_vertical_alone_is_that_of_the_whole_ride() -> None:
    front, rear = rough_with_a_hole(3000, 5, 0.03)
    one = draw_nonlinear_car(np.random.default_rng(5))
    assert np.array_equal(one.vertical(front, rear, RATE_HZ), one.ride(front, rear, RATE_HZ).vertical_mps2)


def test_the_tyre_is_the_slow_definition_and_keeps_level_ground() -> None:
    profile = np.random.default_rng(1).normal(0, 0.004, 200)
    one = car()
    sharp, reach = one.tyre_radius_m / one.contact_sigma_m**2, math.ceil(3 * one.contact_sigma_m / STEP_M)

    def pressed(i: int) -> float:
        weights = [math.exp(-0.5 * (k * STEP_M / one.contact_sigma_m) ** 2) for k in range(-reach, reach + 1)]
        bristles = [w * math.exp(sharp * profile[i + k]) for k, w in zip(range(-reach, reach + 1), weights, strict=True)]
        return math.log(sum(bristles) / sum(weights)) / sharp

    assert one.envelope(profile[None])[0, 20:180] == pytest.approx([pressed(i) for i in range(20, 180)])
    assert one.envelope(np.zeros((2, 50)) + 0.3) == pytest.approx(0.3)


def test_the_tyre_bridges_a_cleft_and_climbs_a_stone() -> None:
    cleft, stone = np.zeros(200), np.zeros(200)
    cleft[98:101], stone[98:101] = -0.05, 0.02
    assert car().envelope(cleft).min() > -0.01
    assert 0.005 < car().envelope(stone).max() < 0.02


def test_drawn_cars_are_stable_and_of_all_kinds() -> None:
    drawn = [draw_nonlinear_car(np.random.default_rng(seed)) for seed in range(60)]
    assert len({one.axles.track_m for one in drawn}) == len(VEHICLES)
    for one in drawn:
        assert np.linalg.eigvals(one.axles.linear().state_matrix()).real.max() < 0
        assert 0.04 < one.lean_per_g_rad[0] < 0.25
        assert 0.01 < one.lean_per_g_rad[1] < 0.12
        assert 0.5 < largest(one.ride(*street(one, 0.05), RATE_HZ)) < 40.0
    assert draw_nonlinear_car(np.random.default_rng(3)) == drawn[3]


def test_what_no_wheel_met_added_nothing() -> None:
    """Truth subtracts the ride without things from the ride with them: far from all things both are one."""
    few = simulate_city(11, street_km=2.0, per_km={"pothole": 2.0}, roads="patched")
    drives = [simulate_drive(few, i, 3, devices=6, duration_s=(150.0, 151.0), draw_vehicle=draw_nonlinear_car) for i in range(6)]
    missed = np.concatenate([d.truth.peak_mps2[d.truth.share == 0.0] for d in drives])
    met = np.concatenate([d.truth.peak_mps2[d.truth.met == 1] for d in drives])
    assert len(missed) > 2
    assert np.median(missed) < 0.02 < 0.5 < np.median(met)


def test_an_empty_city_has_nothing_true() -> None:
    empty = simulate_city(11, street_km=2.0, per_km={}, roads="patched")
    drive = simulate_drive(empty, 0, 3, devices=2, duration_s=(60.0, 61.0), draw_vehicle=draw_nonlinear_car)
    assert len(drive.truth) == len(drive.harmless) == 0


def test_ten_minutes_take_a_few_seconds(city: City) -> None:
    begin = time.process_time()
    simulate_drive(city, 0, 9, devices=3, duration_s=(600.0, 601.0), rate_hz=(100.0, 101.0), draw_vehicle=draw_nonlinear_car)
    assert time.process_time() - begin < 10.0, "2 s of an idle core; a busy machine counts more"
