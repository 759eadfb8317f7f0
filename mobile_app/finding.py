"""Jolts while they are driven over, for the screens: the preview, a few seconds of events at a time."""

from __future__ import annotations

from collections.abc import Iterable

from mobile_app.diary import Jolt
from mobile_app.intake import ACCELEROMETER, GYROSCOPE, LOCATION, Event, columns_of
from mobile_app.preview import Preview

PIECE_S = 3.0  # numpy's calls cost the same for one sample as for hundreds


class Finding:
    """Events in order of time; after a gap or a new trip the preview goes on by itself. Holds a few seconds."""

    def __init__(self) -> None:
        self._preview, self._held = Preview(), list[Event]()

    def take(self, events: Iterable[Event]) -> list[Jolt]:
        """The jolts that are known by now; some seconds late."""
        self._held.extend(events)
        if not self._held or abs(self._held[-1][0] - self._held[0][0]) < PIECE_S:
            return []
        held, self._held = self._held, []
        return self._preview.feed(*(columns_of(held, stream) for stream in (ACCELEROMETER, GYROSCOPE, LOCATION)))
