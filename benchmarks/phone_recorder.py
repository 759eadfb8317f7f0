"""The recorder's own process for benchmarks and tests: `python -m benchmarks.phone_recorder live|played HOME [SPEED|SECONDS]`.

live: `service.serve` with sensors whose clock runs SPEED times ours and goes on while no process lives, as a phone's does.
played: the recorder's loop, second by second as fast as it can, over a drive of SECONDS and the stand after it; then it ends.
Each sample's values tell its number; how many were handed over stands in HOME.told, which outlives a kill.
"""

from __future__ import annotations

import mmap
import os
import signal
import struct
import sys
import threading
import time
from pathlib import Path

from mobile_app.choices import Choices, save_choices
from mobile_app.diary import Diary
from mobile_app.finishing import Finisher
from mobile_app.home import Home
from mobile_app.loop import Loop
from mobile_app.outbox import Outbox
from mobile_app.recorder import finish
from mobile_app.sensors import Sink
from mobile_app.service import serve

RATE_HZ = 100
MPS = 15.0
UTC_S = 1_790_000_000.0
_TOLD = struct.Struct("<qqq")  # number of the first sample of all, of this process's first, of the next to be handed over


def sample(i: int) -> tuple[float, float, float]:
    """Of the i-th: survives rounding, tells its number modulo 262144, and shakes like a car."""
    return (i % 64) / 64, (i // 64 % 64) / 64, 9.25 + (i // 4096 % 64) / 64 + (0.25 if i & 1 else -0.25)


def number_of(t_s: float) -> int:
    """The sample that was measured at t_s of the sensors' clock."""
    return round(t_s * RATE_HZ)


class Told:
    """What was handed over, in a file that both sides of a kill see."""

    def __init__(self, home: Path, first: int) -> None:
        path = home.with_suffix(".told")
        fresh = not path.exists()
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        os.ftruncate(handle, _TOLD.size)
        self._map = mmap.mmap(handle, _TOLD.size)
        os.close(handle)
        if fresh:
            _TOLD.pack_into(self._map, 0, first, first, first)

    @property
    def first(self) -> int:
        return int(_TOLD.unpack_from(self._map)[0])

    @property
    def since(self) -> int:
        """The first of the process that ran last."""
        return int(_TOLD.unpack_from(self._map)[1])

    @property
    def next(self) -> int:
        return int(_TOLD.unpack_from(self._map)[2])

    def begin(self, number: int) -> None:
        """A process begins with this one."""
        _TOLD.pack_into(self._map, 0, self.first, number, number)

    def reach(self, number: int) -> None:
        """All before this one were handed over."""
        _TOLD.pack_into(self._map, 0, self.first, self.since, number)


def hand_over(sink: Sink, begin: int, end: int, first: int, stands_at: int | None = None) -> None:
    """Samples of both sensors and the fixes of these numbers, each sensor's in one burst, as batches come.

    stands_at: from there on the car stands.
    """
    stands_at = end if stands_at is None else stands_at
    for i in range(begin, end):
        sink.accelerometer(i / RATE_HZ, *(sample(i) if i < stands_at else (0.0, 0.0, 9.75)))
    for i in range(begin, end):
        sink.gyroscope(i / RATE_HZ, *sample(i))
    for i in range(begin, end):
        if i % RATE_HZ == 0:
            place = 48.0 + (min(i, stands_at) - first) / RATE_HZ * MPS / 111_195.0
            sink.location(i / RATE_HZ, place, 2.0, MPS if i < stands_at else 0.0, 0.0, 5.0)


class LiveSource:
    """A car that drives for ever at a steady speed. Its clock is the machine's, `speed` times as fast."""

    def __init__(self, told: Told, speed: float) -> None:
        self._told, self._speed, self._ended = told, speed, threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, sink: Sink, *, motion_hz: float, batch_s: float) -> None:
        self._ended.clear()
        self._thread = threading.Thread(target=self._run, args=(sink, batch_s), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self, sink: Sink, batch_s: float) -> None:
        at = number_of(time.monotonic() * self._speed)
        self._told.begin(at)
        sink.clock(at / RATE_HZ, UTC_S)
        while not self._ended.wait(batch_s / self._speed):
            now = number_of(time.monotonic() * self._speed)
            hand_over(sink, at, now, self._told.first)
            self._told.reach(now)
            at = now


def live(home: Path, speed: float) -> None:
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    _agree(Home(home))
    told = Told(home, number_of(time.monotonic() * speed))
    # as often looked at as a phone's loop does, on the sensors' clock, within reason
    serve(Home(home), LiveSource(told, speed), lambda s: stopping.wait(s / speed))


def played(home: Path, seconds: int, stand_s: int = 300) -> None:
    """A drive and its end; returns when it was cut into chunks."""
    told, clock = Told(home, 0), 0.0
    folder = Home(home)
    _agree(folder)
    outbox, diary = Outbox(folder.outbox), Diary(folder.diary)
    finisher = Finisher(lambda trip_id: finish(outbox, trip_id, diary))
    loop = Loop(folder, Nothing(), outbox, finisher, boot="played", clock=lambda: clock, wall_clock=lambda: UTC_S + clock)
    finisher.start()
    loop.intake.clock(0.0, UTC_S)
    told.begin(told.next)
    for second in range(told.next // RATE_HZ, seconds + stand_s):
        at = second * RATE_HZ
        hand_over(loop.intake, at, at + RATE_HZ, 0, seconds * RATE_HZ)
        told.reach(at + RATE_HZ)
        clock += 1.0 if second % 10 == 0 else 0.05  # what is told each second would be most of what is done
        loop.step()
    loop.close()
    while finisher.busy:
        time.sleep(0.01)


class Nothing:
    """A source that is fed by hand."""

    def start(self, sink: Sink, *, motion_hz: float, batch_s: float) -> None: ...

    def stop(self) -> None: ...


def _agree(home: Home) -> None:
    if not home.choices.exists():
        save_choices(home.choices, Choices().agree(UTC_S - 86_400.0))


if __name__ == "__main__":
    if sys.argv[1] == "live":
        live(Path(sys.argv[2]), float(sys.argv[3]))
    else:
        played(Path(sys.argv[2]), int(sys.argv[3]))
