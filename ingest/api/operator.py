"""Is it alive, is it ready, what is it set to: nothing secret, nothing about anyone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from ingest.api import geojson
from ingest.api.access import ASettings, AStore
from ingest.api.answers import problems
from ingest.api.pressure import pressure_of
from ingest.api.problems import Problem
from ingest.store import common_tracks, jobs, pushes, workers

router = APIRouter(tags=["operation"])

SILENT_S = 300.0  # an estimate of some thousand trips takes a minute or two, in which a worker says nothing
BACKLOG_S = 3600.0  # a trip of this morning should be on the map by noon


@router.get("/healthz", responses=problems(), summary="The process answers")
async def healthz() -> dict[str, str]:
    return {"status": "ok"}


class Readiness(BaseModel):
    status: Literal["ready", "refusing"]
    code: str | None = Field(None, description="refusing: what phones get")
    detail: str | None = None
    warnings: list[str] | None = Field(None, description="what an operator should look at although chunks are taken")


@router.get(
    "/readyz",
    responses=problems("storage.failed"),
    response_model_exclude_none=True,
    summary="Chunks can be taken: database and disk answer",
)
def readyz(request: Request, store: AStore) -> Readiness:
    """`status`: ready; or refusing, when the map is served but nothing more is stored, with the code and detail phones get.

    A silent worker or a long backlog are only told: phones lose nothing by them.
    """
    if not (store.database.is_there() and store.objects.is_writable()):
        raise Problem("storage.failed", "the database or the folder of traces does not answer")
    if problem := pressure_of(request).problem():
        return Readiness(status="refusing", code=problem.code, detail=problem.detail, warnings=None)
    now = time.time()
    with store.database.read() as session:
        told = [*_on_worker(workers.last_seen(session), now, request.app.state.started_at), *_on_backlog(session, now)]
    return Readiness(status="ready", code=None, warnings=told or None)


def _on_worker(last_seen: float | None, now: float, started_at: float) -> Iterator[str]:
    silent_s = now - max(last_seen or 0.0, started_at)  # it takes a while to come up
    if silent_s > SILENT_S:
        yield f"no worker was heard of for {silent_s:.0f} s"


def _on_backlog(session: Session, now: float) -> Iterator[str]:
    oldest = jobs.oldest_due(session, now)
    if oldest is not None and now - oldest > BACKLOG_S:
        yield f"the oldest of {jobs.backlog(session)} jobs has waited for {now - oldest:.0f} s"
    if aside := pushes.set_aside_count(session):
        yield f"{aside} pushed sessions failed and were set aside"


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
