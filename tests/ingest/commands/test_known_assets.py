"""`--assets FILE` of `cahot detect` and `cahot map`, as a user meets it."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path

import pandas as pd
import pytest

from detection import find_defects, survey
from detection.readers import read
from tests.ingest.commands.conftest import CAHOT, Cahot


@pytest.fixture(scope="module")
def humps(recordings: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that calls the surest defect of the recordings a hump, and has an unusable feature behind it."""
    found = find_defects([survey(trace) for path in sorted(recordings.iterdir()) for trace in read(path)])
    place = [float(found.longitude[0]), float(found.latitude[0])]
    path = tmp_path_factory.mktemp("assets") / "humps.geojson"
    point = {"type": "Feature", "geometry": {"type": "Point", "coordinates": place}}
    features = [{**point, "properties": {"kind": "hump", "id": "H1", "radius": 10}}]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def test_map_joins_what_lies_on_a_known_hump(cahot: Cahot, recordings: Path, humps: Path, tmp_path: Path) -> None:
    assert cahot("map", recordings, "--out", tmp_path / "without.csv").returncode == 0
    done = cahot("map", recordings, "--out", tmp_path / "with.csv", "--assets", humps)
    assert done.returncode == 0, done.stderr
    before, after = (pd.read_csv(tmp_path / name, dtype={"id": str}) for name in ("without.csv", "with.csv"))
    joined = after.id.str.startswith("H1")
    assert joined.iloc[0]
    assert set(after[joined].kind) == {"speed_bump"}
    assert set(after[joined].status) == {"dismissed"}
    pd.testing.assert_frame_equal(after[~joined], before[~joined])
    assert after.hits.tolist() == before.hits.tolist()


def test_detect_gives_jolts_on_a_known_hump_its_kind(cahot: Cahot, recordings: Path, humps: Path, tmp_path: Path) -> None:
    assert cahot("detect", recordings, "--out", tmp_path / "without.csv").returncode == 0
    assert cahot("detect", recordings, "--out", tmp_path / "with.csv", "--assets", humps).returncode == 0
    before, after = (pd.read_csv(tmp_path / name) for name in ("without.csv", "with.csv"))
    changed = before.kind != after.kind
    assert 0 < changed.sum() < len(after) / 2
    assert set(after[changed].kind) == {"speed_bump"}
    pd.testing.assert_frame_equal(after.drop(columns="kind"), before.drop(columns="kind"))


@pytest.mark.parametrize("command", ["detect", "map"])
def test_what_is_unusable_in_the_file_is_told_and_left_out(cahot: Cahot, recordings: Path, humps: Path, command: str) -> None:
    held = json.loads(humps.read_text())
    bad = [{"type": "Feature", "geometry": None, "properties": {"kind": "hump"}}] * 12
    mixed = humps.with_name("mixed.geojson")
    mixed.write_text(json.dumps(held | {"features": [*bad, *held["features"]]}))
    done = cahot(command, recordings / "drive0.json", "--assets", mixed)
    assert done.returncode == 1
    *complaints, last = done.stderr.splitlines()
    assert [f"feature {number}: " in line for number, line in enumerate(complaints[:10], 1)] == [True] * 10
    assert complaints[10:] == [f"cahot: {mixed}: 2 more left out; mend these first"]
    assert "1 recording" in last
    assert done.stdout


@pytest.mark.parametrize("command", ["detect", "map"])
def test_a_file_that_is_none_ends_before_the_work_with_one_line(cahot: Cahot, recordings: Path, command: str) -> None:
    for path, told in (
        (recordings / "drive0.json", "no GeoJSON FeatureCollection"),
        (recordings / "none.geojson", "No such file"),
    ):
        done = cahot(command, recordings, "--assets", path)
        assert done.returncode == 1
        assert done.stdout == ""
        (line,) = done.stderr.splitlines()
        assert told in line
        assert str(path) in line


def test_serve_stores_the_assets_and_keeps_them_until_others_are_given(humps: Path, tmp_path: Path) -> None:
    from ingest.settings import Settings
    from ingest.store import assets, open_store

    data = tmp_path / "data"

    def served(*arguments: str) -> list[str]:
        command = [*CAHOT, "serve", "--port", "0", "--data", str(data), *arguments]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
        assert server.stdout is not None
        assert server.stdout.readline().startswith("http://")
        server.send_signal(signal.SIGTERM)
        assert server.wait(30) == 0
        store = open_store(Settings(data))
        with store.database.read() as session:
            held = assets.load(session).id.tolist()
        store.database.close()
        return held

    assert served("--assets", str(humps)) == ["H1"]
    assert served() == ["H1"]
    empty = tmp_path / "none.geojson"
    empty.write_text('{"type": "FeatureCollection", "features": []}')
    assert served("--assets", str(empty)) == []


def test_serve_does_not_start_with_a_file_that_is_none(cahot: Cahot, recordings: Path, tmp_path: Path) -> None:
    done = cahot("serve", "--port", "0", "--data", tmp_path / "data", "--assets", recordings / "drive0.json")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "data").exists()
