"""An iPhone's sensors: CoreMotion and CoreLocation through pyobjus, which is imported when the source starts.

Written after Apple's documentation and pyobjus' sources, tested against modules that behave like them, never run on an iPhone.
pyobjus knows no blocks, so CoreMotion's last sample is polled faster than it comes; each carries its own stamp (s since boot),
so polling neither repeats nor misdates one. Apple counts in g and with signs opposite to Android's, which the wire format has.
"""

from __future__ import annotations

import importlib
import re
import threading
from typing import Any

from mobile_app.sensors import Sink, troubles
from mobile_app.sensors.fallback import CannotStart
from mobile_app.sensors.gate import Gate

STANDARD_GRAVITY_MPS2 = 9.80665
POLLS = 2.0  # for each sample that is asked for: none is missed while a poll is late by half
REST_HZ = 10.0
ANCHOR_S = 60.0
JOIN_S = 5.0
BEST_FOR_NAVIGATION = -2.0  # kCLLocationAccuracyBestForNavigation
NO_FILTER = -1.0  # kCLDistanceFilterNone: a car that stands is told as well
AUTOMOTIVE = 2  # CLActivityTypeAutomotiveNavigation
DENIED = (1, 2)  # CLAuthorizationStatus restricted, denied
KCL_DENIED = 1  # kCLErrorDenied
_FRAMEWORKS = ("CoreMotion", "CoreLocation")
_PLACE = re.compile(r"<([-+0-9.]+),([-+0-9.]+)>")


class IosSource:
    """See `Source`. batch_s is for the system to decide: in the background it wakes the app with each fix."""

    def __init__(self) -> None:
        self._gate: Gate | None = None
        self._ended = threading.Event()
        self._poller: threading.Thread | None = None
        self._motion: Any = None
        self._places: Any = None
        self._delegate: Any = None

    def start(self, sink: Sink, *, motion_hz: float, batch_s: float) -> None:
        """See `Source.start`. On the main thread: CoreLocation answers on the thread it was started on. Raises CannotStart."""
        self.stop()
        apple = _apple()
        self._gate, self._ended = Gate(sink), threading.Event()
        hz = motion_hz if motion_hz > 0 else REST_HZ
        self._motion = motion = apple("CMMotionManager").alloc().init()
        sensors = [name for name in ("accelerometer", *(["gyroscope"] if motion_hz > 0 else ())) if self._switch_on(name, hz)]
        clock = apple("NSProcessInfo").processInfo()
        _anchor(self._gate, clock, apple)
        if motion_hz > 0:
            self._start_places(apple, clock)
        told = (self._gate, self._ended, motion, sensors, hz, clock, apple)
        self._poller = threading.Thread(target=_poll, args=told, name="core-motion", daemon=True)
        self._poller.start()

    def stop(self) -> None:
        """See `Source.stop`."""
        self._ended.set()
        poller, self._poller = self._poller, None
        if poller is not None and poller is not threading.current_thread():
            poller.join(JOIN_S)
        if self._gate is not None:
            self._gate.shut()
            self._gate = None
        if self._motion is not None:
            self._motion.stopAccelerometerUpdates()
            self._motion.stopGyroUpdates()
            self._motion = None
        if self._places is not None:
            self._places.stopUpdatingLocation()
            self._places = self._delegate = None

    def _switch_on(self, name: str, hz: float) -> bool:
        assert self._gate is not None
        motion = self._motion
        if name == "accelerometer" and motion.isAccelerometerAvailable():
            motion.setAccelerometerUpdateInterval_(1 / hz)
            motion.startAccelerometerUpdates()
        elif name == "gyroscope" and motion.isGyroAvailable():
            motion.setGyroUpdateInterval_(1 / hz)
            motion.startGyroUpdates()
        else:
            self._gate.trouble(name, troubles.MISSING)
            return False
        return True

    def _start_places(self, apple: Any, clock: Any) -> None:
        assert self._gate is not None
        if not apple("CLLocationManager").locationServicesEnabled():
            self._gate.trouble("location", troubles.LOCATION_OFF)
        self._places = places = apple("CLLocationManager").alloc().init()
        self._delegate = _delegate(self._gate, clock, apple)
        places.delegate = self._delegate
        places.desiredAccuracy = BEST_FOR_NAVIGATION
        places.distanceFilter = NO_FILTER
        places.activityType = AUTOMOTIVE
        places.pausesLocationUpdatesAutomatically = False
        places.allowsBackgroundLocationUpdates = True  # needs `location` among the app's UIBackgroundModes
        places.requestAlwaysAuthorization()
        places.startUpdatingLocation()


def _poll(gate: Gate, ended: threading.Event, motion: Any, sensors: list[str], hz: float, clock: Any, apple: Any) -> None:
    """Hands over each sample once, by its stamp."""
    last = dict.fromkeys(sensors, float("-inf"))
    anchored_s = clock.systemUptime
    while not ended.wait(1 / (POLLS * hz)):
        for name in sensors:
            data = motion.accelerometerData if name == "accelerometer" else motion.gyroData
            if not data or data.timestamp <= last[name]:
                continue
            last[name] = t = data.timestamp
            if name == "accelerometer":
                gate.accelerometer(t, *(-STANDARD_GRAVITY_MPS2 * value for value in _three(data.acceleration)))
            else:
                gate.gyroscope(t, *_three(data.rotationRate))  # rad/s, turning the same way as Android's
        if clock.systemUptime - anchored_s >= ANCHOR_S:
            anchored_s = clock.systemUptime
            _anchor(gate, clock, apple)


def _delegate(gate: Gate, clock: Any, apple: Any) -> Any:
    from pyobjus import protocol

    class Places:
        """CoreLocation's delegate."""

        @protocol("CLLocationManagerDelegate")
        def locationManager_didUpdateLocations_(self, manager: Any, places: Any) -> None:
            for at in range(places.count()):
                _tell(gate, places.objectAtIndex_(at), clock, apple)

        @protocol("CLLocationManagerDelegate")
        def locationManager_didFailWithError_(self, manager: Any, error: Any) -> None:
            if error.code == KCL_DENIED:
                gate.trouble("location", troubles.NO_PERMISSION)

        @protocol("CLLocationManagerDelegate")
        def locationManager_didChangeAuthorizationStatus_(self, manager: Any, status: int) -> None:
            if status in DENIED:
                gate.trouble("location", troubles.NO_PERMISSION)

    return Places()


def _tell(gate: Gate, place: Any, clock: Any, apple: Any) -> None:
    """One CLLocation. Its time is a date; what it is on the clock since boot follows from how long ago that was."""
    accuracy = place.horizontalAccuracy
    if accuracy < 0:  # Apple's sign for: this is no place
        return
    age_s = apple("NSDate").date().timeIntervalSince1970() - place.timestamp.timeIntervalSince1970()
    latitude, longitude = _where(place)
    gate.location(
        clock.systemUptime - age_s,
        latitude,
        longitude,
        place.speed if place.speed >= 0 else None,
        place.course if place.course >= 0 else None,
        accuracy,
    )


def _where(place: Any) -> tuple[float, float]:
    """pyobjus names the fields of a structure that it does not know a, b, …; where it cannot hand one over, a text has both."""
    try:
        return float(place.coordinate.a), float(place.coordinate.b)
    except (AttributeError, TypeError, KeyError):
        found = _PLACE.search(place.description.UTF8String())
        if found is None:
            raise
        return float(found[1]), float(found[2])


def _three(structure: Any) -> tuple[float, float, float]:
    return structure.a, structure.b, structure.c


def _anchor(gate: Gate, clock: Any, apple: Any) -> None:
    gate.clock(clock.systemUptime, apple("NSDate").date().timeIntervalSince1970())


def _apple() -> Any:
    """From a name to Apple's class."""
    try:
        pyobjus, manager = importlib.import_module("pyobjus"), importlib.import_module("pyobjus.dylib_manager")
    except ImportError as error:
        raise CannotStart(f"pyobjus does not work here ({error})") from error
    for framework in _FRAMEWORKS:
        manager.load_framework(f"/System/Library/Frameworks/{framework}.framework")
    return pyobjus.autoclass
