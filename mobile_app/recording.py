"""From samples as sources tell them to a trip in the outbox: when it begins, what it holds, when it ends.

In one thread, the recorder's. Nothing here asks a clock: all follows from the sensors' own. While nobody drives, only the last
minute and a half is kept, in memory; the beginning of a drive is taken from there.
"""

from __future__ import annotations

import math
import uuid
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from mobile_app import durable
from mobile_app.dates import likely_utc_s
from mobile_app.driving import Driving, DrivingSettings
from mobile_app.intake import ACCELEROMETER, GYROSCOPE, LOCATION, Event, Intake, Restart
from mobile_app.motion import Motion
from mobile_app.outbox import Outbox
from mobile_app.privacy import Ends
from mobile_app.privacy.ends import Fix, apart_m
from mobile_app.recorder import ChunkWriter, recover_trip
from mobile_app.ring import RingWriter
from mobile_app.status import State
from mobile_app.withholding import last_time_s


@dataclass(frozen=True)
class RecordingSettings:
    preroll_s: float = 90.0  # kept before the start is known; in memory some 4 MB at 100 Hz and six axes
    chunk_s: float = 60.0
    save_s: float = 4.0  # with the window of the intake (2 s), a batch (1 s) and the loop (0.2 s) a kill costs less than 10 s
    longest_s: float = 6 * 86_400.0  # a trip is cut before the wire format's seven days
    driving: DrivingSettings = field(default_factory=DrivingSettings)
    ends: Ends = field(default_factory=Ends)


@dataclass
class Trip:
    """The one being recorded. origin_s: t = 0 of the trip, on the sensors' clock."""

    trip_id: str
    origin_s: float
    started_at_us: int
    writer: ChunkWriter
    km: float = 0.0


class Recording:
    """Feed it with what the intake drained. on_ended: told the id of each trip whose recording has ended, for `recorder.finish`.

    boot: tells one run of the phone from another, as the sensors' clock begins anew with each. known_s: an instant (UTC, s since
    1970) that has passed, from which dates are judged. A full disk raises OSError out of `take`: call `give_up` then.
    """

    def __init__(
        self,
        outbox: Outbox,
        intake: Intake,
        on_ended: Callable[[str], None],
        settings: RecordingSettings | None = None,
        *,
        boot: str = "",
        known_s: Callable[[], float] = lambda: 0.0,
        ring: RingWriter | None = None,
        new_id: Callable[[], str] = lambda: str(uuid.uuid4()),
    ) -> None:
        self.settings = settings or RecordingSettings()
        self.driving = Driving(self.settings.driving)
        self.motion = Motion()
        self.trip: Trip | None = None
        self.allowed = False
        self.dropped: Counter[str] = Counter()
        self.last_fix: tuple[float, tuple[float, ...]] | None = None
        self.last_s = math.nan  # of the newest sample
        self.added_km = 0.0  # since `take_km`
        self._outbox, self._intake, self._on_ended = outbox, intake, on_ended
        self._boot, self._known_s, self._ring, self._new_id = boot, known_s, ring, new_id
        self._preroll: deque[Event] = deque()
        self._measured: Fix | None = None
        self._left: list[ChunkWriter] = []  # whose last samples a full disk did not take

    @property
    def state(self) -> State:
        return self.driving.state

    def take(self, events: list[Event | Restart]) -> None:
        """Events in order of time. Raises OSError where the disk is full."""
        for event in events:
            if isinstance(event, Restart):
                self._end(self.driving.standstill_s)
                self._begin_anew()
            elif self.allowed:
                self._one(event)
        if self._ring is not None and (strip := self.motion.strip()):
            self._ring.write(self.last_s, strip)

    def stop(self) -> None:
        """Recording may not be any more: what there is of a trip ends here, what is in memory goes."""
        self.allowed = False
        self._end(None)
        self._begin_anew()

    def give_up(self) -> None:
        """The disk is full: the trip's samples stay in memory until `end_left` finds room."""
        if self.trip is not None:
            self._left.append(self.trip.writer)
        self.trip = None
        self._begin_anew()
        self.allowed = False

    def end_left(self) -> None:
        """Ends what a full disk interrupted. Raises OSError where it still is."""
        while self._left:
            self._close(self._left[-1], None)
            self._left.pop()

    def save(self) -> None:
        """To the disk, whatever the sensors do."""
        if self.trip is not None:
            self.trip.writer.save()

    def resume(self) -> None:
        """Goes on with the trip that a kill interrupted in this run of the phone; ends all others that are not ended."""
        open_trips = [state for state in self._outbox.trips() if state.finished is None]
        for state in open_trips[:-1]:
            recover_trip(self._outbox, state.trip_id)
            self._on_ended(state.trip_id)
        for state in open_trips[-1:]:
            if self._outbox.ended_until_s(state.trip_id) is not None or not self._goes_on(state.trip_id, state.started_at_us):
                recover_trip(self._outbox, state.trip_id)
                self._on_ended(state.trip_id)

    def take_km(self) -> float:
        """Driven since this was last asked."""
        km, self.added_km = self.added_km, 0.0
        return km

    def _goes_on(self, trip_id: str, started_at_us: int) -> bool:
        told = durable.read_json(self._outbox.trip_folder(trip_id) / "clock.json") or {}
        if told.get("boot") != self._boot or not self._outbox.ends(trip_id):
            return False
        writer = self._writer(trip_id, started_at_us)
        last_s = last_time_s(self._outbox, trip_id)
        if last_s is None:
            return False
        self.trip = Trip(trip_id, float(told["origin_s"]), started_at_us, writer)
        self.driving.resume(self.trip.origin_s + last_s)
        self._intake.begin_at(self.trip.origin_s + last_s)
        return True

    def _writer(self, trip_id: str, started_at_us: int) -> ChunkWriter:
        s = self.settings
        return ChunkWriter(self._outbox, trip_id, started_at_us, s.chunk_s, s.save_s, ends=s.ends)

    def _one(self, event: Event) -> None:
        t, stream, values = event
        self.last_s = t
        before = self.driving.on_trip
        if stream == ACCELEROMETER:
            shake = self.motion.take(t, *values)
            if shake is not None:
                self.driving.shake(shake)
        elif stream == LOCATION:
            latitude, longitude, speed, _, accuracy = values
            self.last_fix = t, values
            self.driving.fix(t, latitude, longitude, speed, accuracy)
            self._measure(Fix(t, latitude, longitude, accuracy))
        if self.driving.on_trip and not before:
            self._begin(event)
        elif before and not self.driving.on_trip:
            self._end(self.driving.standstill_s)
            self._keep(event)
        elif self.trip is not None:
            self._write(self.trip, event)
        else:
            self._keep(event)

    def _keep(self, event: Event) -> None:
        self._preroll.append(event)
        while self._preroll[0][0] < event[0] - self.settings.preroll_s:
            self._preroll.popleft()

    def _begin(self, event: Event) -> None:
        self._keep(event)
        origin_s = self._preroll[0][0]
        t, utc_s = self._intake.anchor or (origin_s, self._known_s())
        began_s, wrong = likely_utc_s(utc_s + origin_s - t, self._known_s())
        if wrong:
            self.dropped[wrong] += 1
        started_at_us, trip_id = round(began_s * 1e6), self._new_id()
        writer = self._writer(trip_id, started_at_us)
        self.trip = Trip(trip_id, origin_s, started_at_us, writer)
        while self._preroll:
            self._write(self.trip, self._preroll.popleft())
        writer.save()
        # after that: a trip that is gone on with has on the disk all that was known when it began
        fields = {"origin_s": origin_s, "boot": self._boot}
        durable.write_json(self._outbox.trip_folder(trip_id) / "clock.json", fields)

    def _write(self, trip: Trip, event: Event) -> None:
        t, stream, values = event
        if t - trip.origin_s > self.settings.longest_s:
            self._end(None)
            self._begin(event)
            return
        if stream == ACCELEROMETER:
            trip.writer.accelerometer(t - trip.origin_s, *values)
        elif stream == GYROSCOPE:
            trip.writer.gyroscope(t - trip.origin_s, *values)
        else:
            trip.writer.location(t - trip.origin_s, *values)

    def _end(self, until_s: float | None) -> None:
        trip, self.trip = self.trip, None
        self._measured = None
        if trip is None:
            return
        self._left.append(trip.writer)  # until it is closed, so that a full disk costs nothing
        self._close(trip.writer, until_s if until_s is None else until_s - trip.origin_s)
        self._left.remove(trip.writer)

    def _close(self, writer: ChunkWriter, until_s: float | None) -> None:
        trip_id = writer.trip_id
        writer.close(until_s)
        self.dropped.update(writer.dropped)
        self._on_ended(trip_id)

    def _measure(self, place: Fix) -> None:
        """Kilometres of the trip: between fixes that are good, while it goes."""
        s = self.settings.driving
        if place.accuracy_m > s.good_m or not (place.latitude or place.longitude):
            return
        before, self._measured = self._measured, place
        if self.trip is None or before is None or self.driving.state is not State.RECORDING:
            return
        metres, elapsed_s = apart_m(before, place), place.t_s - before.t_s
        if elapsed_s > 0 and self.settings.ends.fastest_mps * elapsed_s >= metres >= 1.0 * elapsed_s:
            self.trip.km += metres / 1000
            self.added_km += metres / 1000

    def _begin_anew(self) -> None:
        self._preroll.clear()
        self.driving, self.motion = Driving(self.settings.driving), Motion()
        self.last_fix, self._measured, self.last_s = None, None, math.nan
