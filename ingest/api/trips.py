"""PUT chunks, finish a trip, ask what became of it."""

from __future__ import annotations

import hashlib
import time
from asyncio import wrap_future
from functools import partial
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Path, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from pydantic import BeforeValidator

from ingest.api import body, lanes, plausible, pressure, rates
from ingest.api.access import ADeed, ADevice, AReader, ASender, ASettings, AStore, forget_sender
from ingest.api.answers import ChunkStored, Finish, TripBody, json_body, problems
from ingest.api.chunk_schema import JSON_CHUNK
from ingest.api.expanding import Sent
from ingest.api.problems import Problem
from ingest.settings import Limits
from ingest.store import Store, erasing, tombstones, trips
from ingest.store.intake import Arrival, TokenRevoked
from ingest.store.objects import Piece
from mobile_app import wire

router = APIRouter(tags=["phones"])


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
        "description": "the binary chunk, or its JSON form; either may be gzip- or zstd-encoded",
        "content": {
            wire.MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}},
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
            "application/json": {"schema": JSON_CHUNK},
        },
    }
}
_CHUNK_PROBLEMS = problems(
    *("auth.missing", "auth.invalid", "auth.role", "not_found", "chunk.conflict", "trip.closed", "trip.deleted"),
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
    trip_id: TripId, number: Number, request: Request, sender: ASender, store: AStore, settings: ASettings
) -> JSONResponse:
    """Acknowledged only once its bytes and its row are on the disk. The same bytes again: 200; others: 409."""
    sent = Sent(_is_binary(request), body.coding(request))
    limits, filling = rates.limits_of(request), pressure.pressure_of(request)
    async with pressure.reading_of(request).body() as count:

        async def charge(size: int) -> None:
            limits.count_bytes(sender.device_id, size)
            await count(size)

        sent.data = await body.read_body(request, settings.limits.body_bytes, charge)
        lane = lanes.choose(request, sent.data, sent.binary, sent.coding, settings.reserve)
        checking = partial(_checked, store, settings.limits, filling, sender.device_id, trip_id, number, sent)
        piece = await to_thread.run_sync(checking, limiter=lane)
        try:
            is_new = await wrap_future(store.intake.store(Arrival(sender, piece)))
        except TokenRevoked:
            raise forget_sender(request, sender) from None
    stored = {"trip_id": trip_id, "chunk": number, "sha256": piece.sha256, "duplicate": not is_new}
    return JSONResponse(stored, 201 if is_new else 200)


@router.post(
    "/v1/trips/{trip_id}/finish",
    status_code=202,
    response_model=TripBody,
    responses=problems(
        *("auth.missing", "auth.invalid", "auth.role", "not_found", "trip.incomplete", "trip.closed", "trip.deleted"),
        *("id.format", "field.range"),
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


@router.delete(
    "/v1/trips/{trip_id}",
    status_code=204,
    response_class=Response,
    responses=problems("auth.missing", "auth.invalid", "auth.role", "not_found", "id.format", "storage.failed"),
    summary="Erase one trip",
)
def erase_trip(trip_id: TripId, device: ADevice, deed: ADeed, store: AStore) -> Response:
    """Erases a trip of the calling device, with all that was found in it; sent again, it is answered with 410."""
    erasing.erase_trip(store, device, trip_id, time.time(), deed)
    return Response(status_code=204)


def _is_binary(request: Request) -> bool:
    kind = body.media_type(request)
    if kind not in (wire.MEDIA_TYPE, "application/octet-stream", "application/json"):
        detail = f"Content-Type must be {wire.MEDIA_TYPE} or application/json"
        raise Problem("body.unsupported", detail, field="Content-Type", value=kind)
    return kind != "application/json"


def _checked(
    store: Store, limits: Limits, filling: pressure.Pressure, device: str, trip_id: str, number: int, sent: Sent
) -> Piece:
    """What is to be stored of a body, off the event loop: unpacked, and checked to be this very chunk.

    Where nothing more may be stored, only what is stored already goes on, to be acknowledged again.
    """
    plain = sent.take(limits)
    piece = Piece(trip_id, number, plain, hashlib.sha256(plain).hexdigest())
    if problem := filling.problem():
        with store.database.read() as session:
            if not trips.stored_chunk(session, device, trip_id, number, piece.sha256):
                raise problem
    _check(plain, trip_id, number, sent.binary)
    return piece


def _check(plain: bytes, trip_id: str, number: int, binary: bool) -> None:
    """The bytes are this very chunk, whole and plausible. Raises ChunkError, Problem."""
    if not binary:
        plausible.check_json(plain)
    chunk = wire.decode(plain) if binary else wire.decode_json(plain, trip_id, number)
    if chunk.trip_id != trip_id:
        raise Problem("id.format", "the chunk is of another trip than the address says", field="trip_id", value=chunk.trip_id)
    if chunk.number != number:
        raise Problem("field.range", "the chunk has another number than the address says", field="number", value=chunk.number)
    plausible.check_chunk(chunk)


def _finish(store: Store, device: str, trip_id: str, chunks: int) -> TripBody:
    with store.database.write() as session:
        if store.tombstones.has_trip(session, trip_id):
            raise tombstones.Erased
        trips.finish(session, device, trip_id, chunks, time.time())
        return TripBody(**vars(trips.report(session, device, trip_id)))
