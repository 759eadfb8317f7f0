"""Surveys as rows: packed arrays to estimate from, and the jolts as rows to query."""

from __future__ import annotations

import hashlib
import io
import math
import zlib
from collections.abc import Collection
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from detection import KINDS, Jolts, Survey, Track
from ingest.store import calibrations, jobs, tiles
from ingest.store.places import in_parts
from ingest.store.schema import Jolt, SurveyRow, SurveyTile, Trip

_NAMES = (*(f"jolts.{name}" for name in Jolts.empty().columns()), *(f"track.{name}" for name in Track.empty().columns()))
SHAPE = hashlib.sha256(" ".join(_NAMES).encode()).hexdigest()  # surveys packed with other columns are made anew
_COLUMNS = {"speed": "speed_mps", "latitude": "latitude_deg", "longitude": "longitude_deg", "heading": "heading_deg"}
_COLUMNS |= {"t_s": "t_s", "severity": "severity", "peak": "peak_mps2", "confidence": "confidence"}

_ALL = (
    select(SurveyRow.trip_id, Trip.device_id, SurveyRow.arrays)
    .join(Trip, Trip.id == SurveyRow.trip_id)
    .where(SurveyRow.shape == SHAPE)
    .order_by(SurveyRow.trip_id)
)


def save(session: Session, survey: Survey, now: float) -> None:
    """Put the survey in the place of what was known of its trip; the tiles of both are stale, the calibration is one older."""
    session.execute(delete(Jolt).where(Jolt.trip_id == survey.trip_id))
    session.execute(delete(SurveyRow).where(SurveyRow.trip_id == survey.trip_id))
    session.add(
        SurveyRow(
            trip_id=survey.trip_id,
            shape=SHAPE,
            jolts=len(survey.jolts),
            driven_m=survey.notes.get("driven_m", 0.0),
            driven_s=survey.notes.get("driven_s", 0.0),
            surveyed_at=now,
            arrays=pack(survey),
        )
    )
    session.flush()
    if rows := _jolt_rows(survey):
        session.execute(insert(Jolt), rows)
    tiles.touch(session, survey)
    calibrations.count_survey(session)


def drop(session: Session, trip_id: str) -> None:
    """What was found in the trip counts no more; its tiles are stale."""
    touched = session.scalars(select(SurveyTile.tile).where(SurveyTile.trip_id == trip_id)).all()
    tiles.mark(session, touched)
    for table in (SurveyTile, Jolt, SurveyRow):
        session.execute(delete(table).where(table.trip_id == trip_id))


def load_all(session: Session) -> list[Survey]:
    """Every survey, in order of trip id, with its device."""
    return [unpack(*row) for row in session.execute(_ALL)]


def load_touching(session: Session, touched: Collection[int]) -> list[Survey]:
    """The surveys that touch any of these tiles, in order of trip id, with their devices."""
    trips: set[str] = set()
    for part in in_parts(touched):
        trips.update(session.scalars(select(SurveyTile.trip_id).where(SurveyTile.tile.in_(part)).distinct()))
    rows = (row for part in in_parts(sorted(trips)) for row in session.execute(_ALL.where(SurveyRow.trip_id.in_(part))))
    return [unpack(*row) for row in rows]


def count(session: Session) -> int:
    """How many trips have one."""
    return session.scalar(select(func.count()).select_from(SurveyRow)) or 0


def is_stored(session: Session, trip_id: str) -> bool:
    """Whether the trip has one."""
    return session.scalar(select(SurveyRow.trip_id).where(SurveyRow.trip_id == trip_id)) is not None


def renew_outdated(session: Session, now: float) -> int:
    """Queue every trip whose survey has other columns than this program's and can be made again; returns how many."""
    there = select(SurveyRow.trip_id).join(Trip, Trip.id == SurveyRow.trip_id).where(Trip.traces_deleted_at.is_(None))
    outdated = session.scalars(there.where(SurveyRow.shape != SHAPE)).all()
    for trip_id in outdated:
        jobs.request_survey(session, trip_id, now, jobs.LATER)
    return len(outdated)


def pack(survey: Survey) -> bytes:
    """Start, then the columns of jolts and track one after the other, compressed."""
    held = io.BytesIO()
    np.save(held, np.float64(survey.started_at_s))
    for part in (survey.evidence, survey.track):
        for column in part.columns().values():
            np.save(held, column, allow_pickle=False)
    return zlib.compress(held.getvalue(), 1)


def unpack(trip_id: str, device: str, arrays: bytes) -> Survey:
    """The survey that was packed; its notes are not kept in full."""
    held = io.BytesIO(zlib.decompress(arrays))
    started_at_s = float(np.load(held, allow_pickle=False))
    jolts, track = ({name: np.load(held, allow_pickle=False) for name in part.empty().columns()} for part in (Jolts, Track))
    return Survey(trip_id, device, started_at_s, Jolts.from_columns(jolts), Track.from_columns(track))


def _jolt_rows(survey: Survey) -> list[dict[str, Any]]:
    columns: dict[str, list[Any]] = {name: _nulls(getattr(survey.jolts, of)) for name, of in _COLUMNS.items()}
    columns["kind"] = [KINDS[code] for code in survey.jolts.kind.tolist()]
    columns["number"] = list(range(len(survey.jolts)))
    rows = zip(*columns.values(), strict=True)
    return [{"trip_id": survey.trip_id, **dict(zip(columns, row, strict=True))} for row in rows]


def _nulls(column: npt.NDArray[np.float64]) -> list[float | None]:
    return [None if math.isnan(value) else value for value in column.tolist()]
