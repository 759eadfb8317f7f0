"""Whatever threads tell in whatever order comes out in order of time, once, in bounded memory."""

from __future__ import annotations

import math
import random
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mobile_app.intake import ACCELEROMETER, GYROSCOPE, LOCATION, Intake, IntakeSettings, Restart


def fill(intake: Intake, begin: int, end: int) -> None:
    for i in range(begin, end):
        intake.accelerometer(i / 100, 0.0, 0.0, 9.8)


def stamps(events) -> list[float]:
    return [event[0] for event in events if not isinstance(event, Restart)]


def test_batches_of_several_sensors_come_out_interleaved_by_time():
    intake = Intake()
    fill(intake, 0, 100)
    for i in range(100):
        intake.gyroscope(i / 100 + 0.005, 0.0, 0.0, 0.0)
    intake.location(0.3, 48.0, 2.0, 3.0, None, 5.0)
    events = intake.drain(all_of_it=True)
    assert stamps(events) == sorted(stamps(events))
    assert [event[1] for event in events[:2]] == [ACCELEROMETER, GYROSCOPE]
    (fix,) = [event for event in events if event[1] == LOCATION]
    assert fix[2][:3] == (48.0, 2.0, 3.0)
    assert math.isnan(fix[2][3])


def test_what_is_newer_than_the_window_waits_for_what_may_come_before_it():
    intake = Intake()
    fill(intake, 0, 500)
    assert stamps(intake.drain())[-1] == pytest.approx(2.99)
    assert len(stamps(intake.drain(all_of_it=True))) == 200


@given(st.randoms(use_true_random=False), st.integers(1, 3), st.integers(1, 40))
@settings(max_examples=15, deadline=None)
def test_any_order_within_the_window_and_any_repeats_give_the_same_events(rng: random.Random, copies: int, piece: int):
    told = [(i / 50, kind) for i in range(200) for kind in ("accelerometer", "gyroscope")] + [
        (i + 0.5, "location") for i in range(4)
    ]
    shuffled = sorted((one for one in told for _ in range(rng.randint(1, copies))), key=lambda one: one[0] + rng.uniform(0, 1.8))
    intake, got = Intake(), []
    for at, (t, kind) in enumerate(shuffled):
        getattr(intake, kind)(t, *((48.0, 2.0) if kind == "location" else (t, 0.0, 9.8)))
        if at % piece == 0:
            got += intake.drain()
    got += intake.drain(all_of_it=True)
    assert [event[:2] for event in got] == sorted(event[:2] for event in got)
    assert len(got) == len(told)
    assert sum(intake.dropped.values()) == len(shuffled) - len(told)
    assert all(reason.endswith("delivered again") for reason in intake.dropped)


def test_a_batch_that_comes_late_is_passed_on_and_its_repeat_is_not():
    intake = Intake()
    fill(intake, 0, 1500)
    intake.drain()
    for _ in range(2):
        intake.gyroscope(3.0, 0.0, 0.0, 0.0)
    assert 3.0 in stamps(intake.drain())
    assert intake.dropped == {"gyroscope delivered again": 1}


@pytest.mark.parametrize("t", [math.nan, math.inf, -math.inf])
def test_a_stamp_that_is_no_time_is_counted_and_left_out(t):
    intake = Intake()
    intake.accelerometer(t, 0.0, 0.0, 9.8)
    fill(intake, 0, 10)
    intake.accelerometer(t, 0.0, 0.0, 9.8)
    assert len(intake.drain(all_of_it=True)) == 10
    assert intake.dropped == {"time out of range": 2}


def test_a_few_stamps_of_another_clock_are_strays_and_split_nothing():
    intake, got = Intake(), []
    for i in range(1000):
        fill(intake, 100_000 + i, 100_001 + i)
        if i % 100 == 0:
            intake.location(5.0, 48.0, 2.0)  # counts from another instant
        got += intake.drain()
    got += intake.drain(all_of_it=True)
    assert not any(isinstance(event, Restart) for event in got)
    assert len(got) == 1000
    assert intake.dropped == {"stray time": 10}


def test_a_clock_that_begins_anew_is_told_once_and_nothing_of_either_run_is_lost():
    intake = Intake()
    fill(intake, 100_000, 100_500)
    fill(intake, 0, 500)
    got = intake.drain(all_of_it=True)
    assert sum(isinstance(event, Restart) for event in got) == 1
    assert stamps(got) == [i / 100 for i in [*range(100_000, 100_500), *range(500)]]
    assert not intake.dropped


def test_after_a_night_asleep_the_clock_goes_on_and_is_no_new_one():
    intake = Intake()
    fill(intake, 0, 500)
    fill(intake, 3_000_000, 3_000_500)
    got = intake.drain(all_of_it=True)
    assert not any(isinstance(event, Restart) for event in got)
    assert len(got) == 1000


def test_what_is_not_fetched_is_bounded_and_counted():
    intake = Intake(IntakeSettings(most=1000))
    fill(intake, 0, 5000)
    assert len(intake.drain(all_of_it=True)) == 1000
    assert intake.dropped == {"came faster than it could be kept": 4000}


def test_many_threads_lose_nothing_and_repeat_nothing():
    intake, got = Intake(), []

    def tell(kind: str) -> None:
        for i in range(5000):
            getattr(intake, kind)(i / 100, 0.0, 0.0, 9.8)

    threads = [threading.Thread(target=tell, args=(kind,)) for kind in ("accelerometer", "gyroscope")]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        got += intake.drain()
    got += intake.drain(all_of_it=True)
    assert len(got) == 10_000
    assert not intake.dropped


def test_troubles_are_told_once_and_anchors_that_are_no_times_are_not_taken():
    intake = Intake()
    intake.trouble("gyroscope", "is missing")
    assert intake.take_troubles() == {"gyroscope": "is missing"}
    assert intake.take_troubles() == {}
    intake.clock(3.0, 1.8e9)
    intake.clock(math.nan, 1.0)
    assert intake.anchor == (3.0, 1.8e9)
