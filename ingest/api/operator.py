"""Is it alive, is it ready, what is it set to: nothing secret, nothing about anyone."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from ingest.api import geojson
from ingest.api.access import ASettings, AStore
from ingest.api.answers import problems
from ingest.api.pressure import pressure_of
from ingest.api.problems import Problem
from ingest.store import common_tracks

router = APIRouter(tags=["operation"])


@router.get("/healthz", responses=problems(), summary="The process answers")
async def healthz() -> dict[str, str]:
    return {"status": "ok"}


@router.get("/readyz", responses=problems("storage.failed"), summary="Database and folder answer too")
def readyz(request: Request, store: AStore) -> dict[str, str]:
    """`status`: ready; or refusing, when the map is served but nothing more is stored, with the code and detail phones get."""
    if not (store.database.is_there() and store.objects.is_writable()):
        raise Problem("storage.failed", "the database or the folder of traces does not answer")
    if problem := pressure_of(request).problem():
        return {"status": "refusing", "code": problem.code, "detail": problem.detail}
    return {"status": "ready"}


@router.get(
    "/v1/map-config",
    response_class=Response,
    responses={200: {"content": {"application/json": {"schema": {"type": "object"}}}, "description": "Settings"}, **problems()},
    summary="What the map page needs to know",
)
def map_config(request: Request, store: AStore, settings: ASettings) -> Response:
    """Background (null: streets drawn from passes), its attribution, where there is something to see, and k."""
    with store.database.read() as session:
        bounds = common_tracks.bounds(session, settings.k)
    told: dict[str, Any] = {
        "style": settings.style_url,
        "tiles": settings.tile_url,
        "attribution": settings.attribution or None,
        "bounds": bounds,
        "k": settings.k,
    }
    return geojson.answer(request, told, "application/json")
