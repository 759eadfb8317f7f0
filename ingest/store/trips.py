"""Trips of devices and their chunks: what may be stored, and what is known of it.

Functions on an open transaction; the bytes themselves are `ingest.store.objects`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, bindparam, insert, select
from sqlalchemy.orm import Session

from ingest.store import jobs, quarantine
from ingest.store.schema import Base, Chunk, ChunkGone, SurveyRow, Trip

CUT_WANTED, CUT_DONE = "wanted", "done"
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
class NewChunk:
    """One row to be. begins: its trip is not known yet."""

    device_id: str
    trip_id: str
    number: int
    sha256: str
    size: int
    begins: bool


@dataclass(frozen=True)
class TripReport:
    """What is known of one trip; found figures are None until it is processed. quarantined: number → why it was set aside."""

    trip_id: str
    state: str
    chunks: int
    expected: int | None
    reason: str | None
    jolts: int | None
    driven_m: float | None
    driven_s: float | None
    quarantined: dict[int, str]


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
    if stored != sha256 and finished_with is not None and _is_gone(session, trip_id, number, sha256):
        return True
    if stored is not None and stored != sha256:
        raise ChunkConflict
    if stored is None and finished_with is not None and not quarantine.holds(session, trip_id, number, sha256):
        raise TripClosed(finished_with)
    return stored is not None


def insert_chunks(session: Session, rows: Sequence[NewChunk], now: float) -> None:
    """Rows of chunks whose bytes are on the disk and of which `stored_chunk`, in this transaction, knew none."""
    begun = [
        {"id": row.trip_id, "device_id": row.device_id, "state": "receiving", "created_at": now} for row in rows if row.begins
    ]
    if begun:
        session.execute(_NEW_TRIP, begun)
    for trip_id in quarantine.release(session, {(row.trip_id, row.number, row.sha256) for row in rows}):
        _survey_again(session, trip_id, now)
    columns = ("trip_id", "number", "sha256", "size")
    session.execute(_NEW_CHUNK, [{name: getattr(row, name) for name in columns} | {"received_at": now} for row in rows])


def finish(session: Session, device_id: str, trip_id: str, chunks: int, now: float) -> None:
    """Close the trip and put it in the queue, in one transaction; again with the same number changes nothing.

    Raises NotFound, TripIncomplete, TooManyChunks or TripClosed.
    """
    trip = _own(session, device_id, trip_id)
    if trip.chunks is not None:
        if trip.chunks != chunks:
            raise TripClosed(trip.chunks)
        return
    held = {*session.scalars(select(Chunk.number).where(Chunk.trip_id == trip_id)), *quarantine.of_trip(session, trip_id)}
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
    aside = quarantine.of_trip(session, trip_id)
    jolts, driven_m, driven_s = found or (None, None, None)
    return TripReport(trip_id, trip.state, len(numbers), trip.chunks, trip.reason, jolts, driven_m, driven_s, aside)


def of_device(session: Session, device_id: str) -> list[str]:
    """Ids of its trips."""
    return list(session.scalars(select(Trip.id).where(Trip.device_id == device_id).order_by(Trip.id)))


def check_own(session: Session, device_id: str, trip_id: str) -> None:
    """Raises NotFound."""
    _own(session, device_id, trip_id)


def _is_gone(session: Session, trip_id: str, number: int, sha256: str) -> bool:
    """Whether these bytes were stored once, and are kept no longer."""
    held = session.get(ChunkGone, (trip_id, number))
    return held is not None and held.sha256 == sha256


def _survey_again(session: Session, trip_id: str, now: float) -> None:
    trip = session.get_one(Trip, trip_id)
    if trip.chunks is not None:
        trip.state, trip.reason = "queued", None
        jobs.request_survey(session, trip_id, now)


def _own(session: Session, device_id: str, trip_id: str) -> Trip:
    trip = session.get(Trip, trip_id)
    if trip is None or trip.device_id != device_id:
        raise NotFound
    return trip


def want_cut(session: Session, trip_id: str) -> None:
    """The server withholds the ends of this trip before anything of it is kept."""
    trip = session.get_one(Trip, trip_id)
    trip.cut = trip.cut or CUT_WANTED
