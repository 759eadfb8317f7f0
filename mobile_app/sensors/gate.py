"""A sink that can be shut: how every source keeps the promise that nothing comes after `stop`."""

from __future__ import annotations

import threading

from mobile_app.sensors import Sink


class Gate:
    """Passes calls on to a sink until it is shut, one at a time, from any thread."""

    def __init__(self, sink: Sink) -> None:
        self._sink, self._open = sink, True
        self._lock = threading.RLock()  # a sink may stop its source while it is being called

    def shut(self) -> None:
        """No call to the sink begins, or still runs on another thread, once this has returned."""
        with self._lock:
            self._open = False

    def accelerometer(self, t: float, x: float, y: float, z: float) -> None:
        with self._lock:
            if self._open:
                self._sink.accelerometer(t, x, y, z)

    def gyroscope(self, t: float, x: float, y: float, z: float) -> None:
        with self._lock:
            if self._open:
                self._sink.gyroscope(t, x, y, z)

    def location(
        self,
        t: float,
        latitude: float,
        longitude: float,
        speed: float | None = None,
        bearing: float | None = None,
        accuracy: float | None = None,
    ) -> None:
        with self._lock:
            if self._open:
                self._sink.location(t, latitude, longitude, speed, bearing, accuracy)

    def clock(self, t: float, utc_s: float) -> None:
        with self._lock:
            if self._open:
                self._sink.clock(t, utc_s)

    def trouble(self, sensor: str, words: str) -> None:
        with self._lock:
            if self._open:
                self._sink.trouble(sensor, words)
