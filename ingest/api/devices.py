"""POST /v1/devices: a phone gets its random id and token. /v1/devices/me: a new token; all of it is gone."""

from __future__ import annotations

import logging
import time
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.concurrency import run_in_threadpool
from sqlalchemy.orm import Session

from ingest.api import body, geojson
from ingest.api.access import ADeed, ADevice, ASettings, AStore, AUser, forget_device
from ingest.api.answers import Enrolment, NewDevice, NewToken, json_body, problems
from ingest.api.pressure import pressure_of
from ingest.api.problems import Problem
from ingest.api.rates import address_of, limits_of
from ingest.settings import Settings
from ingest.store import Store, audit, devices, erasing
from ingest.store.audit import Deed, pseudonym

log = logging.getLogger("cahot.access")

router = APIRouter(tags=["phones"])

LONGEST_CODE = 64  # characters, dashes and all


@router.post(
    "/v1/devices",
    status_code=201,
    responses=problems(
        *("auth.code", "body.too_large", "body.unsupported", "body.malformed", "body.duplicate_key", "body.cut_off"),
        *("field.unknown", "field.text", "sample.not_finite", "storage.full"),
    ),
    openapi_extra=json_body(Enrolment, required=False),
    summary="Enrol a device",
)
async def enrol(request: Request, store: AStore, settings: ASettings) -> NewDevice:
    """A new device. The token is shown this once and kept only as a hash. The body may be empty where no code is asked for."""
    limits_of(request).let_enrol(address_of(request.scope))
    fields = await body.read_object(request, settings.limits.small_body_bytes, empty=True)
    body.only(fields, "code")
    code = body.text(fields, "code", LONGEST_CODE)
    await run_in_threadpool(pressure_of(request).check)
    return await run_in_threadpool(_enrol, store, settings, code)


@router.post(
    "/v1/devices/me/token",
    status_code=201,
    responses=problems("auth.missing", "auth.invalid", "auth.role"),
    summary="A new token for this device",
)
def rotate(device: ADevice, deed: ADeed, store: AStore, settings: ASettings) -> NewToken:
    """The token before stays good for a day, should this answer get lost; one older than that is void at once."""
    now = time.time()
    with store.database.write() as session:
        token = devices.rotate(session, device, now, settings.doors.token_overlap_s)
        audit.append(session, now, deed, "device.token", pseudonym(device))
    until = geojson.moment(now + settings.doors.token_overlap_s)
    return NewToken(device_id=device, token=token, previous_until=str(until))


@router.post(
    "/v1/devices/{device_id}/revoke",
    status_code=204,
    response_class=Response,
    responses=problems("auth.missing", "auth.invalid", "auth.role", "auth.cross_site", "not_found", "id.format"),
    summary="Shut a device out",
)
def revoke(
    device_id: Annotated[str, Path(pattern="^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")],
    request: Request,
    _user: AUser,
    deed: ADeed,
    store: AStore,
) -> Response:
    """From its next request on its tokens are unknown. What it sent stays."""
    revoke_device(store, device_id, deed)
    forget_device(request, device_id)
    return Response(status_code=204)


@router.delete(
    "/v1/devices/me",
    status_code=204,
    response_class=Response,
    responses=problems("auth.missing", "auth.invalid", "auth.role", "storage.failed"),
    summary="Erase this device",
)
def erase(request: Request, device: ADevice, deed: ADeed, store: AStore) -> Response:
    """Erases the device, its trips and its traces; defects are estimated without them as soon as a worker is free.

    What a phone sends afterwards of these trips, or with this token, is answered with 410 `trip.deleted`.
    """
    erasing.erase_device(store, device, time.time(), deed)
    forget_device(request, device)
    return Response(status_code=204)


def revoke_device(store: Store, device_id: str, deed: Deed) -> None:
    """Problem not_found."""
    now = time.time()

    def revoking(session: Session) -> None:
        if not devices.revoke(session, device_id, now):
            raise Problem("not_found", "no device has this id; `cahot devices list` shows them")
        audit.append(session, now, deed, "device.revoke", pseudonym(device_id))

    store.database.run(revoking)


def _enrol(store: Store, settings: Settings, code: str | None) -> NewDevice:
    def enrolling(session: Session) -> tuple[str, str]:
        if settings.enrol_with_codes and not (code and devices.use_code(session, code, time.time())):
            log.warning("refused an enrolment: %s", "unknown code" if code else "no code")
            raise Problem(
                "auth.code", "this city enrols with codes: ask it for one that is new, and send it as `code`", field="code"
            )
        return devices.enrol(session, time.time())

    device_id, token = store.database.run(enrolling)
    return NewDevice(device_id=device_id, token=token)
