"""Finish a trip, ask what became of it, erase it."""

from __future__ import annotations

import time

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from sqlalchemy.orm import Session

from ingest.api import body
from ingest.api.access import ADeed, ADevice, AReader, ASettings, AStore
from ingest.api.answers import Finish, TripBody, json_body, problems
from ingest.api.ids import TripId
from ingest.store import Store, erasing, tombstones, trips

router = APIRouter(tags=["phones"])


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


def _finish(store: Store, device: str, trip_id: str, chunks: int) -> TripBody:
    def closing(session: Session) -> TripBody:
        if store.tombstones.has_trip(session, trip_id):
            raise tombstones.Erased
        trips.finish(session, device, trip_id, chunks, time.time())
        return TripBody(**vars(trips.report(session, device, trip_id)))

    return store.database.run(closing, by_locks=True)
