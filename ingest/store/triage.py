"""Merging, parting and undoing, each with its trail and the estimate that follows from it, in the caller's transaction."""

from __future__ import annotations

import json
import math

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from detection.geo import on_globe
from detection.parting import two_places
from detection.tiles import tiles_within
from ingest.store import audit, jobs, joined, marks, photos, tiles
from ingest.store.audit import Deed
from ingest.store.database import clock
from ingest.store.marks import Wish
from ingest.store.schema import Defect, DefectMark, Jolt

NEAR_M = 20.0  # jolts of a defect lie no further from it: a hit's reach and the spread of fixes
METRES_PER_DEGREE = 111_195.0
Place = tuple[float, float]  # latitude, longitude, degrees


class NoDefect(Exception):
    """No defect has this id."""


class Merged(Exception):
    """The defect is part of another, `into`; that one is to be asked."""

    def __init__(self, into: str) -> None:
        self.into = into
        super().__init__(f"it was merged into {into}")


def held(session: Session, defect_id: str) -> Defect:
    """The row of a defect that stands for itself. Raises NoDefect, Merged."""
    if (away := joined.target(session, defect_id)) is not None:
        raise Merged(away.into)
    row = session.get(Defect, defect_id)
    if row is None:
        raise NoDefect(defect_id)
    return row


def merge(session: Session, gone_id: str, into_id: str, wish: Wish, deed: Deed, now: float) -> None:
    """Count `gone` as part of `into`. Doing it again changes nothing. Raises NoDefect, Merged, CannotJoin, Changed."""
    away = joined.target(session, gone_id)
    if away is not None and away.into == into_id:
        return
    gone, into = held(session, gone_id), held(session, into_id)
    mark, other = marks.opened(session, gone_id, gone.status, wish.version), marks.opened(session, into_id, into.status, None)
    joined.merge(session, gone, into, wish.by, now)
    for one, told in ((mark, {"into": into_id}), (other, {"merged": gone_id, "was": marks.state_of(session, other)})):
        marks.append(session, one, one.status, wish, "merge", told, now)
    audit.append(session, now, deed, "defect.merge", gone_id, None, into_id)
    _estimate(session, gone, into)


def split(
    session: Session, defect_id: str, places: tuple[Place, Place] | None, side: bool, wish: Wish, deed: Deed, now: float
) -> str:
    """Make two of it; returns the id of the second. places: None = where its jolts part, side: across the direction of travel
    rather than where they spread most. Raises NoDefect, Merged, CannotJoin, Changed."""
    whole = held(session, defect_id)
    mark = marks.opened(session, defect_id, whole.status, wish.version)
    made = places or _where_jolts_part(session, whole, side)
    was, place = marks.state_of(session, mark), [whole.latitude, whole.longitude]
    other = joined.split(session, whole, made, wish.by, now)
    marks.append(session, mark, mark.status, wish, "split", {"split": other, "place": place, "was": was}, now)
    twin = DefectMark(defect_id=other, status=mark.status, version=0)
    marks.append(session, twin, mark.status, wish, "split", {"from": defect_id}, now)
    audit.append(session, now, deed, "defect.split", defect_id, None, other)
    _estimate(session, whole)
    return other


def undo(session: Session, defect_id: str, wish: Wish, deed: Deed, now: float) -> None:
    """Take back the caller's own last change. Raises NoDefect, Merged, Changed, NoUndo."""
    row = held(session, defect_id)
    last = marks.undo(session, defect_id, row.status, wish, deed, now)
    told = json.loads(last.told or "{}")
    if last.what == "merge":
        joined.part(session, told["merged"])
        _estimate(session, row)
    if last.what == "split":
        joined.unsplit(session, defect_id, told["split"])
        photos.move(session, told["split"], defect_id)
        row.latitude, row.longitude = told["place"]
        row.feature = None
        _estimate(session, row)


def _estimate(session: Session, *changed: Defect) -> None:
    """Have the places estimated anew: counts of joined and parted defects come from their passes."""
    places = on_globe(np.array([one.latitude for one in changed]), np.array([one.longitude for one in changed]))
    _, near, _ = tiles_within(places, joined.MERGE_M)
    tiles.mark(session, near.tolist())
    jobs.request_estimate(session, clock(session))


def _where_jolts_part(session: Session, whole: Defect, side: bool) -> tuple[Place, Place]:
    north = NEAR_M / METRES_PER_DEGREE
    east = north / max(math.cos(math.radians(whole.latitude)), 1e-3)
    near = (
        Jolt.latitude.between(whole.latitude - north, whole.latitude + north),
        Jolt.longitude.between(whole.longitude - east, whole.longitude + east),
    )
    jolts = session.execute(select(Jolt.latitude, Jolt.longitude, Jolt.heading).where(*near)).all()
    found = two_places(
        (whole.latitude, whole.longitude),
        whole.heading,
        [(jolt.latitude, jolt.longitude, jolt.heading) for jolt in jolts],
        side=side,
    )
    if found is None:
        raise joined.CannotJoin("its jolts do not part into two places; give two places, each with latitude and longitude")
    return found
