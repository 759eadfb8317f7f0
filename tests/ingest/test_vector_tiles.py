"""Vector tiles: read by GDAL, and the same as /v1/defects and /v1/roughness tell; never above 500 KB, never of few devices."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import city
import numpy as np
import pyogrio.raw
import pytest
import roads
from fastapi.testclient import TestClient

from detection import Defects
from ingest.api.permissions import CREW
from ingest.api.tiles import DEEPEST, MEDIA_TYPE, Heap, defect_layer, most_pressing, street_layer
from ingest.mvt import EXTENT, Layer, box_of, unit_of
from ingest.store import Store

EARTH_M = 20037508.342789244  # half the width of Web Mercator's world


@pytest.fixture
def town(http: TestClient, store: Store) -> TestClient:
    roads.put_city(store)
    return http


def tile_at(zoom: int, longitude: float = roads.WEST, latitude: float = roads.SOUTH) -> tuple[int, int, int]:
    across, down = unit_of(longitude, latitude, zoom)
    return zoom, int(across // EXTENT), int(down // EXTENT)


def tiles_of_town(zoom: int) -> list[tuple[int, int, int]]:
    """All that hold a part of it."""
    z, left, top = tile_at(zoom, roads.WEST - 0.001, roads.SOUTH + 0.05)
    _, right, bottom = tile_at(zoom, roads.WEST + 0.05, roads.SOUTH - 0.001)
    return [(z, x, y) for x in range(left, right + 1) for y in range(top, bottom + 1)]


def fetch(http: TestClient, tile: tuple[int, int, int], **headers: str) -> bytes:
    answer = http.get("/v1/tiles/{}/{}/{}.mvt".format(*tile), headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == MEDIA_TYPE
    return answer.content


def read(data: bytes, tile: tuple[int, int, int], layer: str, folder: Path) -> list[dict[str, Any]]:
    """By GDAL: properties, and places in degrees as `places`."""
    path = folder / "{}-{}-{}.mvt".format(*tile)
    path.write_bytes(data)
    if not data or layer not in {str(name) for name, _ in pyogrio.list_layers(path)}:
        return []
    options = dict(zip("ZXY", map(str, tile), strict=True)) | {"CLIP": "NO"}
    meta, _, geometry, columns = pyogrio.raw.read(path, layer=layer, **options)
    rows = [dict(zip(meta["fields"], row, strict=True)) for row in zip(*columns, strict=True)]
    return [row | {"places": _degrees(wkb)} for row, wkb in zip(rows, geometry, strict=True)]


def _degrees(wkb: bytes) -> list[tuple[float, float]]:
    xy = np.frombuffer(wkb, "<f8", offset=5 if wkb[1] == 1 else 9).reshape(-1, 2)
    latitude = np.degrees(np.arctan(np.sinh(xy[:, 1] / EARTH_M * math.pi)))
    return list(zip((xy[:, 0] / EARTH_M * 180).tolist(), latitude.tolist(), strict=True))


@pytest.mark.parametrize("zoom", [14, 16])
def test_near_by_each_defect_of_the_api_is_in_one_tile_where_it_is(town: TestClient, tmp_path: Path, zoom: int):
    expected = {f["id"]: f for f in town.get("/v1/defects?limit=1000").json()["features"]}
    found = [row for tile in tiles_of_town(zoom) for row in read(fetch(town, tile), tile, "defects", tmp_path)]
    assert sorted(row["id"] for row in found) == sorted(expected)
    step_deg = 360 / 2**zoom / EXTENT
    for row in found:
        told = expected[row["id"]]
        assert {name: row[name] for name in ("kind", "status", "count")} == {
            "kind": told["properties"]["kind"],
            "status": told["properties"]["status"],
            "count": 1,
        }
        assert row["severity"] == pytest.approx(told["properties"]["severity"], abs=0.006)
        assert row["confidence"] == pytest.approx(told["properties"]["confidence"], abs=0.006)
        assert row["places"] == [pytest.approx(told["geometry"]["coordinates"], abs=1.5 * step_deg)]


@pytest.mark.parametrize("zoom", [0, 5, 10, 12, 13])
def test_far_away_points_stand_for_all_defects_and_are_the_most_pressing_of_them(town: TestClient, tmp_path: Path, zoom: int):
    shown = {f["id"]: f["properties"] for f in town.get("/v1/defects?limit=1000").json()["features"]}
    found = [row for tile in tiles_of_town(zoom) for row in read(fetch(town, tile), tile, "defects", tmp_path)]
    assert sum(row["count"] for row in found) == len(shown) == roads.SEEN
    assert max(shown.values(), key=lambda told: told["priority"])["id"] in {row["id"] for row in found}
    assert len(found) < len(shown)


def test_streets_are_the_lines_of_the_api(town: TestClient, tmp_path: Path):
    tile = tile_at(14)
    expected = town.get("/v1/roughness").json()["features"]
    box = box_of(*tile)
    meets = [f for f in expected if any(box[1] <= y <= box[3] and box[0] <= x <= box[2] for x, y in f["geometry"]["coordinates"])]
    found = read(fetch(town, tile), tile, "streets", tmp_path)
    assert len(found) == len(meets) > 0
    for row, told in zip(sorted(found, key=lambda row: row["id"]), meets, strict=True):
        assert (row["passes"], row["devices"]) == (told["properties"]["passes"], told["properties"]["devices"])
        assert row["roughness"] == pytest.approx(told["properties"]["roughness"], abs=0.006)
        assert row["places"] == [pytest.approx(place, abs=1e-5) for place in told["geometry"]["coordinates"]]


def test_few_devices_are_on_no_tile_but_those_of_users(town: TestClient, store: Store, tmp_path: Path):
    crew = city.bearer(city.user(store, "cleo", CREW))
    for zoom in (0, 10, 14):
        for headers, count in (({}, roads.SEEN), (crew, roads.SEEN + roads.RARE), ({}, roads.SEEN)):
            rows = [row for tile in tiles_of_town(zoom) for row in read(fetch(town, tile, **headers), tile, "defects", tmp_path)]
            assert sum(row["count"] for row in rows) == count


def test_a_tile_stays_until_something_is_said_or_found(town: TestClient, store: Store, tmp_path: Path):
    tile = tile_at(16)
    address = "/v1/tiles/{}/{}/{}.mvt".format(*tile)
    tag = town.get(address).headers["etag"]
    assert town.get(address, headers={"If-None-Match": tag}).status_code == 304
    token = city.user(store, "cleo", CREW)
    assert city.patch(town, token, {"status": "confirmed"}, "d000000").status_code == 200
    changed = town.get(address, headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert "confirmed" in {row["status"] for row in read(changed.content, tile, "defects", tmp_path)}
    city.put_defects(store, Defects.empty())
    assert read(fetch(town, tile), tile, "defects", tmp_path) == []


def test_there_is_no_tile_beyond_the_world(town: TestClient):
    for path in ("0/0/1", "3/8/0", "17/0/0", "-1/0/0", "a/0/0", "0/0/1.5"):
        assert town.get(f"/v1/tiles/{path}.mvt").status_code in (404, 422)


def test_an_empty_tile_is_empty(town: TestClient):
    assert fetch(town, (5, 0, 0)) == b""


def crowd(count: int) -> list[dict[str, Any]]:
    """Rows of defects within one tile of zoom 14, as many as nowhere."""
    random = np.random.default_rng(4)
    west, south, east, north = box_of(*tile_at(14))
    longitude, latitude = random.uniform(west, east, count), random.uniform(south, north, count)
    kinds, statuses = ("pothole", "speed_bump", "joint"), ("new", "confirmed")
    told = {"severity": 1.234, "confidence": 0.87, "heading": 123.4}
    return [
        {"id": f"{n:032x}", "longitude": x, "latitude": y, "priority": n * 7919 % count / count, "kind": kinds[n % 3]}
        | told
        | {"status": statuses[n % 5 // 4], "severity": n % 11 / 2, "confidence": n % 13 / 13}
        for n, (x, y) in enumerate(zip(longitude.tolist(), latitude.tolist(), strict=True))
    ]


def test_no_tile_is_above_500_kb(tmp_path: Path):
    rows = crowd(20_000)
    told = [spot(row) for row in rows]
    for zoom in (0, 9, 12, 14, DEEPEST):
        tile = tile_at(zoom, rows[0]["longitude"], rows[0]["latitude"])
        worst = most_pressing(told, *tile)
        assert len(worst) <= 16 * 16 * 3 * 2
        assert len(defect_layer([(row, worst[row["id"]]) for row in rows if row["id"] in worst], *tile).encode()) <= 230_100
    alone = defect_layer([(row, None) for row in rows[:3000]], *tile_at(14)).encode()
    assert len(read(alone, tile_at(14), "defects", tmp_path)) > 2500
    streets = [replace_line(roads.street(n), n) for n in range(30_000)]
    told = street_layer(streets, *tile_at(11)).encode()
    assert 200_000 < len(told) <= 260_500
    assert min(row["passes"] for row in read(told, tile_at(11), "streets", tmp_path)) > 10


def spot(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in ("id", "kind", "status", "longitude", "latitude", "priority", "severity", "confidence"))


def replace_line(row: dict[str, Any], number: int) -> dict[str, Any]:
    line = [[roads.WEST + 0.00001 * (number % 97) + 0.0003 * step, roads.SOUTH + 0.00001 * step * step] for step in range(8)]
    return row | {"line": str(line), "passes": number % 100, "roughness": 0.1 + number % 400 / 100}


def test_values_of_every_sort_come_back_from_another_decoder(tmp_path: Path):
    layer = Layer("defects", 10_000)
    layer.add([(0, 0)], {"text": "höhe", "whole": 12345678901, "below": -7, "real": 0.125, "yes": True, "none": None})
    layer.add([(4095, 4095)], {"text": "x", "whole": 1, "below": -7, "real": 1.0, "yes": False})
    first, second = read(layer.encode(), (3, 2, 1), "defects", tmp_path)
    assert (first["text"], first["whole"], first["below"], first["real"]) == ("höhe", 12345678901, -7, 0.125)
    assert [bool(row["yes"]) for row in (first, second)] == [True, False]
    assert "none" not in first
    assert first["places"] == [pytest.approx((box_of(3, 2, 1)[0], box_of(3, 2, 1)[3]))]


def test_what_does_not_fit_leaves_no_trace(tmp_path: Path):
    layer, other = Layer("defects", 120), Layer("defects", 120)
    assert layer.add([(1, 1)], {"id": "a"})
    assert not layer.add([(2, 2)], {"id": "b" * 200, "long": "c"})
    assert other.add([(1, 1)], {"id": "a"})
    assert layer.encode() == other.encode()
    assert layer.add([(2, 2)], {"id": "b"})


def test_a_cell_shows_its_most_pressing_as_a_slow_look_does():
    rows = crowd(3000)
    z, x, y = tile_at(13)
    cells: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in rows:
        across, down = unit_of(row["longitude"], row["latitude"], z)
        at = int(across - x * EXTENT), int(down - y * EXTENT)
        cells.setdefault((at[0] // 256, at[1] // 256, row["kind"], row["status"]), []).append(row)
    slow = {
        max(held, key=lambda row: row["priority"])["id"]: Heap(
            len(held), max(row["severity"] for row in held), max(row["confidence"] for row in held)
        )
        for held in cells.values()
    }
    assert len(slow) < len(rows)
    assert most_pressing([spot(row) for row in rows], z, x, y) == slow


def test_a_defect_on_the_edge_of_two_tiles_is_in_one_of_them():
    rows = crowd(1)
    z, x, y = tile_at(14)
    rows[0] |= {"longitude": box_of(z, x, y)[0]}
    both = [defect_layer([(rows[0], None)], z, column, y).encode() for column in (x - 1, x)]
    assert [bool(tile) for tile in both] == [False, True]
