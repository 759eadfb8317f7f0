"""GET /v1/tiles/{z}/{x}/{y}.mvt: defects and streets as vector tiles, for maps of large cities.

A tile holds at most 500 KB: far away, defects that lie close together are one point, and of streets the most driven are shown.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Path, Request, Response
from sqlalchemy.orm import Session

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
CELL = EXTENT // 32  # of what becomes one point: 16 pixels of a map of 512 a tile
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
    """Web Mercator, y from the north. A point with `count` above 1 stands for so many; it is the most pressing of them.

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


def _points(session: Session, wanted: Wanted, z: int, x: int, y: int) -> list[tuple[Row, int]]:
    """Rows to show, and how many defects each stands for."""
    if z >= ALONE_FROM:
        rows = defects.page(session, wanted, MOST_ALONE + 1)
        if len(rows) <= MOST_ALONE:
            return [(row, 1) for row in rows]
    worst = most_pressing(defects.spots(session, wanted), z, x, y)
    return [(row, worst[row["id"]]) for row in defects.named(session, list(worst))]


def most_pressing(held: Sequence[tuple[str, float, float, float]], z: int, x: int, y: int) -> dict[str, int]:
    """Of ids, longitudes, latitudes and priorities those that come first in their cell of the tile, with the number in it."""
    if not held:
        return {}
    names, *columns = zip(*held, strict=True)
    longitude, latitude, priority = (np.array(column, np.float64) for column in columns)
    across, down = units_of(longitude, latitude, z)
    column, row = np.floor(across).astype(np.int64) - x * EXTENT, np.floor(down).astype(np.int64) - y * EXTENT
    inside = np.flatnonzero((column >= 0) & (column < EXTENT) & (row >= 0) & (row < EXTENT))
    cell = row[inside] // CELL * EXTENT + column[inside] // CELL
    order = np.lexsort((latitude[inside], longitude[inside], -priority[inside], cell))
    _, first, counts = np.unique(cell[order], return_index=True, return_counts=True)
    return {names[number]: count for number, count in zip(inside[order][first].tolist(), counts.tolist(), strict=True)}


def defect_layer(points: Sequence[tuple[Row, int]], z: int, x: int, y: int) -> Layer:
    """Of rows of `defects` with what they stand for; each belongs to one tile alone, so that counts of tiles add up."""
    layer = Layer("defects", DEFECTS_BYTES)
    for row, count in points:
        at = _inside(row["longitude"], row["latitude"], z, x, y)
        if 0 <= at[0] < EXTENT and 0 <= at[1] < EXTENT:
            layer.add([at], _told(row, count))
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


def _told(row: Row, count: int) -> dict[str, Any]:
    told = {"id": row["id"], "kind": row["kind"], "status": row["status"], "count": count}
    told |= {"severity": round(row["severity"], 2), "confidence": round(row["confidence"], 2)}
    heading = None if row["heading"] is None or count > 1 else round(row["heading"])
    return told | {"priority": round(row["priority"], 3), "heading": heading}
