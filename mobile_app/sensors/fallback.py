"""Several ways to the same sensors: the first that can be started is taken."""

from __future__ import annotations

from collections.abc import Sequence

from mobile_app.sensors import Sink, Source


class CannotStart(Exception):
    """The way to the sensors itself is not there: a library, a system service. Not: a sensor is missing or refused."""


class FirstThatWorks:
    """Takes the first source that starts; keeps to it from then on. Raises what the last one raised where none does."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._left = list(sources)

    def start(self, sink: Sink, *, motion_hz: float, batch_s: float) -> None:
        while True:
            try:
                return self._left[0].start(sink, motion_hz=motion_hz, batch_s=batch_s)
            except CannotStart:
                if len(self._left) == 1:
                    raise
                del self._left[0]

    def stop(self) -> None:
        self._left[0].stop()
