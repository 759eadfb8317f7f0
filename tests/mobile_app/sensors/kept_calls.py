"""A sink that keeps what it is told, and patience until it was told enough."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Kept:
    """Lists of what came, by method; threads: the ids of those it came on."""

    def __init__(self) -> None:
        self.accelerometers: list[tuple[float, ...]] = []
        self.gyroscopes: list[tuple[float, ...]] = []
        self.fixes: list[tuple[float | None, ...]] = []
        self.clocks: list[tuple[float, float]] = []
        self.troubles: list[tuple[str, str]] = []
        self.order: list[str] = []
        self.threads: set[int] = set()

    def accelerometer(self, *told):
        self._keep(self.accelerometers, "accelerometer", told)

    def gyroscope(self, *told):
        self._keep(self.gyroscopes, "gyroscope", told)

    def location(self, t, latitude, longitude, speed=None, bearing=None, accuracy=None):
        self._keep(self.fixes, "location", (t, latitude, longitude, speed, bearing, accuracy))

    def clock(self, *told):
        self._keep(self.clocks, "clock", told)

    def trouble(self, *told):
        self._keep(self.troubles, "trouble", told)

    def _keep(self, where, kind, told):
        where.append(told)
        self.order.append(kind)
        self.threads.add(threading.get_ident())

    @property
    def calls(self) -> int:
        return len(self.order)


def wait_for(true: Callable[[], object], seconds: float = 60.0) -> None:
    """Until it is so; fails where it does not become so."""
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it did not become so"
        time.sleep(0.002)
