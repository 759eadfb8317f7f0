"""All that is held of one device: every row of every table that names it or one of its trips, and every stored chunk.

Tables are found by their columns, so that one that is added later is told of, too.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from ingest.store.schema import Base, Chunk, Trip

SECRET = ("token_sha256", "previous_sha256")  # of no use to whoever has the token, and of use to a thief


def tables_about(names: tuple[str, ...]) -> list[Table]:
    """Tables with one of these columns, in order of name."""
    return sorted((t for t in Base.metadata.tables.values() if any(n in t.c for n in names)), key=lambda table: table.name)


def rows_of(session: Session, device_id: str) -> dict[str, list[dict[str, Any]]]:
    """Rows by table, in order of their keys; bytes as base64."""
    devices, mine = Base.metadata.tables["devices"], select(Trip.id).where(Trip.device_id == device_id)
    found = {"devices": _read(session, devices, devices.c.id == device_id)}
    for table in tables_about(("device_id",)):
        found[table.name] = _read(session, table, table.c.device_id == device_id)
    for table in tables_about(("trip_id",)):
        if table.name not in found:
            found[table.name] = _read(session, table, table.c.trip_id.in_(mine))
    return found


def chunks_of(session: Session, device_id: str) -> list[tuple[str, int, str]]:
    """Trip, number and sha256 of each stored chunk."""
    query = select(Chunk.trip_id, Chunk.number, Chunk.sha256).join(Trip, Trip.id == Chunk.trip_id)
    rows = session.execute(query.where(Trip.device_id == device_id).order_by(Chunk.trip_id, Chunk.number))
    return [(trip_id, number, sha256) for trip_id, number, sha256 in rows]


def _read(session: Session, table: Table, condition: Any) -> list[dict[str, Any]]:
    columns = [column for column in table.c if column.name not in SECRET]
    rows = session.execute(select(*columns).where(condition).order_by(*table.primary_key.columns)).mappings()
    return [dict(_plain(row.items())) for row in rows]


def _plain(items: Any) -> Iterator[tuple[str, Any]]:
    for name, value in items:
        yield name, base64.b64encode(value).decode() if isinstance(value, bytes) else value
