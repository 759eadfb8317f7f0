"""Room on the phone: what was sent goes first, the oldest first; what was not sent never; else recording stops.

Not responsible for the outbox, whose chunks go by acknowledgement alone.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mobile_app.diary import Diary
from mobile_app.home import Home
from mobile_app.outbox import Outbox


@dataclass(frozen=True)
class StorageSettings:
    tidy_below_bytes: int = 200_000_000  # below this what was sent is deleted: phones get slow when they are full
    stop_below_bytes: int = 60_000_000  # a long drive (half a day: 55 MB) must still fit, and be cut into chunks
    resume_at_bytes: int = 100_000_000  # or recording would start and stop with each chunk that is sent


class Storage:
    """Asked every few seconds. free_bytes: how much room there is, to be replaced in tests."""

    def __init__(
        self, home: Home, outbox: Outbox, settings: StorageSettings | None = None, free_bytes: Callable[[], int] | None = None
    ) -> None:
        self._home, self._outbox, self._s = home, outbox, settings or StorageSettings()
        self._free_bytes = free_bytes or (lambda: shutil.disk_usage(home.folder).free)
        self._full = False
        self.deleted: list[str] = []  # file names, for tests and the log

    def allows(self) -> bool:
        """Whether there is room to record, after what could be done about it."""
        free = self._free_bytes()
        if free < self._s.tidy_below_bytes:
            free = self._tidy(free)
        self._full = free < (self._s.resume_at_bytes if self._full else self._s.stop_below_bytes)
        return not self._full

    def write_failed(self) -> None:
        """A write met a full disk, whatever the figures say: no more until there is clearly room."""
        self._full = True

    def _tidy(self, free: int) -> int:
        for delete, name in self._expendable():
            with contextlib.suppress(OSError):
                delete()
                self.deleted.append(name)
            free = self._free_bytes()
            if free >= self._s.tidy_below_bytes:
                break
        return free

    def _expendable(self) -> Iterator[tuple[Callable[[], None], str]]:
        """Diary entries of trips that the server has, the oldest first; then what can be fetched again."""
        diary = Diary(self._home.diary)
        sent = {str(trip["trip_id"]) for trip in self._outbox.sent()} - {trip.trip_id for trip in self._outbox.trips()}
        for entry in reversed(diary.entries()):
            if entry.trip_id in sent:
                yield (lambda trip_id=entry.trip_id: diary.forget(trip_id)), entry.trip_id  # type: ignore[misc]
        for path in (self._home.defects, self._home.contribution):
            if path.exists():
                yield path.unlink, path.name
