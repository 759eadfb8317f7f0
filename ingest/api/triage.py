"""PATCH /v1/defects/{id}: what the city's crews say about a defect."""

from __future__ import annotations

import time
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from detection import STATUSES
from ingest.api import body, geojson
from ingest.api import defects as answers
from ingest.api.access import ADeed, ASettings, AStore, AUser, Caller
from ingest.api.answers import StatusChange, json_body, problems
from ingest.api.defects import DefectId
from ingest.api.problems import Problem
from ingest.settings import Settings
from ingest.store import Store, defects, marks
from ingest.store.audit import Deed

router = APIRouter(tags=["crews"])

LONGEST_NOTE = 2000  # characters: a page, not a book
LAST_VERSION = 1_000_000_000


@router.patch(
    "/v1/defects/{defect_id}",
    response_class=Response,
    responses={
        200: {"description": "The defect as it is now", "content": {geojson.MEDIA_TYPE: {"schema": {"type": "object"}}}},
        **problems(
            *("auth.missing", "auth.invalid", "auth.role", "auth.cross_site", "not_found", "defect.changed", "defect.transition"),
            *("id.format", "field.missing", "field.range", "field.text", "field.unknown", "sample.not_finite"),
            *("body.too_large", "body.unsupported", "body.malformed", "body.duplicate_key", "body.cut_off"),
        ),
    },
    openapi_extra=json_body(StatusChange),
    summary="Set the status of a defect, or write a note",
)
async def patch_defect(
    defect_id: DefectId, request: Request, user: AUser, deed: ADeed, store: AStore, settings: ASettings
) -> Response:
    """Kept with who and when. Give the `version` that was seen, and 409 tells what somebody else did since."""
    wish = _wish(await body.read_object(request, settings.limits.small_body_bytes), user)
    told = await run_in_threadpool(_change, store, settings, user, deed, defect_id, wish)
    return geojson.answer(request, told, private=True)


def _wish(fields: dict[str, Any], user: Caller) -> marks.Wish:
    body.only(fields, "status", "note", "version")
    status, note = body.word(fields, "status", STATUSES), body.text(fields, "note", LONGEST_NOTE)
    if status is None and not note:
        raise Problem("field.missing", f"give a status ({', '.join(STATUSES)}), a note, or both", field="status")
    version = fields.get("version")
    if version is not None and (type(version) is not int or not 0 <= version <= LAST_VERSION):
        raise Problem("field.range", "version must be a whole number, as the defect told it", field="version", value=version)
    return marks.Wish(status, note or "", user.name or "", version)


def _change(store: Store, settings: Settings, user: Caller, deed: Deed, defect_id: str, wish: marks.Wish) -> dict[str, Any]:
    with store.database.write() as session:
        row = defects.one(session, defect_id, 1)
        if row is None:
            raise Problem("not_found", "no defect has this id; it may have been joined with another")
        marks.change(session, defect_id, row["status"], wish, deed, time.time())
    return answers.one(store, settings, user, defect_id)
