"""Where the phone is, by its satellites alone: other providers' fixes lie hundreds of metres off and jump."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from mobile_app.sensors import Sink, troubles
from mobile_app.sensors.android.context import clocks, java_class_of, service

GPS = "gps"  # LocationManager.GPS_PROVIDER
EVERY_MS = 1_000
MOVED_M = 0.0  # a car that stands is told as well: that it stands ends a trip
ASK_AGAIN_S = 30.0  # where permission was missing


class Place:
    """Fixes to the sink's `location`. looper: whose thread they come on."""

    def __init__(self, looper: Any, sink: Sink, now: Callable[[], float] = time.monotonic) -> None:
        self._looper, self._sink, self._now = looper, sink, now
        self._manager: Any = service("location", "android.location.LocationManager")
        self._listener: Any = None
        self._requested, self._asked_s = False, 0.0
        self._told = ""

    def open(self) -> None:
        from mobile_app.sensors.android.listeners import PlaceListener

        if not self._manager.getAllProviders().contains(GPS):
            self._tell(troubles.NO_SATELLITES)
            return
        self._listener = PlaceListener(self._fix, self._switched)
        self._request()
        if self._requested and not self._manager.isProviderEnabled(GPS):
            self._tell(troubles.LOCATION_OFF)

    def check(self) -> None:
        """To be called about once a second: permission may have been given meanwhile. Silence is a tunnel's, no fault."""
        if self._listener is not None and not self._requested and self._now() - self._asked_s >= ASK_AGAIN_S:
            self._request()

    def close(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None and self._requested:
            self._manager.removeUpdates(listener)
        self._requested = False

    def _request(self) -> None:
        self._asked_s = self._now()
        try:
            self._manager.requestLocationUpdates(GPS, EVERY_MS, MOVED_M, self._listener, self._looper)
            self._requested = True
        except Exception as error:
            if java_class_of(error) != "java.lang.SecurityException":
                raise
            self._tell(troubles.NO_PERMISSION)

    def _fix(
        self,
        t: float,
        latitude: float,
        longitude: float,
        speed: float | None,
        bearing: float | None,
        accuracy: float | None,
        invented: bool,
    ) -> None:
        if invented:
            self._tell(troubles.INVENTED)
            return
        self._told = ""
        self._sink.location(t or clocks().elapsed_s, latitude, longitude, speed, bearing, accuracy)  # some receivers stamp 0

    def _switched(self, on: bool) -> None:
        if on:
            self._told = ""
        else:
            self._tell(troubles.LOCATION_OFF)

    def _tell(self, words: str) -> None:
        """Once, until something else is the matter or nothing any more."""
        if words != self._told:
            self._told = words
            self._sink.trouble("location", words)
