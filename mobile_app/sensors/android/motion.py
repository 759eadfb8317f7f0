"""One motion sensor as a stream: registered, flushed, and registered anew where it falls silent."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mobile_app.sensors import Sink, troubles
from mobile_app.sensors.android.context import clocks, java_class_of
from mobile_app.sensors.android.timebase import TimeBase

TYPES = {"accelerometer": 1, "gyroscope": 4}  # Sensor.TYPE_…; gravity included, m/s² and rad/s in phone axes


@dataclass(frozen=True)
class Watch:
    """When a sensor counts as silent, and what is done about it."""

    silent_s: float = 3.0  # beyond two batches: the hub may hold one back while the next fills
    again: int = 2  # registrations in vain before its person is told
    pause_s: float = 30.0  # between further ones: drivers do come back, after minutes
    flush_s: float = 1.0  # without a sample: the hub's memory begins to empty within milliseconds
    longest_flush_s: float = 10.0
    free_hz: float = 200.0  # more than this needs a permission that we do not ask for


class Stream:
    """One sensor of the manager, told to the sink's method of its name. handler: of the looper that it is called on."""

    def __init__(
        self,
        name: str,
        manager: Any,
        sensor: Any,
        handler: Any,
        sink: Sink,
        *,
        rate_hz: float,
        batch_s: float,
        watch: Watch | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name, self._manager, self._sensor, self._handler, self._sink = name, manager, sensor, handler, sink
        self._rate_hz, self._batch_s, self._watch, self._now = rate_hz, batch_s, watch or Watch(), now
        self._listener: Any = None
        self._heard_s = self._tried_s = 0.0
        self._vain = 0  # registrations since the last sample
        self._thread = 0  # that samples come on
        self._count = 0  # of samples

    def open(self) -> None:
        """Registers it; what cannot be had is told to the sink."""
        from mobile_app.sensors.android.listeners import SensorListener

        if self._sensor is None:
            self._sink.trouble(self._name, troubles.MISSING)
            return
        base = TimeBase(clocks, getattr(self._sink, self._name), self._batch_s)

        def take(stamp_s: float, x: float, y: float, z: float) -> None:
            self._heard_s, self._vain, self._thread = self._now(), 0, threading.get_ident()
            self._count += 1
            base.feed(stamp_s, x, y, z)

        self._listener = SensorListener(take)
        self._heard_s = self._tried_s = self._now()
        if not self._register():
            self._sink.trouble(self._name, troubles.REFUSED)

    def check(self) -> None:
        """To be called about once a second: a sensor that fell silent is registered anew."""
        if self._listener is None:
            return
        watch, now_s = self._watch, self._now()
        limit_s = watch.silent_s + 2 * self._batch_s
        if self._vain >= watch.again:
            limit_s = max(limit_s, watch.pause_s)
        if now_s - max(self._heard_s, self._tried_s) < limit_s:
            return
        self._vain, self._tried_s = self._vain + 1, now_s
        if self._vain == watch.again + 1:
            self._sink.trouble(self._name, troubles.SILENT)
        self._manager.unregisterListener(self._listener)
        self._register()

    def close(self) -> None:
        """Takes what the sensor's hub still holds, then lets the sensor rest."""
        listener, self._listener = self._listener, None
        if listener is None:
            return
        if self._thread != threading.get_ident() and self._manager.flush(listener):
            self._await(listener.flushed)
        self._manager.unregisterListener(listener)

    def _await(self, flushed: threading.Event) -> None:
        """Until all is here, as long as samples come: thousands take a slow phone a second or two."""
        end_s, quiet_s = time.monotonic() + self._watch.longest_flush_s, time.monotonic() + self._watch.flush_s
        seen = self._count
        while not flushed.wait(0.05) and time.monotonic() < min(end_s, quiet_s):
            if self._count != seen:
                seen, quiet_s = self._count, time.monotonic() + self._watch.flush_s

    def _register(self) -> bool:
        """Whether the system took it. Above the rate that is free it asks again for that."""
        latency_us = round(self._batch_s * 1e6)
        for rate_hz in (self._rate_hz, min(self._rate_hz, self._watch.free_hz)):
            try:
                given = (self._listener, self._sensor, round(1e6 / rate_hz), latency_us, self._handler)
                return bool(self._manager.registerListener(*given))
            except Exception as error:
                if java_class_of(error) != "java.lang.SecurityException":
                    raise
        return False
