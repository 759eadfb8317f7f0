"""The full car against what can be worked out by hand, against the first car model, and against a step-by-step twin."""

import itertools
import time
from dataclasses import replace

import numpy as np
import pytest

from detection.simulator import City, simulate_drive
from detection.simulator.chassis import BMW_320I, CARS, FORD_ESCORT, Chassis
from detection.simulator.driver import draw_driver, drive_route
from detection.simulator.full_car import FullCar, draw_full_car
from detection.simulator.motion import shake
from detection.simulator.roads import STEP_M
from detection.simulator.route import plan_route
from detection.simulator.vehicle import DrawVehicle, QuarterCar, TwoAxleCar, draw_car

RATE_HZ = 500.0
STIFF = {"bending_hz": 25.0, "bending_damping": 0.1, "bending_share": 0.0}


def car(chassis: Chassis = BMW_320I, **changes: float) -> FullCar:
    standard = {"tyre_radius_m": 0.31, "contact_m": 0.12, "phone_behind_axle_m": 1.1, "phone_left_m": 0.3, "phone_height_m": 0.4}
    return FullCar(chassis, **(standard | STIFF | changes))


def rough(n: int, seed: int, scale_m: float = 0.002) -> np.ndarray:
    """Smooth random heights (2, 2, n) in m: axle, side, time."""
    z = np.random.default_rng(seed).normal(0, scale_m, (2, 2, n)).cumsum(axis=-1)
    return z - z[..., :1]


def step_by_step(one: FullCar, front: np.ndarray, rear: np.ndarray, parts: int = 8) -> dict[str, np.ndarray]:
    """Wheel by wheel: forces of every spring, damper, bar and tyre, Runge-Kutta in `parts` steps a sample."""
    c = one.chassis
    x = np.array([c.axle_from_centre_m[0]] * 2 + [-c.axle_from_centre_m[1]] * 2)  # ahead of the centre: fl, fr, rl, rr
    y = np.array([c.track_m[0] / 2, -c.track_m[0] / 2, c.track_m[1] / 2, -c.track_m[1] / 2])  # to the left
    k, d = np.repeat(c.spring_npm, 2), np.repeat(c.damper_nspm, 2)
    bar, track = np.repeat(c.bar_nm_per_rad, 2), np.repeat(c.track_m, 2)
    road = np.concatenate([front, rear])
    road = road - road[:, :1]

    def slope(state: np.ndarray, under: np.ndarray) -> np.ndarray:
        (heave, pitch, roll), wheel = state[:3], state[3:7]
        (heave1, pitch1, roll1), wheel1 = state[7:10], state[10:14]
        stretch, stretch1 = heave - pitch * x + roll * y - wheel, heave1 - pitch1 * x + roll1 * y - wheel1
        axle_roll = np.repeat([wheel[0] - wheel[1], wheel[2] - wheel[3]], 2) / track
        up = -k * stretch - d * stretch1 - bar * (roll - axle_roll) / track * np.sign(y)
        body = [up.sum() / c.sprung_kg, -(up * x).sum() / c.pitch_kgm2, (up * y).sum() / c.roll_kgm2]
        return np.r_[state[7:], body, (-up + c.tyre_npm * (under - wheel)) / c.unsprung_kg]

    state, h, out = np.zeros(14), 1 / RATE_HZ / parts, []
    for i in range(road.shape[1] - 1):
        out.append(np.r_[state, slope(state, road[:, i])[7:10]])
        for j in range(parts):
            u0, um, u1 = (road[:, i] + (road[:, i + 1] - road[:, i]) * (j + w) / parts for w in (0, 0.5, 1))
            s1 = slope(state, u0)
            s2 = slope(state + h / 2 * s1, um)
            s3 = slope(state + h / 2 * s2, um)
            state = state + h / 6 * (s1 + 2 * s2 + 2 * s3 + slope(state + h * s3, u1))
    _, pitch, roll, *_, heave2, pitch2, roll2 = np.array(out).T
    ahead = c.axle_from_centre_m[0] - one.phone_behind_axle_m
    return {"roll": roll, "pitch": pitch, "roll2": roll2, "vertical": heave2 - pitch2 * ahead + roll2 * one.phone_left_m}


@pytest.mark.parametrize("chassis", CARS)
def test_the_modes_are_the_step_by_step_integration(chassis: Chassis) -> None:
    front, rear = rough(600, 1)
    one = car(chassis)
    ride, slow = one.ride(front, rear, RATE_HZ), step_by_step(one, front, rear)
    for fast, name in (
        (ride.roll[0], "roll"),
        (ride.pitch[0], "pitch"),
        (ride.roll[2], "roll2"),
        (ride.vertical_mps2, "vertical"),
    ):
        assert fast[:-1] == pytest.approx(slow[name], abs=1e-5 * np.abs(slow[name]).max()), name


@pytest.mark.parametrize("tilt", ["all", "front", "left"])
def test_at_rest_on_a_plane_the_body_lies_in_the_plane(tilt: str) -> None:
    """Bars and springs hold a warped road together, but a plane bends none of them."""
    front, rear, tracks = np.zeros((2, 6000)), np.zeros((2, 6000)), BMW_320I.track_m
    if tilt in ("all", "front"):
        front[:, 500:] = 0.02
    if tilt == "all":
        rear[:, 500:] = 0.02
    if tilt == "left":
        for z, track in ((front, tracks[0]), (rear, tracks[1])):
            z[0, 500:], z[1, 500:] = 0.01 * track / 2, -0.01 * track / 2
    ride = car().ride(front, rear, RATE_HZ)
    assert ride.roll[0, -1] == pytest.approx(0.01 if tilt == "left" else 0.0, abs=1e-6)
    assert ride.pitch[0, -1] == pytest.approx(-0.02 / sum(BMW_320I.axle_from_centre_m) if tilt == "front" else 0.0, abs=1e-6)
    assert ride.vertical_mps2[-1] == pytest.approx(0.0, abs=1e-6)


def test_one_wheel_on_a_kerb_rolls_the_body_by_the_share_of_its_axle_in_the_roll_stiffness() -> None:
    """By hand: each axle's roll stiffness is its springs' and bar's in series with its tyres'."""
    front = np.zeros((2, 8000))
    front[0, 500:] = 0.04
    ride = car().ride(front, np.zeros((2, 8000)), RATE_HZ)
    c = BMW_320I
    upper = [k * t**2 / 2 + bar for k, t, bar in zip(c.spring_npm, c.track_m, c.bar_nm_per_rad, strict=True)]
    series = [1 / (1 / u + 1 / (c.tyre_npm * t**2 / 2)) for u, t in zip(upper, c.track_m, strict=True)]
    assert ride.roll[0, -1] == pytest.approx(0.04 / c.track_m[0] * series[0] / sum(series), rel=1e-4)


def modes_hz(matrix: np.ndarray) -> np.ndarray:
    poles = np.linalg.eigvals(matrix)
    return np.sort(np.abs(poles[poles.imag > 0])) / (2 * np.pi)


def test_a_car_alike_front_and_rear_has_the_modes_of_three_quarter_cars() -> None:
    """Heave, pitch and roll part; each is a quarter car with its own share of the body's inertia. Undamped, by hand."""
    even = replace(BMW_320I, axle_from_centre_m=(1.3, 1.3), track_m=(1.4, 1.4), spring_npm=(2e4, 2e4))
    even = replace(even, damper_nspm=(0.0, 0.0), bar_nm_per_rad=(0.0, 0.0))

    def by_hand(body_kg: float) -> list[float]:
        k, t, m = 2e4, even.tyre_npm, even.unsprung_kg
        squares = np.roots([body_kg * m, -(body_kg * (k + t) + m * k), k * t])  # of w²: two masses in a row on two springs
        return list(np.sqrt(squares) / (2 * np.pi))

    heave, pitch, roll = even.sprung_kg / 4, even.pitch_kgm2 / (4 * 1.3**2), even.roll_kgm2 / (4 * 0.7**2)
    assert modes_hz(even.bounce().state_matrix()) == pytest.approx(np.sort(by_hand(heave) + by_hand(pitch)))
    axles_apart = np.sqrt((2e4 + even.tyre_npm) / even.unsprung_kg) / (2 * np.pi)  # front against rear: the body stands still
    assert modes_hz(even.roll().state_matrix()) == pytest.approx(np.sort([*by_hand(2 * roll / 2), axles_apart]))


def test_published_cars_bounce_pitch_and_roll_between_one_and_three_hertz_and_hop_near_eleven() -> None:
    for chassis in CARS:
        bounce, roll = modes_hz(chassis.bounce().state_matrix()), modes_hz(chassis.roll().state_matrix())
        assert 0.9 < bounce[0] < bounce[1] < 2.2
        assert 0.9 < roll[0] < 3.0
        assert 9.0 < bounce[2] < roll[-1] < 14.0


def test_without_coupling_it_is_the_two_axle_car() -> None:
    """Pitch inertia m·a·b and no bars: front and rear know nothing of one another, as `TwoAxleCar` assumes for every car."""
    a, b = FORD_ESCORT.axle_from_centre_m
    parted = replace(FORD_ESCORT, pitch_kgm2=FORD_ESCORT.sprung_kg * a * b, bar_nm_per_rad=(0.0, 0.0))
    masses = FORD_ESCORT.sprung_kg * np.array([b, a]) / (a + b) / 2
    quarters = [
        QuarterCar(parted.tyre_npm / m, k / m, d / m, parted.unsprung_kg / m)
        for m, k, d in zip(masses, parted.spring_npm, parted.damper_nspm, strict=True)
    ]
    place = {"tyre_radius_m": 0.31, "contact_m": 0.12, "phone_behind_axle_m": 1.1, "phone_left_m": 0.0, "phone_height_m": 0.4}
    known = TwoAxleCar(*quarters, wheelbase_m=a + b, lean_per_g_rad=(0.1, 0.0), shake_hz=200.0, shake_damping=1.0, **place)
    bump = np.zeros((2, 3000))
    bump[:, 500:700] = 0.03 * np.sin(np.linspace(0, np.pi, 200)) ** 2
    later = np.roll(bump, 100, axis=1)
    mine, theirs = FullCar(parted, **place, **STIFF).ride(bump, later, RATE_HZ), known.ride(bump, later, RATE_HZ)
    assert mine.pitch[0] == pytest.approx(theirs.pitch[0], abs=0.01 * np.abs(theirs.pitch[0]).max())


def test_both_wheels_alike_roll_nothing_and_one_wheel_rolls_its_side() -> None:
    hole = np.zeros(2000)
    hole[500:550] = -0.05
    flat = np.zeros((2, 2000))
    both = car().ride(np.stack([hole, hole]), flat, RATE_HZ)
    right = car().ride(np.stack([0 * hole, hole]), flat, RATE_HZ)
    assert np.abs(both.roll).max() == 0.0
    assert right.roll[0].max() > 0.001, "the right side drops: left side up"


def test_rates_and_accelerations_are_derivatives_of_the_angles() -> None:
    front, rear = rough(4000, 2, 0.0005)
    ride = car().ride(front, rear, RATE_HZ)
    for angle, rate, acceleration in (ride.roll, ride.pitch):
        assert np.gradient(angle, 1 / RATE_HZ)[5:-5] == pytest.approx(rate[5:-5], abs=0.02 * np.abs(rate).max())
        assert np.gradient(rate, 1 / RATE_HZ)[5:-5] == pytest.approx(acceleration[5:-5], abs=0.05 * np.abs(acceleration).max())


def test_where_the_phone_lies_adds_pitch_and_roll() -> None:
    front, rear = rough(1500, 3)
    middle = car(phone_behind_axle_m=BMW_320I.axle_from_centre_m[0], phone_left_m=0.0).ride(front, rear, RATE_HZ)
    for ahead, left in itertools.product((-1.0, 0.5), (-0.4, 0.4)):
        there = car(phone_behind_axle_m=BMW_320I.axle_from_centre_m[0] - ahead, phone_left_m=left).ride(front, rear, RATE_HZ)
        expected = middle.vertical_mps2 - ahead * middle.pitch[2] + left * middle.roll[2]
        assert there.vertical_mps2 == pytest.approx(expected, abs=1e-8 * np.abs(expected).max())


def test_the_vertical_alone_is_that_of_the_whole_ride() -> None:
    front, rear = rough(3000, 4)
    one = draw_full_car(np.random.default_rng(5))
    ride = one.ride(front, rear, RATE_HZ)
    assert one.vertical(front, rear, RATE_HZ) == pytest.approx(ride.vertical_mps2, abs=1e-9 * np.abs(ride.vertical_mps2).max())


def test_the_tandem_cams_are_the_slow_definition() -> None:
    profile = np.random.default_rng(1).normal(0, 0.004, 300)
    one = car()
    radius, reach, half = one.tyre_radius_m, round(0.6 * one.tyre_radius_m / STEP_M), round(0.4 * one.contact_m / STEP_M)

    def cam(i: int) -> float:
        drops = [radius * (1 - (1 - (abs(i - j) * STEP_M / radius) ** 1.8) ** (1 / 1.8)) for j in range(i - reach, i + reach + 1)]
        return float(max(profile[i - reach : i + reach + 1] - drops))

    expected = [0.5 * (cam(i - half) + cam(i + half)) for i in range(20, 280)]
    assert one.envelope(profile[None])[0, 20:280] == pytest.approx(expected)
    assert one.envelope(np.zeros((2, 50)) + 0.1) == pytest.approx(0.1)


def test_drawn_cars_are_stable_and_differ() -> None:
    drawn = [draw_full_car(np.random.default_rng(seed)) for seed in range(40)]
    assert len({one.chassis.track_m for one in drawn}) == 3
    for one in drawn:
        for system in (one.chassis.bounce(), one.chassis.roll()):
            assert np.linalg.eigvals(system.state_matrix()).real.max() < 0
        assert 0.04 < one.lean_per_g_rad[0] < 0.2
        assert 0.02 < one.lean_per_g_rad[1] < 0.12


def test_the_truth_of_a_drive_is_when_its_front_axle_meets_things(city: City) -> None:
    """On streets without any roughness the body begins to move when the front wheels reach a thing's edge."""
    rng = np.random.default_rng(3)
    flat = replace(city, surface=[0 * z for z in city.surface])
    route = plan_route(flat, 5000.0, rng)
    motion = drive_route(route, draw_driver(rng), np.empty(0), np.empty(0), 350.0, rng)
    shaking = shake(flat, route, motion, draw_full_car(rng), rng)
    truth, early = shaking.truth[shaking.truth.felt == 1], []
    for t, speed, thing in zip(truth.t_s, truth.speed_mps, truth.defect, strict=True):
        near = (motion.t_s > t - 3.0 / speed) & (motion.t_s < t + 8.0 / speed)
        size = np.abs(shaking.from_road[near, 2])
        begins = motion.t_s[near][np.argmax(size > 0.2 * size.max())]
        early.append((begins - t) * speed + 0.5 * city.defects.length_m[thing])
    assert len(early) > 5
    assert min(early) > -0.3, "no sooner than a tyre's reach before the edge"
    assert np.median(early) < 0.4


def test_a_drive_in_a_full_car_costs_less_than_twice_one_in_the_first(city: City) -> None:
    def seconds(draw_vehicle: DrawVehicle) -> float:
        begin = time.process_time()
        simulate_drive(city, 0, 9, devices=3, duration_s=(300.0, 301.0), rate_hz=(100.0, 101.0), draw_vehicle=draw_vehicle)
        return time.process_time() - begin

    runs = [(seconds(draw_car), seconds(draw_full_car)) for _ in range(3)]
    assert min(full for _, full in runs) < 2 * min(first for first, _ in runs)
