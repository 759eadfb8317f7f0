"""Everything a caller can do wrong, as RFC 9457 problem details: one table of codes, one answer for each error class.

The detail names field, value and remedy; never a token, a stack or a path of this machine.
"""

from __future__ import annotations

import errno
import json
import logging
import re
import uuid
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ingest import pictures
from ingest.api.hints import hint
from ingest.store import database, joined, marks, photos, pushes, reports, tombstones, triage, trips
from mobile_app.wire import ChunkError

log = logging.getLogger("cahot.api")

MEDIA_TYPE = "application/problem+json"

CODES = {  # code: (status, title); RELIABILITY of the answers: phones decide by these what to keep
    "auth.missing": (401, "No token"),
    "auth.invalid": (401, "Unknown token"),
    "auth.link": (401, "Unusable sign-in link"),
    "auth.role": (403, "Not for this role"),
    "auth.code": (403, "No enrolment code"),
    "key.invalid": (403, "Unusable API key"),
    "auth.cross_site": (403, "From another site"),
    "not_found": (404, "Not found"),
    "method": (405, "Method not allowed"),
    "body.too_large": (413, "Body too large"),
    "body.expands_too_large": (413, "Body expands too large"),
    "body.bad_compression": (400, "Damaged compression"),
    "body.slow": (408, "Too slow"),
    "head.too_large": (431, "Headers too large"),
    "head.malformed": (400, "Malformed request"),
    "body.unsupported": (415, "Unsupported body"),
    "body.malformed": (400, "Malformed body"),
    "body.duplicate_key": (400, "Doubled field"),
    "body.cut_off": (400, "Body cut off"),
    "sample.not_finite": (422, "Not a finite number"),
    "field.range": (422, "Value out of range"),
    "field.unknown": (422, "Unknown field"),
    "field.text": (422, "Unusable text"),
    "field.missing": (422, "Missing field"),
    "query.unusable": (400, "Unusable parameter"),  # 400 where a standard asks for it: /ogc
    "id.format": (422, "Not an id"),
    "fix.range": (422, "Not a position"),
    "time.implausible": (422, "Implausible time"),
    "chunk.shape": (422, "Misshapen chunk"),
    "chunk.digest": (400, "Damaged chunk"),
    "chunk.conflict": (409, "Other bytes are stored"),
    "defect.changed": (409, "Changed by somebody else"),
    "defect.transition": (409, "Status does not follow"),
    "defect.merged": (409, "Merged into another"),
    "defect.join": (409, "Cannot be merged or split"),
    "defect.undo": (409, "Cannot be taken back"),
    "photo.unreadable": (422, "Not a usable picture"),
    "photo.too_many": (409, "Too many photos"),
    "report.conflict": (409, "Another report has this id"),
    "trip.closed": (409, "Trip is finished"),
    "trip.deleted": (410, "Trip was erased"),
    "trip.incomplete": (409, "Chunks are missing"),
    "push.too_much": (429, "Too much is waiting"),
    "protocol.version": (400, "Unknown version of the chunk format"),
    "rate.limited": (429, "Too many requests"),
    "busy": (503, "Busy"),
    "storage.full": (507, "Storage is full"),
    "storage.failed": (503, "Storage failed"),
    "internal": (500, "Internal error"),
}


class Problem(Exception):
    """One answer that is not what was asked for. retry_after_s: when to come back. extra: further members, such as `missing`."""

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        field: str | None = None,
        value: object = None,
        retry_after_s: int | None = None,
        **extra: Any,
    ) -> None:
        self.code, self.detail, self.field, self.value, self.extra = code, detail, field, value, extra
        self.status, self.title = CODES[code]
        self.headers: dict[str, str] = {}
        if self.status == 401:
            self.headers["WWW-Authenticate"] = "Bearer"
        if self.status in (429, 503, 507):
            self.headers["Retry-After"] = str(retry_after_s or (60 if self.status == 507 else 5))
        super().__init__(detail)

    def response(self) -> Response:
        """The answer as the caller gets it."""
        body = {"type": f"urn:cahot:problem:{self.code}", "title": self.title, "status": self.status, "detail": self.detail[:600]}
        body |= {"code": self.code}
        if self.field is not None:
            body |= {"field": self.field[:120]}
        if self.value is not None:
            body |= {"value": shown(self.value)}
        # json.dumps writes ASCII: a lone surrogate from a stranger's text is an escape, not a failure to encode
        return Response(json.dumps(body | self.extra), self.status, self.headers, MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Make every error of the app a problem; what nobody foresaw becomes a 500 with an id that the log knows too."""
    for error, answer in _ANSWERS.items():
        app.add_exception_handler(error, _handler(answer))
    app.add_middleware(LastResort)


class LastResort:
    """Outermost of all: an exception that nothing else answered is logged with an id, and only the id is told."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def noting(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except Exception:
            incident = uuid.uuid4().hex
            log.exception("incident %s: %s", incident, scope.get("method", scope["type"]))
            if begun or scope["type"] != "http":
                raise
            detail = f"the server failed; tell its operator this id: {incident}"
            await Problem("internal", detail, incident=incident).response()(scope, receive, send)


def of_chunk(error: ChunkError) -> Problem:
    """The problem of bytes or JSON that are not a chunk."""
    code = next(code for field, why, code in _CHUNK_ERRORS if re.search(field, error.field) and re.search(why, error.why))
    suspected = hint(error.field, error.value)
    return Problem(code, f"{error} ({suspected})" if suspected else str(error), field=error.field, value=error.value)


def shown(value: object) -> object:
    """A value from a stranger, short and in plain characters, fit for JSON."""
    if isinstance(value, bool) or (isinstance(value, int) and abs(value) < 2**53):
        return value
    if isinstance(value, float) and abs(value) < float("inf"):
        return value
    if isinstance(value, int):
        return "a very large integer"
    text = ascii(value if not isinstance(value, str) else value[:60])
    return text if len(text) <= 64 else text[:61] + "..."


_CHUNK_ERRORS = (  # field, why (both searched), code: the first that fits; the last fits everything
    (r"^version$", r"", "protocol.version"),
    (r"^checksum$", r"", "chunk.digest"),
    (r"", r"stands there twice", "body.duplicate_key"),
    (r"", r"not a field|not a column", "field.unknown"),
    (r"^body$", r"no such number", "sample.not_finite"),
    (r"^(magic|length|body|body length|flags|stream id)$", r"", "body.malformed"),
    (r"", r"not a finite number", "sample.not_finite"),
    (r"^trip_id$", r"", "id.format"),
    (r"^device$", r"", "field.text"),
    (r"^location\.", r"is beyond|not a bearing", "fix.range"),
    (r"^(accelerometer|gyroscope|location|chunk)$", r"", "chunk.shape"),
    (r"", r"values for|samples (a stream|take)|not increase|ascending|bytes are left|first step", "chunk.shape"),
    (r"", r"", "field.range"),
)


def _of_database(error: Exception) -> Problem:
    if database.is_full(error):
        return Problem("storage.full", "the server's disk is full; keep the data and send it again later")
    if database.is_busy(error) or database.is_taken(error):
        return Problem("busy", "another writer holds the database; send the same again")
    log.error("database: %s", type(error).__name__, exc_info=error)
    return Problem("storage.failed", "the server could not write; keep the data and send it again later")


def _of_disk(error: Exception) -> Problem:
    log.error("disk: %s", errno.errorcode.get(getattr(error, "errno", 0) or 0, "unknown"))
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return Problem("storage.full", "the server's disk is full; keep the data and send it again later")
    return Problem("storage.failed", "the server could not write; keep the data and send it again later")


def of_validation(error: Exception) -> Problem:
    """The problem of a request that does not fit its description. Only the first fault: it is the one to mend first."""
    assert isinstance(error, RequestValidationError)
    fault = error.errors()[0]
    field = ".".join(str(part) for part in fault["loc"][1:]) or str(fault["loc"][0])
    code = "id.format" if field.endswith("_id") else "field.missing" if fault["type"] == "missing" else "field.range"
    return Problem(code, f"{field}: {fault['msg']}", field=field, value=fault.get("input"))


def _of_http(error: Exception) -> Problem:
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        problem = Problem("method", "this address does not take that method; /openapi.json lists what it takes")
        problem.headers |= dict(error.headers or {})
        return problem
    if error.status_code == 404:
        return Problem("not_found", "there is nothing at this address; /openapi.json lists what there is")
    return Problem("body.malformed", "the request cannot be understood; /openapi.json describes what is taken")


def _last_change(error: marks.Changed) -> dict[str, Any]:
    """What changed, for whoever did not know it."""
    return {"field": "version", "value": error.version, "changed": {**error.last, "version": error.version}}


_ANSWERS: dict[type[Exception], Callable[[Any], Problem]] = {
    Problem: lambda error: error,
    ChunkError: of_chunk,
    RequestValidationError: of_validation,
    HTTPException: _of_http,
    DBAPIError: _of_database,
    NoConnectionFree: _of_database,
    OSError: _of_disk,
    marks.NoWay: lambda error: Problem("defect.transition", str(error), field="status", value=error.wanted),
    marks.Changed: lambda error: Problem("defect.changed", f"{error}; look at it again, then decide", **_last_change(error)),
    triage.NoDefect: lambda _error: Problem("not_found", "no defect has this id; it may have been joined with another"),
    triage.Merged: lambda error: Problem(
        "defect.merged", f"it was merged into {error.into}; ask for that one", field="defect_id", value=error.into
    ),
    joined.CannotJoin: lambda error: Problem("defect.join", str(error)),
    marks.NoUndo: lambda error: Problem("defect.undo", str(error)),
    photos.NoPhoto: lambda _error: Problem(
        "not_found", "the defect has no such photo; it may have been deleted", field="photo_id"
    ),
    photos.TooManyPhotos: lambda error: Problem(
        "photo.too_many", f"{error}, as many as it may have; delete one first", value=error.most
    ),
    pictures.Unreadable: lambda error: Problem("photo.unreadable", str(error), field="body"),
    pictures.TooManyPixels: lambda error: Problem("body.expands_too_large", str(error), field="pixels", value=error.most),
    reports.TooManyReports: lambda error: Problem(
        "rate.limited", f"{error}; come back tomorrow, or call the city", value=error.most, retry_after_s=3600
    ),
    reports.ReportConflict: lambda error: Problem(
        "report.conflict", "another report has this report_id; give each its own", field="report_id"
    ),
    trips.NotFound: lambda error: Problem("not_found", "this device has no such trip; check the id and the token"),
    trips.ChunkConflict: lambda error: Problem(
        "chunk.conflict", "other bytes are stored under this number; keep the chunk aside and report it", field="number"
    ),
    trips.TripClosed: lambda error: Problem(
        "trip.closed", f"{error}; begin a new trip for what comes after", field="chunks", value=error.chunks
    ),
    tombstones.Erased: lambda error: Problem(
        "trip.deleted", "this trip or its device was erased here, as was asked; delete the trip on the phone, too"
    ),
    trips.TripIncomplete: lambda error: Problem(
        "trip.incomplete", f"{error}; send them and finish again", field="chunks", missing=error.missing
    ),
    pushes.TooMuchHeld: lambda error: Problem(
        "push.too_much", f"{error}; end the recording, and go on in ten minutes", field="payload", value=error.most
    ),
    trips.TooManyChunks: lambda error: Problem(
        "field.range", f"{error}; finish with at least {error.highest + 1}", field="chunks", value=error.highest
    ),
}


def _handler(answer: Callable[[Any], Problem]) -> Callable[[Request, Exception], Coroutine[Any, Any, Response]]:
    async def handle(_request: Request, error: Exception) -> Response:
        return answer(error).response()

    return handle
