"""The streets that enough devices drove, as last drawn: swapped as a whole, read in pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, select
from sqlalchemy.orm import Session

from ingest.store import versions
from ingest.store.places import Box
from ingest.store.schema import CommonTrack

_COLUMNS = list(CommonTrack.__table__.columns)


def page(session: Session, k: int, box: Box | None, limit: int | None = None, after: int = -1) -> list[Mapping[str, Any]]:
    """Rows in order of id, at most `limit`, those after the id given."""
    query = select(*_COLUMNS).where(*_conditions(k, box), CommonTrack.id > after).order_by(CommonTrack.id).limit(limit)
    return [dict(row) for row in session.execute(query).mappings()]


def count(session: Session, k: int, box: Box | None) -> int:
    """How many there are on all pages."""
    return session.scalar(select(func.count()).select_from(CommonTrack).where(*_conditions(k, box))) or 0


def _conditions(k: int, box: Box | None) -> Iterator[ColumnElement[bool]]:
    yield CommonTrack.devices >= k
    if box is not None:
        yield box.meets(CommonTrack.south, CommonTrack.north, CommonTrack.west, CommonTrack.east)


def bounds(session: Session, k: int) -> tuple[float, float, float, float] | None:
    """West, south, east, north of all of them."""
    edges = (func.min(CommonTrack.west), func.min(CommonTrack.south), func.max(CommonTrack.east), func.max(CommonTrack.north))
    found = session.execute(select(*edges).where(CommonTrack.devices >= k)).one()
    return None if found[0] is None else (found[0], found[1], found[2], found[3])


def replace(session: Session, rows: Iterable[dict[str, Any]]) -> None:
    """Put these in the place of all that were there."""
    versions.bump(session)
    session.execute(delete(CommonTrack))
    if held := list(rows):
        session.execute(insert(CommonTrack), held)
