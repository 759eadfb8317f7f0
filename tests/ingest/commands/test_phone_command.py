"""`cahot phone` without its window: real recorder, real server, a drive played many times faster than it was driven."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from detection.readers import read
from detection.recording import write_recording
from detection.simulator import simulate_city, simulate_drive
from detection.trace import Trace
from mobile_app import wire
from mobile_app.privacy import Ends, Fix, holds, kept_spans
from tests.ingest.commands.conftest import CAHOT, Cahot

SPEED = 40
STAMP_S = 1e-4  # the recorder dates a trip in µs; floats of seconds since 1970 have less


@pytest.fixture(scope="module")
def drive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five minutes through a town large enough that something is left of it once its ends are withheld."""
    file = tmp_path_factory.mktemp("drive") / "drive.json"
    city = simulate_city(11, street_km=60.0)
    write_recording(simulate_drive(city, 4, 11, devices=6, rate_hz=(50.0, 50.0), duration_s=(300.0, 300.0)).trace, file)
    return file


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The data folder of a server at the address in its file `address`."""
    folder = tmp_path_factory.mktemp("server")
    process = subprocess.Popen(
        [*CAHOT, "serve", "--port", "0", "--data", folder / "data"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        (folder / "address").write_text(process.stdout.readline().strip())
        yield folder
    finally:
        process.terminate()
        _, errors = process.communicate(timeout=30)
        assert "Traceback" not in errors


def test_every_sample_outside_the_private_cells_arrives_once(cahot: Cahot, data: Path, drive: Path) -> None:
    """The kept spans are worked out from the recording itself, by the code that phone and server share."""
    server = (data / "address").read_text()
    done = cahot("phone", drive, "--no-window", "--speed", SPEED, "--server", server, "--home", data / "home")
    assert done.returncode == 0, done.stderr
    assert "processed" in done.stdout
    [trace] = read(drive)
    spans = _spans(trace)
    arrived = _stored(data / "data")
    for name, samples in (("accelerometer", trace.accelerometer), ("gyroscope", trace.gyroscope)):
        assert samples is not None
        expected_s = samples.t_s[[holds(spans, t) for t in samples.t_s]]
        t_s = np.sort(np.concatenate([_utc(chunk, getattr(chunk, name)) for chunk in arrived]))
        assert len(expected_s) > 1000, "the drive leaves its private cells"
        assert len(t_s) == len(expected_s), name
        off_s = t_s - expected_s
        assert np.ptp(off_s) < STAMP_S, "each one, and none twice"


def test_recordings_that_cannot_be_played_are_an_error_of_one_line(cahot: Cahot, tmp_path: Path) -> None:
    (tmp_path / "empty.json").write_text(json.dumps({"accelerometer": None}))
    done = cahot("phone", tmp_path / "empty.json", "--no-window", "--server", "http://127.0.0.1:9")
    assert done.returncode == 1
    assert "empty.json" in done.stderr
    assert done.stderr.splitlines()[-1] == "cahot: none of these recordings can be played"


def test_a_pushing_phone_cannot_be_played_faster(cahot: Cahot) -> None:
    done = cahot("phone", "--sensor-logger", "8700", "--speed", "2")
    assert done.returncode == 2
    assert "leave PATH and --speed out" in done.stderr


def _spans(trace: Trace) -> list:
    fixes = trace.fixes
    known = map(Fix, fixes.t_s.tolist(), fixes.latitude_deg.tolist(), fixes.longitude_deg.tolist(), fixes.accuracy_m.tolist())
    spans, _ = kept_spans(known, Ends())
    return spans


def _stored(data: Path) -> list[wire.Chunk]:
    files = [path for path in (data / "traces").rglob("*") if path.is_file()]
    return [wire.decode(path.read_bytes()) for path in files]


def _utc(chunk: wire.Chunk, series: wire.Series | None) -> np.ndarray:
    assert series is not None
    return chunk.started_at_us / 1e6 + series.t_s
