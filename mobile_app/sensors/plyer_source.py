"""plyer's sensors, for phones on which our own listeners do not work. Better than nothing, and seldom enough for jolts.

plyer keeps the last value and no stamp: it is polled, stamped then, and dropped where it is the one before. Its true rate is
what the phone gives (5 Hz on Android, 10 Hz on iOS), however often it is polled; `rate_hz` says it, a trouble that it is low.
Its fixes carry no provider and no time: coarse ones are taken for the mobile network's and left out.
"""

from __future__ import annotations

import importlib
import threading
import time
from collections.abc import Callable
from typing import Any

from mobile_app.sensors import Sink, troubles
from mobile_app.sensors.fallback import CannotStart
from mobile_app.sensors.gate import Gate

STANDARD_GRAVITY_MPS2 = 9.80665
POLL_HZ = 100.0  # at most; a value is at most 10 ms old when it is stamped
REST_HZ = 10.0
ENOUGH_HZ = 20.0  # below that what wheels do is lost (`detection` refuses it)
MEASURE_S = 10.0  # over which the rate is measured
COARSE_M = 50.0  # satellites do better in any street; the mobile network does not
ANCHOR_S = 60.0
JOIN_S = 5.0


class PlyerSource:
    """See `Source`. apple: values are in g with Apple's signs. now: s since boot, with sleep where the system has such a clock.

    rate_hz: distinct values of the accelerometer a second, over the last 10 s; None before.
    """

    def __init__(self, apple: bool | None = None, now: Callable[[], float] | None = None) -> None:
        from mobile_app.sensors.choosing import on_ios

        self._factor = -STANDARD_GRAVITY_MPS2 if (on_ios() if apple is None else apple) else 1.0
        self._now = now or _since_boot
        self.rate_hz: float | None = None
        self._gate: Gate | None = None
        self._ended = threading.Event()
        self._poller: threading.Thread | None = None
        self._running: list[Any] = []  # what plyer was asked to switch on

    def start(self, sink: Sink, *, motion_hz: float, batch_s: float) -> None:
        """See `Source.start`. Raises CannotStart without plyer; nothing is batched."""
        self.stop()
        self.rate_hz = None
        self._gate, self._ended = Gate(sink), threading.Event()
        reads = {"accelerometer": self._enabled("accelerometer")}
        if motion_hz > 0:
            reads["gyroscope"] = self._enabled("gyroscope")
            self._start_places(self._gate)
        self._gate.clock(self._now(), time.time())
        hz = min(motion_hz, POLL_HZ) if motion_hz > 0 else REST_HZ
        told = (self._gate, self._ended, {name: read for name, read in reads.items() if read is not None}, hz, motion_hz > 0)
        self._poller = threading.Thread(target=self._poll, args=told, name="plyer", daemon=True)
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
        running, self._running = self._running, []
        for switch_off in running:
            switch_off()

    def _enabled(self, name: str) -> Callable[[], Any] | None:
        """Switches the sensor on; how its last value is read. None where the phone has none: that is told."""
        assert self._gate is not None
        sensor = _facade(name)
        try:
            sensor.enable()
        except Exception:  # whatever the platform raises: NotImplementedError, a Java exception, AttributeError
            self._gate.trouble(name, troubles.MISSING)
            return None
        self._running.append(sensor.disable)
        return lambda: sensor.acceleration if name == "accelerometer" else sensor.rotation

    def _start_places(self, gate: Gate) -> None:
        def on_location(**told: Any) -> None:
            accuracy = told.get("accuracy")
            if accuracy is None or accuracy <= COARSE_M:
                speed, bearing = (_positive(told.get(name)) for name in ("speed", "bearing"))
                gate.location(self._now(), told["lat"], told["lon"], speed, bearing, accuracy)

        def on_status(kind: str, _words: str) -> None:
            if kind == "provider-disabled":
                gate.trouble("location", troubles.LOCATION_OFF)

        places = _facade("gps")
        try:
            places.configure(on_location=on_location, on_status=on_status)
            places.start(minTime=1000, minDistance=0)
        except Exception as error:
            refused = "SecurityException" in str(getattr(error, "classname", "")) or isinstance(error, PermissionError)
            gate.trouble("location", troubles.NO_PERMISSION if refused else troubles.MISSING)
        else:
            self._running.append(places.stop)

    def _poll(self, gate: Gate, ended: threading.Event, reads: dict[str, Callable[[], Any]], hz: float, in_earnest: bool) -> None:
        last: dict[str, Any] = {}
        fresh, since_s, anchored_s, told = 0, self._now(), self._now(), False
        while not ended.wait(1 / hz):
            for name, read in reads.items():
                t, values = self._now(), tuple(read()[:3])
                if None in values or values == last.get(name):
                    continue
                last[name] = values
                fresh += name == "accelerometer"
                factor = self._factor if name == "accelerometer" else 1.0
                getattr(gate, name)(t, *(value * factor for value in values))
            now_s = self._now()
            if now_s - since_s >= MEASURE_S:
                self.rate_hz = fresh / (now_s - since_s)
                fresh, since_s = 0, now_s
                if in_earnest and self.rate_hz < ENOUGH_HZ and not told:
                    gate.trouble("accelerometer", troubles.SLOW)
                    told = True
            if now_s - anchored_s >= ANCHOR_S:
                anchored_s = now_s
                gate.clock(now_s, time.time())


def _facade(name: str) -> Any:
    try:
        return getattr(importlib.import_module("plyer"), name)
    except ImportError as error:
        raise CannotStart(f"plyer is not installed ({error})") from error


def _positive(value: float | None) -> float | None:
    return value if value is not None and value >= 0 else None


def _since_boot() -> float:
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)
