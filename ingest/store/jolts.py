"""Jolts as rows, in pages: what analysts look through. They are written with their survey (`ingest.store.surveys`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import ColumnElement, func, select, tuple_
from sqlalchemy.orm import Session

from ingest.store.places import Box
from ingest.store.schema import Jolt

_COLUMNS = list(Jolt.__table__.columns)
Key = tuple[str, int]  # trip, number


def page(session: Session, box: Box | None, kinds: tuple[str, ...], limit: int, after: Key = ("", -1)) -> list[Mapping[str, Any]]:
    """Rows of jolts that have a place, in order of trip and number; at most `limit`, those after the key given."""
    later = tuple_(Jolt.trip_id, Jolt.number) > after
    query = select(*_COLUMNS).where(*_conditions(box, kinds), later).order_by(Jolt.trip_id, Jolt.number).limit(limit)
    return [dict(row) for row in session.execute(query).mappings()]


def count(session: Session, box: Box | None, kinds: tuple[str, ...]) -> int:
    """How many there are on all pages."""
    return session.scalar(select(func.count()).select_from(Jolt).where(*_conditions(box, kinds))) or 0


def one(session: Session, key: Key) -> Mapping[str, Any] | None:
    query = select(*_COLUMNS).where(Jolt.trip_id == key[0], Jolt.number == key[1], *_conditions(None, ()))
    row = session.execute(query).mappings().one_or_none()
    return None if row is None else dict(row)


def bounds(session: Session) -> tuple[float, float, float, float] | None:
    """West, south, east, north of all of them."""
    edges = (func.min(Jolt.longitude), func.min(Jolt.latitude), func.max(Jolt.longitude), func.max(Jolt.latitude))
    found = session.execute(select(*edges)).one()
    return None if any(edge is None for edge in found) else tuple(found)  # type: ignore[return-value]  # four of them


def _conditions(box: Box | None, kinds: tuple[str, ...]) -> Iterator[ColumnElement[bool]]:
    yield Jolt.latitude.is_not(None)
    if box is not None:
        yield box.holds(Jolt.latitude, Jolt.longitude)
    if kinds:
        yield Jolt.kind.in_(kinds)
