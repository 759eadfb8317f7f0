"""Kinds by shape alone: lifted bodies, kicked wheels, long stretches, and never by how hard it was."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detection import KINDS, Survey
from detection.kind import NEEDED_HZ, ROUGH_S, kinds_of, shape_ratio
from detection.scoring import match_jolts
from detection.simulator import Drive

HZ = 100.0
T = np.arange(-0.3, 1.2, 1 / HZ)


def swing(hz: float, decay_s: float, sign: float = 1.0) -> np.ndarray:
    return sign * np.sin(2 * np.pi * hz * T) * np.exp(-np.clip(T, 0, None) / decay_s) * (T >= 0)


BODY, WHEEL = swing(1.8, 0.5), swing(12.0, 0.06)


def kind(vertical: np.ndarray, banded: np.ndarray, duration_s: float = 0.1) -> str:
    return KINDS[int(kinds_of(vertical[None], banded[None], np.array([duration_s]), HZ)[0])]


def test_a_lifted_body_is_a_hump() -> None:
    assert kind(2.0 * BODY + WHEEL, WHEEL) == "speed_bump"


def test_a_wheel_thrown_up_harder_than_it_fell_is_a_hole_and_the_reverse_an_edge() -> None:
    assert kind(WHEEL, WHEEL) == "pothole"
    assert kind(-WHEEL, -WHEEL) == "joint"


def test_what_lasts_is_a_rough_stretch() -> None:
    assert kind(WHEEL, WHEEL, ROUGH_S + 0.01) == "rough"


@given(st.floats(0.01, 100.0), st.floats(0.0, 3.0), st.sampled_from([-1.0, 1.0]))
def test_how_hard_it_was_does_not_decide_the_kind(gain: float, body: float, sign: float) -> None:
    vertical, banded = body * BODY + sign * WHEEL, sign * WHEEL
    assert kind(gain * vertical, gain * banded) == kind(vertical, banded)


@given(st.floats(1.0, 2.8), st.floats(9.0, 18.0))
def test_the_ratio_is_that_of_body_to_wheel_energy(body_hz: float, wheel_hz: float) -> None:
    bell = np.exp(-(((T - 0.45) / 0.3) ** 2))
    body, wheel = np.sin(2 * np.pi * body_hz * T) * bell, np.sin(2 * np.pi * wheel_hz * T) * bell
    assert shape_ratio(body[None], HZ)[0] > 1.0
    assert shape_ratio(wheel[None], HZ)[0] < -1.0


@pytest.mark.parametrize("rate_hz", [5.0, 25.0, NEEDED_HZ - 0.1])
def test_a_slow_phone_claims_no_kind(rate_hz: float) -> None:
    assert kinds_of(WHEEL[None], WHEEL[None], np.array([0.1]), rate_hz).tolist() == [0]


def test_no_jolts_have_no_kinds() -> None:
    assert len(kinds_of(np.empty((0, 10)), np.empty((0, 10)), np.empty(0), HZ)) == 0


def test_kinds_of_simulated_jolts_are_right_more_often_than_the_commonest_one(
    town_drives: list[Drive], town_surveys: list[Survey]
) -> None:
    true, named = [], []
    for drive, found in zip(town_drives, town_surveys, strict=True):
        felt, jolts = drive.truth[drive.truth.felt == 1], found.jolts
        _, pairs = match_jolts(jolts.t_s, felt.t_s)
        true += felt.kind[pairs[:, 1]].tolist()
        named += jolts.kind[pairs[:, 0]].tolist()
    chance = np.bincount(true).max() / len(true)
    assert np.mean(np.equal(true, named)) > chance
