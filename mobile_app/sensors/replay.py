"""A recording played as if this machine were the phone: at the pace of life or faster, in bursts as a phone's sensors come.

The tape stands still while the source is stopped: whoever starts it again misses nothing. Speed is the sensors' clock against
ours; whoever listens must go by the sensors' clock.
"""

from __future__ import annotations

import math
import random
import threading
import time
from collections.abc import Callable
from operator import attrgetter
from pathlib import Path

from mobile_app.sensors import Sink
from mobile_app.sensors.gate import Gate
from mobile_app.sensors.moments import Moment
from mobile_app.sensors.tape import UnusableTape, tape

STEP_S = 0.05  # of our clock: how often samples are handed over where no batch is asked for
REST_HZ = 10.0  # at motion_hz=0, as on Android
REST_SPEED = 5.0  # at most, then: whoever listens takes a part of a second of ours to ask for more, and misses what was thinned
ANCHOR_S = 60.0  # of the sensors' clock
FIRST_STAMP_S = 1_000.0  # of the sensors' clock: a phone has been on for a while
JOIN_S = 10.0


class Replay:
    """Plays chunks in a file or folder (`tape`).

    speed: 1 is real time. before_s, parked_s: the car stands so long before and after each trip; a trip is over once it has
    stood for four minutes. loop: from the beginning again, for ever. utc_s: the date of the tape's beginning in s since 1970,
    by default what was recorded of each trip. Raises UnusableTape.
    """

    def __init__(
        self,
        path: Path,
        speed: float = 1.0,
        before_s: float = 30.0,
        parked_s: float = 300.0,
        loop: float = 0,
        utc_s: float = math.nan,
    ) -> None:
        if not 0 < speed <= 1e6 or not 0 <= min(before_s, parked_s) <= max(before_s, parked_s) < math.inf:
            told = f"speed={speed:g}, before_s={before_s:g}, parked_s={parked_s:g}"
            raise UnusableTape(f"{told}: play faster than 0 and park for 0 s or more")
        self._speed, self._utc_s = speed, utc_s - FIRST_STAMP_S
        self._recorded_dates = math.isnan(utc_s)
        self._moments = tape(path, before_s, parked_s, bool(loop))
        self._held = [next(self._moments)]  # so that a tape that cannot be played is told of at once
        self._ended = threading.Event()
        self._player: threading.Thread | None = None
        self._gate: Gate | None = None

    def start(self, sink: Sink, *, motion_hz: float, batch_s: float) -> None:
        """See `Source.start`. At motion_hz above 0 everything comes as recorded; at 0 it is thinned, at most REST_SPEED fast."""
        self.stop()
        self._gate, self._ended = Gate(sink), threading.Event()
        speed = self._speed if motion_hz > 0 else min(self._speed, REST_SPEED)
        told = (self._gate, self._ended, speed, batch_s, motion_hz > 0)
        self._player = threading.Thread(target=self._play, args=told, name="replay", daemon=True)
        self._player.start()

    def stop(self) -> None:
        """See `Source.stop`."""
        self._ended.set()
        player, self._player = self._player, None
        if player is not None and player is not threading.current_thread():
            player.join(JOIN_S)
        if self._gate is not None:
            self._gate.shut()
            self._gate = None

    def _play(self, gate: Gate, ended: threading.Event, speed: float, batch_s: float, all_of_it: bool) -> None:
        wanted, window_s = _all if all_of_it else _thinned(), max(batch_s, STEP_S * speed)
        began_s = time.monotonic()
        from_s = self._held[0].t
        anchored_s = -math.inf
        while not ended.is_set():
            try:
                window, self._held = self._window(window_s), []
            except UnusableTape as error:
                return gate.trouble("accelerometer", str(error))
            if not window:
                return None
            to_s = max(window[0].t + window_s, window[-1].t)
            ended.wait(max(0.0, began_s + (to_s - from_s) / speed - time.monotonic()))
            if window[0].t - anchored_s >= ANCHOR_S:
                anchored_s = window[0].t
                self._anchor(gate, anchored_s)
            if batch_s > 0:
                window.sort(key=lambda moment: _BURSTS[moment.kind])
            for at, moment in enumerate(window):
                if ended.is_set():
                    self._held = window[at:]
                    return None
                if wanted(moment):
                    self._hand_over(gate, moment)
        return None

    def _window(self, window_s: float) -> list[Moment]:
        """The next moments, of so many seconds."""
        window = self._held
        for moment in self._moments:
            window.append(moment)
            if moment.t >= window[0].t + window_s:
                break
        return sorted(window, key=attrgetter("t"))

    def _hand_over(self, gate: Gate, moment: Moment) -> None:
        t = FIRST_STAMP_S + moment.t
        if moment.kind != "clock":
            getattr(gate, moment.kind)(t, *moment.values)
        elif self._recorded_dates:
            self._utc_s = (moment.values[0] or 0.0) - t
            gate.clock(t, self._utc_s + t)

    def _anchor(self, gate: Gate, t: float) -> None:
        if not math.isnan(self._utc_s):
            gate.clock(FIRST_STAMP_S + t, self._utc_s + FIRST_STAMP_S + t)


_BURSTS = {"clock": 0, "location": 1, "accelerometer": 2, "gyroscope": 3}  # fixes come at once, each sensor's samples together


def _all(_moment: Moment) -> bool:
    return True


def _thinned() -> Callable[[Moment], bool]:
    """What a resting phone notices: the accelerometer alone, rarely and not evenly, which would hide a steady hum."""
    next_s, chance = -math.inf, random.Random(0)

    def wanted(moment: Moment) -> bool:
        nonlocal next_s
        if moment.kind == "clock":
            return True
        if moment.kind != "accelerometer" or moment.t < next_s:
            return False
        next_s = moment.t + chance.uniform(0.999, 1.3) / REST_HZ
        return True

    return wanted


__all__ = ["Replay", "UnusableTape"]
