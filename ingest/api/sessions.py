"""/v1/session: a sign-in link becomes a cookie, once; who is signed in; signing out. There are no passwords.

The link is opened by a page that posts it when a person says so: what merely fetches links does not use it up.
"""

from __future__ import annotations

import logging
import time

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from ingest.api import body, geojson
from ingest.api.access import ACaller, ADeed, ASettings, AStore, check_origin, cookie_name
from ingest.api.answers import SignIn, WhoAmI, json_body, problems
from ingest.api.problems import Problem
from ingest.settings import Doors, Settings
from ingest.store import Store, audit, users
from ingest.store.audit import Deed
from ingest.store.users import Person

log = logging.getLogger("cahot.access")

router = APIRouter(tags=["sign-in"])

LONGEST_LINK = 200  # characters


@router.post(
    "/v1/session",
    status_code=201,
    response_model=WhoAmI,
    responses=problems(
        *("auth.link", "auth.cross_site", "body.too_large", "body.unsupported", "body.malformed", "body.duplicate_key"),
        *("body.cut_off", "field.missing", "field.text", "field.unknown", "sample.not_finite"),
    ),
    openapi_extra=json_body(SignIn),
    summary="Sign in with a link",
)
async def sign_in(request: Request, deed: ADeed, store: AStore, settings: ASettings) -> JSONResponse:
    """Uses the link up and sets the session's cookie: HttpOnly, SameSite=Strict, and over TLS Secure."""
    check_origin(request)
    fields = await body.read_object(request, settings.limits.small_body_bytes)
    body.only(fields, "link")
    link = body.text(fields, "link", LONGEST_LINK)
    if not link:
        raise Problem("field.missing", "give the link's part after its #", field="link")
    person, secret = await run_in_threadpool(_sign_in, store, settings.doors, deed, link)
    answer = JSONResponse(WhoAmI(name=person.name, role=person.role, until=geojson.moment(person.until)).model_dump(), 201)
    _set_cookie(answer, settings, secret, round(person.until - time.time()))
    return answer


@router.get("/v1/session", responses=problems("auth.invalid"), summary="Who the caller is")
def who_am_i(caller: ACaller) -> WhoAmI:
    """Role `anyone` for everybody who is neither a device nor signed in."""
    return WhoAmI(name=caller.name, role=caller.role, until=geojson.moment(caller.until))


@router.delete(
    "/v1/session",
    status_code=204,
    response_class=Response,
    responses=problems("auth.cross_site"),
    summary="Sign out",
)
def sign_out(request: Request, store: AStore, settings: ASettings) -> Response:
    """The session ends here and on the server; without one nothing happens."""
    check_origin(request)
    if secret := request.cookies.get(cookie_name(settings)):
        store.database.run(lambda session: users.take_back(session, secret, users.SESSION))
    answer = Response(status_code=204)
    _set_cookie(answer, settings, "", 0)
    return answer


def _sign_in(store: Store, doors: Doors, deed: Deed, link: str) -> tuple[Person, str]:
    now = time.time()
    with store.database.write() as session:
        person = users.holder(session, link, users.LINK, now)
        if person is None or not users.take_back(session, link, users.LINK):
            log.warning("refused a sign-in: the link is unknown, used or too old")
            raise Problem("auth.link", "this link is unknown, was used, or is too old; ask for a new one (`cahot users link`)")
        lasts_s = doors.admin_session_s if person.role == "admin" else doors.session_s
        secret = users.give(session, person.user_id, users.SESSION, now, lasts_s)
        users.note_sign_in(session, person.user_id, now)
        audit.append(session, now, Deed(f"user:{person.name}", deed.request_id), "user.sign-in", f"user:{person.name}")
    return Person(person.user_id, person.name, person.role, now + lasts_s), secret


def _set_cookie(answer: Response, settings: Settings, secret: str, lasts_s: int) -> None:
    answer.set_cookie(
        cookie_name(settings), secret, max_age=lasts_s, path="/", secure=settings.https, httponly=True, samesite="strict"
    )
