"""Chunks that were acknowledged and then found damaged: set aside with the reason, told with their trip, never deleted.

Their numbers count as sent, so that the rest of the trip goes on; the same bytes sent again take their place.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.orm import Session

from ingest.store.database import Database
from ingest.store.object_store import ObjectStore
from ingest.store.objects import DamagedObject
from ingest.store.schema import Chunk, QuarantinedChunk

# each upload asks this: built once, and of columns, as building and making objects cost more than asking
_OF_TRIPS = select(QuarantinedChunk.trip_id, QuarantinedChunk.number, QuarantinedChunk.sha256).where(
    QuarantinedChunk.trip_id.in_(bindparam("trips", expanding=True))
)


def set_aside(database: Database, objects: ObjectStore, error: DamagedObject, now: float) -> None:
    """The row first: should this be cut off, the file is one that no row names, which is set aside by the next check."""
    this = (Chunk.trip_id == error.trip_id, Chunk.number == error.number, Chunk.sha256 == error.sha256)
    row = {"trip_id": error.trip_id, "number": error.number, "sha256": error.sha256, "reason": error.why, "found_at": now}
    with database.write() as session:
        if session.scalars(select(Chunk.number).where(*this)).all():
            session.execute(delete(Chunk).where(*this))
            session.merge(QuarantinedChunk(**row))
    objects.set_aside(error.trip_id, error.number, error.sha256, error.why, now)


def of_trip(session: Session, trip_id: str) -> dict[int, str]:
    """Number → reason of those of one trip."""
    columns = (QuarantinedChunk.number, QuarantinedChunk.reason)
    query = select(*columns).where(QuarantinedChunk.trip_id == trip_id).order_by(QuarantinedChunk.number)
    return {row.number: row.reason for row in session.execute(query)}


def holds(session: Session, trip_id: str, number: int, sha256: str) -> bool:
    """Whether it was set aside: the same bytes may then be stored, though the trip is finished."""
    return session.get(QuarantinedChunk, (trip_id, number, sha256)) is not None


def release(session: Session, stored: Collection[tuple[str, int, str]]) -> set[str]:
    """(trip, number, sha256) that were stored just now: those set aside before are told no longer. Returns their trips."""
    held = session.execute(_OF_TRIPS, {"trips": list({trip_id for trip_id, _, _ in stored})})
    healed = {(row.trip_id, row.number, row.sha256) for row in held} & set(stored)
    for row in healed:
        session.delete(session.get_one(QuarantinedChunk, row))
    return {trip_id for trip_id, _, _ in healed}


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(QuarantinedChunk)) or 0
