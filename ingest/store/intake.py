"""Chunks onto the disk, many at a time: those that wait together share the syncs of their files and one commit.

Each is answered only after the commit of its own row. One that may not be stored, or that the disk refuses, fails alone.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ingest.store import devices, trips
from ingest.store.database import Database, is_busy
from ingest.store.objects import Objects, Piece
from ingest.store.tombstones import Erased, Tombstones

AT_ONCE = 64  # chunks in one commit: 64 of 46 kB are 3 MB, and take some 60 ms; who comes later waits for the next


class TokenRevoked(Exception):
    """The token the chunk came with is no longer the device's."""


class Sender(NamedTuple):
    """A device, and the digest of the token it was known by."""

    device_id: str
    token_sha256: str


@dataclass(frozen=True, eq=False, slots=True)
class Arrival:
    """A chunk that was checked and is to be stored for a device."""

    sender: Sender
    piece: Piece


class Intake:
    """One thread that stores what comes; shared by all requests. The thread begins with the first chunk."""

    def __init__(self, database: Database, objects: Objects, tombstones: Tombstones) -> None:
        self._database, self._objects, self._tombstones = database, objects, tombstones
        self._lock = threading.Lock()
        self._waiting: list[tuple[Arrival, Future[bool]]] = []
        self._running = False
        self._thread = ThreadPoolExecutor(1, "cahot-intake")

    def store(self, arrival: Arrival) -> Future[bool]:
        """Comes true when file and row are on the disk, false when they were before.

        Fails as `trips.stored_chunk` does, with TokenRevoked, OSError or the database's error: nothing is acknowledged then.
        """
        answer: Future[bool] = Future()
        with self._lock:
            self._waiting.append((arrival, answer))
            if not self._running:
                self._running = True
                self._thread.submit(self._drain)
        return answer

    def _drain(self) -> None:
        while batch := self._take():
            outcomes = self._outcomes([arrival for arrival, _ in batch])
            if isinstance(busy := outcomes[0], Exception) and is_busy(busy):
                while more := self._take():  # they have waited as long: none waits for the next timeout, and the one after that
                    batch, outcomes = batch + more, outcomes + [busy] * len(more)
            for (_, answer), outcome in zip(batch, outcomes, strict=True):
                if isinstance(outcome, bool):
                    answer.set_result(outcome)
                else:
                    answer.set_exception(outcome)

    def _take(self) -> list[tuple[Arrival, Future[bool]]]:
        """The oldest that wait, one of a trip: what is asked of the rows then holds for the whole batch."""
        with self._lock:
            taken: list[tuple[Arrival, Future[bool]]] = []
            left: list[tuple[Arrival, Future[bool]]] = []
            of_trips: set[str] = set()
            for waiting in self._waiting:
                trip_id = waiting[0].piece.trip_id
                if len(taken) < AT_ONCE and trip_id not in of_trips and waiting[1].set_running_or_notify_cancel():
                    of_trips.add(trip_id)
                    taken.append(waiting)
                elif not waiting[1].cancelled():
                    left.append(waiting)
            self._waiting, self._running = left, bool(taken)
            return taken

    def _outcomes(self, arrivals: Sequence[Arrival]) -> list[bool | Exception]:
        """Whether each is newly stored, or why it is not. Where they cannot be told apart, each is tried alone."""
        try:
            with self._database.write() as session:
                return self._store(session, arrivals)
        except IntegrityError as error:  # another server stored one of them meanwhile, or a device was erased
            if len(arrivals) == 1:
                return [error]
        except Exception as error:
            return [error] * len(arrivals)
        return [outcome for arrival in arrivals for outcome in self._outcomes([arrival])]

    def _store(self, session: Session, arrivals: Sequence[Arrival]) -> list[bool | Exception]:
        """Files first, then rows, in one transaction that may still fail as a whole."""
        of = devices.of_digests(session, {arrival.sender.token_sha256 for arrival in arrivals}, time.time())
        known = [self._known(session, of, arrival) for arrival in arrivals]
        new = [(arrival, is_known) for arrival, is_known in zip(arrivals, known, strict=True) if is_known in (False, None)]
        errors = self._objects.put_all([arrival.piece for arrival, _ in new])
        stored = [(arrival, is_known is None) for (arrival, is_known), error in zip(new, errors, strict=True) if error is None]
        if stored:
            trips.insert_chunks(session, [_row(arrival, begins=begins) for arrival, begins in stored], time.time())
        refused = {arrival: error for (arrival, _), error in zip(new, errors, strict=True)}
        return [
            is_known if isinstance(is_known, Exception) else refused.get(arrival) or (arrival in refused)
            for arrival, is_known in zip(arrivals, known, strict=True)
        ]

    def _known(self, session: Session, of: Mapping[str, str], arrival: Arrival) -> bool | Exception | None:
        sender, piece = arrival.sender, arrival.piece
        if of.get(sender.token_sha256) != sender.device_id:
            return Erased() if self._tombstones.has_token(session, sender.token_sha256) else TokenRevoked()
        try:
            known = trips.stored_chunk(session, sender.device_id, piece.trip_id, piece.number, piece.sha256)
        except (trips.NotFound, trips.ChunkConflict, trips.TripClosed) as error:
            return error
        return Erased() if known is None and self._tombstones.has_trip(session, piece.trip_id) else known


def _row(arrival: Arrival, *, begins: bool) -> trips.NewChunk:
    piece = arrival.piece
    return trips.NewChunk(arrival.sender.device_id, piece.trip_id, piece.number, piece.sha256, len(piece.data), begins)
