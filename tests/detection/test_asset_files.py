"""A city's file of assets: what is read, what is refused and how it says so."""

from __future__ import annotations

import contextlib
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as rounds
from hypothesis import strategies as st

from detection.asset_files import SORT_OF, AssetFile, UnreadableAssets, read_assets
from detection.assets import SORTS, Assets
from detection.geo import LocalMetres
from detection.settings import AssetSettings

RULES = AssetSettings()


def point(longitude: Any = 11.5, latitude: Any = 48.1, **properties: Any) -> dict[str, Any]:
    geometry = {"type": "Point", "coordinates": [longitude, latitude]}
    return {"type": "Feature", "properties": {"kind": "hump"} | properties, "geometry": geometry}


def read(folder: Path, *features: Any, name: str = "humps.geojson") -> AssetFile:
    path = folder / name
    path.write_text(json.dumps({"type": "FeatureCollection", "features": list(features)}))
    return read_assets(path)


def sorts(assets: Assets) -> list[str]:
    return [SORTS[code] for code in assets.sort]


def test_points_are_read_with_what_they_say(tmp_path: Path) -> None:
    held = read(tmp_path, point(id="h 1", heading=370 - 10, radius=3), point(12.0, kind="casting", id=7, direction="SW")).assets
    assert held.id.tolist() == ["h_1", "7"]
    assert sorts(held) == ["hump", "casting"]
    assert held.longitude.tolist() == [11.5, 12.0]
    assert held.heading.tolist() == [0.0, 225.0]
    assert held.radius_m.tolist() == [3.0, RULES.radius_m[0]]


@pytest.mark.parametrize("told", [{}, {"heading": None}, {"direction": "both"}, {"direction": "forward"}, {"heading": ""}])
def test_without_a_heading_both_directions_meet_it(tmp_path: Path, told: dict[str, Any]) -> None:
    assert math.isnan(read(tmp_path, point(**told)).assets.heading[0])


@pytest.mark.parametrize(
    ("tag", "value", "sort"),
    [
        *(("traffic_calming", value, "hump") for value in ("hump", "bump", "table", "cushion")),
        ("railway", "level_crossing", "crossing"),
        ("railway", "tram_level_crossing", "crossing"),
        ("man_made", "manhole", "casting"),
    ],
)
def test_openstreetmap_tags_are_understood(tmp_path: Path, tag: str, value: str, sort: str) -> None:
    feature = point(**{"kind": None, tag: value, "@id": "node/42"})
    held = read(tmp_path, feature).assets
    assert (sorts(held), held.id.tolist()) == ([sort], ["node/42"])


def test_every_accepted_word_is_read_however_it_is_written(tmp_path: Path) -> None:
    words = [word.replace("_", mark).title() for word in SORT_OF for mark in ("_", " ", "-")]
    held = read(tmp_path, *(point(11.0 + 0.001 * i, kind=word) for i, word in enumerate(words)))
    assert not held.left_out
    assert held.assets.sort.tolist() == [code for code in SORT_OF.values() for _ in range(3)]


def test_a_line_is_a_place_every_two_metres_of_one_id(tmp_path: Path) -> None:
    feature = point(kind="level_crossing", id="rails")
    feature["geometry"] = {"type": "LineString", "coordinates": [[11.5, 48.1], [11.5001, 48.1], [11.5001, 48.10005]]}
    held = read(tmp_path, feature).assets
    assert set(held.id) == {"rails"}
    x, y = LocalMetres(48.1, 11.5).to_xy(held.latitude, held.longitude)
    steps = np.hypot(np.diff(x), np.diff(y))
    assert 0 < steps.max() < RULES.line_step_m * 1.01
    assert (x[0], y[0]) == (0.0, 0.0)
    assert abs(x[-1] - 7.44) < 0.1
    assert abs(y[-1] - 5.56) < 0.1


def test_a_line_may_cross_the_date_line(tmp_path: Path) -> None:
    feature = point(kind="table")
    feature["geometry"] = {"type": "LineString", "coordinates": [[179.99998, -16.8], [-179.99998, -16.8]]}
    held = read(tmp_path, feature).assets
    assert 3 <= len(held) <= 5
    assert (np.abs(held.longitude) > 179.9).all()


def test_an_id_made_from_the_place_stays_when_the_file_changes(tmp_path: Path) -> None:
    alone = read(tmp_path, point(12.0)).assets.id.tolist()
    assert read(tmp_path, point(), point(12.0)).assets.id.tolist()[1:] == alone


def test_the_date_line_and_the_poles_are_places(tmp_path: Path) -> None:
    held = read(tmp_path, point(180, 90), point(-180, -90, kind="casting"), point(0, 0))
    assert len(held.assets) == 3


@pytest.mark.parametrize(
    ("feature", "told"),
    [
        (point(kind="tree"), "kind='tree': this is no known sort of asset; give it a kind: casting, hump, crossing, joint"),
        (point(kind=None), "kind=None: nothing says what it is"),
        (point(kind=None, traffic_calming="chicane"), "traffic_calming='chicane': this is no known sort"),
        (point(48.1, 111.5), "latitude=111.5: a latitude lies within ±90°"),
        (point(48.1, 111.5), "(are they swapped?); give longitude first, then latitude"),
        (point(4467000.0, 48.1), "longitude=4467000.0: a longitude lies within ±180°; give degrees (WGS 84), not metres"),
        (point(math.nan, 48.1), "longitude=nan"),
        (point(11.5, math.inf), "latitude=inf"),
        (point(11.5, "north"), "latitude='north'"),
        (point(True, 48.1), "longitude=True"),
        (point(10**400, 48.1), "longitude=1000"),
        (point(heading="up"), "heading='up': a heading is degrees clockwise from north, 0 to 360"),
        (point(heading=400), "heading=400"),
        (point(heading=math.nan), "heading=nan"),
        (point(radius=0), "radius=0: a thing's radius lies between 0 and 30 m"),
        (point(radius="wide"), "radius='wide'"),
        (point(id="x" * 80), "an id is at most 56 plain letters"),
        (point(id="ü"), "id='ü'"),
        ({**point(), "geometry": None}, "geometry=None: only points and lines are things on the road"),
        ({**point(), "geometry": {"type": "Point", "coordinates": [11.5]}}, "coordinates=[11.5]"),
        ({**point(), "geometry": {"type": "LineString", "coordinates": []}}, "coordinates=[]"),
        ({**point(), "geometry": {"type": "LineString", "coordinates": [[11.5, 48.1], [11.6, 48.1]]}}, "is a street, not"),
        ({**point(), "geometry": {"type": "Polygon", "coordinates": []}}, "geometry='Polygon'"),
        ({"kind": "hump"}, "this is no GeoJSON Feature"),
        (7, "this is no GeoJSON Feature"),
        (None, "type=None"),
    ],
)
def test_a_bad_feature_is_told_and_the_others_are_kept(tmp_path: Path, feature: Any, told: str) -> None:
    held = read(tmp_path, point(id="before"), feature, point(12.0, id="after"))
    assert held.assets.id.tolist() == ["before", "after"]
    (line,) = map(str, held.left_out)
    assert line.startswith(f"{tmp_path / 'humps.geojson'}, feature 2: ")
    assert told in line
    assert "\n" not in line
    with pytest.raises(UnreadableAssets, match="feature 1"):
        read(tmp_path, feature)


def test_one_id_is_one_thing(tmp_path: Path) -> None:
    held = read(tmp_path, point(id="a"), point(12.0, id="a"))
    assert len(held.assets) == 1
    assert "feature 2: id='a': feature 1 has it already" in str(held.left_out[0])


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"\xff\xfe\x00", "is not UTF-8 text (byte 0)"),
        (b"{", "is no JSON"),
        (b"[" * 100_000, "is nested too deeply"),
        (b'{"type": "FeatureCollection", "features": ' + b"[" * 100_000, "is nested too deeply"),
        (b'{"n": ' + b"9" * 5000 + b"}", "is no JSON"),
        (b"[]", "is no GeoJSON FeatureCollection"),
        (b'{"type": "Topology"}', "is no GeoJSON FeatureCollection"),
        (b'{"type": "FeatureCollection"}', "is no GeoJSON FeatureCollection"),
        (b'{"type": "FeatureCollection", "features": {}}', "is no GeoJSON FeatureCollection"),
    ],
)
def test_a_file_that_is_no_geojson_says_what_to_do(tmp_path: Path, data: bytes, told: str) -> None:
    path = tmp_path / "x.geojson"
    path.write_bytes(data)
    with pytest.raises(UnreadableAssets) as caught:
        read_assets(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert told in str(caught.value)
    assert "; " in str(caught.value)


def test_a_collection_of_nothing_is_no_assets(tmp_path: Path) -> None:
    held = read(tmp_path)
    assert len(held.assets) == 0
    assert held.left_out == ()


def test_a_single_feature_and_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(point()).encode())
    assert len(read_assets(path).assets) == 1


def test_a_table_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "lids.csv"
    path.write_text("Lat,Lon,Kind,id,heading\n48.1,11.5,manhole,a,\n48.2,11.5,tree,b,\n,,manhole,c,\n48.3,11.5,hump,d,E\n")
    held = read_assets(path)
    assert held.assets.id.tolist() == ["a", "d"]
    np.testing.assert_array_equal(held.assets.heading, [math.nan, 90.0])
    assert ["row 2" in str(held.left_out[0]), "row 3" in str(held.left_out[1])] == [True, True]


@pytest.mark.parametrize(
    ("text", "told"),
    [("a,b\n1,2\n", "has no column latitude nor longitude nor kind"), ("lat,lon,kind\n1,2," + "x" * 200_000, "is no CSV")],
)
def test_a_table_without_its_columns_is_refused(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(text)
    with pytest.raises(UnreadableAssets, match=told):
        read_assets(path)


anything = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5) | st.sampled_from([*SORT_OF, "Point"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["type", "geometry", "properties", "coordinates", "kind", "id", "heading", "radius", "railway"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(st.lists(anything | st.builds(lambda p, g: {"type": "Feature", "properties": p, "geometry": g}, anything, anything)))
@rounds(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_stands_in_a_feature_is_read_or_told(tmp_path: Path, features: list[Any]) -> None:
    """One good feature first: nothing that follows loses it."""
    held = read(tmp_path, point(id="good"), *features)
    assert held.assets.id[0] == "good"
    assert len(set(held.assets.id)) + len(held.left_out) == 1 + len(features)
    assert np.isfinite(held.assets.latitude).all()
    assert (np.abs(held.assets.longitude) <= 180.0).all()
    assert all("\n" not in str(error) for error in held.left_out)


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace")))
@rounds(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_the_bytes_it_is_read_or_refused(tmp_path: Path, data: bytes) -> None:
    for name in ("x.geojson", "x.csv"):
        (tmp_path / name).write_bytes(data)
        with contextlib.suppress(UnreadableAssets):
            assert len(read_assets(tmp_path / name).left_out) >= 0
