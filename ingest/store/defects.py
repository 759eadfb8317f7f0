"""The defects as last estimated, and their histories: swapped tile by tile or as a whole, read in pages."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, select
from sqlalchemy.orm import Session

from detection import KINDS, STATUSES, Defects
from ingest.store import versions
from ingest.store.places import Box, in_parts
from ingest.store.schema import Defect, DefectDay, DefectMark

_STATUS = func.coalesce(DefectMark.status, Defect.status).label("status")  # what was said outweighs what is carried along
_COLUMNS = [_STATUS if column.name == "status" else column for column in Defect.__table__.columns if column.name != "tile"]
_ALL = select(*_COLUMNS).select_from(Defect).outerjoin(DefectMark, DefectMark.defect_id == Defect.id)


@dataclass(frozen=True)
class Wanted:
    """Which defects; empty or None asks nothing of that column. k: least number of devices that passed.

    since: last seen then or later; before: first seen earlier; first_since: first seen then or later.
    """

    k: int
    box: Box | None = None
    kinds: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    min_confidence: float = 0.0
    since: float | None = None
    before: float | None = None
    first_since: float | None = None


def page(session: Session, wanted: Wanted, limit: int | None, after: str = "") -> list[Mapping[str, Any]]:
    """Rows in order of id, which outlasts a new estimate between two pages; those after the id given. limit: None is all."""
    query = _ALL.where(*_conditions(wanted), Defect.id > after).order_by(Defect.id).limit(limit)
    return [dict(row) for row in session.execute(query).mappings()]


def places(session: Session, wanted: Wanted) -> Sequence[tuple[str, float, float, float]]:
    """Id, longitude, latitude and priority alone, in no order: of a whole city in a tenth of the time of their rows."""
    columns = select(Defect.id, Defect.longitude, Defect.latitude, Defect.priority)
    return [(row[0], row[1], row[2], row[3]) for row in session.execute(columns.where(*_conditions(wanted)))]


def named(session: Session, names: Collection[str]) -> list[Mapping[str, Any]]:
    """Rows of these ids, in their order."""
    rows = (row for part in in_parts(names) for row in session.execute(_ALL.where(Defect.id.in_(part))).mappings())
    held = {row["id"]: dict(row) for row in rows}
    return [held[name] for name in names if name in held]


def count(session: Session, wanted: Wanted) -> int:
    """How many there are on all pages."""
    query = select(func.count()).select_from(Defect)
    if wanted.statuses:
        query = query.outerjoin(DefectMark, DefectMark.defect_id == Defect.id)
    return session.scalar(query.where(*_conditions(wanted))) or 0


def extent(session: Session, k: int) -> tuple[Any, ...]:
    """West, south, east, north, first and last seen of what at least k devices passed; all None where there is nothing."""
    edges = (func.min(Defect.longitude), func.min(Defect.latitude), func.max(Defect.longitude), func.max(Defect.latitude))
    times = (func.min(Defect.first_seen), func.max(Defect.last_seen))
    return tuple(session.execute(select(*edges, *times).where(Defect.devices >= k)).one())


def _conditions(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    yield Defect.devices >= wanted.k
    if wanted.box is not None:
        yield wanted.box.holds(Defect.latitude, Defect.longitude)
    if wanted.kinds:
        yield Defect.kind.in_(wanted.kinds)
    if wanted.statuses:
        yield _STATUS.in_(wanted.statuses)
    if wanted.min_confidence > 0:
        yield Defect.confidence >= wanted.min_confidence
    if wanted.since is not None:
        yield Defect.last_seen >= wanted.since
    if wanted.before is not None:
        yield Defect.first_seen < wanted.before
    if wanted.first_since is not None:
        yield Defect.first_seen >= wanted.first_since


def one(session: Session, defect_id: str, k: int) -> Mapping[str, Any] | None:
    """The row of one defect that at least k devices passed."""
    query = _ALL.where(Defect.id == defect_id, Defect.devices >= k)
    row = session.execute(query).mappings().one_or_none()
    return None if row is None else dict(row)


def history(session: Session, defect_id: str) -> list[DefectDay]:
    """Its days in order."""
    return list(session.scalars(select(DefectDay).where(DefectDay.defect_id == defect_id).order_by(DefectDay.day)))


def load(session: Session, tiles: Collection[int] | None = None) -> Defects:
    """Those of these tiles, or all of them, as arrays in order of id."""
    queries = [_ALL] if tiles is None else [_ALL.where(Defect.tile.in_(part)) for part in in_parts(tiles)]
    rows = [row for one in queries for row in session.execute(one)]
    return _arrays(sorted(rows, key=lambda row: str(row[0])))  # here: databases sort texts by other rules


def taken(session: Session, names: Collection[str], tiles: Collection[int]) -> list[str]:
    """Which of these ids defects of other tiles have."""
    held = [row for part in in_parts(names) for row in session.execute(select(Defect.id, Defect.tile).where(Defect.id.in_(part)))]
    return sorted(name for name, tile in held if tile not in tiles)


def replace(session: Session, defects: Defects, days: Iterable[dict[str, Any]], tile: Sequence[int] | None = None) -> None:
    """Put these in the place of all that were there; readers see the one or the other. days: rows of DefectDay."""
    versions.bump(session)
    session.execute(delete(DefectDay))
    session.execute(delete(Defect))
    _insert(session, defects, days, tile)


def replace_in(
    session: Session, tiles: Collection[int], defects: Defects, days: Iterable[dict[str, Any]], tile: Sequence[int]
) -> None:
    """The same for those of some tiles; the others stay. tile: of each defect."""
    versions.bump(session)
    for part in in_parts(tiles):
        there = select(Defect.id).where(Defect.tile.in_(part))
        session.execute(delete(DefectDay).where(DefectDay.defect_id.in_(there)))
        session.execute(delete(Defect).where(Defect.tile.in_(part)))
    _insert(session, defects, days, tile)


def _insert(session: Session, defects: Defects, days: Iterable[dict[str, Any]], tile: Sequence[int] | None) -> None:
    if rows := rows_of(defects):
        tiles: Sequence[int | None] = tile or [None] * len(rows)
        session.execute(insert(Defect), [row | {"tile": t} for row, t in zip(rows, tiles, strict=True)])
    if held := list(days):
        session.execute(insert(DefectDay), held)


def _arrays(rows: Sequence[Any]) -> Defects:
    if not rows:
        return Defects.empty()
    columns = dict(zip((column.name for column in _COLUMNS), zip(*rows, strict=True), strict=True))
    columns["kind"] = tuple(KINDS.index(kind) for kind in columns["kind"])
    columns["status"] = tuple(STATUSES.index(status) for status in columns["status"])
    return Defects.from_columns({name: [_nan(value) for value in column] for name, column in columns.items()})


def rows_of(defects: Defects) -> list[dict[str, Any]]:
    """A row each: texts for codes, None for unknown."""
    names = list(defects.columns())
    columns = {name: [_null(value) for value in column.tolist()] for name, column in defects.columns().items()}
    columns["kind"] = [KINDS[code] for code in columns["kind"]]
    columns["status"] = [STATUSES[code] for code in columns["status"]]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _null(value: Any) -> Any:
    return None if isinstance(value, float) and math.isnan(value) else value


def _nan(value: Any) -> Any:
    return math.nan if value is None else value
