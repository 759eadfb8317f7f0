"""`cahot import` and `cahot export` against a real `cahot serve`."""

from __future__ import annotations

import json
import stat
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyogrio
import pytest

from tests.ingest.commands.conftest import CAHOT, Cahot


@dataclass(frozen=True)
class Running:
    """A server: where it answers and where it keeps things."""

    address: str
    data: Path


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    data = tmp_path_factory.mktemp("server")
    process = subprocess.Popen(
        [*CAHOT, "serve", "--port", "0", "--data", data], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield Running(process.stdout.readline().strip(), data)
    finally:
        process.terminate()
        _, errors = process.communicate(timeout=30)
        assert "Traceback" not in errors


@pytest.fixture(scope="module")
def imported(cahot: Cahot, server: Running, recordings: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a user who imported the six drives, each phone as a device of its own."""
    home = tmp_path_factory.mktemp("importer")
    done = cahot("import", recordings, "--server", server.address, HOME=str(home))
    assert done.returncode == 0, done.stderr
    assert "6 trips sent" in done.stderr
    return home


def jolts_of(cahot: Cahot, server: Running, file: Path) -> pd.DataFrame:
    done = cahot("export", "jolts", "--data", server.data, "--out", file)
    assert done.returncode == 0, done.stderr
    return pd.read_csv(file)


def test_imported_drives_give_the_same_jolts_as_offline(
    cahot: Cahot, server: Running, imported: Path, recordings: Path, tmp_path: Path
) -> None:
    cahot("detect", recordings, "--out", tmp_path / "offline.csv")
    offline = pd.read_csv(tmp_path / "offline.csv")
    until = time.monotonic() + 40
    while len(stored := jolts_of(cahot, server, tmp_path / "stored.csv")) < len(offline) and time.monotonic() < until:
        time.sleep(0.5)
    assert len(stored) == pytest.approx(len(offline), abs=2), "the wire format rounds: a jolt at the threshold may differ"
    assert stored["trip_id"].nunique() == offline["trip_id"].nunique()


def test_importing_twice_stores_once(cahot: Cahot, server: Running, imported: Path, recordings: Path) -> None:
    files = sorted(path for path in (server.data / "traces").rglob("*") if path.is_file())
    again = cahot("import", recordings, "--server", server.address, HOME=str(imported))
    assert again.returncode == 0, again.stderr
    assert sorted(path for path in (server.data / "traces").rglob("*") if path.is_file()) == files


def test_the_tokens_of_this_machine_are_for_its_user_alone(imported: Path) -> None:
    kept = list((imported / ".local" / "share" / "cahot" / "sending-as").iterdir())
    assert 1 <= len(kept) <= 3, "one for each phone that the recordings name"
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept} == {0o600}


def test_a_recording_without_a_clock_needs_to_be_told_when_it_began(cahot: Cahot, server: Running, tmp_path: Path) -> None:
    rows = [f"{i / 50:.2f},0.1,0.2,{9.8 + 0.1 * (i % 5):.1f}" for i in range(3000)]
    (tmp_path / "bare.csv").write_text("t,x,y,z\n" + "\n".join(rows))
    bare = ("import", tmp_path / "bare.csv", "--server", server.address, "--columns", "t=t,x=x,y=y,z=z")
    refused = cahot(*bare)
    assert refused.returncode == 1
    assert "--started-at" in refused.stderr
    assert cahot(*bare, "--started-at", "2026-05-04T07:12:00Z").returncode == 0


def test_a_server_that_is_not_there_is_told_in_one_line(cahot: Cahot, recordings: Path) -> None:
    done = cahot("import", recordings, "--server", "http://127.0.0.1:9")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert "nobody listens at 127.0.0.1:9" in done.stderr


def test_a_wrong_token_is_told(cahot: Cahot, server: Running, recordings: Path) -> None:
    done = cahot("import", recordings / "drive0.json", "--server", server.address, "--token", "nonsense")
    assert done.returncode == 1
    assert "token" in done.stderr


def test_every_format_of_an_export_holds_the_same_defects(cahot: Cahot, server: Running, imported: Path, tmp_path: Path) -> None:
    for ending in ("csv", "geojson"):
        done = cahot("export", "defects", "--data", server.data, "--out", tmp_path / f"d.{ending}")
        assert done.returncode == 0, done.stderr
    collection = json.loads((tmp_path / "d.geojson").read_text())
    assert len(collection["features"]) == len(pd.read_csv(tmp_path / "d.csv"))


@pytest.mark.parametrize("what", ["roughness", "coverage", "crossings"])
def test_streets_and_crossings_are_exported_to_each_format(
    cahot: Cahot, server: Running, imported: Path, tmp_path: Path, what: str
) -> None:
    for ending in ("csv", "geojson", "gpkg", "parquet", "fgb", "gpx"):
        done = cahot("export", what, "--data", server.data, "--out", tmp_path / f"s.{ending}")
        assert done.returncode == 0, done.stderr
    count = len(json.loads((tmp_path / "s.geojson").read_text())["features"])
    assert [len(pd.read_csv(tmp_path / "s.csv")), len(pd.read_parquet(tmp_path / "s.parquet"))] == [count, count]
    assert [len(pyogrio.raw.read(tmp_path / f"s.{ending}")[2]) for ending in ("gpkg", "fgb")] == [count, count]
    assert (tmp_path / "s.gpx").read_text().count("<name>") == count
    assert count > 0 or what == "crossings", "three devices drove the same street"


def test_exporting_from_a_mistyped_folder_founds_no_installation_there(cahot: Cahot, tmp_path: Path) -> None:
    done = cahot("export", "defects", "--data", tmp_path / "typo")
    assert done.returncode == 1
    assert "no installation there" in done.stderr
    assert not (tmp_path / "typo").exists()
