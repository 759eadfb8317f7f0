"""Where samples come from: one tiny protocol, behind it Android, iOS, plyer, a replayed recording, another phone.

All times are seconds on the sensors' own monotonic clock, the same for every stream of a source (on Android
elapsedRealtime), stamped when the sensor measured and not when the sample arrived. That clock says nothing of the date;
`Sink.clock` gives it one.
"""

from __future__ import annotations

from typing import Protocol


class Sink(Protocol):
    """Takes what a source measures. Called on any thread, in any order, in bursts; each call returns at once."""

    def accelerometer(self, t: float, x: float, y: float, z: float) -> None:
        """One sample in phone axes, m/s², gravity included."""

    def gyroscope(self, t: float, x: float, y: float, z: float) -> None:
        """One sample in phone axes, rad/s."""

    def location(
        self,
        t: float,
        latitude: float,
        longitude: float,
        speed: float | None = None,
        bearing: float | None = None,
        accuracy: float | None = None,
    ) -> None:
        """One fix of the satellites' provider: WGS 84 degrees, m/s, degrees clockwise from north, m (1 σ). None: unknown."""

    def clock(self, t: float, utc_s: float) -> None:
        """At t of the sensors' clock it was utc_s (s since 1970): an anchor. Later ones may jump as the wall clock does."""

    def trouble(self, sensor: str, words: str) -> None:
        """A stream (accelerometer, gyroscope or location) is missing, refused or has died; `words` is one plain line."""


class Source(Protocol):
    """Two methods, so that a source is easy to add. Both may be called again after the other."""

    def start(self, sink: Sink, *, motion_hz: float, batch_s: float) -> None:
        """Measures until stopped. motion_hz: wished for; 0: only what notices that something moves, cheap on battery.
        batch_s: how late samples may come, so that the processor can sleep. What cannot be had is told to `sink.trouble`.
        """

    def stop(self) -> None:
        """No call to the sink begins after this returns."""
