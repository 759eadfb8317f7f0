"""What anyone may see changed, and where: numbered events that every server process reads.

Only of what is public, and only that a defect came, went, or changed its kind or status. Counts and severities change with
each car that passes: their events, each with its boxes, would draw its way within the minute.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.orm import Session

from ingest.store.places import in_parts
from ingest.store.schema import Defect, DefectMark, LiveEvent, LiveHead, MergedDefect

KEPT = 1000  # events: an hour of one every few seconds; who was away for longer looks at everything again
MOST_BOXES = 64  # of one event; more become one that holds them all

BoxList = list[list[float]]
Seen = Mapping[str, tuple[int, float, float, str]]  # id → tile, longitude, latitude, what is told of it


@dataclass(frozen=True)
class Event:
    """boxes: west, south, east, north in degrees of where defects changed."""

    number: int
    boxes: BoxList


def seen(session: Session, k: int, tiles: Collection[int] | None = None, ids: Collection[str] | None = None) -> Seen:
    """What anyone may see of the defects of these tiles, of these ids, or of all."""
    said = func.coalesce(DefectMark.status, Defect.status)
    columns = (Defect.id, Defect.tile, Defect.longitude, Defect.latitude, Defect.kind, said)
    shown = (Defect.devices >= k, ~exists().where(MergedDefect.id == Defect.id))
    query = select(*columns).outerjoin(DefectMark, DefectMark.defect_id == Defect.id).where(*shown)
    queries = [query] if tiles is None else [query.where(Defect.tile.in_(part)) for part in in_parts(tiles)]
    if ids is not None:
        queries = [query.where(Defect.id.in_(part)) for part in in_parts(ids)]
    rows = (row for one in queries for row in session.execute(one))
    return {name: (tile or 0, east, north, f"{kind} {status}") for name, tile, east, north, kind, status in rows}


def tell(session: Session, before: Seen, after: Seen, now: float) -> None:
    """Publish where the two differ; nothing where they do not."""
    pairs = ((before, after), (after, before))
    changed = [of for one, other in pairs for name, of in one.items() if name not in other or other[name][3] != of[3]]
    if changed:
        _publish(session, boxes_of(changed), now)


def since(session: Session, number: int) -> list[Event]:
    """Events after this one, in order."""
    rows = session.execute(select(LiveEvent.number, LiveEvent.boxes).where(LiveEvent.number > number).order_by(LiveEvent.number))
    return [Event(row.number, json.loads(row.boxes)) for row in rows]


def head(session: Session) -> int:
    """The number of the last event, 0 before the first."""
    return session.scalar(select(LiveHead.number)) or 0


def boxes_of(changed: Iterable[tuple[int, float, float, Any]]) -> BoxList:
    """A box for each tile with a change, at most so many."""
    by_tile: dict[int, list[float]] = {}
    for tile, east, north, _ in changed:
        held = by_tile.setdefault(tile, [east, north, east, north])
        held[:] = min(held[0], east), min(held[1], north), max(held[2], east), max(held[3], north)
    boxes = [by_tile[tile] for tile in sorted(by_tile)]
    if len(boxes) > MOST_BOXES:
        lows, highs = ([box[:2] for box in boxes], [box[2:] for box in boxes])
        boxes = [[*map(min, zip(*lows, strict=True)), *map(max, zip(*highs, strict=True))]]
    return [[round(edge, 6) for edge in box] for box in boxes]


def _publish(session: Session, boxes: BoxList, now: float) -> None:
    session.execute(update(LiveHead).values(number=LiveHead.number + 1))  # locks the row: numbers come to light in order
    number = head(session)
    session.add(LiveEvent(number=number, at=now, boxes=json.dumps(boxes)))
    session.execute(delete(LiveEvent).where(LiveEvent.number <= number - KEPT))
    session.flush()
