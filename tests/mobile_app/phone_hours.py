"""Seconds of a phone told by hand: driving, standing, walking; for the tests of recording and of the loop."""

from __future__ import annotations

import math

from mobile_app.sensors import Sink

RATE_HZ = 50
MPS = 14.0


class Phone:
    """Its own clock and place. drive, stand, walk tell the sink so many seconds, in bursts as batches come."""

    def __init__(self, sink: Sink, t: float = 1000.0, utc_s: float | None = 1.8e9) -> None:
        self.sink, self.t, self.north_m = sink, t, 0.0
        if utc_s is not None:
            sink.clock(t, utc_s)

    def drive(self, seconds: int, mps: float = MPS, seen: bool = True) -> None:
        self._tell(seconds, mps, 0.4, 7.0, seen)

    def stand(self, seconds: int, seen: bool = True) -> None:
        self._tell(seconds, 0.0, 0.02, 7.0, seen)

    def walk(self, seconds: int) -> None:
        self._tell(seconds, 1.4, 2.5, 1.9, True)

    def one(self) -> None:
        """A second of driving, nothing handed over twice."""
        self.drive(1)

    def _tell(self, seconds: int, mps: float, swing: float, hz: float, seen: bool) -> None:
        for _ in range(seconds):
            stamps = [self.t + i / RATE_HZ for i in range(RATE_HZ)]
            for t in stamps:
                vertical = 9.75 + math.sqrt(2) * swing * math.sin(2 * math.pi * hz * t)
                self.sink.accelerometer(t, 0.0, 0.0, vertical)
            for t in stamps:
                self.sink.gyroscope(t, 0.0, 0.125, 0.0)
            self.north_m += mps
            if seen:
                self.sink.location(self.t + 0.5, 48.0 + self.north_m / 111_195.0, 2.0, mps, 0.0, 5.0)
            self.t += 1.0
