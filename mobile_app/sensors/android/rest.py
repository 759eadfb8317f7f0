"""What notices that the phone begins to move, at next to no cost: the sensor of significant motion, then a burst of samples."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mobile_app.sensors import Sink
from mobile_app.sensors.android.awake import Awake
from mobile_app.sensors.android.context import java, java_class_of
from mobile_app.sensors.android.motion import TYPES, Stream

SIGNIFICANT_MOTION = 17  # Sensor.TYPE_SIGNIFICANT_MOTION: fires once, wakes the processor
TRIGGER = "org.cahot.MotionTrigger"


@dataclass(frozen=True)
class Rhythm:
    """How the phone rests."""

    rate_hz: float = 10.0  # tells driving from standing (1 to 5 Hz of the body on its springs), not one hole from another
    burst_s: float = 30.0  # after it moved; whoever listens decides within that whether to measure in earnest


class Rest:
    """Bursts of the accelerometer whenever the phone moves. Where it has no sensor for that, the accelerometer all the time."""

    def __init__(
        self,
        manager: Any,
        handler: Any,
        sink: Sink,
        batch_s: float,
        rhythm: Rhythm | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._manager, self._handler, self._sink, self._batch_s = manager, handler, sink, batch_s
        self._rhythm, self._now = rhythm or Rhythm(), now
        self._awake = Awake()
        self._sensor: Any = None  # of significant motion
        self._trigger: Any = None
        self._moved_py: Any = None  # kept: Java holds no reference to a Python object
        self._moved = False
        self._stream: Stream | None = None
        self._until_s = 0.0

    def open(self) -> None:
        self._sensor = self._manager.getDefaultSensor(SIGNIFICANT_MOTION)
        if self._sensor is not None and self._make_trigger():
            self._arm()
            return
        wakes = self._manager.getDefaultSensor(TYPES["accelerometer"], True)
        if wakes is None:
            self._awake.hold()
        self._measure(wakes)

    def check(self) -> None:
        """To be called about once a second: begins and ends bursts."""
        if self._moved:
            self._moved = False
            self._until_s = self._now() + self._rhythm.burst_s
            self._measure(None)
        elif self._stream is not None:
            self._stream.check()
            if self._trigger is not None and self._now() >= self._until_s:
                self._stop_measuring()
                self._arm()

    def close(self) -> None:
        if self._trigger is not None:
            self._manager.cancelTriggerSensor(self._trigger, self._sensor)
        self._stop_measuring()

    def _make_trigger(self) -> bool:
        """False where the app was built without our Java class."""
        from mobile_app.sensors.android.listeners import Moved

        self._moved_py = Moved(self._on_moved)
        try:
            self._trigger = java(TRIGGER)(self._moved_py)
        except Exception as error:
            if not any(word in java_class_of(error) + str(error) for word in ("NotFound", "NoClassDef")):
                raise
        return self._trigger is not None

    def _arm(self) -> None:
        if not self._manager.requestTriggerSensor(self._trigger, self._sensor):
            self._trigger = None
            self._awake.hold()
            self._measure(None)

    def _on_moved(self) -> None:
        """On Android's thread, which may let the processor sleep again once this returns."""
        self._awake.hold(self._rhythm.burst_s)
        self._moved = True

    def _measure(self, sensor: Any) -> None:
        if self._stream is None:
            sensor = sensor or self._manager.getDefaultSensor(TYPES["accelerometer"])
            self._stream = Stream(
                "accelerometer",
                self._manager,
                sensor,
                self._handler,
                self._sink,
                rate_hz=self._rhythm.rate_hz,
                batch_s=self._batch_s if self._trigger is None else 0.0,
                now=self._now,
            )
            self._stream.open()

    def _stop_measuring(self) -> None:
        if self._stream is not None:
            self._stream.close()
            self._stream = None
        self._awake.release()
