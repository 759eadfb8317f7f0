"""What the options about privacy do in real processes: `serve --enforce-cut --cell --keep-traces`, `import --cell`."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mobile_app import wire
from tests.ingest.commands.conftest import CAHOT, Cahot


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """One that cuts by small cells: the little city of these tests is some hundred metres wide."""
    options = ["--port", "0", "--data", tmp_path / "data", "--enforce-cut", "--cell", "40", "--keep-traces", "90d"]
    process = subprocess.Popen([*CAHOT, "serve", *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    yield process.stdout.readline().strip()
    process.terminate()
    _, errors = process.communicate(timeout=30)
    assert "Traceback" not in errors


def traces_in(folder: Path) -> list[wire.Chunk]:
    files = (path for path in (folder / "traces").rglob("*") if path.is_file() and path.parent.name != "incoming")
    return [wire.decode(path.read_bytes()) for path in files]


def test_a_server_told_to_enforce_it_cuts_what_comes_whole_and_leaves_what_was_cut(
    cahot: Cahot, server: str, recordings: Path, tmp_path: Path
):
    whole = cahot("import", recordings / "drive0.json", "--server", server, HOME=str(tmp_path))
    assert whole.returncode == 0, whole.stderr
    assert "sent whole, where they began and ended included" in whole.stderr
    until = time.monotonic() + 40
    while any(chunk.withheld is None for chunk in traces_in(tmp_path / "data")) and time.monotonic() < until:
        time.sleep(0.3)
    assert {chunk.withheld for chunk in traces_in(tmp_path / "data")} == {(40, 16)}
    cut = cahot("import", recordings / "drive1.json", "--server", server, "--cell", "50", HOME=str(tmp_path))
    assert cut.returncode == 0, cut.stderr
    assert "1 trips sent" in cut.stderr
    time.sleep(1.0)
    assert {chunk.withheld for chunk in traces_in(tmp_path / "data")} == {(40, 16), (50, 20)}


def test_a_trip_that_vanishes_is_told(cahot: Cahot, server: str, recordings: Path, tmp_path: Path):
    done = cahot("import", recordings / "drive0.json", "--server", server, "--cell", "5000", HOME=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "1 further trips lay within what --cell withholds" in done.stderr
    assert traces_in(tmp_path / "data") == []


def test_what_is_sent_of_a_recording_lacks_its_ends(cahot: Cahot, server: str, recordings: Path, tmp_path: Path):
    cahot("import", recordings / "drive2.json", "--server", server, "--cell", "50", HOME=str(tmp_path))
    recorded = json.loads((recordings / "drive2.json").read_text())
    sent = wire.join(traces_in(tmp_path / "data"))
    first = (recorded["location"]["latitude"][0], recorded["location"]["longitude"][0])
    kept = list(zip(sent["location"]["latitude"].tolist(), sent["location"]["longitude"].tolist(), strict=True))
    assert kept
    assert all(abs(a - first[0]) > 1e-5 or abs(b - first[1]) > 1e-5 for a, b in kept)
    assert sent["accelerometer"][0][-1] < recorded["accelerometer"]["t"][-1]


@pytest.mark.parametrize(
    "arguments",
    [["serve", "--keep-traces", "soon"], ["demo", "--cell", "3"], ["import", "x", "--cell", "3"], ["serve", "--cell", "3"]],
)
def test_settings_that_cannot_be_are_wrong_usage_in_one_line(cahot: Cahot, arguments: list[str]):
    done = cahot(*arguments)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1, done.stderr
