"""Android as far as the sources need it, in Python: a module `jnius` whose classes behave as a phone's do.

Events come in batches on the looper's own thread, one event object filled again and again; listeners may be refused, fall
silent and come back; clocks are set by the test.
"""

from __future__ import annotations

import queue
import threading
import types

from mobile_app.sensors.android import context


class JavaException(Exception):
    """As pyjnius raises it."""

    def __init__(self, classname):
        super().__init__(f"JVM exception occurred: {classname}")
        self.classname = classname


class Event:
    """Android's SensorEvent: its values are filled anew for each sample."""

    def __init__(self):
        self.values, self.timestamp = [0.0, 0.0, 0.0], 0


class Looper:
    """A HandlerThread and its looper in one."""

    def __init__(self, _name="", *_):
        self.tasks, self.thread = queue.SimpleQueue(), threading.Thread(target=self._run, daemon=True)
        self.start, self.getLooper = self.thread.start, lambda: self

    def quitSafely(self):
        self.tasks.put(None)

    def _run(self):
        while (task := self.tasks.get()) is not None:
            task()


class Phone:
    """What can be set and seen. dead: sensors that give nothing. elapsed_s, asleep_s, utc_s: its clocks."""

    def __init__(self):
        self.elapsed_s, self.asleep_s, self.utc_s = 5_000.0, 0.0, 1.79e9
        self.missing, self.refused, self.no_permission, self.location_on = set(), set(), False, True
        self.registered, self.listeners, self.places, self.triggers = [], {}, [], []
        self.locks, self.trigger_class, self.answers_flush = 0, True, True
        self.providers = ["passive", "network", "gps"]

    def deliver(self, kind, rows):
        """rows of (stamp in s, x, y, z) as one batch, posted to each listener of that kind of sensor."""
        for listener, (sensor, looper) in list(self.listeners.items()):
            if sensor == kind:
                looper.tasks.put(lambda listener=listener: self._batch(listener, rows))

    def fix(self, *places):
        for listener, looper in list(self.places):
            looper.tasks.put(lambda listener=listener: [listener.onLocationChanged(place) for place in places])

    def move(self):
        fired, self.triggers = self.triggers, []
        for trigger in fired:
            threading.Thread(target=trigger.run).start()

    def _batch(self, listener, rows):
        event = Event()
        for stamp_s, *values in rows:
            event.timestamp, event.values[:] = round(stamp_s * 1e9), values
            listener.onSensorChanged(event)
        event.values[:] = [float("nan")] * 3

    # SensorManager
    def getDefaultSensor(self, kind, wakes=False):
        return None if (kind, wakes) in self.missing or kind in self.missing else kind

    def registerListener(self, listener, sensor, period_us, latency_us, looper):
        if period_us < 5_000:
            raise JavaException("java.lang.SecurityException")
        self.registered.append((sensor, period_us, latency_us))
        if sensor in self.refused:
            return False
        self.listeners[listener] = sensor, looper
        return True

    def unregisterListener(self, listener):
        self.listeners.pop(listener, None)

    def flush(self, listener):
        if self.answers_flush and listener in self.listeners:
            sensor, looper = self.listeners[listener]
            looper.tasks.put(lambda: listener.onFlushCompleted(sensor))
        return True

    def requestTriggerSensor(self, trigger, _sensor):
        self.triggers.append(trigger)
        return True

    def cancelTriggerSensor(self, trigger, _sensor):
        self.triggers = [one for one in self.triggers if one is not trigger]

    # LocationManager
    def getAllProviders(self):
        return types.SimpleNamespace(contains=lambda name: name in self.providers)

    def isProviderEnabled(self, _provider):
        return self.location_on

    def requestLocationUpdates(self, _provider, _every_ms, _moved_m, listener, looper):
        if self.no_permission:
            raise JavaException("java.lang.SecurityException")
        self.places.append((listener, looper))

    def removeUpdates(self, listener):
        self.places = [one for one in self.places if one[0] is not listener]

    # the rest
    def newWakeLock(self, _kind, _tag):
        return Lock(self)

    def getSystemService(self, _name):
        return self


class Lock:
    def __init__(self, phone):
        self._phone, self._held = phone, False

    def setReferenceCounted(self, _counted): ...

    def acquire(self, _longest_ms=None):
        self._phone.locks += not self._held
        self._held = True

    def release(self):
        self._phone.locks -= self._held
        self._held = False

    def isHeld(self):
        return self._held


def place(t, latitude=48.5, longitude=2.25, *, speed=None, accuracy=4.5, mock=False):
    """A Location."""
    known = {"Speed": speed, "Bearing": None, "Accuracy": accuracy}
    told = types.SimpleNamespace(
        getElapsedRealtimeNanos=lambda: round(t * 1e9), getLatitude=lambda: latitude, getLongitude=lambda: longitude
    )
    told.isMock = told.isFromMockProvider = lambda: mock
    for name, value in known.items():
        setattr(told, f"has{name}", lambda value=value: value is not None)
        setattr(told, f"get{name}", lambda value=value: value)
    return told


def installed(monkeypatch) -> Phone:
    """A phone whose `jnius` the code under test imports."""
    phone = Phone()

    def autoclass(name):
        if name == "org.cahot.MotionTrigger":
            if not phone.trigger_class:
                raise JavaException("java.lang.ClassNotFoundException")
            return lambda moved: moved
        return classes[name]

    clock = types.SimpleNamespace(
        elapsedRealtimeNanos=lambda: round(phone.elapsed_s * 1e9),
        uptimeMillis=lambda: round((phone.elapsed_s - phone.asleep_s) * 1e3),
    )
    classes = {
        "org.kivy.android.PythonService": types.SimpleNamespace(mService=None),
        "org.kivy.android.PythonActivity": types.SimpleNamespace(mActivity=phone),
        "android.os.SystemClock": clock,
        "java.lang.System": types.SimpleNamespace(currentTimeMillis=lambda: round(phone.utc_s * 1e3)),
        "android.os.Build$VERSION": types.SimpleNamespace(SDK_INT=28),
        "android.os.HandlerThread": Looper,
        "android.os.Handler": lambda looper: looper,
        "android.hardware.SensorEvent": Event,
    }
    jnius = types.ModuleType("jnius")
    jnius.autoclass, jnius.cast = autoclass, lambda _kind, what: what
    jnius.PythonJavaClass = type("PythonJavaClass", (), {"__init__": lambda self: None})
    jnius.java_method = lambda _signature, name=None: lambda method: method
    monkeypatch.setitem(__import__("sys").modules, "jnius", jnius)
    monkeypatch.delitem(__import__("sys").modules, "mobile_app.sensors.android.listeners", raising=False)
    context.java.cache_clear()
    return phone
