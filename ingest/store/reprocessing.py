"""Which finished trips to make anew, and their jobs: they wait behind what phones send meanwhile.

What is known of a trip stays until its new survey is stored, in one transaction; see `ingest.worker`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from ingest.store import jobs
from ingest.store.database import clock
from ingest.store.places import in_parts
from ingest.store.schema import Chunk, Job, Trip

_WITH_CHUNKS = exists().where(Chunk.trip_id == Trip.id)  # traces may be gone while what was found in them is kept
_FINISHED = select(Trip.id).where(Trip.chunks.is_not(None), _WITH_CHUNKS).order_by(Trip.id)


def unfit(session: Session, trips: Collection[str]) -> list[str]:
    """Those of these trips that are not there, not finished, or have no chunks left."""
    held = {trip for part in in_parts(trips) for trip in session.scalars(_FINISHED.where(Trip.id.in_(part)))}
    return [trip for trip in trips if trip not in held]


def all_trips(session: Session) -> list[str]:
    """Every trip that can be made anew."""
    return list(session.scalars(_FINISHED))


def parked(session: Session) -> list[str]:
    """Those that were given up."""
    return list(session.scalars(_FINISHED.where(Trip.reason.is_not(None))))


def finished_since(session: Session, since: float) -> list[str]:
    """Those whose phones finished them then (s since 1970) or later."""
    return list(session.scalars(_FINISHED.where(Trip.finished_at >= since)))


def request(session: Session, trips: Sequence[str]) -> None:
    """Have these made anew when nothing else is to do."""
    now = clock(session)
    for trip in trips:
        jobs.request_survey(session, trip, now, jobs.LATER)


def left(session: Session) -> int:
    """Trips that still are to be made anew, whoever asked for them."""
    return session.scalar(select(func.count()).select_from(Job).where(Job.rank == jobs.LATER)) or 0
