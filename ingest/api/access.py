"""Who calls: anyone, a device by its token, a user by a session or an API token.

What each may do is `ingest.api.permissions`'.
"""

from __future__ import annotations

import contextlib
import logging
import time
import uuid
from collections import OrderedDict
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.exc import OperationalError

from ingest.api.problems import Problem
from ingest.api.rates import limits_of
from ingest.settings import Settings
from ingest.store import Store, devices, tombstones, users
from ingest.store.audit import Deed, pseudonym
from ingest.store.intake import Sender

log = logging.getLogger("cahot.access")

ANYONE, DRIVER = "anyone", "driver"
SAFE = ("GET", "HEAD", "OPTIONS")  # change nothing, so that another site may cause them

_device_scheme = HTTPBearer(auto_error=False, scheme_name="device", description="the token that POST /v1/devices returned")
_user_scheme = HTTPBearer(auto_error=False, scheme_name="user", description="the token that `cahot users token` printed")
_session_scheme = APIKeyCookie(
    name="cahot", auto_error=False, scheme_name="session", description="the cookie of POST /v1/session"
)


@dataclass(frozen=True)
class Caller:
    """role: one of the table's. device_id of a device; name, user_id and until (s since 1970) of a user."""

    role: str = ANYONE
    device_id: str | None = None
    user_id: str | None = None
    name: str | None = None
    until: float | None = None

    def __str__(self) -> str:
        """As logs tell it: never the id of a device, which erasing must leave nowhere."""
        return pseudonym(self.device_id) if self.device_id else f"user:{self.name}" if self.name else ANYONE


SENDERS_REMEMBERED = 10_000  # phones that upload at once; one more costs a lookup
INVALID = "nobody has this token; enrol again with POST /v1/devices, or ask for a new one"


def store_of(request: Request) -> Store:
    store: Store = request.app.state.store
    return store


def settings_of(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


async def identify(request: Request) -> Caller:
    """The caller, looked up once a request. A token in the header counts before the cookie.

    Problems auth.invalid for a token that opens nothing, auth.cross_site for a change that another site brought about,
    rate.limited for a device that asks too often.
    """
    known: Caller | None = getattr(request.state, "caller", None)
    if known is None:
        known = request.state.caller = await _look(request)
    return known


async def _look(request: Request) -> Caller:
    if token := _bearer(request):
        device_id = _recent(request, token)
        if device_id is not None:
            limits_of(request).let_device(device_id)
            return Caller(DRIVER, device_id=device_id)
        found = await run_in_threadpool(_by_token, store_of(request), token)
        if found is None and _sends_a_trip(request) and await run_in_threadpool(_was_erased, store_of(request), token):
            raise tombstones.Erased  # so that the phone erases the trip, too
        if found is None:
            log.warning("refused %s: unknown token", request.method)
            raise Problem("auth.invalid", INVALID)
        if found.device_id is not None:
            limits_of(request).let_device(found.device_id)
        _remember(request, token, found)
        return found
    secret = request.cookies.get(cookie_name(settings_of(request)))
    found = await run_in_threadpool(_by_session, store_of(request), secret) if secret else None
    if found is None:
        return Caller()  # also with a session that has ended: a browser keeps sending its cookie
    if request.method not in SAFE:
        check_origin(request)
    return found


def _bearer(request: Request) -> str:
    """The token of the header, empty where there is none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _recent(request: Request, token: str) -> str | None:
    """Whom the last lookup found, for the sender of a chunk: phones send one after another, and the token is looked up again
    where the chunk is stored, in the same transaction (`ingest.store.intake`)."""
    if request.method != "PUT":
        return None
    recent: OrderedDict[str, str] = request.app.state.recent_senders
    return recent.get(devices.digest(token))


def _remember(request: Request, token: str, found: Caller) -> None:
    if request.method == "PUT" and found.device_id:
        recent: OrderedDict[str, str] = request.app.state.recent_senders
        recent[devices.digest(token)] = found.device_id
        if len(recent) > SENDERS_REMEMBERED:
            recent.popitem(last=False)


def forget_sender(request: Request, sender: Sender) -> Problem:
    """Its token opens nothing any more; the answer to that."""
    request.app.state.recent_senders.pop(sender.token_sha256, None)
    return Problem("auth.invalid", INVALID)


def forget_device(request: Request, device_id: str) -> None:
    """Its tokens are looked up with the next request; where another process erased it, where a chunk of it would be stored."""
    recent: OrderedDict[str, str] = request.app.state.recent_senders
    for token_sha256 in [held for held, of in tuple(recent.items()) if of == device_id]:
        recent.pop(token_sha256, None)


def check_origin(request: Request) -> None:
    """The change is asked for by our own page, or by no page at all. Problem auth.cross_site.

    Browsers say where a request comes from: Sec-Fetch-Site on trustworthy addresses, Origin with everything that changes.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    same = site == "same-origin" if site is not None else origin is None or urlsplit(origin).netloc == request.headers.get("host")
    if not same:
        log.warning("refused %s from another site", request.method)
        raise Problem("auth.cross_site", "this came from a page of another site; use this server's own page, or an API token")


def cookie_name(settings: Settings) -> str:
    """`__Host-`: browsers then take it over TLS only, for this host only. Plain HTTP is for this machine alone."""
    return "__Host-cahot" if settings.https else "cahot"


def _by_token(store: Store, token: str) -> Caller | None:
    now = time.time()
    with store.database.read() as session:
        if token.startswith(users.PREFIX[users.TOKEN]):
            return _of_person(users.holder(session, token, users.TOKEN, now))
        found = devices.of_token(session, token, now)
    if found is None:
        return None
    device_id, last_used = found
    if last_used != devices.day_of(now):
        _note_use(store, device_id, now)
    return Caller(DRIVER, device_id=device_id)


def _note_use(store: Store, device_id: str, now: float) -> None:
    with contextlib.suppress(OperationalError), store.database.write() as session:  # not worth refusing a chunk
        devices.note_use(session, device_id, now)


def _by_session(store: Store, secret: str) -> Caller | None:
    with store.database.read() as session:
        return _of_person(users.holder(session, secret, users.SESSION, time.time()))


def _of_person(person: users.Person | None) -> Caller | None:
    if person is None:
        return None
    return Caller(person.role, user_id=person.user_id, name=person.name, until=person.until)


def holds_key(store: Store, token: str) -> bool:
    """Whether the token is somebody's: where a standard has it sent as a field."""
    return _by_token(store, token) is not None


async def _caller(request: Request) -> Caller:
    return await identify(request)


async def _device(request: Request, _: Annotated[HTTPAuthorizationCredentials | None, Depends(_device_scheme)]) -> str:
    """The id of the calling device; the gate let nobody else in."""
    device_id = (await identify(request)).device_id
    assert device_id is not None
    return device_id


async def sender_of(request: Request) -> Sender:
    """Who sends a chunk; the gate let nobody else in."""
    device_id = (await identify(request)).device_id
    assert device_id is not None
    return Sender(device_id, devices.digest(_bearer(request)))


async def _sender(request: Request, _: Annotated[HTTPAuthorizationCredentials | None, Depends(_device_scheme)]) -> Sender:
    return await sender_of(request)


async def _user(
    request: Request,
    _: Annotated[HTTPAuthorizationCredentials | None, Depends(_user_scheme)],
    __: Annotated[str | None, Depends(_session_scheme)],
) -> Caller:
    """The calling user; the gate let nobody else in."""
    return await identify(request)


async def _reader(
    request: Request,
    _: Annotated[HTTPAuthorizationCredentials | None, Depends(_device_scheme)],
    __: Annotated[HTTPAuthorizationCredentials | None, Depends(_user_scheme)],
    ___: Annotated[str | None, Depends(_session_scheme)],
) -> Caller:
    """A device or a user, whom the gate let in."""
    return await identify(request)


def _deed(request: Request) -> Deed:
    """For the audit log: the caller, as far as known by now, and an id of this request."""
    known: Caller = getattr(request.state, "caller", Caller())
    return Deed(str(known), getattr(request.state, "request_id", None) or uuid.uuid4().hex)


def _was_erased(store: Store, token: str) -> bool:
    with store.database.read() as session:
        return store.tombstones.has_token(session, devices.digest(token))


def _sends_a_trip(request: Request) -> bool:
    return request.method in ("PUT", "POST") and request.url.path.startswith("/v1/trips/")


async def _store(request: Request) -> Store:  # async: FastAPI hands what is not to a thread, for an attribute
    return store_of(request)


async def _settings(request: Request) -> Settings:
    return settings_of(request)


AStore = Annotated[Store, Depends(_store)]
ASettings = Annotated[Settings, Depends(_settings)]
ACaller = Annotated[Caller, Depends(_caller)]
ADevice = Annotated[str, Depends(_device)]
ASender = Annotated[Sender, Depends(_sender)]
AReader = Annotated[Caller, Depends(_reader)]
AUser = Annotated[Caller, Depends(_user)]
ADeed = Annotated[Deed, Depends(_deed)]
