"""What is written is what was found: read back by other people's readers."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import gpxpy
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detection.columns import KINDS, STATUSES
from detection.defects import Defects
from detection.export import (
    ENDINGS,
    LINE,
    UnwritableOutput,
    defect_table,
    jolt_table,
    write_defects,
    write_jolts,
    write_table,
)
from detection.jolts import Jolts, Survey, Track

JOLT_COLUMNS = ["trip_id", "time", "t", "latitude", "longitude", "heading", "speed", "severity", "peak", "kind", "confidence"]
DEFECT_PROPERTIES = [
    "id",
    "kind",
    "severity",
    "confidence",
    "hits",
    "passes",
    "devices",
    "hit_rate",
    "heading",
    "radius",
    "first_seen",
    "last_seen",
    "status",
    "priority",
]


def some_jolts(n: int = 3, **columns: Any) -> Jolts:
    names = [name for name in Jolts.empty().columns() if name != "kind"]
    given_columns = {name: np.linspace(0.1, 0.9, n) for name in names}
    given_columns |= {"kind": np.arange(n) % len(KINDS), "confidence": np.linspace(0.5, 0.9, n)}
    return Jolts.from_columns(given_columns | columns)


def some_survey(trip_id: str = "a-trip", started_at_s: float = 1_777_878_720.0, **columns: Any) -> Survey:
    return Survey(trip_id, None, started_at_s, some_jolts(**columns), Track.empty())


def some_defects(n: int = 2, **columns: Any) -> Defects:
    held: dict[str, Any] = {name: np.linspace(0.1, 0.9, n) for name in Defects.empty().columns()}
    held |= {"id": [f"d{i}" for i in range(n)], "kind": np.arange(n) % len(KINDS), "status": np.arange(n) % len(STATUSES)}
    held |= {"hits": np.arange(n), "passes": np.arange(n) + 5, "devices": np.arange(n) + 3}
    held |= {"first_seen": np.full(n, 1_777_878_720.25), "last_seen": np.full(n, np.nan)}
    return Defects.from_columns(held | columns)


def test_the_columns_of_a_jolt_are_those_of_the_interface(tmp_path: Path) -> None:
    write_jolts([some_survey()], tmp_path / "jolts.csv")
    table = pd.read_csv(tmp_path / "jolts.csv")
    assert list(table.columns) == JOLT_COLUMNS
    assert table["kind"].tolist() == ["unknown", "pothole", "speed_bump"]


def test_time_is_rfc_3339_where_the_recording_has_a_clock_and_seconds_where_not() -> None:
    clocked, clockless = some_survey(t_s=[0.0, 1.5, 60.0]), some_survey("b", float("nan"), t_s=[0.0, 1.5, 60.0])
    table = jolt_table([clocked, clockless])
    assert table["time"].tolist() == [
        "2026-05-04T07:12:00.000Z",
        "2026-05-04T07:12:01.500Z",
        "2026-05-04T07:13:00.000Z",
        0.0,
        1.5,
        60.0,
    ]


def test_a_defect_feature_has_exactly_the_properties_of_the_interface(tmp_path: Path) -> None:
    write_defects(some_defects(heading=[np.nan, 90.0]), tmp_path / "d.geojson")
    collection = json.loads((tmp_path / "d.geojson").read_text())
    assert collection["type"] == "FeatureCollection"
    first = collection["features"][0]
    assert list(first["properties"]) == DEFECT_PROPERTIES
    assert first["properties"]["heading"] is None, "both ways is null, never NaN, which is no JSON"
    assert first["properties"]["first_seen"] == "2026-05-04T07:12:00.250Z"
    assert first["properties"]["last_seen"] is None
    assert first["geometry"] == {"type": "Point", "coordinates": [0.1, 0.1]}


def test_a_jolt_without_position_has_no_geometry_rather_than_a_false_one(tmp_path: Path) -> None:
    survey = some_survey(latitude_deg=[np.nan, 52.5, 52.6], longitude_deg=[np.nan, 13.4, 13.5])
    write_jolts([survey], tmp_path / "j.geojson")
    geometries = [feature["geometry"] for feature in json.loads((tmp_path / "j.geojson").read_text())["features"]]
    assert geometries == [None, {"type": "Point", "coordinates": [13.4, 52.5]}, {"type": "Point", "coordinates": [13.5, 52.6]}]


finite = st.floats(-1e6, 1e6, allow_nan=False)


@settings(max_examples=25, deadline=None)
@given(rows=st.lists(st.tuples(st.floats(-90, 90), st.floats(-180, 180), finite | st.just(float("nan"))), min_size=1, max_size=6))
@pytest.mark.parametrize("ending", ENDINGS)
def test_every_format_gives_back_the_same_defects(
    ending: str, rows: list[tuple[float, float, float]], tmp_path_factory: Any
) -> None:
    latitude, longitude, heading = (np.array([row[i] for row in rows], float) for i in range(3))
    defects = some_defects(len(rows), latitude=latitude, longitude=longitude, heading=heading)
    path = tmp_path_factory.mktemp("export") / f"d{ending}"
    write_defects(defects, path)
    read = _read_back(path).sort_values("id")  # FlatGeobuf has them in the order of their places
    assert set(DEFECT_PROPERTIES) | {"latitude", "longitude"} <= set(read.columns)
    assert read["id"].tolist() == defects.id.tolist()
    assert read["kind"].tolist() == [KINDS[code] for code in defects.kind]
    np.testing.assert_allclose(read["latitude"].to_numpy(float), latitude, atol=1e-7)
    apart = (read["longitude"].to_numpy(float) - longitude + 180) % 360 - 180  # GPX knows 180 as -180
    np.testing.assert_allclose(apart, 0.0, atol=1.1e-7)
    np.testing.assert_allclose(read["heading"].to_numpy(float), heading, atol=0.06)
    assert read["passes"].tolist() == defects.passes.tolist()


def _read_back(path: Path) -> pd.DataFrame:
    """By pandas, pyarrow and GDAL; position taken from the geometry wherever the format has one."""
    if path.suffix == ".csv":
        return pd.read_csv(path, dtype={"id": str})
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    if path.suffix == ".gpx":
        return _read_gpx(path)
    meta, _, geometry, fields = pyogrio.raw.read(path)
    table = pd.DataFrame(dict(zip(meta["fields"], fields, strict=True)))
    points = np.array([np.frombuffer(wkb[5:21], "<f8") for wkb in geometry]).reshape(-1, 2)
    return table.assign(longitude=points[:, 0], latitude=points[:, 1])


def _read_gpx(path: Path) -> pd.DataFrame:
    """By gpxpy; properties from the description, all columns even where nothing is told of a row."""
    points = gpxpy.parse(path.read_text()).waypoints
    told = [dict(line.split(": ", 1) for line in (point.description or "").splitlines()) for point in points]
    table = pd.DataFrame(told, columns=None if not told else [*dict.fromkeys([*DEFECT_PROPERTIES, *told[0]], 0)])
    table = table.assign(latitude=[p.latitude for p in points], longitude=[p.longitude for p in points])
    return table.assign(passes=table["passes"].astype(int)) if told else table


def test_a_gpx_file_is_valid_for_gdal_and_tells_what_a_crew_needs(tmp_path: Path) -> None:
    write_defects(some_defects(), tmp_path / "d.gpx")
    point = gpxpy.parse((tmp_path / "d.gpx").read_text()).waypoints[0]
    assert point.type == "defects"
    assert point.name.split()[1] == str(some_defects().id[0])
    assert "severity: " in point.description
    meta, _, geometry, _ = pyogrio.raw.read(tmp_path / "d.gpx", layer="waypoints")
    assert len(geometry) == 2
    assert {"name", "desc", "type"} <= set(meta["fields"].tolist())


def test_a_jolt_without_position_is_no_waypoint(tmp_path: Path) -> None:
    survey = some_survey("<&'\x00>", latitude_deg=[np.nan, 52.5, 52.6], longitude_deg=[np.nan, 13.4, 180.0])
    write_jolts([survey], tmp_path / "j.gpx")
    points = gpxpy.parse((tmp_path / "j.gpx").read_text()).waypoints
    assert [(p.latitude, p.longitude) for p in points] == [(52.5, 13.4), (52.6, -180.0)]
    assert "trip_id: <&'>" in points[0].description


@pytest.mark.parametrize("ending", [".fgb", ".gpkg"])
def test_jolts_without_a_clock_and_without_a_place_are_kept_by_gdal_formats(ending: str, tmp_path: Path) -> None:
    surveys = [some_survey("a", np.nan, latitude_deg=[np.nan, 1.0, 2.0], longitude_deg=[np.nan, 1.0, 2.0]), some_survey("b")]
    write_jolts(surveys, tmp_path / f"j{ending}")
    meta, _, geometry, fields = pyogrio.raw.read(tmp_path / f"j{ending}")
    held = dict(zip(meta["fields"], fields, strict=True))
    assert sum(place is None for place in geometry) == 1
    assert held["time"].tolist() == [str(cell) for cell in jolt_table(surveys)["time"]]


def test_lines_are_tracks_in_gpx_and_lines_in_flatgeobuf(tmp_path: Path) -> None:
    table = pd.DataFrame({"passes": [3, 4], LINE: [[[11.5, 48.1], [11.6, 48.1]], [[11.5, 48.2], [11.6, 48.2]]]})
    write_table(table, tmp_path / "r.gpx", "roughness")
    tracks = gpxpy.parse((tmp_path / "r.gpx").read_text()).tracks
    assert [(p.longitude, p.latitude) for p in tracks[0].segments[0].points] == [(11.5, 48.1), (11.6, 48.1)]
    assert [track.description for track in tracks] == ["passes: 3", "passes: 4"]
    write_table(table, tmp_path / "r.fgb", "roughness")
    assert pyogrio.read_info(tmp_path / "r.fgb")["geometry_type"] == "LineString"
    assert pyogrio.read_info(tmp_path / "r.fgb")["features"] == 2


def test_parquet_is_geoparquet_that_gdal_style_readers_understand(tmp_path: Path) -> None:
    write_jolts([some_survey()], tmp_path / "j.parquet")
    schema = pq.read_schema(tmp_path / "j.parquet")
    assert json.loads(schema.metadata[b"geo"])["primary_column"] == "geometry"
    assert schema.names == [*JOLT_COLUMNS, "geometry"]


@pytest.mark.parametrize("ending", ENDINGS)
def test_no_jolts_are_an_empty_file_with_all_its_columns(ending: str, tmp_path: Path) -> None:
    write_jolts([], tmp_path / f"j{ending}")
    if ending == ".geojson":
        assert json.loads((tmp_path / "j.geojson").read_text())["features"] == []
    elif ending == ".gpx":
        assert gpxpy.parse((tmp_path / "j.gpx").read_text()).waypoints == []
    else:
        table = _read_back(tmp_path / f"j{ending}")
        assert set(table.columns) >= set(JOLT_COLUMNS)
        assert len(table) == 0


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_trip_named_like_a_formula_stays_text_in_a_spreadsheet(formula: str, tmp_path: Path) -> None:
    write_jolts([some_survey(formula)], tmp_path / "j.csv")
    trip_ids = pd.read_csv(tmp_path / "j.csv", lineterminator="\n")["trip_id"]
    assert set(trip_ids) == {f"'{formula}"}


def test_a_negative_number_is_not_taken_for_a_formula(tmp_path: Path) -> None:
    write_jolts([some_survey(longitude_deg=[-71.0, -71.1, -71.2])], tmp_path / "j.csv")
    assert pd.read_csv(tmp_path / "j.csv")["longitude"].tolist() == [-71.0, -71.1, -71.2]


def test_an_unknown_ending_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(UnwritableOutput, match=r"\.xlsx.*\.csv, \.fgb, \.geojson, \.gpkg, \.gpx, \.parquet"):
        write_defects(some_defects(), tmp_path / "d.xlsx")


def test_a_missing_folder_is_named_before_any_work(tmp_path: Path) -> None:
    with pytest.raises(UnwritableOutput, match=r"there is no folder .*nowhere; create it"):
        write_defects(some_defects(), tmp_path / "nowhere" / "d.csv")


def test_a_failed_write_leaves_the_old_file_and_no_rubbish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = tmp_path / "d.csv"
    old.write_text("old")

    def no_space(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "replace", no_space)
    with pytest.raises(UnwritableOutput, match="No space left"):
        write_defects(some_defects(), old)
    assert old.read_text() == "old"
    assert list(tmp_path.iterdir()) == [old]


def test_a_table_of_defects_has_position_and_words_instead_of_codes() -> None:
    table = defect_table(some_defects())
    assert table["status"].tolist() == ["new", "confirmed"]
    assert {"latitude", "longitude"} <= set(table.columns)
