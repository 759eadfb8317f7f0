"""Work as rows, written in the transaction that makes it necessary: nothing finished is ever forgotten.

A claim is a lease with a random name. A worker that dies loses it by time; one that comes back late finds that
the name is no longer its own, and its result is not stored. Safe in transactions `by_locks`: each row is locked before it
is judged, and nobody waits for a job that another is just taking. Times are those of `database.clock`.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sqlalchemy import case, delete, func, or_, select, update
from sqlalchemy.orm import Session

from ingest.store.schema import Job
from ingest.store.upsert import insert_or

ESTIMATE = "estimate"
NOW, LATER = 0, 1  # ranks: what somebody waits for; what is made anew, when nothing else is to do


@dataclass(frozen=True)
class Claim:
    """One job under way here. attempts counts this one; trip_id is None for the estimate of defects."""

    name: str
    trip_id: str | None
    revision: int
    attempts: int
    lease: str


def request_survey(session: Session, trip_id: str, now: float, rank: int = NOW) -> None:
    """Have the trip's jolts found, those of rank LATER after all others."""
    _request(session, f"survey:{trip_id}", trip_id, now, rank)


def request_estimate(session: Session, due_at: float) -> None:
    """Have the defects estimated anew; requests before it begins become one."""
    _request(session, ESTIMATE, None, due_at, NOW)


def is_estimate_waiting(session: Session) -> bool:
    """Whether one is requested or under way."""
    return session.get(Job, ESTIMATE) is not None


def claim(session: Session, now: float, lease_s: float) -> Claim | None:
    """The first job that is due and free, now leased to the caller; None when there is none."""
    free = or_(Job.lease_until.is_(None), Job.lease_until < now)
    waiting = select(Job).where(Job.due_at <= now, free).order_by(Job.rank, Job.due_at, Job.name).limit(1)
    job = session.scalar(waiting.with_for_update(skip_locked=True))
    if job is None:
        return None
    job.lease, job.lease_until, job.attempts = secrets.token_hex(16), now + lease_s, job.attempts + 1
    return Claim(job.name, job.trip_id, job.revision, job.attempts, job.lease)


def extend(session: Session, held: Claim, until: float) -> None:
    """The lease lasts until then."""
    mine = (Job.name == held.name, Job.lease == held.lease)
    session.execute(update(Job).where(*mine).values(lease_until=until))


def holds(session: Session, held: Claim) -> bool:
    """Whether the lease is still the caller's; asked inside the transaction that stores the result, and true until its end."""
    mine = select(Job.lease).where(Job.name == held.name).with_for_update()
    return session.scalar(mine) == held.lease


def complete(session: Session, held: Claim, again_at: float) -> None:
    """The job is done; should it have been requested anew meanwhile, it is due at `again_at`."""
    mine = (Job.name == held.name, Job.lease == held.lease)
    session.execute(delete(Job).where(*mine, Job.revision == held.revision))
    _free(session, held, again_at, attempts=0, error=None)


def retry(session: Session, held: Claim, due_at: float, error: str) -> None:
    """The job failed; it is due again later and keeps its count of attempts."""
    _free(session, held, due_at, attempts=held.attempts, error=error)


def give_back(session: Session, held: Claim, now: float) -> None:
    """The worker stops before the job is done: as if it had never been claimed."""
    _free(session, held, now, attempts=held.attempts - 1, error=None)


def backlog(session: Session) -> int:
    """Jobs waiting or under way."""
    return session.scalar(select(func.count()).select_from(Job)) or 0


def oldest_due(session: Session, now: float) -> float | None:
    """Since when the job has been due that waited longest."""
    return session.scalar(select(func.min(Job.due_at)).where(Job.due_at <= now))


def _free(session: Session, held: Claim, due_at: float, *, attempts: int, error: str | None) -> None:
    mine = (Job.name == held.name, Job.lease == held.lease)
    values = {"lease": None, "lease_until": None, "due_at": due_at, "attempts": attempts, "error": error}
    session.execute(update(Job).where(*mine).values(values))


def _request(session: Session, name: str, trip_id: str | None, due_at: float, rank: int) -> None:
    """One row, however many ask at once; what is asked for twice has the better rank of both."""
    row = {"name": name, "trip_id": trip_id, "due_at": due_at, "revision": 1, "attempts": 0, "rank": rank}
    asked = insert_or(session, Job).values(row)
    better = case((Job.rank > asked.excluded.rank, asked.excluded.rank), else_=Job.rank)
    again = {"revision": Job.revision + 1, "rank": better}
    session.execute(asked.on_conflict_do_update(index_elements=[Job.name], set_=again))
