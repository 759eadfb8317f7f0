import dataclasses

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from detection.simulator.handling import draw_episodes, hand_force, poses_at, turning
from detection.simulator.phone import Phone, draw_phone, draw_pose, measure, sample_times, through_mount


@pytest.fixture
def phone() -> Phone:
    return draw_phone(np.random.default_rng(1), (100.0, 100.001))


def test_the_achieved_rate_is_near_the_nominal_one_and_never_even() -> None:
    phone = dataclasses.replace(draw_phone(np.random.default_rng(1), (100.0, 100.001)), jitter=0.05, loss=0.01)
    t = sample_times(300.0, phone, np.random.default_rng(2))
    assert (np.diff(t) > 0).all()
    assert len(t) / 300 == pytest.approx(99, abs=1)
    assert 0.0003 < np.diff(t)[np.diff(t) < 0.015].std() < 0.001


@pytest.mark.parametrize("rate", [(5.0, 25.0), (50.0, 200.0)])
def test_rates_are_drawn_where_asked(rate: tuple[float, float]) -> None:
    drawn = [draw_phone(np.random.default_rng(seed), rate).rate_hz for seed in range(200)]
    assert rate[0] <= min(drawn) < 1.2 * rate[0]
    assert rate[1] / 1.2 < max(drawn) <= rate[1]


def test_output_is_clipped_and_on_the_grid_of_its_resolution(phone: Phone) -> None:
    small = dataclasses.replace(phone, range_mps2=19.6133, step_mps2=0.0383)
    seen = measure(np.random.default_rng(1).normal(0, 15.0, (5000, 3)), small, np.random.default_rng(2))
    assert np.abs(seen).max() == 19.6133
    inside = seen[np.abs(seen) < 19.6]
    assert inside / 0.0383 == pytest.approx(np.round(inside / 0.0383), abs=1e-6)


def test_noise_and_bias_are_those_of_the_phone(phone: Phone) -> None:
    still = measure(np.tile([0.0, 0.0, 9.81], (20_000, 1)), phone, np.random.default_rng(3))
    expected = np.array([0, 0, 9.81]) * phone.scale + phone.bias_mps2
    assert still.mean(axis=0) == pytest.approx(expected, abs=0.003)
    assert still.std(axis=0) == pytest.approx(np.hypot(phone.noise_mps2, phone.step_mps2 / np.sqrt(12)), rel=0.1)


def test_the_mount_passes_slow_motion_unchanged_and_amplifies_at_its_resonance(phone: Phone) -> None:
    phone = dataclasses.replace(phone, mount_hz=20.0, mount_damping=0.2)
    t = np.arange(0, 10, 1 / 500)

    def gain(hz: float) -> float:
        return float(through_mount(np.sin(2 * np.pi * hz * t)[:, None], phone, 500.0)[2500:].std() * np.sqrt(2))

    assert gain(0.6) == pytest.approx(1.0, abs=0.01)
    assert gain(20.0) > 2.0
    assert gain(120.0) < 0.1


def test_any_orientation_is_as_likely() -> None:
    rng = np.random.default_rng(4)
    up = np.array([draw_pose(rng).apply([0, 0, 1.0]) for _ in range(2000)])
    assert up.mean(axis=0) == pytest.approx(0.0, abs=0.06)
    assert (up**2).mean(axis=0) == pytest.approx(1 / 3, abs=0.04)


def handled(seed: int) -> tuple[np.ndarray, Rotation, list]:
    first = Rotation.random(rng=np.random.default_rng(seed))
    rng = np.random.default_rng(seed)
    episodes = draw_episodes(300.0, first, rng)
    while not episodes:
        episodes = draw_episodes(300.0, first, rng)
    return np.arange(0, 300, 0.005), first, episodes


def test_the_gyroscope_sees_exactly_the_turning_between_poses() -> None:
    t, first, episodes = handled(5)
    poses = poses_at(t, first, episodes)
    rates = turning(t, poses)
    turned = first
    for step in rates[(t >= episodes[0].start_s - 0.01) & (t <= episodes[0].end_s + 0.01)] * 0.005:
        turned = Rotation.from_rotvec(-step) * turned
    assert (turned * episodes[0].poses[-1].inv()).magnitude() < 0.02
    outside = (t < episodes[0].start_s - 0.01) | ((t > episodes[0].end_s + 0.01) & (t < episodes[0].end_s + 5))
    assert np.abs(rates[outside]).max() < 1e-9


def test_a_phone_in_the_hand_is_shaken_and_lies_differently_afterwards() -> None:
    t, first, episodes = handled(6)
    force = np.linalg.norm(hand_force(t, episodes, np.random.default_rng(1)), axis=1)
    during = np.logical_or.reduce([(t >= e.start_s) & (t <= e.end_s) for e in episodes])
    assert (force[~during] == 0).all()
    assert force[during].max() > 3.0
    assert (poses_at(t[-1:], first, episodes)[0] * first.inv()).magnitude() > 0.05
