"""GET /v1/devices/me/data: all that the server holds of the calling device, as one zip."""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Iterator
from typing import IO

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from ingest.api.access import ADevice, AStore
from ingest.api.answers import problems
from ingest.store import Store, holdings
from ingest.store.objects import DamagedObject
from mobile_app import wire

router = APIRouter(tags=["phones"])

IN_MEMORY_BYTES = 1 << 20  # more goes into a file without a name, gone with the answer
PIECE_BYTES = 1 << 16


@router.get(
    "/v1/devices/me/data",
    response_class=StreamingResponse,
    responses={
        200: {"description": "A zip", "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}},
        **problems("auth.missing", "auth.invalid", "auth.role", "storage.failed"),
    },
    summary="Everything held of this device",
)
def my_data(device: ADevice, store: AStore) -> StreamingResponse:
    """`rows.json`: all rows that are about the device, by table. `traces/<trip>/<n>.chunk` or `.json`: chunks as stored."""
    held = tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES)  # noqa: SIM115  (closed by `_pieces`)
    _write(store, device, held)
    size = held.tell()
    held.seek(0)
    headers = {"Content-Disposition": 'attachment; filename="cahot-my-data.zip"', "Content-Length": str(size)}
    return StreamingResponse(_pieces(held), headers=headers, media_type="application/zip")


def _write(store: Store, device: str, into: IO[bytes]) -> None:
    with store.database.read() as session:
        rows, chunks = holdings.rows_of(session, device), holdings.chunks_of(session, device)
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("rows.json", json.dumps(rows, indent=1))
        for trip_id, number, sha256 in chunks:
            try:
                data = store.objects.get(trip_id, number, sha256)
            except DamagedObject:  # erased meanwhile, or damaged: its row says that it was there
                continue
            ending = "chunk" if data.startswith(wire.MAGIC) else "json"
            archive.writestr(zipfile.ZipInfo(f"traces/{trip_id}/{number}.{ending}"), data)


def _pieces(held: IO[bytes]) -> Iterator[bytes]:
    with held:
        while piece := held.read(PIECE_BYTES):
            yield piece
