"""The recorder's rounds: samples in, choices obeyed, battery and room watched, what goes on told to the screens.

Each round ends soon; what takes long (cutting a trip, sending) has threads of its own.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

from mobile_app import status
from mobile_app.choices import Choices, load_choices
from mobile_app.diary import Jolt
from mobile_app.finishing import Finisher
from mobile_app.home import Home
from mobile_app.intake import Event, Intake, Restart
from mobile_app.outbox import Outbox
from mobile_app.power import Battery, GivenBattery, Power
from mobile_app.recording import Recording, RecordingSettings
from mobile_app.ring import RingWriter
from mobile_app.sensors import Source, troubles
from mobile_app.status import State, Status, Why
from mobile_app.storage import Storage
from mobile_app.sync import SyncState
from mobile_app.today import load_today, save_today
from mobile_app.warning import Sign, Warner

log = logging.getLogger("cahot.recorder")


class Sender(Protocol):
    """`sync.Sync`."""

    state: SyncState

    def wake(self) -> None: ...


class Finds(Protocol):
    """What looks for jolts in what is recorded; sees the events of the trip and says which it found."""

    def take(self, events: Iterable[Event]) -> list[Jolt]: ...


@dataclass(frozen=True)
class LoopSettings:
    """Times on this process's own clock."""

    round_s: float = 0.2  # what arrives lies that long in memory only
    motion_hz: float = 100.0  # axles hop at 10 to 15 Hz, and a jolt lasts 20 to 100 ms
    batch_s: float = 1.0  # while driving: the processor may sleep between, the loss to a kill grows by it
    rest_batch_s: float = 3.0  # while nobody drives
    battery_every_s: float = 30.0
    storage_every_s: float = 5.0
    today_every_s: float = 30.0  # of kilometres that a kill may cost the sum of the day
    silent_s: float = 300.0  # without any sample the trip is over, whatever became of the sensors
    dead_s: float = 30.0  # without any sample of a running sensor it is started anew
    again_s: float = 30.0  # a sensor that was missing or not allowed is tried again
    warn_within_s: float = 3.0  # an older fix is a street behind the car
    save_after_s: float = 4.0  # where samples cease, what there is goes to the disk after that
    recording: RecordingSettings = field(default_factory=RecordingSettings)


STOPS = {  # what a source said → why nothing is recorded; all else is no reason
    ("accelerometer", troubles.MISSING): Why.NO_SENSOR,
    ("accelerometer", troubles.REFUSED): Why.NO_SENSOR,
    ("accelerometer", troubles.SILENT): Why.NO_SENSOR,
    ("location", troubles.NO_PERMISSION): Why.NO_PERMISSION,
    ("location", troubles.LOCATION_OFF): Why.LOCATION_OFF,
    ("location", troubles.NO_SATELLITES): Why.NO_SENSOR,
}


class Loop:
    """One recorder. `step` does one round; `run` does them until told to stop. The caller holds the lock of the folder."""

    def __init__(
        self,
        home: Home,
        source: Source,
        outbox: Outbox,
        finisher: Finisher,
        *,
        battery: Battery | None = None,
        sender: Sender | None = None,
        finds: Finds | None = None,
        sign: Sign | None = None,
        boot: str = "",
        settings: LoopSettings | None = None,
        storage: Storage | None = None,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self.settings = settings or LoopSettings()
        self.intake = Intake()
        self._home, self._source, self._outbox, self._finisher = home, source, outbox, finisher
        self._sender, self._finds, self._clock, self._wall_clock = sender, finds, clock, wall_clock
        self._battery, self._power, self._storage = battery or GivenBattery(), Power(), storage or Storage(home, outbox)
        self._ring = RingWriter(home.ring)
        self.recording = Recording(
            outbox, self.intake, finisher.add, self.settings.recording, boot=boot, known_s=self._known_s, ring=self._ring
        )
        self._choices, self._choices_of = Choices(), -1
        self._today = load_today(home.today)
        self._warner = Warner(home, sign)
        self._mode: tuple[float, float] | None = None  # motion_hz, batch_s of the source as it runs
        self._told = (None, None) if battery is None else battery.read()
        self._powered = self._roomy = True
        self._trouble: Why | None = None
        self._due_s = dict.fromkeys(("second", "battery", "storage", "today", "again"), -1e12)
        self._heard_s = self._saved_s = self._started_s = clock()
        self._jolts = 0
        self.why: Why | None = None
        self.recording.resume()

    def run(self, stopping: Callable[[float], bool]) -> None:
        """Rounds until stopping(seconds to wait) says so; then all is on the disk, and the trip can be gone on with."""
        while not stopping(self.settings.round_s):
            self.step()
        self.close()

    def recorded(self) -> list[str]:
        """The trip under way, which nobody else may touch; asked on any thread."""
        trip = self.recording.trip
        return [trip.trip_id] if trip else []

    def close(self) -> None:
        self._stop_source()
        with contextlib.suppress(OSError):
            if self.recording.allowed:
                self._take(self.intake.drain(all_of_it=True))
            self.recording.save()
            self._keep_today()
        self._ring.close()

    def step(self) -> None:
        """One round."""
        now = self._clock()
        events = self.intake.drain()
        if events:
            self._heard_s = now
        self._take(events)
        if now - self._heard_s >= self.settings.save_after_s and self._saved_s < self._heard_s:
            self._saved_s = now
            self._or_full(self.recording.save)
        if self._is_due("second", now, 1.0):
            self._second(now)

    def _take(self, events: list[Event | Restart]) -> None:
        self._or_full(lambda: self.recording.take(events))
        if self._finds is not None and self.recording.trip is not None:
            self._jolts += len(self._finds.take(event for event in events if not isinstance(event, Restart)))

    def _second(self, now: float) -> None:
        self._look_at_choices()
        self._hear_troubles(now)
        self._look_at_phone(now)
        self.why = self._why_not()
        if self.why is not None and self.recording.allowed:
            self._stop_source()
            self._or_full(self.recording.stop)
        elif self.why is None and not self.recording.allowed:
            self._allow()
        if self.why is None:
            self._mind_the_source(now)
        self._warn()
        self._count(now)
        with contextlib.suppress(OSError):
            status.write_status(self._home.status, self._status())

    def _warn(self) -> None:
        """Of what lies ahead of the car, not of where it was: an old fix says nothing."""
        fix = self.recording.last_fix
        if self.recording.trip is None or fix is None or self.recording.last_s - fix[0] > self.settings.warn_within_s:
            return
        latitude, longitude, speed, heading, _ = fix[1]
        self._warner.look(self._choices.alert, latitude, longitude, _known(heading), _known(speed))

    def _or_full(self, do: Callable[[], None]) -> None:
        """A full disk stops the recording and loses nothing that was taken before."""
        try:
            do()
        except OSError:
            self._storage.write_failed()
            self._roomy = False
            self.recording.give_up()

    def _allow(self) -> None:
        self.recording.allowed = True
        self._or_full(self.recording.end_left)

    def _look_at_choices(self) -> None:
        try:
            changed = self._home.choices.stat().st_mtime_ns
        except OSError:
            changed = 0
        if changed != self._choices_of:
            self._choices, self._choices_of = load_choices(self._home.choices), changed

    def _hear_troubles(self, now: float) -> None:
        for sensor, words in self.intake.take_troubles().items():
            why = STOPS.get((sensor, words))
            if why is not None:
                self._trouble, self._due_s["again"] = why, now
        if self._trouble is not None and self._is_due("again", now, self.settings.again_s):
            self._trouble = None

    def _look_at_phone(self, now: float) -> None:
        if self._is_due("battery", now, self.settings.battery_every_s):
            self._told = self._battery.read()
            self._powered = self._power.allows(*self._told)
        if self._is_due("storage", now, self.settings.storage_every_s):
            self._roomy = self._storage.allows()

    def _why_not(self) -> Why | None:
        if not self._choices.agreed:
            return Why.NO_CONSENT
        if self._choices.paused(self._wall_clock()):
            return Why.PAUSED
        if not self._roomy:
            return Why.STORAGE_FULL
        if not self._powered:
            return Why.BATTERY_LOW
        return self._trouble

    def _mind_the_source(self, now: float) -> None:
        s, resting = self.settings, self.recording.state is State.IDLE
        wanted = (0.0, s.rest_batch_s) if resting else (s.motion_hz, s.batch_s)
        if now - self._heard_s >= s.silent_s and not resting:
            self._or_full(self._end_in_silence)
        if wanted != self._mode or (not resting and now - max(self._heard_s, self._started_s) >= s.dead_s):
            self._stop_source()
            self._mode, self._started_s = wanted, now
            self._start_source(*wanted)

    def _start_source(self, motion_hz: float, batch_s: float) -> None:
        """A source that cannot start is a trouble like any other: it is tried again, and the process lives."""
        try:
            self._source.start(self.intake, motion_hz=motion_hz, batch_s=batch_s)
        except Exception as error:  # a Java exception, whose class exists on Android alone
            log.warning("the sensors do not start: %s", error)
            self._stop_source()
            self.intake.trouble("accelerometer", troubles.REFUSED)

    def _end_in_silence(self) -> None:
        self.recording.stop()
        self.recording.allowed = True

    def _stop_source(self) -> None:
        if self._mode is not None:
            self._mode = None
            with contextlib.suppress(Exception):  # as above; what runs on is stopped with the process
                self._source.stop()

    def _count(self, now: float) -> None:
        trip, km = self.recording.trip, self.recording.take_km()
        jolts, self._jolts = self._jolts, 0
        before = self._today
        if trip is not None:
            self._today = self._today.on(trip.trip_id)
        if km or jolts:
            self._today = self._today.driven(km, jolts, self._wall_clock())
        if self._today != before and self._is_due("today", now, self.settings.today_every_s):
            with contextlib.suppress(OSError):
                self._keep_today()

    def _keep_today(self) -> None:
        save_today(self._home.today, self._today)

    def _known_s(self) -> float:
        return self._choices.consented_at_s

    def _is_due(self, what: str, now: float, every_s: float) -> bool:
        if now - self._due_s[what] < every_s:
            return False
        self._due_s[what] = now
        return True

    def _status(self) -> Status:
        recording, now_s = self.recording, self._wall_clock()
        trip, fix = recording.trip, recording.last_fix
        sending = self._sender.state if self._sender is not None else SyncState()
        today = self._today.driven(0.0, 0, now_s)
        latitude, longitude, speed, heading, accuracy = fix[1] if fix else (None,) * 5
        return Status(
            at_s=now_s,
            state=State.STOPPED if self.why is not None else recording.state,
            why=self.why,
            trip_id=trip.trip_id if trip else None,
            trip_began_s=trip.started_at_us / 1e6 if trip else None,
            trip_km=today.trip_km if trip else 0.0,
            trip_jolts=today.trip_jolts if trip else 0,
            today_km=today.km,
            today_jolts=today.jolts,
            speed_mps=_known(speed),
            accuracy_m=_known(accuracy),
            fix_age_s=max(recording.last_s - fix[0], 0.0) if fix else None,
            rate_hz=recording.motion.rate_hz or None,
            latitude=_known(latitude),
            longitude=_known(longitude),
            heading=_known(heading),
            battery=self._told[0],
            charging=self._told[1],
            waiting_chunks=sending.waiting_chunks,
            waiting_bytes=sending.waiting_bytes,
            sending=sending.sending,
            unsent_why=str(sending.said) if sending.said is not None else None,
            retry_at_s=sending.retry_at_s,
        )


def _known(value: float | None) -> float | None:
    return value if value is not None and value == value else None
