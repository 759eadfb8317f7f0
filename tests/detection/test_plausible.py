"""What no car gives is refused with figures; what honest cars and phones give is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from detection import Fixes, Samples, Trace
from detection.plausible import Implausible, Stay, check_plausible, check_travel
from detection.simulator import Drive


def with_samples(trace: Trace, xyz: np.ndarray) -> Trace:
    return replace(trace, accelerometer=Samples(trace.accelerometer.t_s.copy(), xyz))


def with_fixes(trace: Trace, **columns: np.ndarray) -> Trace:
    held = {name: getattr(trace.fixes, name).copy() for name in vars(trace.fixes)} | columns
    return replace(trace, fixes=Fixes(**held))


@pytest.fixture
def trace(town_drives: list[Drive]) -> Trace:
    return town_drives[0].trace


def test_no_honest_drive_is_refused(town_drives: list[Drive]):
    for drive in town_drives:
        check_plausible(drive.trace)


@pytest.mark.parametrize("factor", [0.5, 1.3, 1 / 9.81])
def test_gravity_must_be_that_of_the_earth(trace: Trace, factor: float):
    with pytest.raises(Implausible, match=r"gravity is \d+\.\d\d m/s², not 9.81"):
        check_plausible(with_samples(trace, trace.accelerometer.xyz * factor))


def test_a_phone_that_leaves_gravity_out_is_not_asked_for_it(trace: Trace):
    check_plausible(replace(with_samples(trace, trace.accelerometer.xyz - [0.0, 0.0, 9.8]), gravity_included=False))


def test_a_phone_on_a_table_does_not_drive(trace: Trace):
    rng = np.random.default_rng(1)
    still = np.array([0.0, 0.0, 9.81]) + rng.normal(0.0, 0.02, trace.accelerometer.xyz.shape)
    with pytest.raises(Implausible, match="as on a table"):
        check_plausible(with_samples(trace, still))


def test_places_that_leap_are_made_up(trace: Trace):
    leaping = trace.fixes.latitude_deg + np.where(np.arange(len(trace.fixes)) % 3 == 0, 0.05, 0.0)
    with pytest.raises(Implausible, match="fixes leap"):
        check_plausible(with_fixes(trace, latitude_deg=leaping))
    lone = trace.fixes.latitude_deg.copy()
    lone[20] += 0.05  # one false fix is a phone's error
    check_plausible(with_fixes(trace, latitude_deg=lone))


def test_speeds_must_fit_the_way(trace: Trace):
    speed = np.minimum(trace.fixes.speed_mps * 3.6, 149.0)
    with pytest.raises(Implausible, match="give speeds in m/s"):
        check_plausible(with_fixes(trace, speed_mps=speed))


def test_a_device_is_not_in_two_places():
    here, munich, berlin = (48.0, 11.5), (48.1, 11.6), (52.5, 13.4)
    first = Stay(0.0, 600.0, here, munich)
    for other in (Stay(900.0, 1200.0, berlin, berlin), Stay(300.0, 900.0, berlin, berlin)):
        for pair in ((first, other), (other, first)):
            with pytest.raises(Implausible, match="km from another trip of the same device"):
                check_travel(*pair)
    check_travel(first, Stay(7200.0, 7800.0, berlin, berlin))  # by air
    check_travel(first, Stay(601.0, 900.0, munich, here))
    check_travel(first, Stay(10.0, 590.0, here, munich))  # two recordings of one drive


def test_traces_with_hardly_anything_in_them_pass():
    check_plausible(Trace("empty", Samples.empty(), Fixes.empty()))
    check_plausible(Trace("one", Samples(np.array([0.0]), np.array([[0.0, 0.0, 1.0]])), Fixes.empty()))
