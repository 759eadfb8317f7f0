import numpy as np
import pytest
from scipy.signal import sosfreqz

from detection.simulator.roads import STEP_M
from detection.simulator.vehicle import QuarterCar, TwoAxleCar, draw_car

RATE_HZ = 500.0


def car(**changes: float) -> TwoAxleCar:
    standard = {"wheelbase_m": 2.6, "tyre_radius_m": 0.31, "contact_m": 0.12, "phone_behind_axle_m": 1.0, "phone_left_m": 0.0}
    standard |= {"phone_height_m": 0.5, "shake_hz": 20.0, "shake_damping": 0.3}
    return TwoAxleCar(front=QuarterCar(), rear=QuarterCar(), lean_per_g_rad=(0.07, 0.03), **(standard | changes))


def test_the_default_corner_is_the_golden_car_of_the_iri() -> None:
    golden = QuarterCar()
    assert (golden.tyre_k1_per_s2, golden.spring_k2_per_s2, golden.damper_c_per_s, golden.unsprung_mu) == (653.0, 63.3, 6.0, 0.15)


@pytest.mark.parametrize("derivatives", [0, 1, 2])
def test_the_quarter_car_filter_is_the_analytic_transfer_function(derivatives: int) -> None:
    golden = QuarterCar()
    hz = np.linspace(0.3, 25.0, 200)
    s = 2j * np.pi * hz
    k1, k2, c, mu = 653.0, 63.3, 6.0, 0.15
    body = (c * s + k2) * k1 / ((s**2 + c * s + k2) * (mu * s**2 + c * s + k2 + k1) - (c * s + k2) ** 2)  # equations of motion
    _, digital = sosfreqz(golden.filter(derivatives, RATE_HZ), hz, fs=RATE_HZ)
    assert np.abs(digital - s**derivatives * body).max() < 0.02 * np.abs(s**derivatives * body).max()


def test_drawn_cars_bounce_near_one_hertz_and_hop_near_twelve() -> None:
    for seed in range(40):
        corner = draw_car(np.random.default_rng(seed)).front
        _, a = corner.polynomials()
        modes = np.sort(np.abs(np.roots(a))[::2]) / (2 * np.pi)
        assert 0.85 < modes[0] < 1.5
        assert 9.5 < modes[1] < 15.0
        assert np.roots(a).real.max() < 0


def test_the_rolling_disc_bridges_short_holes_and_follows_long_ones() -> None:
    profile = np.zeros((2, 400))
    profile[0, 198:202] = -0.08  # 10 cm long
    profile[1, 150:250] = -0.08  # 2.5 m long
    felt = car().envelope(profile)
    assert felt[0].min() > -0.015
    assert felt[1].min() == pytest.approx(-0.08)


def test_the_envelope_is_the_slow_definition() -> None:
    profile = np.random.default_rng(1).normal(0, 0.004, 300)
    one = car()
    reach = round(0.6 * one.tyre_radius_m / STEP_M)
    rolled = np.array(
        [
            max(
                profile[j] + np.sqrt(one.tyre_radius_m**2 - ((i - j) * STEP_M) ** 2) - one.tyre_radius_m
                for j in range(max(0, i - reach), min(300, i + reach + 1))
            )
            for i in range(300)
        ]
    )
    patch = round(one.contact_m / STEP_M)
    expected = [rolled[i - patch // 2 : i - patch // 2 + patch].mean() for i in range(20, 280)]
    assert one.envelope(profile[None])[0, 20:280] == pytest.approx(expected)


def test_one_wheel_in_a_hole_rolls_the_car_and_two_do_not() -> None:
    hole = np.zeros(2000)
    hole[500:550] = -0.05
    flat = np.zeros((2, 2000))
    both = car().ride(np.stack([hole, hole]), flat, RATE_HZ)
    right = car().ride(np.stack([0 * hole, hole]), flat, RATE_HZ)
    assert np.abs(both.roll).max() < 1e-12
    assert right.roll[0].max() > 0.001, "the right side drops: left side up"
    assert right.vertical_mps2 == pytest.approx(0.5 * both.vertical_mps2)


def test_the_front_axle_in_a_hole_puts_the_nose_down() -> None:
    hole = np.zeros((2, 4000))
    hole[:, 500:] = -0.02
    ride = car().ride(hole, np.zeros((2, 4000)), RATE_HZ)
    assert ride.pitch[0, -1] == pytest.approx(0.02 / 2.6, rel=0.01)


def test_the_vertical_alone_is_that_of_the_whole_ride() -> None:
    z = np.random.default_rng(2).normal(0, 0.01, (2, 2, 3000)).cumsum(axis=-1) * 0.1
    one = car(phone_left_m=0.3)
    assert one.vertical(z[0], z[1], RATE_HZ) == pytest.approx(one.ride(z[0], z[1], RATE_HZ).vertical_mps2, abs=1e-9)
