"""Trips of devices and their chunks: what may be stored, and what is known of it.

Functions on an open transaction; the bytes themselves are `ingest.store.objects`.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_, bindparam, delete, insert, select
from sqlalchemy.orm import Session

from ingest.store import calibrations, jobs, tiles
from ingest.store.schema import Base, Chunk, Device, SurveyRow, Trip

MISSING_SHOWN = 1000  # numbers in one answer; a phone asks again after sending them

# each upload runs these: built once, as building costs more than asking
_THIS = and_(Chunk.trip_id == Trip.id, Chunk.number == bindparam("number"))
_KNOWN = select(Trip.device_id, Trip.chunks, Chunk.sha256).outerjoin(Chunk, _THIS).where(Trip.id == bindparam("trip_id"))
_NEW_TRIP, _NEW_CHUNK = (insert(Base.metadata.tables[name]) for name in ("trips", "chunks"))


class NotFound(Exception):
    """There is no such thing, or it is another device's: the same to whoever asks."""


class ChunkConflict(Exception):
    """Other bytes are stored under this number."""


class TripClosed(Exception):
    """The trip was finished with fewer chunks."""

    def __init__(self, chunks: int) -> None:
        self.chunks = chunks
        super().__init__(f"the trip was finished with {chunks} chunks")


class TripIncomplete(Exception):
    """Chunks are missing; `missing` lists the first of their numbers."""

    def __init__(self, missing: list[int]) -> None:
        self.missing = missing
        super().__init__(f"{len(missing)} chunks are missing")


class TooManyChunks(Exception):
    """A chunk with a higher number than the trip is finished with is stored already."""

    def __init__(self, highest: int) -> None:
        self.highest = highest
        super().__init__(f"chunk {highest} is stored")


@dataclass(frozen=True)
class TripReport:
    """What is known of one trip; found figures are None until it is processed."""

    trip_id: str
    state: str
    chunks: int
    expected: int | None
    reason: str | None
    jolts: int | None
    driven_m: float | None
    driven_s: float | None


def stored_chunk(session: Session, device_id: str, trip_id: str, number: int, sha256: str) -> bool | None:
    """Whether exactly this chunk is stored; None when not even its trip is known.

    Raises NotFound, ChunkConflict or TripClosed where it may not be stored.
    """
    row = session.execute(_KNOWN, {"trip_id": trip_id, "number": number}).one_or_none()
    if row is None:
        return None
    owner, finished_with, stored = row
    if owner != device_id:
        raise NotFound
    if stored is not None and stored != sha256:
        raise ChunkConflict
    if stored is None and finished_with is not None:
        raise TripClosed(finished_with)
    return stored is not None


def add_chunk(session: Session, device_id: str, trip_id: str, number: int, sha256: str, size: int, now: float) -> bool:
    """Row of a chunk whose bytes are on the disk; False when it stood there before. Raises as `stored_chunk`."""
    known = stored_chunk(session, device_id, trip_id, number, sha256)
    if known:
        return False
    if known is None:
        session.execute(_NEW_TRIP, {"id": trip_id, "device_id": device_id, "state": "receiving", "created_at": now})
    row = {"trip_id": trip_id, "number": number, "sha256": sha256, "size": size, "received_at": now}
    session.execute(_NEW_CHUNK, row)
    return True


def finish(session: Session, device_id: str, trip_id: str, chunks: int, now: float) -> None:
    """Close the trip and put it in the queue, in one transaction; again with the same number changes nothing.

    Raises NotFound, TripIncomplete, TooManyChunks or TripClosed.
    """
    trip = _own(session, device_id, trip_id)
    if trip.chunks is not None:
        if trip.chunks != chunks:
            raise TripClosed(trip.chunks)
        return
    held = set(session.scalars(select(Chunk.number).where(Chunk.trip_id == trip_id)))
    if max(held) >= chunks:
        raise TooManyChunks(max(held))
    if len(held) < chunks:
        raise TripIncomplete([number for number in range(chunks) if number not in held][:MISSING_SHOWN])
    trip.chunks, trip.finished_at, trip.state = chunks, now, "queued"
    jobs.request_survey(session, trip_id, now)


def report(session: Session, device_id: str | None, trip_id: str) -> TripReport:
    """State and findings of a device's own trip, None: of anyone's. Raises NotFound."""
    trip = session.get(Trip, trip_id)
    if trip is None or device_id not in (None, trip.device_id):
        raise NotFound
    numbers = session.scalars(select(Chunk.number).where(Chunk.trip_id == trip_id)).all()
    columns = (SurveyRow.jolts, SurveyRow.driven_m, SurveyRow.driven_s)
    found = session.execute(select(*columns).where(SurveyRow.trip_id == trip_id)).one_or_none()
    return TripReport(trip_id, trip.state, len(numbers), trip.chunks, trip.reason, *(found or (None, None, None)))


def of_device(session: Session, device_id: str) -> list[str]:
    """Ids of its trips."""
    return list(session.scalars(select(Trip.id).where(Trip.device_id == device_id).order_by(Trip.id)))


def erase(session: Session, device_id: str, now: float) -> None:
    """The device, its trips and all that was found in them are gone; defects are due to be estimated without them.

    So is the calibration, which knew the device's gain and was solved with its passes.
    """
    if tiles.mark_of_device(session, device_id):
        calibrations.expire(session)
        jobs.request_estimate(session, now)
    session.execute(delete(Device).where(Device.id == device_id))


def _own(session: Session, device_id: str, trip_id: str) -> Trip:
    trip = session.get(Trip, trip_id)
    if trip is None or trip.device_id != device_id:
        raise NotFound
    return trip
