"""GET /v1/tracks: the streets that were driven, as lines, where enough devices drove."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from ingest.api import geojson
from ingest.api.access import ASettings, AStore
from ingest.api.answers import problems
from ingest.settings import Limits
from ingest.store import common_tracks

router = APIRouter(tags=["roads"])


@router.get(
    "/v1/tracks",
    response_class=Response,
    responses={
        200: {
            "description": "A FeatureCollection of lines",
            "content": {geojson.MEDIA_TYPE: {"schema": {"type": "object"}}},
        },
        **problems("field.range", "fix.range"),
    },
    summary="Streets that at least k devices drove",
)
def list_tracks(
    request: Request,
    store: AStore,
    settings: ASettings,
    bbox: geojson.BoxText = None,
    limit: Annotated[int, Query(ge=1, le=Limits.page)] = 2000,
    cursor: Annotated[int, Query(ge=-1, lt=2**31, description="`next` of the page before")] = -1,
) -> Response:
    """Middle lines of all passes, not the way of any one; `passes` and `roughness` (m/s², vertical RMS) along each."""
    with store.database.read() as session:
        rows = common_tracks.page(session, settings.k, geojson.box(bbox), limit + 1, cursor)
    following = rows[limit - 1]["id"] if len(rows) > limit else None
    features = [_feature(row) for row in rows[:limit]]
    return geojson.answer(request, {"type": "FeatureCollection", "features": features, "next": following, "k": settings.k})


def _feature(row: Mapping[str, Any]) -> dict[str, Any]:
    line = {"type": "LineString", "coordinates": json.loads(row["line"])}
    return {"type": "Feature", "geometry": line, "properties": {"passes": row["passes"], "roughness": row["roughness"]}}
