"""What drivers tell by hand: stored as they wrote it, read by crews."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from ingest.store.schema import Device, Report

OUTSIDE = "00000000-0000-4000-8000-000000000311"  # stands for all who report by Open311: no token opens anything as it


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


def outside(session: Session, now: float) -> str:
    """The device that reports from other systems belong to; there from the first one on."""
    if session.get(Device, OUTSIDE) is None:
        session.add(Device(id=OUTSIDE, token_sha256=OUTSIDE, created_at=now, revoked_at=now))  # no digest looks like this
        session.flush()
    return OUTSIDE


def from_outside(session: Session, since: float, until: float, kinds: Collection[str], limit: int) -> list[Report]:
    """Reports from other systems, newest first; kinds: empty is all."""
    query = select(Report).where(Report.device_id == OUTSIDE, Report.created_at.between(since, until))
    if kinds:
        query = query.where(Report.kind.in_(kinds))
    return list(session.scalars(query.order_by(Report.created_at.desc(), Report.id).limit(limit)))


def one_from_outside(session: Session, report_id: str) -> Report | None:
    found = session.get(Report, report_id)
    return found if found is not None and found.device_id == OUTSIDE else None
