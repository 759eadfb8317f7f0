"""plyer as a fall-back: values without stamps, repeated as long as nothing new comes, on systems that lack half of it."""

from __future__ import annotations

import sys
import threading
import time
import types

import pytest
from kept_calls import Kept, wait_for

from mobile_app.sensors import troubles
from mobile_app.sensors.fallback import CannotStart
from mobile_app.sensors.plyer_source import MEASURE_S, PlyerSource


class Facade:
    """Of one motion sensor: gives None until its first value, as plyer does."""

    def __init__(self):
        self.acceleration = self.rotation = (None, None, None)
        self.on = False

    def enable(self):
        self.on = True

    def disable(self):
        self.on = False


class Missing:
    def enable(self):
        raise NotImplementedError


class Places:
    """plyer's gps: calls back on a thread of its own."""

    def configure(self, on_location, on_status):
        self.on_location, self.on_status = on_location, on_status

    def start(self, minTime, minDistance):
        assert minDistance == 0, "else a car that stands is not told"

    def stop(self): ...


@pytest.fixture
def plyer(monkeypatch):
    module = types.ModuleType("plyer")
    module.accelerometer, module.gyroscope, module.gps = Facade(), Facade(), Places()
    monkeypatch.setitem(sys.modules, "plyer", module)
    return module


@pytest.fixture
def source():
    one = PlyerSource(apple=False)
    yield one
    one.stop()


def test_a_value_that_is_polled_again_is_no_sample(plyer, source):
    kept = Kept()
    source.start(kept, motion_hz=100.0, batch_s=0.0)
    for value in range(5):
        plyer.accelerometer.acceleration = (float(value), 0.0, 9.8)
        wait_for(lambda value=value: len(kept.accelerometers) == value + 1)
        time.sleep(0.05)
    source.stop()
    assert [row[1] for row in kept.accelerometers] == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert not plyer.accelerometer.on


def test_the_true_rate_is_told_however_often_it_is_polled(plyer):
    clock = [0.0]

    def now():  # five values a second, polled as fast as it goes
        clock[0] += 0.04
        plyer.accelerometer.acceleration = (float(int(clock[0] * 5)), 0.0, 9.8)
        return clock[0]

    kept, source = Kept(), PlyerSource(apple=False, now=now)
    source.start(kept, motion_hz=100.0, batch_s=0.0)
    wait_for(lambda: source.rate_hz is not None)
    source.stop()
    assert clock[0] >= MEASURE_S
    assert source.rate_hz == pytest.approx(5, abs=1)
    assert kept.troubles == [("accelerometer", troubles.SLOW)]


def test_apples_g_become_ours_with_signs_turned(plyer):
    kept, source = Kept(), PlyerSource(apple=True)
    plyer.accelerometer.acceleration, plyer.gyroscope.rotation = (0.0, 0.5, -1.0), (0.25, 0.0, 0.0)
    source.start(kept, motion_hz=100.0, batch_s=0.0)
    wait_for(lambda: kept.accelerometers and kept.gyroscopes)
    source.stop()
    assert kept.accelerometers[0][1:] == pytest.approx((0.0, -4.903325, 9.80665))
    assert kept.gyroscopes[0][1:] == (0.25, 0.0, 0.0)


def test_coarse_fixes_are_taken_for_the_mobile_networks(plyer, source):
    kept = Kept()
    source.start(kept, motion_hz=100.0, batch_s=0.0)
    fixes = [
        {"lat": 48.5, "lon": 2.25, "speed": 7.5, "bearing": 90.0, "altitude": 30.0, "accuracy": 4.0},
        {"lat": 48.9, "lon": 2.9, "speed": 0.0, "bearing": 0.0, "altitude": 0.0, "accuracy": 800.0},
        {"lat": 48.6, "lon": 2.25, "speed": -1.0, "bearing": -1.0, "altitude": 0.0, "accuracy": 6.0},
    ]
    calling = threading.Thread(target=lambda: [plyer.gps.on_location(**fix) for fix in fixes])
    calling.start()
    calling.join()
    plyer.gps.on_status("provider-disabled", "gps")
    source.stop()
    plyer.gps.on_location(**fixes[0])  # plyer's thread does not know that it is over
    assert [fix[1:] for fix in kept.fixes] == [(48.5, 2.25, 7.5, 90.0, 4.0), (48.6, 2.25, None, None, 6.0)]
    assert kept.troubles == [("location", troubles.LOCATION_OFF)]


def test_what_the_system_lacks_is_told_and_the_rest_runs(plyer, source):
    plyer.gyroscope = Missing()
    kept = Kept()
    source.start(kept, motion_hz=100.0, batch_s=0.0)
    plyer.accelerometer.acceleration = (0.0, 0.0, 9.8)
    wait_for(lambda: kept.accelerometers)
    assert kept.troubles == [("gyroscope", troubles.MISSING)]


def test_at_rest_only_the_accelerometer_is_on(plyer, source):
    source.start(Kept(), motion_hz=0.0, batch_s=0.0)
    assert plyer.accelerometer.on
    assert not plyer.gyroscope.on
    assert not hasattr(plyer.gps, "on_location")


def test_without_plyer_it_cannot_start(monkeypatch, source):
    monkeypatch.setitem(sys.modules, "plyer", None)
    with pytest.raises(CannotStart, match="plyer is not installed"):
        source.start(Kept(), motion_hz=100.0, batch_s=0.0)
