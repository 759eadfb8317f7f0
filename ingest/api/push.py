"""POST /v1/push/sensorlogger: the push of the Sensor Logger app as it is, so that a city can begin with an app that exists."""

from __future__ import annotations

import hashlib
import time
from functools import partial

from anyio import to_thread
from fastapi import APIRouter, Request
from sqlalchemy.exc import IntegrityError

from detection.readers.sensorlogger_push import PUSHED
from ingest.api import body, pressure, rates
from ingest.api.access import ADevice, ASettings, AStore
from ingest.api.answers import MessageStored, json_body, problems
from ingest.api.expanding import Coding, expand
from ingest.api.problems import Problem
from ingest.api.push_message import message_of
from ingest.settings import Limits, Push
from ingest.store import Store, pushes, readings

router = APIRouter(tags=["phones"])

_TRIES = 3  # two first messages of a session at once: one finds that the other was faster
_PROBLEMS = problems(
    *("auth.missing", "auth.invalid", "auth.role"),
    *("body.too_large", "body.expands_too_large", "body.bad_compression", "body.unsupported"),
    *("body.malformed", "body.duplicate_key", "body.cut_off", "sample.not_finite", "field.missing", "field.range", "field.text"),
    *("time.implausible", "push.too_much", "rate.limited", "storage.full", "storage.failed"),
)


@router.post(
    "/v1/push/sensorlogger", responses=_PROBLEMS, openapi_extra=json_body(None), summary="Take a message of Sensor Logger's push"
)
async def push(request: Request, device: ADevice, store: AStore, settings: ASettings) -> MessageStored:
    """Acknowledged only once its readings are on the disk; in any order, and as often as the app likes.

    Ten minutes after the last message of a session it becomes a trip, its ends cut as on our own phone. Sensors other than
    acceleration, gravity, gyroscope and location are not kept.
    """
    rules = settings.push
    if body.media_type(request) != "application/json":
        detail = "send Content-Type: application/json"
        raise Problem("body.unsupported", detail, field="Content-Type", value=body.media_type(request))
    coding, limits = body.coding(request), rates.limits_of(request)
    pressure.pressure_of(request).check()
    async with pressure.reading_of(request).body() as count:

        async def charge(size: int) -> None:
            limits.count_bytes(device, size)
            await count(size)

        data = await body.read_body(request, rules.body_bytes, charge)
        storing = partial(_store, store, rules, device, data, coding)
        return await to_thread.run_sync(storing, limiter=request.app.state.lanes.large)


def _store(store: Store, rules: Push, device: str, data: bytes, coding: Coding) -> MessageStored:
    plain = data if coding == "identity" else expand(data, coding, Limits(expanded_bytes=rules.body_bytes))
    if plain.count(b"{") + plain.count(b"[") > rules.objects:
        raise Problem("body.too_large", f"the message holds more than {rules.objects} objects; push every second or ten")
    now = time.time()
    message = message_of(body.object_of(plain), now)
    if not message.readings:  # the app's test, or a batch of sensors that we do not use
        return MessageStored(trip_id=None, kept=0, dropped=message.dropped, duplicate=False)
    packed = readings.pack(message.readings, PUSHED)
    sha256 = hashlib.sha256(packed).hexdigest()
    session_id = pushes.session_of(device, message.session)
    for left in reversed(range(_TRIES)):
        try:
            with store.database.write() as session:
                trip_id, new = pushes.add(session, device, session_id, message.message_id, sha256, packed, now, rules)
            break
        except IntegrityError:
            if not left:
                raise
    return MessageStored(trip_id=trip_id, kept=message.kept, dropped=message.dropped, duplicate=not new)
