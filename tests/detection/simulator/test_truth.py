import csv
import json
from pathlib import Path

import numpy as np

from detection.columns import KINDS
from detection.simulator import City, Drive, defects_geojson, times_passed, write_defects, write_jolts


def test_the_jolts_file_has_one_row_a_felt_jolt(drives: list[Drive], tmp_path: Path) -> None:
    write_jolts(drives, tmp_path / "jolts.csv")
    rows = list(csv.DictReader((tmp_path / "jolts.csv").open(newline="")))
    assert len(rows) == sum(int(d.truth.felt.sum()) for d in drives) > 20
    first = drives[0].truth[drives[0].truth.felt == 1]
    assert [(r["trip_id"], r["kind"]) for r in rows[: len(first)]] == [(drives[0].trace.trip_id, KINDS[k]) for k in first.kind]
    assert abs(float(rows[0]["t"]) - first.t_s[0]) < 0.001


def test_kinds_can_be_left_out_of_the_jolts_file(drives: list[Drive], tmp_path: Path) -> None:
    write_jolts(drives, tmp_path / "jolts.csv", kinds=("pothole",))
    assert {row["kind"] for row in csv.DictReader((tmp_path / "jolts.csv").open(newline=""))} == {"pothole"}


def test_the_defects_file_is_geojson_with_null_for_both_ways(city: City, tmp_path: Path) -> None:
    write_defects(city.defects, tmp_path / "defects.geojson")
    features = json.loads((tmp_path / "defects.geojson").read_text())["features"]
    assert len(features) == len(city.defects)
    for feature, longitude, heading in zip(features, city.defects.longitude, city.defects.heading, strict=True):
        assert feature["geometry"]["coordinates"][0] == longitude
        assert (feature["properties"]["heading"] is None) == np.isnan(heading)


def test_what_meets_both_ways_can_be_one_feature_a_direction(city: City) -> None:
    features = defects_geojson(city.defects, each_direction=True)["features"]
    both = int((city.defects.direction == 0).sum())
    assert len(features) == len(city.defects) + both
    assert all(feature["properties"]["heading"] is not None for feature in features)


def test_passes_are_counted_hit_or_missed(city: City, drives: list[Drive]) -> None:
    passes = times_passed(city.defects, drives)
    assert passes.sum() == sum(len(d.truth) for d in drives)
    assert passes.shape == (len(city.defects),)
