"""/open311/v2: GeoReport v2, as cities' request systems and their apps speak it.

Told are defects that enough devices passed, and reports that came in this way; what drivers report from their phones is not.
"""

from __future__ import annotations

import sys
import time
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from sqlalchemy.orm import Session

from detection import STATUSES
from ingest.api import body, geojson
from ingest.api.access import ASettings, AStore, holds_key
from ingest.api.answers import problems
from ingest.api.external import address
from ingest.api.open311_format import Open311Route, listed, single
from ingest.api.problems import Problem
from ingest.api.rates import address_of, limits_of
from ingest.settings import Limits, Settings
from ingest.store import Store, defects, reports
from ingest.store.defects import Wanted
from ingest.store.schema import Report

router = APIRouter(tags=["Open311"], prefix="/open311/v2", route_class=Open311Route)

DAY_S = 86_400.0
SPAN_S = 90 * DAY_S  # of requests in one answer, as the specification limits it
LONGEST_DESCRIPTION = 2000  # characters, as of a note
CLOSED = ("repaired", "dismissed")
CHANGED = "2026-11-28T00:00:00Z"  # when what is served here last changed its form
MEDIA_TYPES = ("text/xml", "application/json")
NAMES = {
    "pothole": ("Pothole", "A hole or a sunken place in the road."),
    "speed_bump": ("Speed bump", "A hump across the road that is too high, damaged, or not a planned one."),
    "joint": ("Joint or casting", "A rail crossing, an expansion joint or the edge of a manhole that jolts."),
    "rough": ("Rough stretch", "A stretch of road that is uneven all along."),
    "unknown": ("Other road defect", "Something else that jolts."),
    "lamp": ("Street lamp", "A lamp that does not shine, or flickers."),
    "graffiti": ("Graffiti", "Paint where it does not belong."),
    "other": ("Something else", "None of these."),
    "sign_not_visible": ("Hidden sign", "A traffic sign that is overgrown, turned, dirty or gone."),
}
SERVICES = tuple(NAMES)  # what a phone may report, too: `ingest.store.reports.REPORT_KINDS`
_NAMESPACE = uuid.UUID("5a3c33a1-3a55-4b59-9a3e-5e5f2f3f9c11")  # random, once: what is posted here


class Form(StrEnum):
    """The ending of an address."""

    xml = "xml"
    json = "json"


AForm = Annotated[Form, Path(description="xml or json")]
_TOLD: dict[str, Any] = {"content": {"text/xml": {}, "application/json": {}}}


def _answers(*codes: str) -> dict[int | str, dict[str, Any]]:
    """Errors as the specification has them (never 422, which FastAPI adds by itself); before a route is found, problems."""
    told = problems(*codes, "query.unusable", "field.range")
    for answer in told.values():
        answer["content"] = {"text/xml": {}, "application/json": {}, **answer["content"]}
    return {200: {"description": "As the specification says", **_TOLD}, **told}


@router.get("/discovery.{form}", response_class=Response, responses=_answers(), summary="What is served where")
def discovery(form: AForm, request: Request) -> Response:
    """As the specification's service discovery has it; clients begin here."""
    endpoint = {
        "specification": "http://wiki.open311.org/GeoReport_v2",
        "url": address(request) + router.prefix,
        "changeset": CHANGED,
        "type": "production",
        "formats": list(MEDIA_TYPES),
    }
    contact = "whoever runs this server"
    return single(form, "discovery", {"changeset": CHANGED, "contact": contact, "key_service": contact, "endpoints": [endpoint]})


@router.get("/services.{form}", response_class=Response, responses=_answers(), summary="What may be reported")
def services(form: AForm) -> Response:
    """A service for each kind of defect, and for what else people report."""
    return listed(form, "services", "service", [_service(kind) for kind in SERVICES])


@router.get("/services/{code}.{form}", response_class=Response, responses=_answers("not_found"), summary="One service")
def definition(code: str, form: AForm) -> Response:
    """No service has further attributes."""
    if code not in NAMES:
        raise Problem("not_found", f"service_code is one of {', '.join(SERVICES)}", field="service_code", value=code)
    return single(form, "service_definition", {"service_code": code, "attributes": []})


@router.get("/requests.{form}", response_class=Response, responses=_answers("field.range"), summary="Defects and reports")
def requests(
    form: AForm,
    store: AStore,
    settings: ASettings,
    service_request_id: Annotated[str, Query(max_length=4000, description="several by commas; then nothing else counts")] = "",
    service_code: Annotated[str, Query(max_length=200, description="several by commas")] = "",
    start_date: Annotated[str, Query(max_length=40, description="first noticed then or later; 90 days before the end")] = "",
    end_date: Annotated[str, Query(max_length=40, description="… or earlier; now")] = "",
    status: Annotated[str, Query(max_length=40, description="open, closed or both by commas")] = "",
) -> Response:
    """Newest first; times of defects are days. A longer span than 90 days ends 90 days after its start."""
    if service_request_id:
        rows = [row for one in service_request_id.split(",") if (row := _one(store, settings, one.strip()))]
        return listed(form, "service_requests", "request", rows)
    codes, states = _several(service_code, SERVICES, "service_code"), _several(status, ("open", "closed"), "status")
    since, until = _span(start_date, end_date)
    wanted = Wanted(settings.k, kinds=codes, statuses=_statuses(states), first_since=since // DAY_S * DAY_S, before=until)
    with store.database.read() as session:
        found = [_of_defect(row) for row in defects.page(session, wanted, Limits.page)]
        told = [_of_report(row) for row in reports.from_outside(session, since, until, codes, Limits.page)]
    found += [row for row in told if not states or row["status"] in states]
    found.sort(key=lambda row: (row["requested_datetime"] or "", row["service_request_id"]), reverse=True)
    return listed(form, "service_requests", "request", found)


@router.get("/requests/{request_id}.{form}", response_class=Response, responses=_answers("not_found"), summary="One of them")
def request_of(request_id: str, form: AForm, store: AStore, settings: ASettings) -> Response:
    """By its service_request_id."""
    row = _one(store, settings, request_id)
    if row is None:
        raise Problem("not_found", "there is no such request, or nobody may see it", field="service_request_id", value=request_id)
    return listed(form, "service_requests", "request", [row])


@router.post(
    "/requests.{form}",
    status_code=201,
    response_class=Response,
    responses={
        **_answers(
            *("key.invalid", "field.missing", "field.range", "field.text", "fix.range"),
            *("body.too_large", "body.unsupported", "body.malformed", "body.cut_off", "storage.failed"),
        ),
        201: {"description": "Stored", **_TOLD},
    },
    openapi_extra={
        "requestBody": {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": {"type": "object"}}}}
    },
    summary="Report a defect",
)
async def post_request(form: AForm, request: Request, store: AStore, settings: ASettings) -> Response:
    """`service_code`, `lat`, `long`, `description`; the same again within a day is the same request. Names, addresses, phone
    numbers and media that are sent along are not kept. `api_key` is a token, needed where devices enrol with codes."""
    fields = await _fields(request, settings)
    key = fields.get("api_key", "")
    if key and not await run_in_threadpool(holds_key, store, key):
        raise Problem("key.invalid", "nobody has this api_key; ask for a token, or leave it out", field="api_key")
    if settings.enrol_with_codes and not key:
        raise Problem("key.invalid", "give api_key, a token of `cahot users token` or of a device", field="api_key")
    report = _report(fields)
    if not key:
        limits_of(request).let_report(address_of(request.scope))
    most_a_day = sys.maxsize if key else settings.limits.reports_a_day
    stored, new = await run_in_threadpool(_store, store, report, most_a_day)
    told = {"service_request_id": f"r-{stored}", "service_notice": None, "account_id": None}
    return listed(form, "service_requests", "request", [told], 201 if new else 200)


def _service(kind: str) -> dict[str, Any]:
    name, description = NAMES[kind]
    told = {"service_code": kind, "service_name": name, "description": description, "metadata": False, "type": "realtime"}
    return {**told, "keywords": kind.replace("_", " "), "group": "street"}


def _one(store: Store, settings: Settings, request_id: str) -> dict[str, Any] | None:
    sort, _, name = request_id.partition("-")
    with store.database.read() as session:
        if sort == "d" and (row := defects.one(session, name, settings.k)):
            return _of_defect(row)
        if sort == "r" and (report := reports.one_from_outside(session, name)):
            return _of_report(report)
    return None


def _of_defect(row: Mapping[str, Any]) -> dict[str, Any]:
    told = f"{NAMES[row['kind']][0]}, severity {row['severity']:.1f}, felt in {row['hits']} of {row['passes']} passes"
    state = "closed" if row["status"] in CLOSED else "open"
    times = (geojson.day(row["first_seen"]), geojson.day(row["last_seen"]))
    return _request(f"d-{row['id']}", state, row["status"], row["kind"], told, times, (row["latitude"], row["longitude"]))


def _of_report(row: Report) -> dict[str, Any]:
    at = geojson.moment(row.created_at)
    state = "closed" if row.status in CLOSED else "open"
    return _request(
        f"r-{row.id}", state, row.answer or row.status or "new", row.kind, row.note, (at, at), (row.latitude, row.longitude)
    )


def _request(
    name: str, state: str, notes: str, kind: str, told: str, times: tuple[str | None, str | None], place: tuple[float, float]
) -> dict[str, Any]:
    row: dict[str, Any] = {"service_request_id": name, "status": state, "status_notes": notes, "service_name": NAMES[kind][0]}
    row |= {"service_code": kind, "description": told, "agency_responsible": None, "service_notice": None}
    row |= {"requested_datetime": times[0], "updated_datetime": times[1], "expected_datetime": None}
    row |= {"address": None, "address_id": None, "zipcode": None}
    return row | {"lat": round(place[0], 6), "long": round(place[1], 6), "media_url": None}


def _several(text: str, known: tuple[str, ...], field: str) -> tuple[str, ...]:
    words = tuple(word.strip() for word in text.split(",") if word.strip())
    for word in words:
        if word not in known:
            raise Problem("field.range", f"{field} is one of {', '.join(known)}", field=field, value=word)
    return words


def _statuses(states: tuple[str, ...]) -> tuple[str, ...]:
    if set(states) == {"closed"}:
        return CLOSED
    return tuple(status for status in STATUSES if status not in CLOSED) if set(states) == {"open"} else ()


def _span(start: str, end: str) -> tuple[float, float]:
    since, until = geojson.instant(start or None, "start_date"), geojson.instant(end or None, "end_date")
    if since is None:
        until = datetime.now(UTC).timestamp() if until is None else until
        return until - SPAN_S, until
    if until is not None and until < since:
        raise Problem("field.range", "end_date lies before start_date", field="end_date", value=end)
    return since, min(until or since + SPAN_S, since + SPAN_S)


async def _fields(request: Request, settings: Settings) -> dict[str, str]:
    """Those of the form; of one given twice, the first."""
    if body.media_type(request) != "application/x-www-form-urlencoded":
        detail = "send Content-Type: application/x-www-form-urlencoded"
        raise Problem("body.unsupported", detail, field="Content-Type", value=body.media_type(request))
    data = await body.read_small(request, settings.limits.small_body_bytes)
    try:
        pairs = parse_qsl(data.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=100)
    except ValueError:
        raise Problem("body.malformed", "the body is not a form in UTF-8; encode it as browsers do") from None
    return dict(reversed(pairs))


def _report(fields: dict[str, str]) -> Report:
    kind = body.word(fields, "service_code", SERVICES)
    if not kind:
        raise Problem("field.missing", f"give service_code, one of {', '.join(SERVICES)}", field="service_code")
    place = {name: _degrees(fields, name, most) for name, most in (("lat", 90.0), ("long", 180.0))}
    note = body.text(fields, "description", LONGEST_DESCRIPTION) or ""
    columns = {"kind": kind, "latitude": place["lat"], "longitude": place["long"], "note": note}
    return Report(created_at=time.time(), **columns)


def _degrees(fields: dict[str, str], name: str, most: float) -> float:
    if not fields.get(name):
        raise Problem("field.missing", f"give {name} in degrees; addresses are not looked up here", field=name)
    try:
        value = float(fields[name])
    except ValueError:
        value = float("nan")
    return body.number({name: value}, name, most)


def _store(store: Store, report: Report, most_a_day: int) -> tuple[str, bool]:
    """Its id, and whether it is new: the same text for the same place of today or yesterday is not."""
    told = f"{report.kind} {report.latitude:.6f} {report.longitude:.6f} {report.note}"
    today = int(report.created_at // DAY_S)
    names = [str(uuid.uuid5(_NAMESPACE, f"{day} {told}")) for day in (today, today - 1)]

    def storing(session: Session) -> tuple[str, bool]:
        for name in names:
            if reports.find(session, name) is not None:
                return name, False
        device = reports.outside(session, report.created_at)
        columns = {name: getattr(report, name) for name in ("created_at", "kind", "latitude", "longitude", "note")}
        reports.add(session, Report(id=names[0], device_id=device, **columns), most_a_day)
        return names[0], True

    return store.database.run(storing)
