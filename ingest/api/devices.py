"""POST /v1/devices: a phone gets its random id and token. DELETE /v1/devices/me: all of it is gone."""

from __future__ import annotations

import time

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from ingest.api.access import ADevice, ASettings, AStore
from ingest.api.answers import NewDevice, problems
from ingest.api.body import read_small
from ingest.api.pressure import pressure_of
from ingest.api.rates import address_of, limits_of
from ingest.store import Store, trips

router = APIRouter(tags=["phones"])


@router.post(
    "/v1/devices", status_code=201, responses=problems("body.too_large", "body.cut_off", "storage.full"), summary="Enrol a device"
)
async def enrol(request: Request, store: AStore, settings: ASettings) -> NewDevice:
    """A new device. The token is shown this once and kept only as a hash; the body is empty."""
    limits_of(request).let_enrol(address_of(request.scope))
    await read_small(request, settings.limits.small_body_bytes)
    await run_in_threadpool(pressure_of(request).check)
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
    with store.database.write() as session:
        trips.erase(session, device, time.time())
    _erase_traces(store, driven)  # and what arrived meanwhile
    return Response(status_code=204)


def _erase_traces(store: Store, driven: list[str]) -> None:
    for trip_id in driven:
        store.objects.erase(trip_id)


def _enrol(store: Store) -> NewDevice:
    with store.database.write() as session:
        device_id, token = trips.enrol(session, time.time())
    return NewDevice(device_id=device_id, token=token)
