"""When a drive begins and ends: no walk, wait or bicycle is one, and no tunnel, light or queue ends one."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import phone_scenes
from benchmarks.phone_scenes import Piece, scene
from benchmarks.phone_starts import played
from mobile_app.driving import Driving, DrivingSettings
from mobile_app.motion import Shake
from mobile_app.status import State

CAR, STILL = 0.4, 0.03


def drive(
    driving: Driving, begin: int, seconds: int, mps: float, *, rms: float = CAR, steps: bool = False, seen: bool = True
) -> int:
    """So many seconds of one thing, northward; returns when they end."""
    for t in range(begin, begin + seconds):
        driving.shake(Shake(float(t), rms, steps))
        if seen:
            north = getattr(driving, "north_m", 0.0) + mps
            driving.north_m = north
            driving.fix(t + 0.5, 48.0 + north / 111_195.0, 2.0, mps, 5.0)
    return begin + seconds


def recording() -> tuple[Driving, int]:
    driving = Driving()
    at = drive(driving, 0, 60, 14.0)
    assert driving.state is State.RECORDING
    return driving, at


def test_a_drive_goes_from_idle_over_watching_to_recording_and_when_it_stands_over_finishing_back_to_idle():
    driving, seen = Driving(), []
    at = 0
    for seconds, mps, rms in ((20, 0.0, STILL), (60, 14.0, CAR), (300, 0.0, STILL)):
        for _ in range(seconds):
            at = drive(driving, at, 1, mps, rms=rms)
            if not seen or seen[-1] is not driving.state:
                seen.append(driving.state)
    assert seen == [State.IDLE, State.WATCHING, State.RECORDING, State.FINISHING, State.IDLE]
    assert driving.standstill_s == pytest.approx(80, abs=1)


@pytest.mark.parametrize("stood_s", [20, 100, 230])
def test_who_goes_on_within_four_minutes_is_on_the_same_trip(stood_s):
    driving, at = recording()
    at = drive(driving, at, stood_s, 0.0, rms=0.06)
    assert driving.on_trip
    drive(driving, at, 20, 10.0)
    assert driving.state is State.RECORDING


def test_four_minutes_of_standing_end_the_trip_where_it_came_to_stand():
    driving, at = recording()
    drive(driving, at, 245, 0.0, rms=0.06)
    assert driving.state is State.IDLE
    assert driving.standstill_s == pytest.approx(at, abs=1)


def test_a_tunnel_of_ten_minutes_is_part_of_the_trip_and_a_garage_is_not():
    driving, at = recording()
    at = drive(driving, at, 600, 0.0, seen=False)
    assert driving.state is State.RECORDING
    at = drive(driving, at, 250, 0.0, rms=STILL, seen=False)
    assert driving.state is State.IDLE


def test_who_leaves_the_car_in_a_garage_and_walks_away_has_ended_the_trip_however_the_phone_shakes():
    driving, at = recording()
    at = drive(driving, at, 30, 0.0, seen=False)
    at = drive(driving, at, 60, 0.0, rms=2.0, steps=True, seen=False)
    drive(driving, at, 300, 0.0, rms=0.5, seen=False)
    assert not driving.on_trip
    assert driving.standstill_s < at


def test_no_tunnel_is_longer_than_twenty_minutes():
    driving, at = recording()
    drive(driving, at, 1200 + 260, 0.0, seen=False)
    assert not driving.on_trip


def test_a_frozen_fix_at_full_speed_neither_begins_a_trip_nor_keeps_a_parked_one_alive():
    driving = Driving()
    for t in range(300):
        driving.shake(Shake(float(t), CAR, False))
        driving.fix(t + 0.5, 48.0, 2.0, 14.0, 5.0)
    assert not driving.on_trip
    driving, at = recording()
    for t in range(at, at + 300):
        driving.shake(Shake(float(t), STILL, False))
        driving.fix(t + 0.5, 49.0, 2.0, 14.0, 5.0)
    assert driving.state is State.IDLE


def test_a_phone_that_lies_still_is_in_no_car_whatever_its_receiver_says():
    driving = Driving()
    drive(driving, 0, 300, 14.0, rms=STILL)
    assert driving.state is State.IDLE


@pytest.mark.parametrize(("latitude", "accuracy"), [(0.0, 5.0), (48.0, 80.0)])
def test_fixes_at_null_island_or_of_a_coarse_radius_say_nothing(latitude, accuracy):
    driving = Driving()
    for t in range(200):
        driving.shake(Shake(float(t), CAR, False))
        moved = 14.0 * t / 111_195.0
        driving.fix(t + 0.5, latitude and latitude + moved, 0.0 if not latitude else 2.0 + moved, 14.0, accuracy)
    assert not driving.on_trip


@pytest.mark.parametrize("speed", [None, math.nan, -1.0])
def test_a_phone_that_tells_no_speed_is_known_by_its_places(speed):
    driving = Driving()
    for t in range(40):
        driving.shake(Shake(float(t), CAR, False))
        driving.fix(t + 0.5, 48.0 + 14.0 * t / 111_195.0, 2.0, speed, 5.0)
    assert driving.state is State.RECORDING


def test_a_phone_without_an_accelerometer_is_known_by_its_fixes():
    driving = Driving()
    for t in range(40):
        driving.fix(t + 0.5, 48.0 + 14.0 * t / 111_195.0, 2.0, 14.0, 5.0)
    assert driving.state is State.RECORDING


def test_running_after_the_drive_does_not_keep_the_trip_alive():
    driving, at = recording()
    drive(driving, at, 300, 3.5, rms=4.0, steps=True)
    assert driving.state is State.IDLE


def test_a_sleep_of_hours_ends_the_trip_at_its_standstill():
    driving, at = recording()
    driving.shake(Shake(at + 20_000.0, STILL, False))
    assert driving.state is State.IDLE
    assert driving.standstill_s == pytest.approx(at, abs=1)


def test_who_watches_in_vain_rests():
    driving = Driving()
    at = drive(driving, 0, 10, 0.0, rms=0.3, seen=False)
    assert driving.state is State.WATCHING
    at = drive(driving, at, 140, 0.0, rms=STILL, seen=False)
    assert driving.state is State.IDLE


def test_steps_alone_wake_nothing():
    driving = Driving()
    drive(driving, 0, 600, 0.0, rms=2.0, steps=True, seen=False)
    assert driving.state is State.IDLE


telling = st.tuples(
    st.sampled_from(["fix", "shake"]),
    st.floats(-5, 30),
    st.floats(0, 40),
    st.floats(0, 60),
    st.booleans(),
)


@settings(deadline=None, max_examples=150)
@given(st.lists(telling, max_size=120))
def test_whatever_is_told_memory_is_bounded_and_states_follow_each_other(told):
    driving, t, last = Driving(), 0.0, State.IDLE
    allowed = {
        State.IDLE: {State.IDLE, State.WATCHING, State.RECORDING},
        State.WATCHING: {State.WATCHING, State.RECORDING, State.IDLE},
        State.RECORDING: {State.RECORDING, State.FINISHING, State.IDLE},
        State.FINISHING: {State.FINISHING, State.RECORDING, State.IDLE},
    }
    for kind, step_s, speed, accuracy, flag in told:
        t += step_s
        if kind == "fix":
            driving.fix(t, 48.0 + t * speed / 111_195.0, 2.0, speed, accuracy)
        else:
            driving.shake(Shake(t, speed / 20, flag))
        assert driving.state in allowed[last]
        last = driving.state
        assert len(driving._fixes) <= 120
        assert len(driving._shakes) <= 10
        if driving.on_trip:
            assert not math.isnan(driving.standstill_s)


@pytest.mark.parametrize("seed", [1, 3])
def test_of_an_errand_nearly_all_is_recorded_in_one_trip_with_its_lights_queues_and_tunnels(seed):
    found = played(scene(phone_scenes.errand(seed), seed), seed)
    assert found.share >= 0.98
    assert found.trips == 1


@pytest.mark.parametrize("pieces", [phone_scenes.on_foot, phone_scenes.by_bicycle])
def test_nobody_is_recorded_on_foot_at_a_bus_stop_indoors_or_on_a_bicycle(pieces):
    assert played(scene(pieces(2), 2), 2).trips == 0


def test_a_ferry_between_two_drives_makes_two_trips_and_loses_neither_drive():
    day = scene(
        [Piece("parked", 60), Piece("drive", 200, 12), Piece("parked", 900), Piece("drive", 200, 12), Piece("parked", 400)], 5
    )
    found = played(day, 5)
    assert found.share >= 0.98
    assert found.trips == 2


def test_every_setting_can_be_changed():
    driving = Driving(DrivingSettings(stand_s=30.0, pause_s=10.0))
    at = drive(driving, 0, 60, 14.0)
    drive(driving, at, 35, 0.0, rms=STILL)
    assert driving.state is State.IDLE
