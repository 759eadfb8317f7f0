import dataclasses

import numpy as np
import pytest

from detection.geo import LocalMetres
from detection.simulator.gps import Receiver, draw_receiver, drift, locate

PLANE = LocalMetres(48.0, 11.0)
EXACT = Receiver(1e-6, 40.0, 1e-6, 0.0, 1e-6, False, 0.0)
T = np.arange(0.0, 600.0, 0.1)
SPEED = np.where(T < 30, 0.0, 10 + 4 * np.sin(T / 7))
XY = np.stack([np.cumsum(SPEED) * 0.1 * 0.6, np.cumsum(SPEED) * 0.1 * 0.8], axis=1)


def located(receiver: Receiver, seed: int = 1) -> dict[str, np.ndarray]:
    return locate(T, XY, SPEED, receiver, PLANE, np.random.default_rng(seed))


def test_the_position_error_has_the_stated_spread_and_memory() -> None:
    receiver = dataclasses.replace(EXACT, sigma_m=3.0, correlation_s=40.0, white_m=0.5)
    error = drift(200_000, receiver, np.random.default_rng(2))
    assert error.std(axis=0) == pytest.approx(np.hypot(3.0, 0.5), rel=0.05)
    later = np.mean(error[:-40] * error[40:], axis=0)
    assert later == pytest.approx(9.0 / np.e, rel=0.12)


def test_the_error_is_as_large_at_the_first_fix_as_later() -> None:
    receiver = dataclasses.replace(EXACT, sigma_m=3.0)
    first = np.array([drift(2, receiver, np.random.default_rng(seed))[0] for seed in range(800)])
    assert first.std(axis=0) == pytest.approx(3.0, rel=0.1)


@pytest.mark.parametrize("lag_s", [0.0, 0.5, 1.2])
def test_a_fix_is_where_the_car_was_lag_ago(lag_s: float) -> None:
    fixes = located(dataclasses.replace(EXACT, lag_s=lag_s))
    east, north = PLANE.to_xy(fixes["latitude"], fixes["longitude"])
    moving = fixes["t"] > 35
    then = np.interp(np.hypot(east, north)[moving], np.hypot(*XY.T), T)
    assert fixes["t"][moving] - then == pytest.approx(lag_s, abs=0.02)


def test_course_is_true_while_driving_and_unknown_while_standing() -> None:
    fixes = located(EXACT)
    standing, driving = fixes["t"] < 29, fixes["t"] > 40
    assert (fixes["bearing"][standing] == -1).all()
    true_deg = np.degrees(np.arctan2(0.6, 0.8))
    error = (fixes["bearing"][driving] - true_deg + 180) % 360 - 180
    assert 0.3 < error.std() < 3.0
    assert abs(error.mean()) < 0.5


def test_the_first_fix_may_be_junk_and_says_so() -> None:
    fixes = located(dataclasses.replace(EXACT, junk_first=True))
    assert fixes["accuracy"][0] >= 200
    assert fixes["speed"][0] == -1
    assert fixes["accuracy"][1:].max() < 50


def test_dropouts_leave_holes_of_seconds() -> None:
    steady, patchy = located(EXACT), located(dataclasses.replace(EXACT, dropouts_per_s=1 / 60))
    assert np.diff(steady["t"]).max() < 3.2
    assert np.diff(patchy["t"]).max() > 3.5


def test_drawn_receivers_keep_to_the_documented_ranges() -> None:
    drawn = [draw_receiver(np.random.default_rng(seed)) for seed in range(300)]
    assert all(2.0 <= r.sigma_m <= 5.0 and 30 <= r.correlation_s <= 60 and 0 <= r.lag_s <= 1.5 for r in drawn)
    assert 0.02 < np.mean([r.lag_s > 0.6 for r in drawn]) < 0.15
