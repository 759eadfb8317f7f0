"""What the workers did, a row for each process: how the server, which is another process, knows of them."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass, fields

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from ingest.store.schema import WorkerRow

GONE = "gone"  # the row that sums up workers of the past
GONE_AFTER_S = 86_400.0


@dataclass
class Figures:
    """Counted by one worker since it started. survey_cpu_s: of its own CPU; estimate_s: by the clock."""

    trips: int = 0
    rejected: int = 0
    driven_s: float = 0.0
    survey_cpu_s: float = 0.0
    estimates: int = 0
    estimate_s: float = 0.0


_NAMES = [field.name for field in fields(Figures)]


def begin(session: Session, now: float) -> str:
    """Enter a worker; returns its random id. Rows of workers unseen for a day are added up into one."""
    old = WorkerRow.seen_at < now - GONE_AFTER_S
    sums = session.execute(select(*(func.sum(getattr(WorkerRow, name)) for name in _NAMES)).where(old)).one()
    session.execute(delete(WorkerRow).where(old))
    if sums[0] is not None:
        session.add(WorkerRow(id=GONE, started_at=0.0, seen_at=0.0, **dict(zip(_NAMES, sums, strict=True))))
    name = secrets.token_hex(16)
    session.add(WorkerRow(id=name, started_at=now, seen_at=now, **asdict(Figures())))
    return name


def report(session: Session, name: str, figures: Figures, now: float) -> None:
    """It lives, and did this since it began."""
    session.execute(update(WorkerRow).where(WorkerRow.id == name).values(seen_at=now, **asdict(figures)))


def totals(session: Session) -> Figures:
    """Of all workers that ever were."""
    sums = session.execute(select(*(func.sum(getattr(WorkerRow, name)) for name in _NAMES))).one()
    return Figures(*(value or 0 for value in sums))


def last_seen(session: Session) -> float | None:
    """When any worker was last heard of."""
    return session.scalar(select(func.max(WorkerRow.seen_at)))


def alive(session: Session, now: float, within_s: float) -> int:
    """How many were heard of lately."""
    return session.scalar(select(func.count()).select_from(WorkerRow).where(WorkerRow.seen_at >= now - within_s)) or 0
