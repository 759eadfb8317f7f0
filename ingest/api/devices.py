"""POST /v1/devices: a phone gets its random id and token. DELETE /v1/devices/me: all of it is gone."""

from __future__ import annotations

import time

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from ingest.api.access import ADevice, ASettings, AStore
from ingest.api.answers import NewDevice, problems
from ingest.api.body import read_body
from ingest.store import Store, erasing, trips

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
    """Erases the device, its trips and its traces; defects are estimated without them as soon as a worker is free.

    What a phone sends afterwards of these trips, or with this token, is answered with 410 `trip.deleted`.
    """
    erasing.erase_device(store, device, time.time())
    return Response(status_code=204)


def _enrol(store: Store) -> NewDevice:
    with store.database.write() as session:
        device_id, token = trips.enrol(session, time.time())
    return NewDevice(device_id=device_id, token=token)
