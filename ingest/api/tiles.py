"""GET /v1/tiles/{z}/{x}/{y}.mvt: defects and streets as vector tiles, for maps of large cities.

A tile holds at most 500 KB: far away, defects of one kind and status that lie close together are one point, and of streets the
most driven are shown.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Path, Request, Response
from sqlalchemy.orm import Session

from detection import KINDS, STATUSES
from ingest.api.access import ACaller, ASettings, AStore
from ingest.api.answers import problems
from ingest.api.permissions import sees_everything
from ingest.api.problems import Problem
from ingest.mvt import EXTENT, Layer, box_of, unit_of, units_of
from ingest.store import Store, common_tracks, defects, versions
from ingest.store.defects import Wanted
from ingest.store.places import Box

router = APIRouter(tags=["roads"])

MEDIA_TYPE = "application/vnd.mapbox-vector-tile"
DEEPEST = 16  # 400 m across at 48° north: maps draw what lies below from these tiles
ALONE_FROM, MOST_ALONE = 14, 3000  # each defect by itself from this zoom on, unless there are more in one tile
CELL = EXTENT // 16  # of what becomes a point for each kind and status: 32 pixels of a map of 512 a tile
DEFECTS_BYTES, STREETS_BYTES = 230_000, 260_000
KEPT = 512  # tiles, 10 to 50 KB each

Zoom = Annotated[int, Path(ge=0, le=DEEPEST)]
Place = Annotated[int, Path(ge=0, lt=2**DEEPEST)]
Row = Mapping[str, Any]
Key = tuple[int, int, int, int, int]  # version, k, zoom, x, y


class Tiles:
    """Those asked for lately, by the version of the roads that they show."""

    def __init__(self, most: int = KEPT) -> None:
        self._held: OrderedDict[Key, bytes] = OrderedDict()
        self._most, self._lock = most, threading.Lock()

    def get(self, key: Key) -> bytes | None:
        with self._lock:
            found = self._held.get(key)
            if found is not None:
                self._held.move_to_end(key)
            return found

    def put(self, key: Key, tile: bytes) -> None:
        with self._lock:
            self._held[key] = tile
            while len(self._held) > self._most:
                self._held.popitem(last=False)


@router.get(
    "/v1/tiles/{z}/{x}/{y}.mvt",
    response_class=Response,
    responses={
        200: {
            "description": "A Mapbox Vector Tile with the layers `defects` and `streets`; empty where there is nothing",
            "content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}},
        },
        **problems("not_found", "field.range", "auth.invalid"),
    },
    summary="Defects and streets as a vector tile",
)
def get_tile(z: Zoom, x: Place, y: Place, request: Request, caller: ACaller, store: AStore, settings: ASettings) -> Response:
    """Web Mercator, y from the north. A point with `count` above 1 stands for so many of its kind and status; it is the most
    pressing of them, `hardest` and `surest` are the highest severity and confidence among them.

    Who sees what is as in /v1/defects and /v1/roughness.
    """
    if x >= 2**z or y >= 2**z:
        raise Problem("not_found", f"at zoom {z} there are {2**z} tiles each way", field="x" if x >= 2**z else "y")
    k = 1 if sees_everything(caller) else settings.k
    tile = _tile(store, request.app.state.tiles, k, settings.k, z, x, y)
    headers = {
        "ETag": f'"{hashlib.sha256(tile).hexdigest()[:32]}"',
        "Cache-Control": "private, no-cache" if sees_everything(caller) else "no-cache",
        "Vary": "Authorization, Cookie",
    }
    if headers["ETag"].strip('"') in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(tile, headers=headers, media_type=MEDIA_TYPE)


def _tile(store: Store, tiles: Tiles, k: int, k_of_streets: int, z: int, x: int, y: int) -> bytes:
    with store.database.read() as session:
        key = (versions.current(session), k, z, x, y)
        if (held := tiles.get(key)) is not None:
            return held
        box = Box(*box_of(z, x, y))
        points = _points(session, Wanted(k, box), z, x, y)
        lines = common_tracks.page(session, k_of_streets, box)
    tile = defect_layer(points, z, x, y).encode() + street_layer(lines, z, x, y).encode()
    tiles.put(key, tile)
    return tile


def _points(session: Session, wanted: Wanted, z: int, x: int, y: int) -> list[tuple[Row, Heap | None]]:
    """Rows to show, and what each stands for besides itself."""
    if z >= ALONE_FROM:
        rows = defects.page(session, wanted, MOST_ALONE + 1)
        if len(rows) <= MOST_ALONE:
            return [(row, None) for row in rows]
    worst = most_pressing(defects.spots(session, wanted), z, x, y)
    rows = sorted(
        defects.named(session, list(worst)), key=lambda row: (-row["priority"], row["id"])
    )  # what there is no room for is least
    return [(row, worst[row["id"]]) for row in rows]


@dataclass(frozen=True)
class Heap:
    """Several defects of one kind and status that one point stands for: how many, the highest severity and confidence."""

    count: int
    hardest: float
    surest: float


def most_pressing(held: Sequence[defects.Spot], z: int, x: int, y: int) -> dict[str, Heap]:
    """Those that come first among their kind and status in their cell of the tile, with what is there."""
    if not held:
        return {}
    names, kinds, statuses, *columns = zip(*held, strict=True)
    longitude, latitude, priority, severity, confidence = (np.array(column, np.float64) for column in columns)
    across, down = units_of(longitude, latitude, z)
    column, row = np.floor(across).astype(np.int64) - x * EXTENT, np.floor(down).astype(np.int64) - y * EXTENT
    inside = np.flatnonzero((column >= 0) & (column < EXTENT) & (row >= 0) & (row < EXTENT))
    if not len(inside):
        return {}
    sort = np.array([KINDS.index(kind) for kind in kinds]) * len(STATUSES) + [STATUSES.index(status) for status in statuses]
    cell = (row[inside] // CELL * EXTENT + column[inside] // CELL) * (len(KINDS) * len(STATUSES)) + sort[inside]
    order = np.lexsort((latitude[inside], longitude[inside], -priority[inside], cell))
    _, first, count = np.unique(cell[order], return_index=True, return_counts=True)
    found = inside[order]
    hardest, surest = (np.maximum.reduceat(of[found], first) for of in (severity, confidence))
    heaps = map(Heap, count.tolist(), hardest.tolist(), surest.tolist())
    return {names[number]: heap for number, heap in zip(found[first].tolist(), heaps, strict=True)}


def defect_layer(points: Sequence[tuple[Row, Heap | None]], z: int, x: int, y: int) -> Layer:
    """Of rows of `defects` with what they stand for; each belongs to one tile alone, so that counts of tiles add up."""
    layer = Layer("defects", DEFECTS_BYTES)
    for row, heap in points:
        at = _inside(row["longitude"], row["latitude"], z, x, y)
        if 0 <= at[0] < EXTENT and 0 <= at[1] < EXTENT:
            layer.add([at], _told(row, heap))
    return layer


def street_layer(rows: Sequence[Row], z: int, x: int, y: int) -> Layer:
    """Of rows of `common_tracks`, the most driven first until there is no room."""
    layer = Layer("streets", STREETS_BYTES)
    for row in sorted(rows, key=lambda row: (-row["passes"], row["id"])):
        line = [_inside(longitude, latitude, z, x, y) for longitude, latitude in json.loads(row["line"])]
        told = {"id": row["id"], "roughness": round(row["roughness"], 2), "passes": row["passes"], "devices": row["devices"]}
        if not layer.add(line, told):
            break
    return layer


def _inside(longitude: float, latitude: float, z: int, x: int, y: int) -> tuple[int, int]:
    across, down = unit_of(longitude, latitude, z)
    return int(across // 1) - x * EXTENT, int(down // 1) - y * EXTENT


def _told(row: Row, heap: Heap | None) -> dict[str, Any]:
    told = {"id": row["id"], "kind": row["kind"], "status": row["status"]}
    told |= {
        "severity": round(row["severity"], 2),
        "confidence": round(row["confidence"], 2),
        "priority": round(row["priority"], 3),
    }
    if heap is not None and heap.count > 1:
        return told | {"count": heap.count, "hardest": round(heap.hardest, 2), "surest": round(heap.surest, 2)}
    return told | {"count": 1, "heading": None if row["heading"] is None else round(row["heading"])}
