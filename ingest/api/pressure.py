"""Whether the server takes more: looked at before anything is stored, and it recovers by itself.

A phone that is refused keeps its data and comes back; what is stored already is still acknowledged, and reading goes on.
"""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from anyio import CapacityLimiter
from starlette.requests import Request

from ingest.api.problems import Problem
from ingest.settings import Settings
from ingest.store import Store, jobs

LARGE_BYTES = 1 << 20  # of a body, packed or inflated: nine minutes at 100 Hz, six axes
LARGE_AT_ONCE = 2  # one on its way in while another is read


class Pressure:
    """Disk and backlog of one installation, looked at again after a while. Safe to share between threads."""

    def __init__(self, store: Store, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self._store, self._data, self._reserve, self._clock = store, settings.data, settings.reserve, clock
        self._found: Problem | None = None
        self._look_at_s = float("-inf")

    def check(self) -> None:
        """Problem storage.full or busy when nothing more may be stored."""
        if problem := self.problem():
            raise problem

    def problem(self) -> Problem | None:
        """Why nothing more is stored, None when it is."""
        now_s = self._clock()
        if now_s >= self._look_at_s:
            self._look_at_s = now_s + self._reserve.look_s
            self._found = self._disk() or self._backlog()
        return self._found

    def _disk(self) -> Problem | None:
        disk = os.statvfs(self._data)
        reserve = min(self._reserve.free_bytes, disk.f_blocks * disk.f_frsize * self._reserve.free_share)
        if disk.f_bavail * disk.f_frsize >= reserve:
            return None
        detail = "the server's disk is nearly full; keep the data and send it again later"
        return Problem("storage.full", detail, retry_after_s=self._reserve.retry_after_full_s)

    def _backlog(self) -> Problem | None:
        with self._store.database.read() as session:
            waiting = jobs.backlog(session)
        if waiting < self._reserve.backlog:
            return None
        detail = f"{waiting} trips wait to be worked on, as many as this server takes; keep the data and send it again later"
        return Problem("busy", detail, retry_after_s=self._reserve.retry_after_full_s)


class Reading:
    """The bytes of all bodies from their arrival until they are stored: they share one cap, and few large ones come in at once.

    Nobody fills the memory by many slow bodies. A large body waits for its turn, unread, so that its sender must wait too.
    """

    def __init__(self, most: int, retry_after_s: int) -> None:
        self._most, self._retry_after_s, self._held = most, retry_after_s, 0
        self._large = CapacityLimiter(LARGE_AT_ONCE)

    @asynccontextmanager
    async def body(self) -> AsyncIterator[Callable[[int], Awaitable[None]]]:
        """Gives what counts each part of one body. Problem busy when all bodies together are above the cap."""
        mine, me = 0, object()

        async def count(size: int) -> None:
            nonlocal mine
            becomes_large = mine <= LARGE_BYTES < mine + size
            mine, self._held = mine + size, self._held + size
            if self._held > self._most:
                raise Problem("busy", "too much is being sent at once; send the same again", retry_after_s=self._retry_after_s)
            if becomes_large:
                await self._large.acquire_on_behalf_of(me)

        try:
            yield count
        finally:
            self._held -= mine
            if me in self._large.statistics().borrowers:
                self._large.release_on_behalf_of(me)


def check_line(length: int, most: int, retry_after_s: int) -> None:
    """Problem busy when so many wait for the same already: who comes back later waits less, and at home."""
    if length >= most:
        raise Problem("busy", "too many chunks wait to be stored; send the same again", retry_after_s=retry_after_s)


def reading_of(request: Request) -> Reading:
    reading: Reading = request.app.state.reading
    return reading


def pressure_of(request: Request) -> Pressure:
    pressure: Pressure = request.app.state.pressure
    return pressure
