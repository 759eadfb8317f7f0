"""Nonlinear systems in pieces: exact where linear, of second order else, and the same however cut."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from detection.simulator.modes import LinearSystem
from detection.simulator.stepping import Nonlinear

ONE = LinearSystem(mass=np.eye(1), damping=np.array([[2.0]]), stiffness=np.array([[80.0]]), force=np.array([[80.0]]))
WHERE = np.eye(1, 4)  # outputs: the coordinate, of (q, q', u, force)


def oscillator(hardening: float) -> Nonlinear:
    """A mass on a spring that stiffens with the cube of its stretch from the road."""
    stretch = np.array([[1.0, 0.0, -1.0]])
    return Nonlinear(ONE, directions=np.array([[1.0]]), looks=stretch, forces=lambda seen: -hardening * seen**3)


def road(n: int, seed: int = 1) -> np.ndarray:
    z = np.random.default_rng(seed).normal(0, 0.02, (1, n)).cumsum(axis=1)
    return z - z[:, :1]


def test_without_the_nonlinear_part_it_is_the_linear_system() -> None:
    z = road(5000)
    assert oscillator(0.0).respond(WHERE, z, 100.0, piece_s=50.0) == pytest.approx(ONE.respond(np.eye(1, 2), z, 100.0), abs=1e-9)


def test_it_is_what_an_integrator_of_small_steps_finds() -> None:
    z, rate_hz, hard = road(300, 2), 100.0, 3000.0
    t = np.arange(300) / rate_hz

    def slope(now: float, state: np.ndarray) -> list[float]:
        stretch = state[0] - np.interp(now, t, z[0])
        return [state[1], -2.0 * state[1] - 80.0 * stretch - hard * stretch**3]

    slow = solve_ivp(slope, (0, t[-1]), [0.0, 0.0], t_eval=t, max_step=1e-3, rtol=1e-8, atol=1e-10).y[0]
    fast = oscillator(hard).respond(WHERE, z, rate_hz)[0]
    assert fast == pytest.approx(slow, abs=0.02 * np.abs(slow).max())


def test_half_the_step_leaves_about_a_quarter_of_the_error() -> None:
    fine = np.arange(0, 2.0, 1 / 1600)
    wave = (0.1 * np.sin(2 * np.pi * 1.3 * fine) ** 2)[None]
    best = oscillator(5000.0).respond(WHERE, wave, 1600.0)[0]
    errors = []
    for every in (16, 8):
        coarse = oscillator(5000.0).respond(WHERE, wave[:, ::every], 1600.0 / every)[0]
        errors.append(np.abs(coarse - best[::every]).max())
    assert errors[0] / errors[1] == pytest.approx(4.0, rel=0.35)


@pytest.mark.parametrize("piece_s", [0.7, 3.0])
def test_in_pieces_it_is_what_it_is_in_one(piece_s: float) -> None:
    """This mass rings for seconds: e^-1.5 of what the start leaves out survives the warm-up, a car's far less."""
    z = road(4000, 3)
    whole, cut = (oscillator(200.0).respond(WHERE, z, 200.0, piece_s=s)[0] for s in (20.0, piece_s))
    assert cut == pytest.approx(whole, abs=0.06 * np.abs(whole).max())


def test_rides_of_any_length_are_possible() -> None:
    for n in (1, 7, 1000):
        assert oscillator(100.0).respond(WHERE, road(n), 100.0).shape == (1, n)
