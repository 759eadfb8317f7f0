"""POST /v1/devices: a phone gets its random id and token. DELETE /v1/devices/me: all of it is gone."""

from __future__ import annotations

import time
from functools import partial

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from ingest.api.access import ADevice, ASettings, AStore
from ingest.api.answers import NewDevice, problems
from ingest.api.body import read_body
from ingest.store import Store, trips

router = APIRouter(tags=["phones"])


@router.post("/v1/devices", status_code=201, responses=problems("body.too_large"), summary="Enrol a device")
async def enrol(request: Request, store: AStore, settings: ASettings) -> NewDevice:
    """A new device. The token is shown this once and kept only as a hash; the body is empty."""
    await read_body(request, settings.limits.small_body_bytes)
    return await run_in_threadpool(_enrol, store)


@router.delete(
    "/v1/devices/me",
    status_code=204,
    response_class=Response,
    responses=problems("auth.missing", "auth.invalid", "storage.failed"),
    summary="Erase this device",
)
def erase(device: ADevice, store: AStore) -> Response:
    """Erases the device, its trips and its traces; defects are estimated without them as soon as a worker is free."""
    with store.database.read() as session:
        driven = trips.of_device(session, device)
    _erase_traces(store, driven)  # first, so that nothing is kept that no row names should this be cut off
    store.database.run(partial(trips.erase, device_id=device, now=time.time()))
    _erase_traces(store, driven)  # and what arrived meanwhile
    return Response(status_code=204)


def _erase_traces(store: Store, driven: list[str]) -> None:
    for trip_id in driven:
        store.objects.erase(trip_id)


def _enrol(store: Store) -> NewDevice:
    device_id, token = store.database.run(partial(trips.enrol, now=time.time()), by_locks=True)
    return NewDevice(device_id=device_id, token=token)
