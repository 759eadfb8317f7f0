"""What people tell by hand: stored as they wrote it, joined with defects by place and kind whenever it is read.

Joined anew each time, so a defect that is found later, merged or moved is found from its reports as well.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from detection import KINDS
from detection.geo import on_globe
from ingest.store import audit, defects
from ingest.store.audit import Deed
from ingest.store.devices import digest
from ingest.store.joined import apart_m
from ingest.store.places import Box, box_around
from ingest.store.schema import Device, Report

OUTSIDE = "00000000-0000-4000-8000-000000000311"  # stands for all who report by Open311: no token opens anything as it
ROAD_KINDS = tuple(kind for kind in KINDS if kind != "unknown")
OTHER_KINDS = ("lamp", "graffiti", "sign_not_visible", "other")  # what no car feels
REPORT_KINDS = (*ROAD_KINDS, *OTHER_KINDS, "unknown")
SAME_M = 15.0  # as `detection.identity`: further apart they are two things
_ALIKE = frozenset({"pothole", "rough", "joint"})  # people do not tell them apart, and need not
DAY_S = 86_400.0


class ReportConflict(Exception):
    """Another report has this id."""


class TooManyReports(Exception):
    """As many as a day may bring of people without a device; `most`."""

    def __init__(self, most: int) -> None:
        self.most = most
        super().__init__(f"{most} reports came within a day already")


@dataclass(frozen=True)
class Joined:
    """What a report belongs to. defect_id, status: of the defect there; same_as: an earlier report of the same; else None."""

    defect_id: str | None = None
    status: str | None = None
    same_as: str | None = None


def add(session: Session, report: Report, most_a_day: int) -> bool:
    """False when the very same report stood there before. Raises ReportConflict, TooManyReports."""
    there = session.get(Report, report.id)
    if there is None:
        if report.device_id in (None, OUTSIDE):
            _check_room(session, report.created_at, most_a_day)
        session.add(report)
        session.flush()
        return True
    if any(getattr(there, name) != getattr(report, name) for name in ("device_id", "kind", "latitude", "longitude", "note")):
        raise ReportConflict
    return False


def give_receipt(session: Session, report_id: str) -> str:
    """A new secret by which its writer asks what became of it; the one before, whose answer may have got lost, is void."""
    secret = secrets.token_urlsafe(24)
    session.get_one(Report, report_id).receipt_sha256 = digest(secret)
    session.flush()
    return secret


def opens(report: Report, receipt: str) -> bool:
    """Whether the receipt is the report's."""
    return report.receipt_sha256 is not None and hmac.compare_digest(report.receipt_sha256, digest(receipt))


def answer(session: Session, report: Report, status: str | None, text: str | None, deed: Deed, now: float) -> None:
    """What a crew says of it, for its writer to read."""
    before = report.status
    report.status, report.answer = status or report.status, report.answer if text is None else text
    report.changed_at = now
    audit.append(session, now, deed, "report.status", report.id, before, report.status)


def page(session: Session, limit: int, before: tuple[float, str] | None = None, box: Box | None = None) -> list[Report]:
    """Newest first, at most `limit`, those after the one whose time and id are given."""
    query = select(Report).order_by(Report.created_at.desc(), Report.id.desc()).limit(limit)
    if before is not None:
        at, last = before
        query = query.where((Report.created_at < at) | ((Report.created_at == at) & (Report.id < last)))
    if box is not None:
        query = query.where(box.holds(Report.latitude, Report.longitude))
    return list(session.scalars(query))


def of_device(session: Session, device_id: str, limit: int) -> list[Report]:
    """Its own, newest first."""
    mine = select(Report).where(Report.device_id == device_id)
    return list(session.scalars(mine.order_by(Report.created_at.desc(), Report.id).limit(limit)))


def around(session: Session, latitude: float, longitude: float, reach_m: float) -> list[tuple[float, Report]]:
    """Those within so many metres, each with its distance, nearest first."""
    box = box_around(latitude, longitude, reach_m)
    rows = session.scalars(select(Report).where(box.holds(Report.latitude, Report.longitude)))
    apart = [(apart_m(latitude, longitude, row.latitude, row.longitude), row.id, row) for row in rows]
    return [(metres, row) for metres, _, row in sorted(apart, key=lambda one: one[:2]) if metres <= reach_m]


def find(session: Session, report_id: str) -> Report | None:
    return session.get(Report, report_id)


def joins(session: Session, held: Sequence[Report], k: int) -> list[Joined]:
    """What each belongs to: the nearest defect that at least k devices passed, or the first report of the same thing."""
    if not held:
        return []
    there = defects.places(session, k, _around(held))
    near = _near([(row.latitude, row.longitude) for row in held], [(row.latitude, row.longitude) for row in there])
    found = []
    for report, rows in zip(held, near, strict=True):
        which = next((there[row] for row in rows if alike(report.kind, there[row].kind)), None)
        first = None if which is not None else _first(session, report)
        found.append(Joined(which.id, which.status) if which is not None else Joined(same_as=first))
    return found


def alike(reported: str, found: str) -> bool:
    """Whether a report of one kind may be a defect of another: people do not tell all of them apart."""
    if reported in OTHER_KINDS:
        return False
    return reported == found or "unknown" in (reported, found) or {reported, found} <= _ALIKE


def _first(session: Session, report: Report) -> str | None:
    """The earliest report of the same thing, if that is not this one."""
    same = [row for _, row in around(session, report.latitude, report.longitude, SAME_M) if _is_same(report.kind, row.kind)]
    first = min(same, key=lambda row: (row.created_at, row.id), default=report)
    return None if first.id == report.id else first.id


def _is_same(kind: str, other: str) -> bool:
    return kind == other or (kind not in OTHER_KINDS and other not in OTHER_KINDS and alike(kind, other))


def _around(held: Sequence[Report]) -> Box | None:
    """All their surroundings; None, everywhere, at the antimeridian."""
    boxes = [box_around(row.latitude, row.longitude, SAME_M) for row in held]
    if any(box.west > box.east for box in boxes):
        return None
    west, south = min(box.west for box in boxes), min(box.south for box in boxes)
    return Box(west, south, max(box.east for box in boxes), max(box.north for box in boxes))


def _near(places: Sequence[tuple[float, float]], others: Sequence[tuple[float, float]]) -> list[list[int]]:
    """Rows of the others within reach of each place, nearest first."""
    if not others:
        return [[] for _ in places]
    here, there = (on_globe(*np.array(held, np.float64).T) for held in (places, others))
    tree = cKDTree(there)
    found = [np.asarray(tree.query_ball_point(at, SAME_M), np.int64) for at in here]
    apart = [np.linalg.norm(there[rows] - at, axis=1) for rows, at in zip(found, here, strict=True)]
    return [rows[np.argsort(metres, kind="stable")].tolist() for rows, metres in zip(found, apart, strict=True)]


def _check_room(session: Session, now: float, most: int) -> None:
    by_nobody = Report.device_id.is_(None) | (Report.device_id == OUTSIDE)
    recent = select(func.count()).select_from(Report).where(by_nobody, Report.created_at > now - DAY_S)
    if (session.scalar(recent) or 0) >= most:
        raise TooManyReports(most)


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
