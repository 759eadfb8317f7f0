"""/v1/reports: what a driver tells by hand, and crews read."""

from __future__ import annotations

import re
import time
import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from detection import KINDS
from ingest.api import body, geojson
from ingest.api.access import ADevice, ASettings, AStore, AUser
from ingest.api.answers import NewReport, ReportStored, json_body, problems
from ingest.api.problems import Problem
from ingest.settings import Limits
from ingest.store import Store, reports
from ingest.store.schema import Report

router = APIRouter(tags=["reports"])

MORE_KINDS = ("lamp", "graffiti", "sign_not_visible")  # what people see beside the road and no phone feels
REPORTED = (*KINDS, *MORE_KINDS)
LONGEST_NOTE = 2000  # characters
_UUID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@router.post(
    "/v1/reports",
    status_code=201,
    response_model=ReportStored,
    responses={
        200: {"model": ReportStored, "description": "Stored before"},
        **problems(
            *("auth.missing", "auth.invalid", "auth.role", "report.conflict", "id.format", "field.missing", "field.range"),
            *("field.text", "field.unknown", "fix.range", "sample.not_finite", "body.too_large", "body.unsupported"),
            *("body.malformed", "body.duplicate_key", "body.cut_off"),
        ),
    },
    openapi_extra=json_body(NewReport),
    summary="Report a defect by hand",
)
async def post_report(request: Request, device: ADevice, store: AStore, settings: ASettings) -> JSONResponse:
    """Kept as it is written; a `report_id` of the phone's own makes it safe to send again."""
    report = _report(await body.read_object(request, settings.limits.small_body_bytes), device)
    stored = await run_in_threadpool(_store, store, report)
    return JSONResponse(stored.model_dump(), 200 if stored.duplicate else 201)


@router.get(
    "/v1/reports",
    response_class=Response,
    responses={
        200: {"description": "A FeatureCollection of points", "content": {geojson.MEDIA_TYPE: {"schema": {"type": "object"}}}},
        **problems("auth.missing", "auth.invalid", "auth.role", "field.range", "id.format"),
    },
    summary="Reports made by hand, newest first",
)
def list_reports(
    request: Request,
    _user: AUser,
    store: AStore,
    limit: Annotated[int, Query(ge=1, le=Limits.page)] = 1000,
    cursor: Annotated[str | None, Query(max_length=36, pattern="^[0-9a-f-]*$", description="`next` of the page before")] = None,
) -> Response:
    """`next` is the cursor of the following page, or null. Who wrote a report is not told."""
    with store.database.read() as session:
        last = reports.find(session, cursor) if cursor else None
        rows = reports.page(session, limit + 1, (last.created_at, last.id) if last else None)
    following = rows[limit - 1].id if len(rows) > limit else None
    features = [_feature(row) for row in rows[:limit]]
    return geojson.answer(request, {"type": "FeatureCollection", "features": features, "next": following}, private=True)


def _report(fields: dict[str, Any], device: str) -> Report:
    body.only(fields, "kind", "place", "note", "report_id")
    kind = body.word(fields, "kind", REPORTED)
    if kind is None:
        raise Problem("field.missing", f"give kind, one of {', '.join(REPORTED)}", field="kind")
    place = fields.get("place")
    if not isinstance(place, dict):
        raise Problem("field.missing", "give place, an object with latitude and longitude in degrees", field="place")
    body.only(place, "latitude", "longitude")
    report_id = fields.get("report_id") or str(uuid.uuid4())
    if not isinstance(report_id, str) or not _UUID.fullmatch(report_id):
        raise Problem("id.format", "report_id must be a UUID in small letters", field="report_id", value=report_id)
    return Report(
        id=report_id,
        device_id=device,
        created_at=time.time(),
        kind=kind,
        latitude=body.number(place, "latitude", 90.0),
        longitude=body.number(place, "longitude", 180.0),
        note=body.text(fields, "note", LONGEST_NOTE) or "",
    )


def _store(store: Store, report: Report) -> ReportStored:
    report_id = report.id
    with store.database.write() as session:
        return ReportStored(report_id=report_id, duplicate=not reports.add(session, report))


def _feature(row: Report) -> dict[str, Any]:
    properties = {"id": row.id, "kind": row.kind, "note": row.note, "time": geojson.moment(row.created_at)}
    place = {"type": "Point", "coordinates": [row.longitude, row.latitude]}
    return {"type": "Feature", "id": row.id, "geometry": place, "properties": properties}
