"""Crossings as last found: swapped as a whole, read in pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, select
from sqlalchemy.orm import Session

from ingest.store.places import Box
from ingest.store.schema import Crossing

_COLUMNS = list(Crossing.__table__.columns)


def page(session: Session, k: int, box: Box | None, limit: int | None = None, after: int = -1) -> list[Mapping[str, Any]]:
    """Rows in order of id, at most `limit`, those after the id given."""
    query = select(*_COLUMNS).where(*_conditions(k, box), Crossing.id > after).order_by(Crossing.id).limit(limit)
    return [dict(row) for row in session.execute(query).mappings()]


def count(session: Session, k: int, box: Box | None) -> int:
    """How many there are on all pages."""
    return session.scalar(select(func.count()).select_from(Crossing).where(*_conditions(k, box))) or 0


def bounds(session: Session, k: int) -> tuple[float, float, float, float] | None:
    """West, south, east, north of all of them."""
    longitude, latitude = Crossing.longitude, Crossing.latitude
    edges = (func.min(longitude), func.min(latitude), func.max(longitude), func.max(latitude))
    found = session.execute(select(*edges).where(*_conditions(k, None))).one()
    return None if found[0] is None else (found[0], found[1], found[2], found[3])


def _conditions(k: int, box: Box | None) -> Iterator[ColumnElement[bool]]:
    yield Crossing.devices >= k
    if box is not None:
        yield box.holds(Crossing.latitude, Crossing.longitude)


def replace(session: Session, rows: Iterable[dict[str, Any]]) -> None:
    """Put these in the place of all that were there."""
    session.execute(delete(Crossing))
    if held := list(rows):
        session.execute(insert(Crossing), held)
