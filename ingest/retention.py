"""Traces are deleted when they are old enough; what was found in them, jolts and passes, stays."""

from __future__ import annotations

import logging

from sqlalchemy import ColumnElement, delete, func, insert, select
from sqlalchemy.orm import Session

from ingest.store import Store
from ingest.store.schema import Chunk, ChunkGone, Trip

log = logging.getLogger("cahot.retention")

LOOK_S = 600.0  # between two looks for old traces; a day is counted to the ten minutes
AT_ONCE = 100  # trips a look: a worker that has years to delete goes on working in between
TRACES_DELETED = "its traces were deleted for their age; what was found in them stays"
NEVER_FINISHED = "it was not finished before its traces were deleted for their age"


class Retention:
    """Deletes traces that came more than keep_s ago, now and then; None: never."""

    def __init__(self, keep_s: float | None) -> None:
        self._keep_s, self._next_at = keep_s, 0.0

    def tend(self, store: Store, now: float) -> None:
        """Look whether it is time for a look, and what there is to delete."""
        if self._keep_s is None or now < self._next_at:
            return
        gone = delete_old_traces(store, now - self._keep_s, now)
        self._next_at = now + (LOOK_S if gone < AT_ONCE else 0.0)
        if gone:
            log.info("deleted the traces of %d trips for their age", gone)


def delete_old_traces(store: Store, before: float, now: float) -> int:
    """Delete the chunks of trips whose first one came earlier than `before`; returns of how many trips.

    Trips that wait to be processed are left until they are. May be cut off anywhere and done again.
    """
    with store.database.write() as session:
        old = _old(session, before)
        for trip in old:
            trip.traces_deleted_at = now
            if trip.state == "receiving":
                held = session.scalar(select(func.max(Chunk.number)).where(Chunk.trip_id == trip.id))
                trip.state, trip.reason, trip.chunks = "rejected", NEVER_FINISHED, (held or 0) + 1
    for trip in old:
        store.objects.erase(trip.id)
        with store.database.write() as session:
            rows = select(Chunk.trip_id, Chunk.number, Chunk.sha256).where(Chunk.trip_id == trip.id)
            session.execute(insert(ChunkGone).from_select(["trip_id", "number", "sha256"], rows.where(~_known(trip.id))))
            session.execute(delete(Chunk).where(Chunk.trip_id == trip.id))
    return len(old)


def _old(session: Session, before: float) -> list[Trip]:
    """Trips that still have chunks."""
    have = select(Chunk.trip_id).where(Chunk.trip_id == Trip.id).exists()
    wanted = select(Trip).where(Trip.created_at < before, Trip.state != "queued", have).order_by(Trip.created_at).limit(AT_ONCE)
    return list(session.scalars(wanted))


def _known(trip_id: str) -> ColumnElement[bool]:
    """Whether the number is remembered already: of a trip whose ends were cut here, by what was sent."""
    return select(ChunkGone.number).where(ChunkGone.trip_id == trip_id, ChunkGone.number == Chunk.number).exists()
