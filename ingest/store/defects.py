"""The defects as last estimated, and their histories: swapped tile by tile or as a whole, read in pages."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Row, Select, delete, exists, func, insert, select
from sqlalchemy.orm import Session

from detection import KINDS, STATUSES, Defects
from ingest.store import versions
from ingest.store.features import beginning, whole
from ingest.store.places import Box, in_parts
from ingest.store.schema import Defect, DefectDay, DefectFacts, DefectMark, MergedDefect

_STATUS = func.coalesce(DefectMark.status, Defect.status).label("status")  # what was said outweighs what is carried along
_OURS = ("tile", "equity", "feature")  # not of `detection.Defects`
_COLUMNS = [_STATUS if column.name == "status" else column for column in Defect.__table__.columns if column.name not in _OURS]
_ALL = select(*_COLUMNS).select_from(Defect).outerjoin(DefectMark, DefectMark.defect_id == Defect.id)
_SHORT: Select[Any] = cast(
    "Select[Any]", select(Defect.id, _STATUS, Defect.feature).outerjoin(DefectMark, DefectMark.defect_id == Defect.id)
)
_SHOWN = ~exists().where(MergedDefect.id == Defect.id)  # a merged one is told as part of another
SORTS = {"id": Defect.id, "priority": Defect.priority, "equity": func.coalesce(Defect.equity, 0.0)}


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
    sort: str = "id"
    ids: tuple[str, ...] = ()


MANY_PAGES = 6  # in a box of so many pages or more the next one is soon met on the way through the order

# id, kind, status, longitude, latitude, priority, severity, confidence
Spot = Sequence[Any]


def page(session: Session, wanted: Wanted, limit: int | None, after: str = "") -> list[Mapping[str, Any]]:
    """At most `limit` rows (None: all), those after the cursor given.

    In order of id, which outlasts a new estimate between two pages; by another `sort` the highest first, of equals by id.
    """
    return [dict(row) for row in session.execute(_paged(_ALL, wanted, limit, after)).mappings()]


@dataclass(frozen=True)
class Told:
    """A defect as text: its whole GeoJSON, and the cursor of the page that follows it."""

    text: str
    cursor: str


def told(session: Session, wanted: Wanted, limit: int, after: str = "") -> list[Told]:
    """What `page` says, as it was written when it was estimated: ten times quicker."""
    rows = session.execute(_paged(_SHORT, wanted, limit, after, spread=_much_of(session, wanted, limit))).all()
    unwritten = [row[0] for row in rows if row[2] is None]
    late = {row["id"]: beginning(row) for part in in_parts(unwritten) for row in _rows(session, part)}
    by_id = wanted.sort == "id"
    return [
        Told(whole(row[2] or late[row[0]], row[1]), row[0] if by_id else cursor_of({"sorted_by": row[3], "id": row[0]}))
        for row in rows
    ]


def _rows(session: Session, names: Collection[str]) -> list[Mapping[str, Any]]:
    return [dict(row) for row in session.execute(_ALL.where(Defect.id.in_(names))).mappings()]


def _much_of(session: Session, wanted: Wanted, limit: int) -> bool:
    """Whether the box holds many times what is asked for. SQLite cannot know; it would sort them all for each page."""
    if wanted.box is None or wanted.sort == "id" or session.get_bind().dialect.name != "sqlite":
        return False
    most = limit * MANY_PAGES
    inside = select(Defect.latitude).where(wanted.box.holds(Defect.latitude, Defect.longitude)).limit(most).subquery()
    return session.scalar(select(func.count()).select_from(inside)) == most


def _paged(query: Select[Any], wanted: Wanted, limit: int | None, after: str, *, spread: bool = False) -> Select[Any]:
    """spread: what is wanted lies all over the order, so that it is found by going through that rather than through the box."""
    query = _asked(query, wanted, by_place=not spread)
    column = SORTS[wanted.sort]
    if wanted.sort == "id":
        return query.where(Defect.id > after).order_by(Defect.id).limit(limit)
    query = query.add_columns(column.label("sorted_by")).order_by(column.desc(), Defect.id)
    if after:
        value, name = _cursor(after)
        query = query.where(column <= value, (column < value) | (Defect.id > name))
    return query.limit(limit)


def cursor_of(row: Mapping[str, Any]) -> str:
    """What the page after this row is asked for with."""
    return f"{row['sorted_by']!r}~{row['id']}" if "sorted_by" in row else str(row["id"])


class BadCursor(ValueError):
    """Not the cursor of such a list."""


def _cursor(text: str) -> tuple[float, str]:
    value, _, name = text.partition("~")
    try:
        return float(value), name
    except ValueError:
        raise BadCursor from None


def _asked(query: Any, wanted: Wanted, *, by_place: bool = True) -> Any:
    query = query.where(Defect.devices >= wanted.k, _SHOWN)
    if wanted.ids:
        query = query.where(Defect.id.in_(wanted.ids))
    if wanted.box is not None:
        latitude = Defect.latitude if by_place else Defect.latitude + 0.0  # a sum is in no index
        query = query.where(wanted.box.holds(latitude, Defect.longitude))
    if wanted.kinds:
        query = query.where(Defect.kind.in_(wanted.kinds))
    if wanted.statuses:
        query = query.where(_STATUS.in_(wanted.statuses))
    if wanted.min_confidence > 0:
        query = query.where(Defect.confidence >= wanted.min_confidence)
    if wanted.since is not None:
        query = query.where(Defect.last_seen >= wanted.since)
    if wanted.before is not None:
        query = query.where(Defect.first_seen < wanted.before)
    if wanted.first_since is not None:
        query = query.where(Defect.first_seen >= wanted.first_since)
    return query


def spots(session: Session, wanted: Wanted) -> Sequence[Spot]:
    """In no order: of a whole city in a tenth of the time of their rows."""
    columns = (Defect.id, Defect.kind, _STATUS, Defect.longitude, Defect.latitude)
    query = select(*columns, Defect.priority, Defect.severity, Defect.confidence).select_from(Defect)
    return session.execute(_asked(query.outerjoin(DefectMark, DefectMark.defect_id == Defect.id), wanted)).all()


def named(session: Session, names: Collection[str]) -> list[Mapping[str, Any]]:
    """Rows of these ids, in their order."""
    held = {row["id"]: row for part in in_parts(names) for row in _rows(session, part)}
    return [held[name] for name in names if name in held]


def count(session: Session, wanted: Wanted) -> int:
    """How many there are on all pages."""
    query = select(func.count()).select_from(Defect)
    if wanted.statuses:
        query = query.outerjoin(DefectMark, DefectMark.defect_id == Defect.id)
    return session.scalar(_asked(query, wanted)) or 0


def extent(session: Session, k: int) -> tuple[Any, ...]:
    """West, south, east, north, first and last seen of what at least k devices passed; all None where there is nothing."""
    edges = (func.min(Defect.longitude), func.min(Defect.latitude), func.max(Defect.longitude), func.max(Defect.latitude))
    times = (func.min(Defect.first_seen), func.max(Defect.last_seen))
    return tuple(session.execute(_asked(select(*edges, *times), Wanted(k))).one())


def one(session: Session, defect_id: str, k: int) -> Mapping[str, Any] | None:
    """The row of one defect that at least k devices passed."""
    query = _ALL.where(Defect.id == defect_id, Defect.devices >= k, _SHOWN)
    row = session.execute(query).mappings().one_or_none()
    return None if row is None else dict(row)


def places(session: Session, k: int, box: Box | None) -> list[Row[Any]]:
    """Id, latitude, longitude, kind and status of those in the box that at least k devices passed."""
    columns = (Defect.id, Defect.latitude, Defect.longitude, Defect.kind, _STATUS)
    query = select(*columns).select_from(Defect).outerjoin(DefectMark, DefectMark.defect_id == Defect.id)
    return list(session.execute(_asked(query, Wanted(k, box))).all())


def facts(session: Session, defect_id: str) -> dict[str, Any]:
    """What else the last estimate said of it; {} where it said nothing."""
    told = session.scalar(select(DefectFacts.told).where(DefectFacts.defect_id == defect_id))
    return dict(json.loads(told)) if told else {}


def row(session: Session, defect_id: str) -> Defect | None:
    """The stored row itself, to be changed with it; merged ones, too."""
    return session.get(Defect, defect_id)


def history(session: Session, defect_id: str) -> list[DefectDay]:
    """Its days in order."""
    return list(session.scalars(select(DefectDay).where(DefectDay.defect_id == defect_id).order_by(DefectDay.day)))


def shown(session: Session) -> Defects:
    """All that are told, as arrays in order of id: without those that were merged into another."""
    return _arrays(sorted(session.execute(_ALL.where(_SHOWN)), key=lambda row: str(row[0])))


def load(session: Session, tiles: Collection[int] | None = None) -> Defects:
    """Those of these tiles, or all of them, as arrays in order of id; merged ones, too, for they keep their ids."""
    queries = [_ALL] if tiles is None else [_ALL.where(Defect.tile.in_(part)) for part in in_parts(tiles)]
    rows = [row for one in queries for row in session.execute(one)]
    return _arrays(sorted(rows, key=lambda row: str(row[0])))  # here: databases sort texts by other rules


def taken(session: Session, names: Collection[str], tiles: Collection[int]) -> list[str]:
    """Which of these ids defects of other tiles have."""
    held = [row for part in in_parts(names) for row in session.execute(select(Defect.id, Defect.tile).where(Defect.id.in_(part)))]
    return sorted(name for name, tile in held if tile not in tiles)


def replace(
    session: Session,
    defects: Defects,
    days: Iterable[dict[str, Any]],
    tile: Sequence[int] | None = None,
    facts: Sequence[dict[str, Any]] = (),
    equity: Sequence[float] | None = None,
) -> None:
    """Put these in the place of all that were there; readers see the one or the other. days, facts: rows of their tables."""
    versions.bump(session)
    for table in (DefectDay, DefectFacts, Defect):
        session.execute(delete(table))
    _insert(session, defects, days, tile, facts, equity)


def replace_in(
    session: Session,
    tiles: Collection[int],
    defects: Defects,
    days: Iterable[dict[str, Any]],
    tile: Sequence[int],
    facts: Sequence[dict[str, Any]] = (),
    equity: Sequence[float] | None = None,
) -> None:
    """The same for those of some tiles; the others stay. tile: of each defect."""
    versions.bump(session)
    for part in in_parts(tiles):
        there = select(Defect.id).where(Defect.tile.in_(part))
        session.execute(delete(DefectDay).where(DefectDay.defect_id.in_(there)))
        session.execute(delete(DefectFacts).where(DefectFacts.defect_id.in_(there)))
        session.execute(delete(Defect).where(Defect.tile.in_(part)))
    _insert(session, defects, days, tile, facts, equity)


def _insert(
    session: Session,
    defects: Defects,
    days: Iterable[dict[str, Any]],
    tile: Sequence[int] | None,
    facts: Sequence[dict[str, Any]],
    equity: Sequence[float] | None,
) -> None:
    if rows := rows_of(defects):
        tiles: Sequence[int | None] = tile or [None] * len(rows)
        ranks: Sequence[float | None] = equity or [None] * len(rows)
        beside = zip(rows, tiles, ranks, strict=True)
        made = [row | {"tile": t, "equity": rank, "feature": beginning(row)} for row, t, rank in beside]
        session.execute(insert(Defect), made)
    if held := list(days):
        session.execute(insert(DefectDay), held)
    if facts:
        session.execute(insert(DefectFacts), list(facts))


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
