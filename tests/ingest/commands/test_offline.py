"""`cahot detect` and `cahot map` on files, as a user meets them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pandas as pd
import pytest

from detection import detect
from detection.readers import read
from tests.ingest.commands.conftest import CAHOT, Cahot

JOLT_COLUMNS = ["trip_id", "time", "t", "latitude", "longitude", "heading", "speed", "severity", "peak", "kind", "confidence"]


def test_a_folder_with_three_broken_files_gives_the_other_97_lists_the_3_and_exits_1(
    cahot: Cahot, recordings: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "drives"
    folder.mkdir()
    held = sorted(recordings.iterdir())
    for number in range(97):
        os.link(held[number % len(held)], folder / f"trip{number:03d}.json")
    (folder / "cut.json").write_bytes(held[0].read_bytes()[:5000])
    (folder / "empty.csv").write_bytes(b"")
    (folder / "photo.csv").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))

    done = cahot("detect", folder, "--out", tmp_path / "jolts.csv")

    assert done.returncode == 1
    complaints = done.stderr.splitlines()[:-1]
    assert len(complaints) == 3, done.stderr
    for name in ("cut.json", "empty.csv", "photo.csv"):
        assert sum(name in line for line in complaints) == 1
    assert "100 recordings" in done.stderr.splitlines()[-1]
    jolts = pd.read_csv(tmp_path / "jolts.csv")
    assert list(jolts.columns) == JOLT_COLUMNS
    shaken = [len(detect(next(iter(read(path))))) > 0 for path in held]
    assert sum(shaken) >= 4
    assert set(jolts["trip_id"]) == {f"trip{number:03d}" for number in range(97) if shaken[number % len(held)]}


def test_the_order_of_the_output_does_not_depend_on_who_was_faster(cahot: Cahot, recordings: Path, tmp_path: Path) -> None:
    for name in ("once.csv", "again.csv"):
        assert cahot("detect", recordings, "--out", tmp_path / name).returncode == 0
    assert (tmp_path / "once.csv").read_bytes() == (tmp_path / "again.csv").read_bytes()


def test_without_out_a_table_goes_to_stdout_and_talk_to_stderr(cahot: Cahot, recordings: Path) -> None:
    done = cahot("detect", recordings / "drive0.json")
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stdout.splitlines() if line.strip()]
    assert lines[0].split() == JOLT_COLUMNS
    assert all(line.split()[0] == "drive0" for line in lines[2:])
    assert f"{len(lines) - 2} jolts in 1 recording" in done.stderr


def test_a_map_of_drives_is_valid_geojson_with_passes_counted(cahot: Cahot, recordings: Path, tmp_path: Path) -> None:
    done = cahot("map", recordings, "--out", tmp_path / "defects.geojson")
    assert done.returncode == 0, done.stderr
    collection = json.loads((tmp_path / "defects.geojson").read_text())
    assert collection["type"] == "FeatureCollection"
    assert collection["features"], "six drives through a city of 1.5 km meet something"
    for feature in collection["features"]:
        properties = feature["properties"]
        assert 1 <= properties["hits"] <= properties["passes"]
        assert properties["hit_rate"] == pytest.approx(properties["hits"] / properties["passes"], abs=0.01)


def test_real_drives_of_a_5_hz_phone_become_a_map(cahot: Cahot, shared_data: Path, tmp_path: Path) -> None:
    drives = sorted((shared_data / "pittsburgh").glob("trip*_sensors.csv"))
    done = cahot("map", *drives, "--out", tmp_path / "defects.geojson")
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "defects.geojson").read_text())["features"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["detect", "--out", "jolts.xlsx", "."], "unknown ending '.xlsx'; choose one of .csv, .fgb, .geojson, .gpkg"),
        (["map", "--out", "d.shp", "."], "unknown ending '.shp'; choose one of .csv, .fgb, .geojson, .gpkg, .gpx, .parquet"),
        (["detect", "--out", "/nowhere/j.csv", "."], "there is no folder /nowhere"),
        (["detect"], "Missing argument 'PATH'; see: cahot detect --help"),
        (["detect", "--colour", "."], "No such option: --colour"),
        (["observe"], "No such command 'observe'"),
        (["detect", "--columns", "t", "."], "write such as t=timestamp:ms"),
        (["export", "everything"], "choose one of defects, jolts, roughness, coverage, crossings"),
    ],
)
def test_wrong_usage_is_told_in_one_line_and_exits_2(cahot: Cahot, arguments: list[str], told: str) -> None:
    done = cahot(*arguments)
    assert done.returncode == 2
    assert told in done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert done.stdout == ""


def test_each_unusable_file_is_told_in_a_line_without_traceback(cahot: Cahot, tmp_path: Path) -> None:
    contents = [b"", b"\x00" * 64, b"{", b"[" * 100_000, b"a,b\n1,2\n", b"PK\x03\x04broken", b"\xff\xfe" * 9]
    names = [f"bad{number}.{ending}" for number in range(len(contents)) for ending in ("csv", "json", "zip")]
    for name in names:
        (tmp_path / name).write_bytes(contents[int(name[3])])
    done = cahot("detect", tmp_path, "--out", tmp_path / "jolts.csv")
    assert done.returncode == 1
    *complaints, last = done.stderr.splitlines()
    assert [sum(name in line for line in complaints) for name in names] == [1] * len(names), done.stderr
    assert len(complaints) == len(names)
    assert last == f"cahot: none of the {len(names)} recordings could be used"
    assert "unexpected" not in done.stderr
    assert not (tmp_path / "jolts.csv").exists()


def test_a_missing_file_is_named(cahot: Cahot, tmp_path: Path) -> None:
    done = cahot("detect", tmp_path / "nowhere.csv")
    assert done.returncode == 1
    assert "nowhere.csv" in done.stderr


def test_a_reader_that_has_seen_enough_is_no_error(recordings: Path) -> None:
    cahot = subprocess.Popen([*CAHOT, "detect", recordings], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert cahot.stdout is not None
    cahot.stdout.close()
    _, errors = cahot.communicate(timeout=60)
    assert cahot.returncode == 0, errors
    assert "Traceback" not in errors
    assert "BrokenPipe" not in errors


def _hear_ctrl_c() -> None:
    """As a terminal has it: what a shell starts in the background, this test among it, ignores it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_ctrl_c_ends_at_once_without_traceback_and_without_output(recordings: Path, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    held = sorted(recordings.iterdir())
    for number in range(8000):  # more than any machine reads in these seconds
        os.link(held[number % len(held)], folder / f"{number}.json")
    command = [*CAHOT, "detect", folder, "--out", tmp_path / "j.csv"]
    cahot = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True, preexec_fn=_hear_ctrl_c)
    time.sleep(3.0)
    os.killpg(cahot.pid, signal.SIGINT)  # as a terminal does: the whole group gets it
    _, errors = cahot.communicate(timeout=20)
    assert cahot.returncode == 130
    assert "Traceback" not in errors
    assert not (tmp_path / "j.csv").exists()


@pytest.mark.parametrize("command", ["demo", "serve", "work", "detect", "map", "import", "export"])
def test_every_command_has_help_with_an_example(cahot: Cahot, command: str) -> None:
    done = cahot(command, "--help")
    assert done.returncode == 0, done.stderr
    assert f"Example: cahot {command}" in done.stdout
