"""The iPhone's source against modules that behave as pyobjus and Apple's frameworks are documented to. No iPhone was near."""

from __future__ import annotations

import sys
import threading
import time
import types

import pytest
from kept_calls import Kept, wait_for

from mobile_app.sensors import troubles
from mobile_app.sensors.fallback import CannotStart
from mobile_app.sensors.ios import IosSource

UPTIME_S, UTC_S = 7_000.0, 1.79e9


class Struct:
    """A structure that pyobjus does not know: fields a, b, c."""

    def __init__(self, *values):
        self.__dict__.update(zip("abc", values, strict=False))


class Sample:
    def __init__(self, timestamp, **values):
        self.timestamp = timestamp
        self.__dict__.update(values)


class MotionManager:
    """CMMotionManager: the last sample of each sensor, None before the first."""

    def __init__(self):
        self.accelerometerData = self.gyroData = None
        self.running, self.intervals, self.gyro = set(), {}, True

    def isAccelerometerAvailable(self):
        return True

    def isGyroAvailable(self):
        return self.gyro

    def setAccelerometerUpdateInterval_(self, seconds):
        self.intervals["accelerometer"] = seconds

    def setGyroUpdateInterval_(self, seconds):
        self.intervals["gyroscope"] = seconds

    def startAccelerometerUpdates(self):
        self.running.add("accelerometer")

    def startGyroUpdates(self):
        self.running.add("gyroscope")

    def stopAccelerometerUpdates(self):
        self.running.discard("accelerometer")

    def stopGyroUpdates(self):
        self.running.discard("gyroscope")


class LocationManager:
    enabled = True

    def __init__(self):
        self.running = False

    def requestAlwaysAuthorization(self): ...

    def startUpdatingLocation(self):
        self.running = True

    def stopUpdatingLocation(self):
        self.running = False


class Date:
    def __init__(self, utc_s):
        self.timeIntervalSince1970 = lambda: utc_s


class Place:
    """A CLLocation taken so many seconds ago; coordinate: False where pyobjus cannot hand the structure over."""

    def __init__(self, ago_s, accuracy=5.0, speed=12.5, course=-1.0, coordinate=True):
        self.timestamp, self.horizontalAccuracy, self.speed, self.course = Date(UTC_S - ago_s), accuracy, speed, course
        if coordinate:
            self.coordinate = Struct(48.5, 2.25)
        words = f"<+48.50000000,+2.25000000> +/- {accuracy}m (speed {speed} mps / course {course}) @ 11/28/26"
        self.description = types.SimpleNamespace(UTF8String=lambda: words)


class Places:
    """An NSArray."""

    def __init__(self, *places):
        self.count, self.objectAtIndex_ = lambda: len(places), places.__getitem__


@pytest.fixture
def iphone(monkeypatch):
    phone = types.SimpleNamespace(motion=MotionManager(), places=LocationManager(), on=True)

    def making(one):
        return types.SimpleNamespace(alloc=lambda: types.SimpleNamespace(init=lambda: one))

    places = making(phone.places)
    places.locationServicesEnabled = lambda: phone.on
    clock = types.SimpleNamespace(systemUptime=UPTIME_S)
    classes = {
        "CMMotionManager": making(phone.motion),
        "CLLocationManager": places,
        "NSProcessInfo": types.SimpleNamespace(processInfo=lambda: clock),
        "NSDate": types.SimpleNamespace(date=lambda: Date(UTC_S)),
    }
    pyobjus, loading = types.ModuleType("pyobjus"), types.ModuleType("pyobjus.dylib_manager")
    pyobjus.autoclass, pyobjus.protocol = classes.__getitem__, lambda _name: lambda method: method
    phone.loaded = []
    loading.load_framework = phone.loaded.append
    monkeypatch.setitem(sys.modules, "pyobjus", pyobjus)
    monkeypatch.setitem(sys.modules, "pyobjus.dylib_manager", loading)
    return phone


@pytest.fixture
def source():
    one = IosSource()
    yield one
    one.stop()


def test_each_sample_comes_once_in_our_units_and_signs_with_apples_stamp(iphone, source):
    kept = Kept()
    source.start(kept, motion_hz=100.0, batch_s=1.0)
    assert iphone.motion.intervals == {"accelerometer": 0.01, "gyroscope": 0.01}
    for i in range(5):
        iphone.motion.accelerometerData = Sample(UPTIME_S + i, acceleration=Struct(0.0, 0.5, -1.0))
        iphone.motion.gyroData = Sample(UPTIME_S + i, rotationRate=Struct(0.25, 0.0, -0.5))
        wait_for(lambda i=i: len(kept.gyroscopes) == len(kept.accelerometers) == i + 1)
        time.sleep(0.02)  # polled again and again
    source.stop()
    assert [row[0] for row in kept.accelerometers] == [UPTIME_S + i for i in range(5)]
    assert kept.accelerometers[0][1:] == pytest.approx((0.0, -4.903325, 9.80665)), "lying on its back, Android says +9.8"
    assert kept.gyroscopes[0][1:] == (0.25, 0.0, -0.5)
    assert iphone.motion.running == set()
    assert len(iphone.loaded) == 2


@pytest.mark.parametrize("coordinate", [True, False])
def test_fixes_are_dated_by_how_old_they_are(iphone, source, coordinate):
    kept = Kept()
    source.start(kept, motion_hz=100.0, batch_s=1.0)
    told = Places(Place(3.0, coordinate=coordinate), Place(2.0, accuracy=-1.0), Place(1.0, speed=-1.0, course=90.0))
    calling = threading.Thread(target=iphone.places.delegate.locationManager_didUpdateLocations_, args=(None, told))
    calling.start()
    calling.join()
    assert kept.fixes == [
        (UPTIME_S - 3, 48.5, 2.25, 12.5, None, 5.0),
        (UPTIME_S - 1, 48.5, 2.25, None, 90.0, 5.0),
    ], "a negative radius is no place"
    assert iphone.places.running
    assert iphone.places.distanceFilter == -1.0, "a car that stands is told as well"
    source.stop()
    iphone.places.delegate.locationManager_didUpdateLocations_(None, told)
    assert len(kept.fixes) == 2
    assert not iphone.places.running


def test_refused_permission_and_switched_off_location_are_told(iphone, source):
    iphone.on = False
    kept = Kept()
    source.start(kept, motion_hz=100.0, batch_s=1.0)
    delegate = iphone.places.delegate
    delegate.locationManager_didChangeAuthorizationStatus_(None, 3)
    delegate.locationManager_didChangeAuthorizationStatus_(None, 2)
    delegate.locationManager_didFailWithError_(None, types.SimpleNamespace(code=0))
    delegate.locationManager_didFailWithError_(None, types.SimpleNamespace(code=1))
    assert kept.troubles == [("location", troubles.LOCATION_OFF), *[("location", troubles.NO_PERMISSION)] * 2]


def test_an_ipod_without_a_gyroscope_records_without(iphone, source):
    iphone.motion.gyro = False
    kept = Kept()
    source.start(kept, motion_hz=100.0, batch_s=1.0)
    assert kept.troubles == [("gyroscope", troubles.MISSING)]
    assert iphone.motion.running == {"accelerometer"}


def test_at_rest_neither_satellites_nor_gyroscope_run(iphone, source):
    kept = Kept()
    source.start(kept, motion_hz=0.0, batch_s=1.0)
    assert iphone.motion.running == {"accelerometer"}
    assert not iphone.places.running
    assert kept.clocks == [(UPTIME_S, UTC_S)]


def test_elsewhere_it_cannot_start(source):
    with pytest.raises(CannotStart, match="pyobjus"):
        source.start(Kept(), motion_hz=100.0, batch_s=1.0)
