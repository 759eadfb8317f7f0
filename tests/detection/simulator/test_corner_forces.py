"""Springs, dampers, stops and tyres beyond a straight line, one at a time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detection.simulator.axles import Axles
from detection.simulator.corner_forces import STOP_NPM, STOP_NPM3, CornerForces
from detection.simulator.published_axles import BMW_E90, JEEP_CHEROKEE, UAZ_VAN, VEHICLES

ADAMS_STOP = ((0.01, 1000.0), (0.02, 2500.0), (0.03, 4500.0), (0.04, 7500.0), (0.05, 12500.0))  # m, N


def whole(axles: Axles, rate: float = 0.0, travel: float = 0.0, over: float = 0.0, friction_n: float = 0.0) -> np.ndarray:
    """(12,): the forces with those added that the linear part has: dampers' mean slope and tyres; springs left out."""
    seen = np.repeat([rate, travel, over], 4)[:, None]
    forces = CornerForces(axles, (friction_n, friction_n)).constants().forces(seen)[:, 0]
    forces[:4] -= axles.slope_nspm()[:, 0] * rate
    forces[8:] += axles.tyre_npm * over
    return forces


def test_the_stop_is_that_of_the_published_table_within_six_percent() -> None:
    for x, force in ADAMS_STOP:
        assert STOP_NPM * x + STOP_NPM3 * x**3 == pytest.approx(force, rel=0.061)


@given(st.floats(0.01, 3.0))
def test_dampers_follow_their_published_curve(speed: float) -> None:
    for axles in VEHICLES:
        bump, rebound = whole(axles, rate=-speed)[:4], whole(axles, rate=speed)[:4]
        for i in range(4):
            ratio, a = axles.damper_ratio[i // 2], i // 2
            inside = ratio * speed
            assert bump[i] == pytest.approx(ratio * axles.bump_nspm[a] * inside / (1 + axles.bump_degressive_spm * inside))
            curve = axles.rebound_nspm[a] * inside / (1 + axles.rebound_degressive_spm * inside)
            assert rebound[i] == pytest.approx(-ratio * curve)
            assert -rebound[i] > bump[i]


def test_friction_is_whole_when_moving_and_creeps_at_rest() -> None:
    still, moving, slow = (whole(BMW_E90, rate=v, friction_n=100.0)[0] - whole(BMW_E90, rate=v)[0] for v in (0.0, 0.5, 0.005))
    assert still == 0.0
    assert moving == pytest.approx(-100.0, rel=0.01)
    assert -40.0 < slow < -10.0


def test_stops_push_back_only_beyond_the_free_travel() -> None:
    for axles in (JEEP_CHEROKEE, UAZ_VAN):
        free = axles.free_m[0]
        assert whole(axles, travel=0.99 * free)[4] == whole(axles, travel=-0.99 * free)[4] == 0.0
        bump, rebound = whole(axles, travel=-free - 0.03)[4], whole(axles, travel=free + 0.03)[4]
        assert bump == -rebound == pytest.approx(4620.0)


@given(st.floats(-0.3, 0.3))
def test_a_tyre_pushes_as_its_spring_says_and_never_pulls(over: float) -> None:
    for axles in VEHICLES:
        on_ground = whole(axles, over=over)[8:] + axles.load_n()[:, 0]
        assert on_ground == pytest.approx(np.maximum(axles.load_n()[:, 0] + axles.tyre_npm * over, 0.0), abs=1e-6)


def test_the_tyres_carry_the_car() -> None:
    for axles in VEHICLES:
        assert axles.load_n().sum() == pytest.approx(9.80665 * (axles.sprung_kg + sum(axles.axle_kg)))
        rests = axles.load_n()[[0, 2], 0] * 2
        a, b = axles.axle_from_centre_m
        sprung = rests / 9.80665 - np.array(axles.axle_kg)
        assert sprung[0] * a == pytest.approx(sprung[1] * b), "moments about the centre of mass"
