"""PUT chunks, finish a trip, ask what became of it."""

from __future__ import annotations

import hashlib
import time
from functools import partial
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Path, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from pydantic import BeforeValidator

from ingest.api import body
from ingest.api.access import ADevice, AReader, ASettings, AStore
from ingest.api.answers import ChunkStored, Finish, TripBody, json_body, problems
from ingest.api.problems import Problem
from ingest.settings import Limits
from ingest.store import Store, trips
from mobile_app import wire

router = APIRouter(tags=["phones"])

EARLIEST_S = 1_420_070_400  # 2015-01-01 UTC: no app that writes chunks is older; a GPS week rollover lands before it
AHEAD_S = 86_400  # a phone's clock may be a time zone off, not more


def _digits(value: Any) -> Any:
    """A number as a path writes it: no sign, no blank, no leading zero."""
    if not isinstance(value, str) or not (value.isascii() and value.isdigit()) or (value[0] == "0" and value != "0"):
        raise ValueError("write a whole number in plain digits")
    return int(value[:9])


TripId = Annotated[str, Path(pattern="^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")]
Number = Annotated[int, BeforeValidator(_digits), Path(ge=0, lt=Limits.chunks_per_trip)]

_BODY = {
    "requestBody": {
        "required": True,
        "description": "the binary chunk, or its JSON form; either may be gzip-encoded",
        "content": {
            wire.MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}},
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
            "application/json": {"schema": {"type": "object"}},
        },
    }
}
_CHUNK_PROBLEMS = problems(
    *("auth.missing", "auth.invalid", "auth.role", "not_found", "chunk.conflict", "trip.closed"),
    *("body.too_large", "body.expands_too_large", "body.bad_compression", "body.unsupported", "body.malformed"),
    *("body.duplicate_key", "body.cut_off", "chunk.digest", "protocol.version"),
    *("id.format", "field.range", "field.unknown", "field.text", "sample.not_finite", "fix.range", "time.implausible"),
    *("chunk.shape", "storage.full", "storage.failed"),
)


@router.put(
    "/v1/trips/{trip_id}/chunks/{number}",
    status_code=201,
    response_model=ChunkStored,
    responses={200: {"model": ChunkStored, "description": "Stored before"}, **_CHUNK_PROBLEMS},
    openapi_extra=_BODY,
    summary="Store one chunk",
)
async def put_chunk(
    trip_id: TripId, number: Number, request: Request, device: ADevice, store: AStore, settings: ASettings
) -> JSONResponse:
    """Acknowledged only once its bytes and its row are on the disk. The same bytes again: 200; others: 409."""
    limits = settings.limits
    binary, gzipped = _is_binary(request), body.is_gzip(request)
    data = await body.read_body(request, limits.body_bytes)
    storing = partial(_store_chunk, store, limits, device, trip_id, number, data, binary, gzipped)
    stored = await to_thread.run_sync(storing, limiter=request.app.state.storing)
    return JSONResponse(stored.model_dump(), 200 if stored.duplicate else 201)


@router.post(
    "/v1/trips/{trip_id}/finish",
    status_code=202,
    response_model=TripBody,
    responses=problems(
        *("auth.missing", "auth.invalid", "auth.role", "not_found", "trip.incomplete", "trip.closed", "id.format", "field.range"),
        *("field.missing", "field.unknown", "body.too_large", "body.unsupported", "body.malformed", "body.duplicate_key"),
    ),
    openapi_extra=json_body(Finish),
    summary="Close a trip",
)
async def finish(trip_id: TripId, request: Request, device: ADevice, store: AStore, settings: ASettings) -> TripBody:
    """Queues the trip when all its chunks are stored; 409 lists the missing ones. Again with the same number: 202."""
    fields = await body.read_object(request, settings.limits.small_body_bytes)
    chunks = body.whole_number(fields, "chunks", 1, settings.limits.chunks_per_trip)
    return await run_in_threadpool(_finish, store, device, trip_id, chunks)


@router.get(
    "/v1/trips/{trip_id}",
    responses=problems("auth.missing", "auth.invalid", "auth.role", "not_found", "id.format"),
    summary="State of a trip, and what was found",
)
def get_trip(trip_id: TripId, caller: AReader, store: AStore) -> TripBody:
    """Of the calling device, or of any for analysts."""
    with store.database.read() as session:
        return TripBody(**vars(trips.report(session, caller.device_id, trip_id)))


def _is_binary(request: Request) -> bool:
    kind = body.media_type(request)
    if kind not in (wire.MEDIA_TYPE, "application/octet-stream", "application/json"):
        detail = f"Content-Type must be {wire.MEDIA_TYPE} or application/json"
        raise Problem("body.unsupported", detail, field="Content-Type", value=kind)
    return kind != "application/json"


def _store_chunk(
    store: Store, limits: Limits, device: str, trip_id: str, number: int, data: bytes, binary: bool, gzipped: bool
) -> ChunkStored:
    """The whole way of one chunk, off the event loop: unpack, check, then bytes and row onto the disk."""
    plain = body.expand(data, limits.expanded_bytes) if gzipped else data
    sha256 = hashlib.sha256(plain).hexdigest()
    with store.database.read() as session:
        known = trips.stored_chunk(session, device, trip_id, number, sha256)
    if not known:
        _check(plain, trip_id, number, binary)
        store.objects.put(trip_id, number, plain, sha256)
        with store.database.write() as session:
            known = not trips.add_chunk(session, device, trip_id, number, sha256, len(plain), time.time())
    return ChunkStored(trip_id=trip_id, chunk=number, sha256=sha256, duplicate=bool(known))


def _check(plain: bytes, trip_id: str, number: int, binary: bool) -> None:
    """The bytes are this very chunk, whole and plausible. Raises ChunkError, Problem."""
    chunk = wire.decode(plain) if binary else wire.decode_json(plain, trip_id, number)
    if chunk.trip_id != trip_id:
        raise Problem("id.format", "the chunk is of another trip than the address says", field="trip_id", value=chunk.trip_id)
    if chunk.number != number:
        raise Problem("field.range", "the chunk has another number than the address says", field="number", value=chunk.number)
    started_at = chunk.started_at_us / 1e6
    if not EARLIEST_S <= started_at <= time.time() + AHEAD_S:
        detail = "the trip starts before 2015 or more than a day ahead; set the phone's clock, and give UTC since 1970"
        raise Problem("time.implausible", detail, field="started_at", value=started_at)


def _finish(store: Store, device: str, trip_id: str, chunks: int) -> TripBody:
    with store.database.write() as session:
        trips.finish(session, device, trip_id, chunks, time.time())
        return TripBody(**vars(trips.report(session, device, trip_id)))
