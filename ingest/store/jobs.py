"""Work as rows, written in the transaction that makes it necessary: nothing finished is ever forgotten.

A claim is a lease with a random name. A worker that dies loses it by time; one that comes back late finds that
the name is no longer its own, and its result is not stored.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from ingest.store.schema import Job

ESTIMATE = "estimate"


@dataclass(frozen=True)
class Claim:
    """One job under way here. attempts counts this one; trip_id is None for the estimate of defects."""

    name: str
    trip_id: str | None
    revision: int
    attempts: int
    lease: str


def request_survey(session: Session, trip_id: str, now: float) -> None:
    """Have the trip's jolts found."""
    _request(session, f"survey:{trip_id}", trip_id, now)


def request_estimate(session: Session, due_at: float) -> None:
    """Have the defects estimated anew; requests before it begins become one."""
    _request(session, ESTIMATE, None, due_at)


def is_estimate_waiting(session: Session) -> bool:
    """Whether one is requested or under way."""
    return session.get(Job, ESTIMATE) is not None


def claim(session: Session, now: float, lease_s: float) -> Claim | None:
    """The oldest job that is due and free, now leased to the caller; None when there is none."""
    free = or_(Job.lease_until.is_(None), Job.lease_until < now)
    waiting = select(Job).where(Job.due_at <= now, free).order_by(Job.due_at, Job.name).limit(1)
    job = session.scalar(waiting.with_for_update(skip_locked=True))
    if job is None:
        return None
    job.lease, job.lease_until, job.attempts = secrets.token_hex(16), now + lease_s, job.attempts + 1
    return Claim(job.name, job.trip_id, job.revision, job.attempts, job.lease)


def extend(session: Session, held: Claim, until: float) -> None:
    """The lease lasts until then."""
    session.execute(update(Job).where(Job.name == held.name, Job.lease == held.lease).values(lease_until=until))


def holds(session: Session, held: Claim) -> bool:
    """Whether the lease is still the caller's; asked inside the transaction that stores the result."""
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


def _request(session: Session, name: str, trip_id: str | None, due_at: float) -> None:
    job = session.get(Job, name, with_for_update=True)
    if job is None:
        session.add(Job(name=name, trip_id=trip_id, due_at=due_at, revision=1, attempts=0))
    else:
        job.revision += 1
