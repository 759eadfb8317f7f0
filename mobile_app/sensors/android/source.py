"""The source of an Android phone: motion and place together, watched by a thread of our own."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable
from typing import Any, Protocol

from mobile_app.sensors import Sink
from mobile_app.sensors.android.awake import Awake
from mobile_app.sensors.android.context import clocks, java, service
from mobile_app.sensors.android.motion import TYPES, Stream
from mobile_app.sensors.android.place import Place
from mobile_app.sensors.android.rest import Rest
from mobile_app.sensors.gate import Gate

LOOK_S = 1.0
ANCHOR_S = 60.0  # between two anchors of the clock: it drifts by milliseconds, and jumps when the network sets it
JOIN_S = 5.0


class Part(Protocol):
    """What is opened and closed together, and looked after in between."""

    def open(self) -> None: ...

    def check(self) -> None: ...

    def close(self) -> None: ...


class AndroidSource:
    """Accelerometer, gyroscope and satellite fixes; at motion_hz=0 the accelerometer alone, at 10 Hz while the phone moves.

    Start it on the main thread of a service or an Activity. Raises CannotStart where this is no Android app.
    """

    def __init__(self, look_s: float = LOOK_S) -> None:
        self._look_s = look_s
        self._gate: Gate | None = None
        self._parts: list[Part] = []
        self._looper: Any = None
        self._awake: Awake | None = None
        self._ended = threading.Event()
        self._watcher: threading.Thread | None = None

    def start(self, sink: Sink, *, motion_hz: float, batch_s: float) -> None:
        """See `Source.start`."""
        self.stop()
        manager = service("sensor", "android.hardware.SensorManager")
        self._looper = java("android.os.HandlerThread")("cahot-sensors")  # bursts would hold up the screens on the main one
        self._looper.start()
        self._gate = gate = Gate(sink)
        _anchor(gate)
        handler = java("android.os.Handler")(self._looper.getLooper())
        if motion_hz > 0:
            self._awake = Awake()
            self._awake.hold()
            streams = [
                Stream(name, manager, manager.getDefaultSensor(kind), handler, gate, rate_hz=motion_hz, batch_s=batch_s)
                for name, kind in TYPES.items()
            ]
            self._parts = [*streams, Place(self._looper.getLooper(), gate)]
        else:
            self._parts = [Rest(manager, handler, gate, batch_s)]
        try:
            for part in self._parts:
                part.open()
        except Exception:
            self.stop()  # no lock is held for a source that did not start
            raise
        self._ended = ended = threading.Event()
        self._watcher = threading.Thread(target=self._watch, args=(ended, gate, self._parts), daemon=True)
        self._watcher.start()

    def stop(self) -> None:
        """Takes what the sensors still hold back, then ends; see `Source.stop`."""
        self._ended.set()
        watcher, self._watcher = self._watcher, None
        if watcher is not None and watcher is not threading.current_thread():
            watcher.join(JOIN_S)
        parts, self._parts = self._parts, []
        _each(parts, lambda part: part.close())
        if self._gate is not None:
            self._gate.shut()
            self._gate = None
        if self._looper is not None:
            self._looper.quitSafely()
            self._looper = None
        if self._awake is not None:
            self._awake.release()
            self._awake = None

    def _watch(self, ended: threading.Event, gate: Gate, parts: list[Part]) -> None:
        anchored_s = clocks().elapsed_s
        while not ended.wait(self._look_s):
            try:
                _each(parts, lambda part: part.check())
            except Exception:  # of Java's; the next look may go better
                traceback.print_exc()
            if clocks().elapsed_s - anchored_s >= ANCHOR_S:
                anchored_s = clocks().elapsed_s
                _anchor(gate)


def _anchor(sink: Sink) -> None:
    now = clocks()
    sink.clock(now.elapsed_s, now.wall_s)


def _each(parts: list[Part], act: Callable[[Part], None]) -> None:
    """What fails with one does not keep the others from their turn; the first error is raised after."""
    failed: Exception | None = None
    for part in parts:
        try:
            act(part)
        except Exception as error:
            failed = failed or error
    if failed is not None:
        raise failed
