"""Which tiles each survey touches, and which tiles wait to be estimated again.

A tile is marked in the transaction that makes its defects wrong, and unmarked in the one that makes them right.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from detection import Survey
from detection.defect_map import tiles_touched
from ingest.store.places import in_parts
from ingest.store.schema import StaleTile, SurveyRow, SurveyTile, Trip

BEYOND_M = 40.0  # what happens to a defect moves jolts to and from its neighbours in the next tile (twice a hit's reach)


def touch(session: Session, survey: Survey) -> None:
    """The tiles of a survey in the place of those of an older one of the same trip; both are stale."""
    before = session.scalars(select(SurveyTile.tile).where(SurveyTile.trip_id == survey.trip_id)).all()
    after = remember(session, survey)
    mark(session, {*before, *after})


def remember(session: Session, survey: Survey) -> frozenset[int]:
    """Store which tiles a survey touches; returns them."""
    touched = tiles_touched(survey, beyond_m=BEYOND_M)
    session.execute(delete(SurveyTile).where(SurveyTile.trip_id == survey.trip_id))
    if touched:
        session.execute(insert(SurveyTile), [{"trip_id": survey.trip_id, "tile": tile} for tile in sorted(touched)])
    return touched


def mark(session: Session, tiles: Iterable[int]) -> None:
    """Have these tiles estimated again."""
    if rows := [{"tile": tile} for tile in sorted(set(tiles))]:
        session.execute(insert(StaleTile), rows)


def mark_of_device(session: Session, device_id: str) -> int:
    """Have all tiles estimated again that a device's trips touch; returns how many."""
    query = select(SurveyTile.tile).join(Trip, Trip.id == SurveyTile.trip_id).where(Trip.device_id == device_id)
    touched = set(session.scalars(query))
    mark(session, touched)
    return len(touched)


def mark_of_trip(session: Session, trip_id: str) -> int:
    """Have all tiles estimated again that one trip touches; returns how many."""
    touched = set(session.scalars(select(SurveyTile.tile).where(SurveyTile.trip_id == trip_id)))
    mark(session, touched)
    return len(touched)


def stale(session: Session) -> dict[int, int]:
    """Marks waiting: id of the mark → its tile."""
    return {row.id: row.tile for row in session.execute(select(StaleTile.id, StaleTile.tile))}


def unmark(session: Session, marks: Mapping[int, int]) -> None:
    """These marks are dealt with; later ones of the same tiles stay."""
    for part in in_parts(marks):
        session.execute(delete(StaleTile).where(StaleTile.id.in_(part)))


def trips_without(session: Session) -> set[str]:
    """Trips with a survey and no tiles: stored by a Cahot that kept none, or without any place."""
    known = select(SurveyTile.trip_id).distinct()
    return set(session.scalars(select(SurveyRow.trip_id).where(SurveyRow.trip_id.not_in(known))))
