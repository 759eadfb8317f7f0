"""PUT one chunk: the one call of which every minute of every drive is a request."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute

from ingest.api import body, lanes, plausible, pressure, rates
from ingest.api.access import ASender, ASettings, AStore, forget_sender, sender_of, settings_of, store_of
from ingest.api.answers import ChunkStored, problems
from ingest.api.chunk_schema import JSON_CHUNK
from ingest.api.expanding import Sent
from ingest.api.ids import TRIP_ID, Number, TripId
from ingest.api.permissions import gate
from ingest.api.problems import Problem
from ingest.settings import Limits
from ingest.store import Store, trips
from ingest.store.intake import TokenRevoked
from ingest.store.objects import Piece
from mobile_app import wire

_NUMBER = re.compile("0|[1-9][0-9]{0,3}")  # below `Limits.chunks_per_trip`

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


class ChunkRoute(APIRoute):
    """The one route of which every minute of every drive is a request: past FastAPI's resolving of parameters, which takes a
    third of a millisecond, where the address is as phones write it. All that the gate and `put_chunk` check is checked.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        as_described = super().get_route_handler()

        async def handler(request: Request) -> Response:
            trip_id, number = request.path_params["trip_id"], request.path_params["number"]
            if not (TRIP_ID.fullmatch(trip_id) and _NUMBER.fullmatch(number)):
                return await as_described(request)  # says what is wrong
            await gate(request)
            return await put_chunk(
                trip_id, int(number), request, await sender_of(request), store_of(request), settings_of(request)
            )

        return handler


router = APIRouter(tags=["phones"], route_class=ChunkRoute)


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
        check = partial(_checked, store, settings.limits, filling, sender.device_id, trip_id, number, sent)
        try:
            piece, is_new = await lanes.through(request, sender, sent, check, settings.reserve)
        except TokenRevoked:
            raise forget_sender(request, sender) from None
    stored = {"trip_id": trip_id, "chunk": number, "sha256": piece.sha256, "duplicate": not is_new}
    return JSONResponse(stored, 201 if is_new else 200)


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
