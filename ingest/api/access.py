"""Who calls: a device by its token, or anyone."""

from __future__ import annotations

from collections import OrderedDict
from typing import Annotated

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from ingest.api.problems import Problem
from ingest.settings import Settings
from ingest.store import Store, trips
from ingest.store.intake import Sender

_bearer = HTTPBearer(auto_error=False, scheme_name="device", description="the token that POST /v1/devices returned")


SENDERS_REMEMBERED = 10_000  # phones that upload at once; one more costs a lookup
INVALID = "no device has this token; enrol again with POST /v1/devices"


def store_of(request: Request) -> Store:
    store: Store = request.app.state.store
    return store


def settings_of(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


async def _device(request: Request, bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> str:
    """The id of the calling device. Problems auth.missing, auth.invalid."""
    if bearer is None or not bearer.credentials:
        raise Problem("auth.missing", "send the device's token as Authorization: Bearer; POST /v1/devices gives one")
    device_id = await run_in_threadpool(_look_up, store_of(request), bearer.credentials)
    if device_id is None:
        raise Problem("auth.invalid", INVALID)
    return device_id


async def _sender(request: Request, bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> Sender:
    """Who sends a chunk. Phones send one after another: whom the last lookup found is asked for again only where the chunk
    is stored, in the same transaction (`ingest.store.intake`)."""
    recent: OrderedDict[str, str] = request.app.state.recent_senders
    token_sha256 = trips.digest(bearer.credentials) if bearer else ""
    device_id = recent.get(token_sha256)
    if device_id is None:
        device_id = recent[token_sha256] = await _device(request, bearer)
        if len(recent) > SENDERS_REMEMBERED:
            recent.popitem(last=False)
    return Sender(device_id, token_sha256)


def forget_sender(request: Request, sender: Sender) -> Problem:
    """Its token opens nothing any more; the answer to that."""
    request.app.state.recent_senders.pop(sender.token_sha256, None)
    return Problem("auth.invalid", INVALID)


def _look_up(store: Store, token: str) -> str | None:
    with store.database.read() as session:
        return trips.device_of(session, token)


async def _store(request: Request) -> Store:  # async: FastAPI hands what is not to a thread, for an attribute
    return store_of(request)


async def _settings(request: Request) -> Settings:
    return settings_of(request)


AStore = Annotated[Store, Depends(_store)]
ASettings = Annotated[Settings, Depends(_settings)]
ADevice = Annotated[str, Depends(_device)]
ASender = Annotated[Sender, Depends(_sender)]
