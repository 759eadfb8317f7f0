"""What the city's crews say about defects: status, notes, whose work; merging, parting, taking back."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from sqlalchemy.orm import Session

from detection import STATUSES
from detection.assets import SORTS
from ingest.api import body, geojson
from ingest.api import defects as answers
from ingest.api.access import ADeed, ASettings, AStore, AUser, Caller
from ingest.api.answers import Bulk, Merge, Split, StatusChange, Undo, json_body, problems
from ingest.api.defects import DefectId
from ingest.api.problems import Problem
from ingest.settings import Settings
from ingest.store import Store, live, marks, triage
from ingest.store.audit import Deed

router = APIRouter(tags=["crews"])

LONGEST_NOTE, LONGEST_NAME, LONGEST_ID = 2000, 64, 64  # characters: a page, not a book; as the columns hold
LAST_VERSION = 1_000_000_000
MOST_AT_ONCE = 500  # defects of one bulk change: a list of a page or two

_GEOJSON: dict[str, Any] = {"content": {geojson.MEDIA_TYPE: {"schema": {"type": "object"}}}}
_CODES = (
    *("auth.missing", "auth.invalid", "auth.role", "auth.cross_site", "not_found", "defect.changed", "defect.merged"),
    *("id.format", "field.missing", "field.range", "field.text", "field.unknown", "sample.not_finite"),
    *("body.too_large", "body.unsupported", "body.malformed", "body.duplicate_key", "body.cut_off"),
)
_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "maxLength": 40},
    "description": 'the `version` that was seen, in quotes, such as "3"; as `version` in the body',
}


def _described(body_model: Any, *codes: str, said: str = "The defect as it is now") -> dict[str, Any]:
    """What the routes here have in common."""
    return {
        "response_class": Response,
        "responses": {200: {"description": said, **_GEOJSON}, **problems(*_CODES, *codes)},
        "openapi_extra": json_body(body_model) | {"parameters": [_IF_MATCH]},
    }


@router.patch(
    "/v1/defects/{defect_id}",
    **_described(StatusChange, "defect.transition"),
    summary="Set the status of a defect, whose work it is, or write a note",
)
async def patch_defect(
    defect_id: DefectId, request: Request, user: AUser, deed: ADeed, store: AStore, settings: ASettings
) -> Response:
    """Kept with who and when. Give the `version` that was seen, and 409 tells what somebody else did since.

    `dismissed` with `as` says that it is a known thing: it keeps its place and id, and no estimate brings it back.
    """
    fields = await body.read_object(request, settings.limits.small_body_bytes)
    body.only(fields, "status", "note", "version", "assignee", "as")
    wish = replace(_wish(fields, user), version=_version(fields, request))

    def work(session: Session) -> None:
        row = triage.held(session, defect_id)
        marks.change(session, defect_id, row.status, wish, deed, time.time())

    return await _done(request, store, settings, user, defect_id, work)


@router.post("/v1/triage", **_described(Bulk, said="What became of each"), summary="Change many defects at once")
async def change_many(request: Request, user: AUser, deed: ADeed, store: AStore, settings: ASettings) -> Response:
    """Each by itself: `results` tells of each, in order, its `version` and `status`, or the `code` and `detail` of why not."""
    fields = await body.read_object(request, settings.limits.small_body_bytes)
    body.only(fields, "ids", "versions", "status", "note", "assignee", "as")
    wish, ids, versions = _wish(fields, user), _ids(fields), fields.get("versions") or {}
    if not isinstance(versions, dict):
        raise Problem("field.range", "versions is an object: id → version as it was seen", field="versions")
    wishes = {name: replace(wish, version=_whole(versions.get(name), "versions")) for name in ids}
    results = await run_in_threadpool(_change_all, store, settings.k, wishes, deed)
    return geojson.answer(request, {"results": results}, "application/json", private=True)


@router.post("/v1/defects/{defect_id}/merge", **_described(Merge, "defect.join"), summary="Count a defect as part of another")
async def merge(defect_id: DefectId, request: Request, user: AUser, deed: ADeed, store: AStore, settings: ASettings) -> Response:
    """Its id then leads to the other (307), whose counts follow within seconds, and stay so whatever is estimated later.

    The answer is the other defect. Taken back by undoing there.
    """
    fields = await body.read_object(request, settings.limits.small_body_bytes)
    body.only(fields, "into", "note", "version")
    into, wish = _id(fields.get("into"), "into"), _said(fields, request, user)

    def work(session: Session) -> None:
        triage.merge(session, defect_id, into, wish, deed, time.time())

    return await _done(request, store, settings, user, into, work, defect_id)


@router.post("/v1/defects/{defect_id}/split", **_described(Split, "defect.join", "fix.range"), summary="Make two of one")
async def split(defect_id: DefectId, request: Request, user: AUser, deed: ADeed, store: AStore, settings: ASettings) -> Response:
    """At two `places`, or where its jolts part. The first keeps the id, `split` in its last change is the second's."""
    fields = await body.read_object(request, settings.limits.small_body_bytes)
    body.only(fields, "places", "by", "note", "version")
    places, side = _places(fields.get("places")), body.word(fields, "by", ("position", "side")) == "side"
    wish = _said(fields, request, user)
    return await _done(
        *(request, store, settings, user, defect_id),
        lambda session: triage.split(session, defect_id, places, side, wish, deed, time.time()),
    )


@router.post("/v1/defects/{defect_id}/undo", **_described(Undo, "defect.undo"), summary="Take back one's own last change")
async def undo(defect_id: DefectId, request: Request, user: AUser, deed: ADeed, store: AStore, settings: ASettings) -> Response:
    """Of a status, an assignment, a merge or a split, as long as nobody changed the defect since. It stays in the trail."""
    fields = await body.read_object(request, settings.limits.small_body_bytes, empty=True)
    body.only(fields, "note", "version")
    wish = _said(fields, request, user)
    return await _done(
        request, store, settings, user, defect_id, lambda session: triage.undo(session, defect_id, wish, deed, time.time())
    )


async def _done(
    request: Request,
    store: Store,
    settings: Settings,
    user: Caller,
    defect_id: str,
    work: Callable[[Session], object],
    *others: str,
) -> Response:
    """Does the work in one transaction; the answer is the defect as it is then. others: ids that it may change, too."""

    def working(session: Session) -> None:
        before = live.seen(session, settings.k, ids=[defect_id, *others])
        work(session)
        live.tell(session, before, live.seen(session, settings.k, ids=[defect_id, *others]), time.time())

    def run() -> dict[str, Any]:
        store.database.run(working)
        return answers.one(store, settings, user, defect_id)

    return geojson.answer(request, await run_in_threadpool(run), private=True)


def _change_all(store: Store, k: int, wishes: dict[str, marks.Wish], deed: Deed) -> list[dict[str, Any]]:
    now = time.time()

    def working(session: Session) -> list[dict[str, Any]]:
        before = live.seen(session, k, ids=wishes)
        results = [_change(session, name, wish, deed, now) for name, wish in wishes.items()]
        live.tell(session, before, live.seen(session, k, ids=wishes), now)
        return results

    return store.database.run(working)


def _change(session: Session, name: str, wish: marks.Wish, deed: Deed, now: float) -> dict[str, Any]:
    """One of many; what refuses it has written nothing."""
    try:
        row = triage.held(session, name)
        mark = marks.change(session, name, row.status, wish, deed, now)
        return {"id": name, "ok": True, "version": mark.version, "status": mark.status, "assignee": mark.assignee}
    except triage.NoDefect:
        return {"id": name, "ok": False, "code": "not_found", "detail": "no defect has this id"}
    except triage.Merged as error:
        return {"id": name, "ok": False, "code": "defect.merged", "detail": f"it was merged into {error.into}"}
    except marks.Changed as error:
        return {"id": name, "ok": False, "code": "defect.changed", "detail": str(error), "version": error.version}
    except marks.NoWay as error:
        return {"id": name, "ok": False, "code": "defect.transition", "detail": str(error)}


def _wish(fields: dict[str, Any], user: Caller) -> marks.Wish:
    status, note = body.word(fields, "status", STATUSES), body.text(fields, "note", LONGEST_NOTE)
    assignee, sort = body.text(fields, "assignee", LONGEST_NAME), body.word(fields, "as", SORTS)
    if sort is not None and status != "dismissed":
        raise Problem("field.range", 'as goes with "status": "dismissed"', field="as", value=sort)
    if status is None and not note and assignee is None:
        raise Problem("field.missing", f"give a status ({', '.join(STATUSES)}), an assignee, a note, or several", field="status")
    return marks.Wish(status, note or "", user.name or "", None, assignee, sort)


def _said(fields: dict[str, Any], request: Request, user: Caller) -> marks.Wish:
    return marks.Wish(None, body.text(fields, "note", LONGEST_NOTE) or "", user.name or "", _version(fields, request))


def _version(fields: dict[str, Any], request: Request) -> int | None:
    """Of the body, or of If-Match. Problem field.range, also where the two differ."""
    told, header = _whole(fields.get("version"), "version"), request.headers.get("if-match", "*").strip()
    if header == "*":
        return told
    text = header.removeprefix("W/").strip('"')
    seen = _whole(int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else header, "If-Match")
    if told not in (None, seen):
        raise Problem("field.range", "If-Match and version are of different versions; give one of them", field="If-Match")
    return seen


def _whole(version: object, field: str) -> int | None:
    if version is None:
        return None
    if type(version) is not int or not 0 <= version <= LAST_VERSION:
        raise Problem("field.range", f"{field} must be a whole number, as the defect told it", field=field, value=version)
    return version


def _id(value: object, field: str) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_ID or not all("!" <= c <= "~" for c in value):
        raise Problem(
            "field.missing" if value is None else "id.format", f"{field} is the id of a defect", field=field, value=value
        )
    return value


def _ids(fields: dict[str, Any]) -> list[str]:
    ids = fields.get("ids")
    if not isinstance(ids, list) or not 0 < len(ids) <= MOST_AT_ONCE:
        code = "field.missing" if ids is None else "field.range"
        raise Problem(code, f"ids is a list of 1 to {MOST_AT_ONCE} ids of defects", field="ids")
    return list(dict.fromkeys(_id(one, "ids") for one in ids))


def _places(value: object) -> tuple[triage.Place, triage.Place] | None:
    if value is None:
        return None
    if not isinstance(value, list) or len(value) != 2 or not all(isinstance(one, dict) for one in value):
        raise Problem("field.range", "places is a list of two, each with latitude and longitude in degrees", field="places")
    for one in value:
        body.only(one, "latitude", "longitude")
    first, second = ((body.number(one, "latitude", 90.0), body.number(one, "longitude", 180.0)) for one in value)
    return first, second
