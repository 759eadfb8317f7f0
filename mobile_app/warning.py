"""The gentle sign ahead of a severe defect, where its driver chose one: which defects there are, and what makes it.

In the recorder, as the screens are dark while somebody drives. Where nothing can sound or shake, nothing does.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Protocol

from mobile_app import durable
from mobile_app.alerts import Ahead, Alerts
from mobile_app.home import Home

log = logging.getLogger("cahot.recorder")


class Sign(Protocol):
    """What a driver hears or feels."""

    def sound(self) -> None:
        """One short tone, no louder than a notification."""

    def vibrate(self) -> None:
        """Once, for a third of a second."""


class NoSign:
    """Of a desktop."""

    def sound(self) -> None:
        pass

    def vibrate(self) -> None:
        pass


class Warner:
    """Looks once a second. The defects are those that were last fetched; a new file of them is read when it comes."""

    def __init__(self, home: Home, sign: Sign | None = None) -> None:
        self._path, self._sign = home.defects, sign or NoSign()
        self._of, self._alerts = -1, Alerts(())

    def look(
        self, choice: str, latitude: float, longitude: float, heading: float | None, speed_mps: float | None
    ) -> Ahead | None:
        """What was told just now. choice: one of `choices.ALERTS`; degrees, WGS 84 and clockwise from north."""
        if choice == "off":
            return None
        self._read_anew()
        found = self._alerts.look(latitude, longitude, heading, speed_mps)
        if found is not None:
            _try(self._sign.vibrate if choice == "vibration" else self._sign.sound)
        return found

    def _read_anew(self) -> None:
        try:
            changed = self._path.stat().st_mtime_ns
        except OSError:
            return
        if changed != self._of:
            held: dict[str, Any] = durable.read_json(self._path) or {}
            self._of, self._alerts = changed, Alerts(held.get("features", ()))


def _try(sign: Callable[[], None]) -> None:
    try:
        sign()
    except Exception as error:  # a Java exception, whose class exists on Android alone: the drive is recorded all the same
        log.warning("no sign can be given: %s", error)
