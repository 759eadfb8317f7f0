"""Keeps the processor awake while samples are collected: a sensor hub's memory holds seconds, a sleeping phone sleeps minutes."""

from __future__ import annotations

from typing import Any

from mobile_app.sensors.android.context import service

PARTIAL_WAKE_LOCK = 1  # the processor alone: screen and keys stay off
TAG = "cahot:sensors"


class Awake:
    """A partial wake lock, not counted: however often it is held, one release lets go. Needs the permission WAKE_LOCK."""

    def __init__(self) -> None:
        self._lock: Any = service("power", "android.os.PowerManager").newWakeLock(PARTIAL_WAKE_LOCK, TAG)
        self._lock.setReferenceCounted(False)

    def hold(self, longest_s: float | None = None) -> None:
        """Until released, or at most so long."""
        if longest_s is None:
            self._lock.acquire()
        else:
            self._lock.acquire(round(longest_s * 1e3))

    def release(self) -> None:
        if self._lock.isHeld():
            self._lock.release()
