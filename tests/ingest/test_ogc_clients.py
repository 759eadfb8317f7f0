"""What cities use reads /ogc of a real server right: GDAL (and so QGIS) by pyogrio and by its own programs, and OWSLib."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import city
import numpy as np
import pyogrio.raw
import pytest
import roads
from callers import ServerProcess

from ingest.api.permissions import ANALYST
from ingest.settings import Settings
from ingest.store import open_store

ogr_programs = pytest.mark.skipif(
    shutil.which("ogr2ogr") is None, reason="GDAL's programs are not installed (Debian: apt-get install gdal-bin)"
)
LAYERS = {"defects", "roughness", "coverage", "crossings"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Address of /ogc, and the token of an analyst."""
    data = tmp_path_factory.mktemp("ogc") / "data"
    store = open_store(Settings(data))
    roads.put_city(store)
    token = city.user(store, "ana", ANALYST)
    store.database.close()
    server = ServerProcess(data)
    yield f"{server.address}ogc", token
    server.stop()


def test_gdal_lists_the_collections_with_their_shapes(served: tuple[str, str]):
    found = {str(name): str(shape) for name, shape in pyogrio.list_layers(f"OAPIF:{served[0]}")}
    assert set(found) == LAYERS
    assert found["defects"] == found["crossings"] == "Point"
    assert found["roughness"] == "LineString"


@pytest.mark.parametrize("end", ["", "/"])
def test_gdal_reads_every_page_of_a_collection(served: tuple[str, str], end: str):
    told, _, geometry, columns = pyogrio.raw.read(f"OAPIF:{served[0]}{end}", layer="defects", PAGE_SIZE="40")
    assert len(geometry) == roads.SEEN
    held = dict(zip(told["fields"], columns, strict=True))
    expected = roads.defects_of()[: roads.SEEN]
    assert held["id"].tolist() == expected.id.tolist()
    assert held["passes"].tolist() == expected.passes.tolist()
    xy = np.array([np.frombuffer(point, "<f8", 2, 5) for point in geometry])
    np.testing.assert_allclose(xy, np.column_stack([expected.longitude, expected.latitude]), atol=1e-6)


def test_gdal_asks_for_a_box_and_gets_what_lies_in_it(served: tuple[str, str]):
    box = (roads.WEST - 0.0001, roads.SOUTH - 0.0001, roads.WEST + 0.0021, roads.SOUTH + 0.0011)
    _, _, geometry, _ = pyogrio.raw.read(f"OAPIF:{served[0]}", layer="defects", bbox=box)
    assert len(geometry) == 6


def test_an_analyst_reads_jolts_with_a_token(served: tuple[str, str]):
    pyogrio.set_gdal_config_options({"GDAL_HTTP_AUTH": "BEARER", "GDAL_HTTP_BEARER": served[1]})
    try:
        assert {str(name) for name, _ in pyogrio.list_layers(f"OAPIF:{served[0]}")} == LAYERS | {"jolts"}
        _, _, geometry, _ = pyogrio.raw.read(f"OAPIF:{served[0]}", layer="jolts", PAGE_SIZE="5")
        assert len(geometry) == 19
    finally:
        pyogrio.set_gdal_config_options({"GDAL_HTTP_AUTH": None, "GDAL_HTTP_BEARER": None})


@ogr_programs
def test_ogr2ogr_copies_a_collection_into_a_file_by_its_address(served: tuple[str, str], tmp_path: Path):
    asked = subprocess.run(["ogrinfo", "-so", f"OAPIF:{served[0]}", "defects"], capture_output=True, text=True, check=True)
    assert f"Feature Count: {roads.SEEN}" in asked.stdout
    out = tmp_path / "potholes.geojson"
    subprocess.run(
        ["ogr2ogr", str(out), f"OAPIF:{served[0]}", "defects", "-where", "kind = 'pothole'"], check=True, capture_output=True
    )
    features = json.loads(out.read_text())["features"]
    assert len(features) == roads.SEEN / 2
    assert {feature["properties"]["kind"] for feature in features} == {"pothole"}


@pytest.mark.parametrize("end", ["", "/"])
def test_owslib_reads_it(served: tuple[str, str], end: str):
    features = pytest.importorskip("owslib.ogcapi.features")
    there = features.Features(f"{served[0]}{end}")
    assert set(there.feature_collections()) == LAYERS
    assert there.conformance()["conformsTo"]
    assert "/collections/defects/items" in there.api()["paths"]
    page = there.collection_items("defects", limit=3, kind="joint")
    assert (page["numberMatched"], page["numberReturned"]) == (roads.SEEN / 2, 3)
    name = page["features"][0]["id"]
    assert there.collection_item("defects", name)["properties"]["kind"] == "joint"
