"""What drivers tell by hand: stored as they wrote it, read by crews."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from ingest.store.schema import Report


class ReportConflict(Exception):
    """Another report has this id."""


def add(session: Session, report: Report) -> bool:
    """False when the very same report stood there before. Raises ReportConflict."""
    there = session.get(Report, report.id)
    if there is None:
        session.add(report)
        session.flush()
        return True
    if any(getattr(there, name) != getattr(report, name) for name in ("device_id", "kind", "latitude", "longitude", "note")):
        raise ReportConflict
    return False


def page(session: Session, limit: int, before: tuple[float, str] | None = None) -> list[Report]:
    """Newest first, at most `limit`, those after the one whose time and id are given."""
    query = select(Report).order_by(Report.created_at.desc(), Report.id.desc()).limit(limit)
    if before is not None:
        at, last = before
        query = query.where((Report.created_at < at) | ((Report.created_at == at) & (Report.id < last)))
    return list(session.scalars(query))


def find(session: Session, report_id: str) -> Report | None:
    return session.get(Report, report_id)
