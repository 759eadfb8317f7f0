"""The streets that enough devices drove: as lines with their roughness, with who drove there, and the crossings between them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from ingest.api import geojson
from ingest.api.access import ASettings, AStore
from ingest.api.answers import problems
from ingest.settings import Limits
from ingest.store import common_tracks, crossings

router = APIRouter(tags=["roads"])

Row = Mapping[str, Any]
ALimit = Annotated[int, Query(ge=1, le=Limits.page)]
ACursor = Annotated[int, Query(ge=-1, lt=2**31, description="`next` of the page before")]
_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"description": "A FeatureCollection", "content": {geojson.MEDIA_TYPE: {"schema": {"type": "object"}}}},
    **problems("field.range", "fix.range"),
}


@router.get("/v1/tracks", response_class=Response, responses=_RESPONSES, summary="Streets that at least k devices drove")
def list_tracks(
    request: Request,
    store: AStore,
    settings: ASettings,
    bbox: geojson.BoxText = None,
    limit: ALimit = 2000,
    cursor: ACursor = -1,
) -> Response:
    """Middle lines of all passes, not the way of any one; `passes` and `roughness` (m/s², vertical RMS) along each."""
    with store.database.read() as session:
        rows = common_tracks.page(session, settings.k, geojson.box(bbox), limit + 1, cursor)
    return _page(request, rows, limit, settings.k, lambda row: line(row, "passes", "roughness"))


@router.get("/v1/roughness", response_class=Response, responses=_RESPONSES, summary="Road stretches with their roughness")
def list_roughness(
    request: Request,
    store: AStore,
    settings: ASettings,
    bbox: geojson.BoxText = None,
    limit: ALimit = 2000,
    cursor: ACursor = -1,
) -> Response:
    """Stretches of 250 m at most. `roughness`: vertical RMS (2 to 25 Hz, m/s²), mean of all passes as fast as they drove."""
    with store.database.read() as session:
        rows = common_tracks.page(session, settings.k, geojson.box(bbox), limit + 1, cursor)
    return _page(request, rows, limit, settings.k, lambda row: line(row, "roughness", "passes", "devices"))


@router.get("/v1/coverage", response_class=Response, responses=_RESPONSES, summary="Where how many passes were made")
def list_coverage(
    request: Request,
    store: AStore,
    settings: ASettings,
    bbox: geojson.BoxText = None,
    limit: ALimit = 2000,
    cursor: ACursor = -1,
) -> Response:
    """Where nothing is listed nothing is known: fewer than k devices drove there, perhaps none, and no defect can be shown."""
    with store.database.read() as session:
        rows = common_tracks.page(session, settings.k, geojson.box(bbox), limit + 1, cursor)
    return _page(request, rows, limit, settings.k, lambda row: line(row, "passes", "devices"))


@router.get("/v1/crossings", response_class=Response, responses=_RESPONSES, summary="Crossings, and who brakes before them")
def list_crossings(
    request: Request,
    store: AStore,
    settings: ASettings,
    bbox: geojson.BoxText = None,
    limit: ALimit = 2000,
    cursor: ACursor = -1,
) -> Response:
    """`braking`: share of the approaches that brake, with its 90 % interval `low` to `high`; `approaches_by_arm`: the same for
    each direction they come in (`heading`), also of those who go straight on, and the usual `speed` on the way there (m/s)."""
    with store.database.read() as session:
        rows = crossings.page(session, settings.k, geojson.box(bbox), limit + 1, cursor)
    return _page(request, rows, limit, settings.k, crossing_feature)


def crossing_feature(row: Row) -> dict[str, Any]:
    """GeoJSON of one row of `crossings`."""
    names = ("arms", "devices", "approaches", "braking", "low", "high")
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [row["longitude"], row["latitude"]]},
        "properties": {name: row[name] for name in names} | {"approaches_by_arm": json.loads(row["told"])},
    }


def line(row: Row, *names: str) -> dict[str, Any]:
    """GeoJSON of one row of `common_tracks` with some of its columns."""
    drawn = {"type": "LineString", "coordinates": json.loads(row["line"])}
    return {"type": "Feature", "geometry": drawn, "properties": {name: row[name] for name in names}}


def _page(request: Request, rows: Sequence[Row], limit: int, k: int, feature: Callable[[Row], dict[str, Any]]) -> Response:
    """At most `limit` of the rows, of which one more was asked for to know whether there are."""
    following = rows[limit - 1]["id"] if len(rows) > limit else None
    features = [feature(row) for row in rows[:limit]]
    return geojson.answer(request, {"type": "FeatureCollection", "features": features, "next": following, "k": k})
