import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from detection.errors import InvalidTrace
from detection.recording import trace_to_json, write_recording
from detection.trace import Trace


def a_trace(**changes: object) -> Trace:
    t = np.arange(100) / 50.0
    location = {"t": [0.5, 1.5], "latitude": [48.1, 48.1001], "longitude": [11.5, 11.5], "speed": [np.nan, 9.0]}
    given: dict[str, object] = {"started_at": 1_780_000_000.25, "device": None, "gravity_included": True} | changes
    return Trace.build(
        "7c9e6679-7425-40de-944b-e07fc1f90ae7",
        accelerometer=(t, np.random.default_rng(1).normal(0, 5, (100, 3))),
        gyroscope=(t, np.zeros((100, 3))),
        location=location,
        **given,  # type: ignore[arg-type]
    )


def test_a_written_recording_reads_back_as_the_same_trace(tmp_path: Path) -> None:
    from detection.readers import read

    trace = a_trace(device="d1")
    write_recording(trace, tmp_path / "trip.json.gz")
    (again,) = read(tmp_path / "trip.json.gz")
    assert again.trip_id == trace.trip_id
    assert again.device == "d1"
    assert again.started_at == trace.started_at
    assert again.accelerometer.xyz == pytest.approx(trace.accelerometer.xyz, abs=1e-5)
    assert again.fixes.speed_mps == pytest.approx(trace.fixes.speed_mps, nan_ok=True)


def test_the_server_accepts_the_object_as_a_chunk() -> None:
    from mobile_app.wire import decode_json

    chunk = decode_json(json.dumps(trace_to_json(a_trace())))
    assert len(chunk.accelerometer) == 100
    assert np.isnan(chunk.location.columns["bearing"]).all()


def test_the_same_trace_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.json.gz", "b.json.gz"):
        write_recording(a_trace(), tmp_path / name)
    assert (tmp_path / "a.json.gz").read_bytes() == (tmp_path / "b.json.gz").read_bytes()
    write_recording(a_trace(), tmp_path / "c.json")
    assert gzip.decompress((tmp_path / "a.json.gz").read_bytes()) == (tmp_path / "c.json").read_bytes()


@pytest.mark.parametrize(("changes", "field"), [({"started_at": None}, "started_at"), ({"gravity_included": False}, "gravity")])
def test_what_the_form_cannot_say_is_refused(changes: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidTrace, match=field):
        trace_to_json(a_trace(**changes))
