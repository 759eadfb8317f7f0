"""The city's known castings, humps and crossings, as last given."""

from __future__ import annotations

import math

import numpy as np
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from detection.assets import SORTS, Assets, have_names_of
from ingest.store import calibrations, jobs
from ingest.store.places import in_parts
from ingest.store.schema import AssetRow, Defect


def load(session: Session, south: float = -90.0, north: float = 90.0) -> Assets:
    """Those between two latitudes (degrees), in the order of the file."""
    columns = (AssetRow.id, AssetRow.latitude, AssetRow.longitude, AssetRow.sort, AssetRow.heading, AssetRow.radius)
    rows = session.execute(select(*columns).where(AssetRow.latitude.between(south, north)).order_by(AssetRow.number)).all()
    if not rows:
        return Assets.empty()
    name, latitude, longitude, sort, heading, radius = zip(*rows, strict=True)
    return Assets(
        np.array(name, object),
        np.array(latitude, float),
        np.array(longitude, float),
        np.array([SORTS.index(word) for word in sort], np.int8),
        np.array([math.nan if value is None else value for value in heading], float),
        np.array(radius, float),
    )


def replace(session: Session, assets: Assets, now: float) -> bool:
    """Put these in the place of those known before, and have all defects joined anew; False when they are the same.

    What was dismissed for lying on one that is gone is new again.
    """
    before = load(session)
    if _same(before, assets):
        return False
    session.execute(delete(AssetRow))
    if rows := _rows(assets):
        session.execute(insert(AssetRow), rows)
    names = np.array(session.scalars(select(Defect.id).where(Defect.status == "dismissed")).all(), object)
    for part in in_parts(names[have_names_of(names, before)].tolist()):
        session.execute(update(Defect).where(Defect.id.in_(part)).values(status="new"))
    calibrations.expire(session)
    jobs.request_estimate(session, now)
    return True


def _same(one: Assets, other: Assets) -> bool:
    pairs = zip(one.columns().values(), other.columns().values(), strict=True)
    return len(one) == len(other) and all(np.array_equal(a, b, equal_nan=a.dtype.kind == "f") for a, b in pairs)


def _rows(assets: Assets) -> list[dict[str, object]]:
    columns = zip(
        *(column.tolist() for column in (assets.id, assets.latitude, assets.longitude, assets.sort, assets.heading)), strict=True
    )
    return [
        {
            "number": number,
            "id": name,
            "latitude": latitude,
            "longitude": longitude,
            "sort": SORTS[sort],
            "heading": None if math.isnan(heading) else heading,
            "radius": radius,
        }
        for number, ((name, latitude, longitude, sort, heading), radius) in enumerate(
            zip(columns, assets.radius_m.tolist(), strict=True)
        )
    ]
