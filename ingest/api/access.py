"""Who calls: a device by its token, or anyone."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from ingest.api.problems import Problem
from ingest.api.rates import limits_of
from ingest.settings import Settings
from ingest.store import Store, trips

_bearer = HTTPBearer(auto_error=False, scheme_name="device", description="the token that POST /v1/devices returned")


def store_of(request: Request) -> Store:
    store: Store = request.app.state.store
    return store


def settings_of(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


async def _device(
    request: Request,
    store: Annotated[Store, Depends(store_of)],
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> str:
    """The id of the calling device. Problems auth.missing, auth.invalid, rate.limited."""
    if bearer is None or not bearer.credentials:
        raise Problem("auth.missing", "send the device's token as Authorization: Bearer; POST /v1/devices gives one")
    device_id = await run_in_threadpool(_look_up, store, bearer.credentials)
    if device_id is None:
        raise Problem("auth.invalid", "no device has this token; enrol again with POST /v1/devices")
    limits_of(request).let_device(device_id)
    return device_id


def _look_up(store: Store, token: str) -> str | None:
    with store.database.read() as session:
        return trips.device_of(session, token)


AStore = Annotated[Store, Depends(store_of)]
ASettings = Annotated[Settings, Depends(settings_of)]
ADevice = Annotated[str, Depends(_device)]
