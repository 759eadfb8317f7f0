"""/v1/reports: what people tell by hand, crews read, and its writer hears of again."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from detection import STATUSES
from ingest.api import body, geojson
from ingest.api.access import ANYONE, ACaller, ADeed, ASettings, AStore, AUser, Caller
from ingest.api.answers import NewReport, ReportAnswer, ReportState, ReportStored, json_body, problems
from ingest.api.permissions import sees_everything
from ingest.api.problems import Problem
from ingest.api.rates import address_of, limits_of
from ingest.settings import Limits, Settings
from ingest.store import Store, reports
from ingest.store.reports import REPORT_KINDS
from ingest.store.schema import Report

router = APIRouter(tags=["reports"])

LONGEST_NOTE = 2000  # characters
LONGEST_BODY = 64 << 10
ReportId = Annotated[str, Path(max_length=36, pattern="^[0-9a-f-]{36}$")]
_RECEIPT = {
    "name": "Report-Receipt",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "maxLength": 64},
    "description": "the `receipt` that the report was answered with",
}
_UUID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@router.post(
    "/v1/reports",
    status_code=201,
    response_model=ReportStored,
    responses={
        200: {"model": ReportStored, "description": "Stored before"},
        **problems(
            *("auth.invalid", "auth.cross_site", "report.conflict", "id.format", "field.missing", "field.range"),
            *("field.text", "field.unknown", "fix.range", "sample.not_finite", "body.too_large", "body.unsupported"),
            *("body.malformed", "body.duplicate_key", "body.cut_off"),
        ),
    },
    openapi_extra=json_body(NewReport),
    summary="Report something by hand",
)
async def post_report(request: Request, caller: ACaller, store: AStore, settings: ASettings) -> JSONResponse:
    """Kept as it is written; a `report_id` of the caller's own makes it safe to send again. With a device's token it is that
    device's; anyone else may send a few. It is joined with what is known there: `defect_id`, or `same_as` an earlier report."""
    if caller.role == ANYONE:
        limits_of(request).let_report(address_of(request.scope))
    report = _report(await body.read_object(request, settings.limits.small_body_bytes), caller.device_id)
    stored = await run_in_threadpool(_store, store, settings, caller, report)
    return JSONResponse(stored.model_dump(), 200 if stored.duplicate else 201)


@router.get(
    "/v1/reports/{report_id}",
    response_model=ReportState,
    responses=problems("not_found", "id.format", "auth.invalid"),
    openapi_extra={"parameters": [_RECEIPT]},
    summary="What became of a report",
)
def get_report(report_id: ReportId, request: Request, caller: ACaller, store: AStore, settings: ASettings) -> Response:
    """For whoever has its receipt, for the device that made it, and for users."""
    with store.database.read() as session:
        report = _readable(session, report_id, request, caller)
        (told,) = states(session, [report], _k(caller, settings))
    return geojson.answer(request, told.model_dump(), "application/json", private=True)


@router.patch(
    "/v1/reports/{report_id}",
    response_model=ReportState,
    responses=problems(
        *(
            "auth.missing",
            "auth.invalid",
            "auth.role",
            "auth.cross_site",
            "not_found",
            "id.format",
            "field.missing",
            "field.range",
        ),
        *("field.text", "field.unknown", "sample.not_finite", "body.too_large", "body.unsupported", "body.malformed"),
        *("body.duplicate_key", "body.cut_off"),
    ),
    openapi_extra=json_body(ReportAnswer),
    summary="Answer a report",
)
async def patch_report(report_id: ReportId, request: Request, _user: AUser, deed: ADeed, store: AStore) -> Response:
    """A status of its own, for what no car feels, and a text for its writer. Where it is of a defect, its status counts."""
    fields = await body.read_object(request, LONGEST_BODY)
    body.only(fields, "status", "answer")
    status, text = body.word(fields, "status", STATUSES), body.text(fields, "answer", LONGEST_NOTE)
    if status is None and text is None:
        raise Problem("field.missing", f"give a status ({', '.join(STATUSES)}), an answer, or both", field="status")

    def work(session: Session) -> ReportState:
        report = reports.find(session, report_id)
        if report is None:
            raise _absent()
        reports.answer(session, report, status, text, deed, time.time())
        return states(session, [report], 1)[0]

    told = await run_in_threadpool(store.database.run, work)
    return geojson.answer(request, told.model_dump(), "application/json", private=True)


@router.get(
    "/v1/reports",
    response_class=Response,
    responses={
        200: {"description": "A FeatureCollection of points", "content": {geojson.MEDIA_TYPE: {"schema": {"type": "object"}}}},
        **problems("auth.missing", "auth.invalid", "auth.role", "field.range", "fix.range", "id.format"),
    },
    summary="Reports made by hand, newest first",
)
def list_reports(
    request: Request,
    _user: AUser,
    store: AStore,
    bbox: geojson.BoxText = None,
    limit: Annotated[int, Query(ge=1, le=Limits.page)] = 1000,
    cursor: Annotated[str | None, Query(max_length=36, pattern="^[0-9a-f-]*$", description="`next` of the page before")] = None,
) -> Response:
    """`next` is the cursor of the following page, or null. Who wrote a report is not told. `defect_id`: the defect that it is of;
    `same_as`: the earlier report of the same thing, so that what has neither is to be looked at."""
    with store.database.read() as session:
        last = reports.find(session, cursor) if cursor else None
        rows = reports.page(session, limit + 1, (last.created_at, last.id) if last else None, geojson.box(bbox))
        told = states(session, rows[:limit], 1)
    following = rows[limit - 1].id if len(rows) > limit else None
    features = [_feature(state) for state in told]
    return geojson.answer(request, {"type": "FeatureCollection", "features": features, "next": following}, private=True)


def _report(fields: dict[str, Any], device: str | None) -> Report:
    body.only(fields, "kind", "place", "note", "report_id")
    kind = body.word(fields, "kind", REPORT_KINDS)
    if kind is None:
        raise Problem("field.missing", f"give kind, one of {', '.join(REPORT_KINDS)}", field="kind")
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


def _store(store: Store, settings: Settings, caller: Caller, report: Report) -> ReportStored:
    report_id = report.id
    with store.database.write() as session:
        duplicate = not reports.add(session, report, settings.limits.reports_a_day)
        receipt = reports.give_receipt(session, report_id)
        (joined,) = reports.joins(session, [session.get_one(Report, report_id)], _k(caller, settings))
    known = {"defect_id": joined.defect_id, "same_as": joined.same_as}
    return ReportStored(report_id=report_id, duplicate=duplicate, receipt=receipt, **known)


def states(session: Session, held: Sequence[Report], k: int) -> list[ReportState]:
    """What became of each; of defects only those that at least k devices passed."""
    return [_state(row, joined) for row, joined in zip(held, reports.joins(session, held, k), strict=True)]


def _state(row: Report, joined: reports.Joined) -> ReportState:
    return ReportState(
        report_id=row.id,
        kind=row.kind,
        latitude=row.latitude,
        longitude=row.longitude,
        note=row.note,
        time=str(geojson.moment(row.created_at)),
        status=joined.status or row.status,
        answer=row.answer,
        defect_id=joined.defect_id,
        same_as=joined.same_as,
    )


def _readable(session: Session, report_id: str, request: Request, caller: Caller) -> Report:
    """Problem not_found, also for whoever may not read it."""
    report, receipt = reports.find(session, report_id), request.headers.get("report-receipt", "")
    if report is None:
        raise _absent()
    own = caller.device_id is not None and caller.device_id == report.device_id
    if not (own or sees_everything(caller) or reports.opens(report, receipt)):
        raise _absent()
    return report


def _absent() -> Problem:
    return Problem("not_found", "no such report, or not with this receipt; send the one of its making as Report-Receipt")


def _k(caller: Caller, settings: Settings) -> int:
    return 1 if sees_everything(caller) else settings.k


def _feature(state: ReportState) -> dict[str, Any]:
    told = state.model_dump()
    place = {"type": "Point", "coordinates": [told.pop("longitude"), told.pop("latitude")]}
    name = told.pop("report_id")
    return {"type": "Feature", "id": name, "geometry": place, "properties": {"id": name, **told}}
