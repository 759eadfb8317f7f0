"""What is still to be done, for people: how much waits and for how long, what was given up and why."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from ingest.store.database import clock
from ingest.store.jobs import ESTIMATE, LATER
from ingest.store.schema import Job, Trip


@dataclass(frozen=True)
class Backlog:
    """Counts of trips, and of the one estimate. waiting: due or to be tried again; oldest_s: how long the first of them waits.

    anew: those of them that were processed before and are made anew; under_way: in the hands of a worker that is not late;
    parked: given up, with a reason; estimates: 1 while defects are to be estimated.
    """

    waiting: int
    under_way: int
    anew: int
    parked: int
    estimates: int
    oldest_s: float


@dataclass(frozen=True)
class Parked:
    """A trip that was given up. has_survey: what was found in it before is kept and still counts."""

    trip_id: str
    reason: str
    has_survey: bool


def look(session: Session) -> Backlog:
    """The backlog as it is now."""
    now = clock(session)
    held = and_(Job.lease_until.is_not(None), Job.lease_until >= now)
    of_trips = Job.name != ESTIMATE
    first = session.scalar(select(func.min(Job.due_at)).where(of_trips, ~held))
    return Backlog(
        waiting=_count(session, of_trips, ~held),
        under_way=_count(session, of_trips, held),
        anew=_count(session, of_trips, Job.rank == LATER),
        parked=session.scalar(select(func.count()).select_from(Trip).where(Trip.reason.is_not(None))) or 0,
        estimates=_count(session, ~of_trips),
        oldest_s=max(0.0, now - first) if first is not None else 0.0,
    )


def parked(session: Session, limit: int) -> list[Parked]:
    """The first of them, in order of id."""
    rows = session.execute(
        select(Trip.id, Trip.reason, Trip.state).where(Trip.reason.is_not(None)).order_by(Trip.id).limit(limit)
    )
    return [Parked(trip_id, reason or "", state == "processed") for trip_id, reason, state in rows]


def _count(session: Session, *conditions: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(Job).where(*conditions)) or 0
