"""What sources tell, from any thread and in any order, to one list in order of time, without repeats, in bounded memory.

Batches of several sensors arrive one after the other: what came is held for a short window of the sensors' clock and sorted. A
clock that begins anew (the phone was started again) is told by a `Restart`. Not responsible for what the samples mean.
"""

from __future__ import annotations

import math
import threading
from array import array
from bisect import bisect_right
from collections import Counter, deque
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple

ACCELEROMETER, GYROSCOPE, LOCATION = 0, 1, 2
NAMES = ("accelerometer", "gyroscope", "location")
Event = tuple[float, int, tuple[float, ...]]  # s on the sensors' clock, which stream, its values (NaN: unknown)
_when = itemgetter(0, 1)


@dataclass(frozen=True)
class IntakeSettings:
    window_s: float = 2.0  # of the sensors' clock; batches of one second and a little more
    remember_s: float = 30.0  # stamps are known for so long, to drop what is delivered again
    most: int = 60_000  # events held: five minutes of six axes at 100 Hz, some 15 MB
    far_s: float = 60.0  # a stamp that much before the newest, or an hour after it, is strange …
    ahead_s: float = 3_600.0
    believed: int = 5  # … unless so many come in a row: then the phone has slept, or was started again


class Restart(NamedTuple):
    """The sensors' clock has begun anew."""


class Intake:
    """A `sensors.Sink`. dropped: events left out, by reason. troubles: the last words of each sensor."""

    def __init__(self, settings: IntakeSettings | None = None) -> None:
        self._s = settings or IntakeSettings()
        self._arrived: deque[Event] = deque()
        self._held: list[Event] = []
        self._strange: list[Event] = []
        self._newest_s = math.nan
        self._known: list[set[float]] = [set() for _ in NAMES]
        self._stamps: list[deque[float]] = [deque() for _ in NAMES]
        self._lock = threading.Lock()
        self.anchor: tuple[float, float] | None = None  # t, utc_s
        self.dropped: Counter[str] = Counter()
        self.troubles: dict[str, str] = {}

    def accelerometer(self, t: float, x: float, y: float, z: float) -> None:
        self._add((t, ACCELEROMETER, (x, y, z)))

    def gyroscope(self, t: float, x: float, y: float, z: float) -> None:
        self._add((t, GYROSCOPE, (x, y, z)))

    def location(
        self,
        t: float,
        latitude: float,
        longitude: float,
        speed: float | None = None,
        bearing: float | None = None,
        accuracy: float | None = None,
    ) -> None:
        motion = (math.nan if value is None else value for value in (speed, bearing, accuracy))
        self._add((t, LOCATION, (latitude, longitude, *motion)))

    def clock(self, t: float, utc_s: float) -> None:
        if math.isfinite(t) and math.isfinite(utc_s):
            self.anchor = t, utc_s

    def trouble(self, sensor: str, words: str) -> None:
        with self._lock:
            self.troubles[sensor] = words

    def take_troubles(self) -> dict[str, str]:
        """What was told since this was last asked."""
        with self._lock:
            troubles, self.troubles = self.troubles, {}
        return troubles

    def _add(self, event: Event) -> None:
        if len(self._arrived) >= self._s.most:
            with self._lock:
                self.dropped["came faster than it could be kept"] += 1
        else:
            self._arrived.append(event)  # atomic

    def drain(self, all_of_it: bool = False) -> list[Event | Restart]:
        """What is older than the window, in order of time. all_of_it: the rest, too. For one thread."""
        ready: list[Event | Restart] = []
        for _ in range(len(self._arrived)):
            event = self._arrived.popleft()
            t = event[0]
            ahead_s = t - self._newest_s  # NaN before the first
            if not -self._s.far_s <= ahead_s <= self._s.ahead_s and not math.isnan(self._newest_s):
                self._stray(event, ready)
                continue
            if self._newest_s != self._newest_s and not math.isfinite(t):
                self.dropped["time out of range"] += 1
                continue
            if self._strange:
                self._give_up_strays()
            self._accept(event)
        self._release(ready, math.inf if all_of_it else self._newest_s - self._s.window_s)
        return ready

    def begin_at(self, t: float) -> None:
        """The clock was here before: less means that it began anew."""
        self._newest_s = t

    def _accept(self, event: Event) -> None:
        t, stream, _ = event
        known = self._known[stream]
        if t in known:
            self.dropped[f"{NAMES[stream]} delivered again"] += 1
            return
        known.add(t)
        self._stamps[stream].append(t)
        self._held.append(event)
        if not t <= self._newest_s:
            self._newest_s = t

    def _stray(self, event: Event, ready: list[Event | Restart]) -> None:
        if not math.isfinite(event[0]):
            self.dropped["time out of range"] += 1
            return
        if self._strange and abs(event[0] - self._strange[-1][0]) > self._s.far_s:
            self._give_up_strays()
        self._strange.append(event)
        if len(self._strange) >= self._s.believed:
            strange, self._strange = self._strange, []
            self._release(ready, math.inf)
            if strange[0][0] < self._newest_s:
                ready.append(Restart())
            self._forget()
            for one in strange:
                self._accept(one)

    def _give_up_strays(self) -> None:
        self.dropped["stray time"] += len(self._strange)
        self._strange.clear()

    def _release(self, ready: list[Event | Restart], until_s: float) -> None:
        self._held.sort(key=_when)
        count = bisect_right(self._held, until_s, key=itemgetter(0))
        ready.extend(self._held[:count])
        del self._held[:count]
        for stamps, known in zip(self._stamps, self._known, strict=True):
            while stamps and stamps[0] < self._newest_s - self._s.remember_s:
                known.discard(stamps.popleft())

    def _forget(self) -> None:
        self._newest_s = math.nan
        for stamps, known in zip(self._stamps, self._known, strict=True):
            stamps.clear()
            known.clear()


def columns_of(events: list[Event], stream: int) -> tuple[array[float], ...]:
    """Columns of one stream, t first; empty where there is none."""
    rows = [(t, *values) for t, kind, values in events if kind == stream]
    return tuple(array("d", column) for column in zip(*rows, strict=True))
