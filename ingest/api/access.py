"""Who calls: a device by its token, or anyone."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from ingest.api.problems import Problem
from ingest.settings import Settings
from ingest.store import Store, tombstones, trips

_bearer = HTTPBearer(auto_error=False, scheme_name="device", description="the token that POST /v1/devices returned")


def store_of(request: Request) -> Store:
    store: Store = request.app.state.store
    return store


def settings_of(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


async def _device(
    store: Annotated[Store, Depends(store_of)], bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> str:
    """The id of the calling device. Problems auth.missing, auth.invalid."""
    if bearer is None or not bearer.credentials:
        raise Problem("auth.missing", "send the device's token as Authorization: Bearer; POST /v1/devices gives one")
    device_id = await run_in_threadpool(_look_up, store, bearer.credentials)
    if device_id is None:
        raise Problem("auth.invalid", "no device has this token; enrol again with POST /v1/devices")
    return device_id


def _look_up(store: Store, token: str) -> str | None:
    with store.database.read() as session:
        return trips.device_of(session, token)


async def _uploader(
    store: Annotated[Store, Depends(store_of)], bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> str:
    """The same for calls that send a trip: problem trip.deleted where the device was erased, so that the phone erases it too."""
    try:
        return await _device(store, bearer)
    except Problem as problem:
        if problem.code == "auth.invalid" and bearer and await run_in_threadpool(_was_erased, store, bearer.credentials):
            raise tombstones.Erased from None
        raise


def _was_erased(store: Store, token: str) -> bool:
    with store.database.read() as session:
        return store.tombstones.has_token(session, trips.digest(token))


AStore = Annotated[Store, Depends(store_of)]
ASettings = Annotated[Settings, Depends(settings_of)]
ADevice = Annotated[str, Depends(_device)]
AnUploader = Annotated[str, Depends(_uploader)]
