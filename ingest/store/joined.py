"""What crews know better than the estimate: two defects that are one, one that is two, a known thing that is no work.

Rows by id, beside the estimates, which replace each other; `ingest.folding` has each estimate follow them.
"""

from __future__ import annotations

import math
import secrets
from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from detection import Defects
from ingest.store.schema import Defect, MergedDefect, PinnedDefect

MERGE_M = 100.0  # further apart they are two, whatever anybody says; a rough stretch has defects that far apart


class CannotJoin(Exception):
    """These cannot be made one, or this not two; the text says why and what to do."""


@dataclass(frozen=True)
class Pin:
    """A defect at the place that a crew gave it; degrees, heading NaN both ways."""

    latitude: float
    longitude: float
    heading: float
    other: str | None
    sort: str | None


@dataclass(frozen=True)
class Said:
    """into: merged id → the one that counts. pins: by id. lost: rows of those that no estimate holds at present, to carry on."""

    into: dict[str, str] = field(default_factory=dict)
    pins: dict[str, Pin] = field(default_factory=dict)
    lost: Defects = field(default_factory=Defects.empty)


def load(session: Session) -> Said:
    """Everything that was said; crews say such things by hand, so it is little."""
    merged = session.scalars(select(MergedDefect).order_by(MergedDefect.id)).all()
    pinned = session.scalars(select(PinnedDefect).order_by(PinnedDefect.id)).all()
    pins = {
        row.id: Pin(row.latitude, row.longitude, math.nan if row.heading is None else row.heading, row.other, row.sort)
        for row in pinned
    }
    gone: list[MergedDefect | PinnedDefect] = [*merged, *pinned]
    held = set(session.scalars(select(Defect.id).where(Defect.id.in_([row.id for row in gone]))))
    into = {row.id: row.into for row in merged}
    return Said({name: _end(name, into) for name in into}, pins, _as_defects([row for row in gone if row.id not in held]))


def target(session: Session, defect_id: str) -> MergedDefect | None:
    """The last of the rows that lead away from this id, None where it stands for itself."""
    row, seen = session.get(MergedDefect, defect_id), {defect_id}
    while row is not None and row.into not in seen:
        seen.add(row.into)
        following = session.get(MergedDefect, row.into)
        if following is None:
            return row
        row = following
    return row


def ids_in(session: Session, defect_id: str) -> list[str]:
    """Which ids count as part of this one."""
    return list(session.scalars(select(MergedDefect.id).where(MergedDefect.into == defect_id).order_by(MergedDefect.id)))


def family(session: Session, defect_id: str) -> list[str]:
    """This id and all that lead to it, over any number of steps."""
    found = [defect_id]
    for name in found:  # grows while it is walked
        found += [one for one in ids_in(session, name) if one not in found]
    return found


def merge(session: Session, gone: Defect, into: Defect, by: str, now: float) -> None:
    """`gone` leads to `into` from now on. Raises CannotJoin."""
    if gone.id == into.id:
        raise CannotJoin("a defect cannot be merged with itself; give the id of another one")
    metres = apart_m(gone.latitude, gone.longitude, into.latitude, into.longitude)
    if metres > MERGE_M:
        raise CannotJoin(f"they are {metres:.0f} m apart, above {MERGE_M:.0f} m; dismiss one of them instead")
    row = MergedDefect(id=gone.id, into=into.id, at=now, by=by, latitude=gone.latitude, longitude=gone.longitude)
    row.heading, row.devices = gone.heading, gone.devices
    session.add(row)
    session.flush()


def part(session: Session, defect_id: str) -> None:
    """What was merged stands for itself again."""
    session.execute(delete(MergedDefect).where(MergedDefect.id == defect_id))


def split(session: Session, whole: Defect, places: tuple[tuple[float, float], tuple[float, float]], by: str, now: float) -> str:
    """Makes two of it, at these two places; returns the id of the second, the first keeps its own. Raises CannotJoin."""
    first, second = places
    other = secrets.token_hex(6)  # as long as the names that the estimate gives
    if session.get(PinnedDefect, whole.id) is not None:
        raise CannotJoin("it was split, or dismissed as a known thing, before; undo that first")
    metres = apart_m(*first, *second)
    if metres < 1.0:
        raise CannotJoin(f"the two places are {metres:.1f} m apart; give places at least 1 m apart")
    for metres in (apart_m(whole.latitude, whole.longitude, *place) for place in places):
        if metres > MERGE_M:
            raise CannotJoin(f"a place is {metres:.0f} m from the defect; give places within {MERGE_M:.0f} m")
    twin = Defect(**{column.name: getattr(whole, column.name) for column in Defect.__table__.columns} | {"id": other})
    session.add(twin)
    for half, place, partner in ((whole, first, other), (twin, second, whole.id)):
        _pin(session, half, place, by, now).other = partner
        (half.latitude, half.longitude), half.feature = place, None
    session.flush()
    return other


def unsplit(session: Session, defect_id: str, other: str) -> None:
    """The two are one again."""
    session.execute(delete(PinnedDefect).where(PinnedDefect.id.in_([defect_id, other])))
    session.execute(delete(Defect).where(Defect.id == other))


def know_as(session: Session, defect: Defect, sort: str | None, by: str, now: float) -> None:
    """It is a known thing (`detection.assets.SORTS`) and stays where it is; None: it is none."""
    row = session.get(PinnedDefect, defect.id)
    if row is None and sort is None:
        return
    if row is None:
        row = _pin(session, defect, (defect.latitude, defect.longitude), by, now)
    row.sort = sort
    if row.other is None and sort is None:
        session.delete(row)
    session.flush()


def _pin(session: Session, defect: Defect, place: tuple[float, float], by: str, now: float) -> PinnedDefect:
    row = PinnedDefect(id=defect.id, latitude=place[0], longitude=place[1], heading=defect.heading, at=now, by=by)
    session.add(row)
    return row


def sort_of(session: Session, defect_id: str) -> str | None:
    """Which known thing a crew said it is, None none."""
    return session.scalar(select(PinnedDefect.sort).where(PinnedDefect.id == defect_id))


def apart_m(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """Metres between two places that are near each other."""
    north = (other_latitude - latitude) * 111_195.0
    east = ((other_longitude - longitude + 180.0) % 360.0 - 180.0) * 111_195.0 * math.cos(math.radians(latitude))
    return math.hypot(north, east)


def _end(name: str, into: dict[str, str]) -> str:
    seen = {name}
    while into.get(name) is not None and into[name] not in seen:
        name = into[name]
        seen.add(name)
    return name


def _as_defects(rows: Collection[MergedDefect | PinnedDefect]) -> Defects:
    """Places and ids; everything else is empty."""
    if not rows:
        return Defects.empty()
    columns = {name: np.zeros(len(rows)) for name in Defects.empty().columns()}
    names = np.array([row.id for row in rows], object)
    heading = np.array([math.nan if row.heading is None else row.heading for row in rows])
    place = {"latitude": np.array([row.latitude for row in rows]), "longitude": np.array([row.longitude for row in rows])}
    held = Defects.from_columns(columns | place | {"id": names, "heading": heading})
    return held[np.unique(names.astype(str), return_index=True)[1]]
