"""Crossings as last found: swapped as a whole, read in pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from ingest.store.places import Box
from ingest.store.schema import Crossing

_COLUMNS = list(Crossing.__table__.columns)


def page(session: Session, k: int, box: Box | None, limit: int | None = None, after: int = -1) -> list[Mapping[str, Any]]:
    """Rows in order of id, at most `limit`, those after the id given."""
    query = select(*_COLUMNS).where(Crossing.devices >= k, Crossing.id > after).order_by(Crossing.id).limit(limit)
    if box is not None:
        query = query.where(box.holds(Crossing.latitude, Crossing.longitude))
    return [dict(row) for row in session.execute(query).mappings()]


def replace(session: Session, rows: Iterable[dict[str, Any]]) -> None:
    """Put these in the place of all that were there."""
    session.execute(delete(Crossing))
    if held := list(rows):
        session.execute(insert(Crossing), held)
