"""The Android source against a phone that behaves like the real ones, also like the bad ones."""

from __future__ import annotations

import random
import sys
import threading

import fake_android
import pytest
from kept_calls import Kept, wait_for

from mobile_app.sensors import troubles
from mobile_app.sensors.android import AndroidSource, context
from mobile_app.sensors.android.motion import Stream, Watch
from mobile_app.sensors.android.place import ASK_AGAIN_S, Place
from mobile_app.sensors.android.rest import Rest
from mobile_app.sensors.fallback import CannotStart

ACCELEROMETER, GYROSCOPE, SIGNIFICANT_MOTION = 1, 4, 17


@pytest.fixture
def phone(monkeypatch):
    yield fake_android.installed(monkeypatch)
    context.java.cache_clear()
    sys.modules.pop("mobile_app.sensors.android.listeners", None)


@pytest.fixture
def kept():
    return Kept()


@pytest.fixture
def source(phone):
    one = AndroidSource(look_s=0.01)
    yield one
    one.stop()


class Time:
    """A clock for one who waits."""

    def __init__(self):
        self.s = 0.0

    def __call__(self):
        return self.s


def test_batches_that_come_late_and_out_of_order_keep_the_stamps_of_their_samples(phone, kept, source):
    source.start(kept, motion_hz=100.0, batch_s=10.0)
    rows = [(phone.elapsed_s - 10 + i / 100, i, 0.0, 9.8) for i in range(1000)]
    phone.deliver(GYROSCOPE, [(t, 0.0, 0.0, x) for t, x, *_ in rows])
    phone.deliver(ACCELEROMETER, rows[500:])
    phone.deliver(ACCELEROMETER, rows[:500])
    phone.deliver(ACCELEROMETER, rows[490:500])  # some hubs hand over the end of a batch again
    source.stop()
    assert sorted(set(kept.accelerometers)) == [(pytest.approx(t), *values) for t, *values in rows]
    assert len(kept.accelerometers) == 1010
    assert len(kept.gyroscopes) == 1000


def test_a_fix_carries_the_time_at_which_it_was_taken(phone, kept, source):
    source.start(kept, motion_hz=100.0, batch_s=10.0)
    phone.fix(fake_android.place(phone.elapsed_s - 3, speed=12.0), fake_android.place(0.0))
    source.stop()
    assert kept.fixes == [
        (phone.elapsed_s - 3, 48.5, 2.25, 12.0, None, 4.5),
        (phone.elapsed_s, 48.5, 2.25, None, None, 4.5),  # a receiver that stamps 0
    ]


def test_a_phone_without_a_gyroscope_records_without(phone, kept, source):
    phone.missing.add(GYROSCOPE)
    source.start(kept, motion_hz=100.0, batch_s=0.0)
    phone.deliver(ACCELEROMETER, [(phone.elapsed_s, 0.0, 0.0, 9.8)])
    source.stop()
    assert kept.troubles == [("gyroscope", troubles.MISSING)]
    assert len(kept.accelerometers) == 1


def test_a_sensor_that_the_system_does_not_give_is_told(phone, kept, source):
    phone.refused.add(ACCELEROMETER)
    source.start(kept, motion_hz=100.0, batch_s=0.0)
    assert kept.troubles == [("accelerometer", troubles.REFUSED)]


def test_permission_that_is_refused_is_told_and_asked_again_later(phone, kept):
    time = Time()
    phone.no_permission = True
    places = Place(fake_android.Looper(), kept, time)
    places.open()
    places.check()
    time.s = ASK_AGAIN_S
    places.check()
    assert kept.troubles == [("location", troubles.NO_PERMISSION)], "once"
    phone.no_permission = False
    time.s *= 2
    places.check()
    assert len(phone.places) == 1
    places.close()
    assert phone.places == []


def test_location_that_is_switched_off_is_told_at_the_start_and_when_it_happens(phone, kept):
    phone.location_on = False
    places = Place(fake_android.Looper(), kept)
    places.open()
    [(listener, _)] = phone.places
    listener.onProviderEnabled("gps")
    listener.onProviderDisabled("gps")
    assert kept.troubles == [("location", troubles.LOCATION_OFF)] * 2


def test_fixes_that_another_app_invents_are_left_out(phone, kept, source):
    source.start(kept, motion_hz=100.0, batch_s=0.0)
    phone.fix(fake_android.place(1.0, mock=True), fake_android.place(2.0, mock=True), fake_android.place(3.0))
    source.stop()
    assert [fix[0] for fix in kept.fixes] == [3.0]
    assert kept.troubles == [("location", troubles.INVENTED)]


def test_a_tablet_without_satellites_says_so(phone, kept, source):
    phone.providers = ["network", "passive"]
    source.start(kept, motion_hz=100.0, batch_s=0.0)
    assert kept.troubles == [("location", troubles.NO_SATELLITES)]
    assert phone.places == [], "no other provider is asked"


def _stream(phone, kept, time, batch_s=0.0):
    looper = fake_android.Looper()
    looper.start()
    one = Stream("accelerometer", phone, ACCELEROMETER, looper, kept, rate_hz=100.0, batch_s=batch_s, now=time)
    one.open()
    return one


def test_a_silent_sensor_is_registered_anew_and_told_only_when_that_was_in_vain(phone, kept):
    time, watch = Time(), Watch()
    stream = _stream(phone, kept, time)
    for _ in range(watch.again):
        time.s += watch.silent_s
        stream.check()
    assert len(phone.registered) == 1 + watch.again
    assert kept.troubles == []
    time.s += watch.pause_s
    stream.check()
    time.s += watch.pause_s
    stream.check()
    assert kept.troubles == [("accelerometer", troubles.SILENT)], "once"
    assert len(phone.registered) == 3 + watch.again, "it goes on trying"


def test_a_sensor_that_comes_back_is_forgiven(phone, kept):
    time, watch = Time(), Watch()
    stream = _stream(phone, kept, time)
    for _ in range(5):
        time.s += watch.silent_s
        stream.check()
        phone.deliver(ACCELEROMETER, [(phone.elapsed_s, 0.0, 0.0, 9.8)])
        wait_for(lambda: len(kept.accelerometers) == len(phone.registered) - 1)
    assert kept.troubles == []


def test_a_sensor_that_waits_for_its_batch_is_not_silent(phone, kept):
    time = Time()
    stream = _stream(phone, kept, time, batch_s=10.0)
    time.s = 22.0
    stream.check()
    assert len(phone.registered) == 1


def test_a_hub_that_does_not_answer_does_not_keep_the_source_from_stopping(phone, kept, source):
    phone.answers_flush = False
    source.start(kept, motion_hz=100.0, batch_s=0.0)
    source.stop()
    assert phone.listeners == {}


def test_stopping_from_within_a_call_ends_it_at_once(phone, source):
    class Stopper(Kept):
        def accelerometer(self, *told):
            super().accelerometer(*told)
            source.stop()

    kept = Stopper()
    source.start(kept, motion_hz=100.0, batch_s=0.0)
    phone.deliver(ACCELEROMETER, [(phone.elapsed_s + i / 100, 0.0, 0.0, 9.8) for i in range(10)])
    wait_for(lambda: phone.locks == 0 and kept.accelerometers)
    assert len(kept.accelerometers) == 1


def test_no_call_begins_after_stop_however_the_threads_fall(phone, kept):
    chance = random.Random(0)
    for _ in range(10):
        source, ended = AndroidSource(look_s=0.001), threading.Event()
        source.start(kept, motion_hz=100.0, batch_s=0.0)

        def shower(ended=ended):
            while not ended.wait(0.001):
                phone.deliver(ACCELEROMETER, [(phone.elapsed_s, chance.random(), 0.0, 9.8)] * 20)

        rain = threading.Thread(target=shower)
        rain.start()
        wait_for(lambda: kept.accelerometers)
        source.stop()
        calls = kept.calls
        ended.set()
        rain.join()
        assert kept.calls == calls
        assert phone.locks == 0
        kept.accelerometers.clear()


def test_the_clock_is_anchored_again_and_again_and_jumps_as_the_wall_clock_does(phone, kept, source):
    source.start(kept, motion_hz=100.0, batch_s=0.0)
    phone.elapsed_s += 61
    phone.utc_s += 61 + 3_600  # somebody set the clock
    wait_for(lambda: len(kept.clocks) == 2)
    assert kept.clocks[1] == (kept.clocks[0][0] + 61, kept.clocks[0][1] + 3_661)


def test_at_rest_the_phone_measures_only_after_it_moved(phone, kept):
    time, looper = Time(), fake_android.Looper()
    looper.start()
    rest = Rest(phone, looper, kept, 10.0, now=time)
    rest.open()
    assert (len(phone.triggers), phone.listeners, phone.locks) == (1, {}, 0)
    phone.move()
    wait_for(lambda: phone.locks == 1)  # the processor stays awake until the watcher has seen it
    rest.check()
    assert phone.registered == [(ACCELEROMETER, 100_000, 0)]
    time.s = 31.0
    rest.check()
    assert (len(phone.triggers), phone.listeners, phone.locks) == (1, {}, 0)
    rest.close()
    assert phone.triggers == []


@pytest.mark.parametrize("lacks", ["the sensor", "the class"])
def test_without_the_sensor_of_motion_an_accelerometer_that_wakes_the_phone_serves(phone, kept, source, lacks):
    phone.missing |= {SIGNIFICANT_MOTION} if lacks == "the sensor" else set()
    phone.trigger_class = lacks != "the class"
    source.start(kept, motion_hz=0.0, batch_s=10.0)
    assert phone.registered == [(ACCELEROMETER, 100_000, 10_000_000)]
    assert phone.locks == 0


def test_without_any_sensor_that_wakes_it_the_phone_stays_awake(phone, kept, source):
    phone.missing |= {SIGNIFICANT_MOTION, (ACCELEROMETER, True)}
    source.start(kept, motion_hz=0.0, batch_s=10.0)
    assert phone.locks == 1
    source.stop()
    assert phone.locks == 0


def test_an_app_without_context_cannot_start(phone, kept, source):
    context.java("org.kivy.android.PythonActivity").mActivity = None
    with pytest.raises(CannotStart, match="neither a service nor an Activity"):
        source.start(kept, motion_hz=100.0, batch_s=0.0)


def test_a_source_that_fails_to_start_holds_nothing(phone, kept, source):
    def broken():
        raise fake_android.JavaException("java.lang.IllegalStateException")

    phone.getAllProviders = broken
    with pytest.raises(fake_android.JavaException):
        source.start(kept, motion_hz=100.0, batch_s=0.0)
    assert (phone.locks, phone.listeners) == (0, {})
