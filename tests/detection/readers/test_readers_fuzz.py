"""Whatever a file holds, a trace or an UnreadableRecording comes out of it, and nothing else."""

from __future__ import annotations

import gzip
import json
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import synthetic_exports as exports
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detection.errors import UnreadableRecording
from detection.readers import read_all
from detection.trace import Trace
from mobile_app import wire

PART = slice(0, 120)  # enough for every reader, short enough for many tries


def _short(text: str, lines: int = 120) -> bytes:
    return "\n".join(text.splitlines()[:lines]).encode()


def _chunk() -> bytes:
    columns = {"t": exports.T[PART], **{axis: exports.TOTAL[PART, i] for i, axis in enumerate("xyz")}}
    return wire.encode("0192aaaa-bbbb-7ccc-8ddd-0123456789ab", 0, 1_777_878_720_000_000, columns)


def _zip() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        members = {name: _short(text) for name, text in exports.phyphox_members().items()}
        return exports.zipped(Path(folder, "drive.zip"), members).read_bytes()


VALID: dict[str, Callable[[], bytes]] = {
    "Accelerometer.csv": lambda: _short(exports.sensor_logger(exports.MOVING)),
    "Location.csv": lambda: _short(exports.sensor_logger_location()),
    "logger.json": lambda: json.dumps(json.loads(exports.sensor_logger_json())[:90]).encode(),
    "phyphox.csv": lambda: _short(exports.phyphox(exports.AXES, exports.TOTAL, ";", True)),
    "phyphox.zip": _zip,
    "2026-05-0409.12.00.csv": lambda: _short(exports.physics_toolbox()),
    "merged.csv": lambda: _short(exports.merged()),
    "merged.csv.gz": lambda: gzip.compress(_short(exports.merged())),
    "track.gpx": lambda: exports.gpx().encode(),
    "ours.json": lambda: json.dumps([exports.json_chunk(PART), exports.json_chunk(PART, trip_id="a")]).encode(),
    "ours.chunk": _chunk,
}
ORIGINAL = {name: make() for name, make in VALID.items()}


def outcome(name: str, data: bytes) -> list[Trace | UnreadableRecording]:
    """What comes of a file; every trace must be whole, every error one line that names the file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(data)
        found = list(read_all([path]))
    for one in found:
        if isinstance(one, Trace):
            assert len(one.accelerometer) or len(one.fixes)
            assert one.trip_id.isprintable()
        else:
            assert isinstance(one, UnreadableRecording)
            assert name in str(one)
            assert len(str(one).splitlines()) == 1
            str(one).encode()  # fit for a terminal
    return found


@st.composite
def mutated(draw: st.DrawFn, data: bytes) -> bytes:
    """The file with some bytes changed, cut out, cut off, doubled or put in."""
    changed = bytearray(data)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(0, len(changed) - 1)))
        until = at + draw(st.integers(0, 40))
        kind = draw(st.sampled_from(("flip", "cut out", "cut off", "double", "put in", "digit")))
        if kind == "flip" and changed:
            changed[at] ^= draw(st.integers(1, 255))
        elif kind == "cut out":
            del changed[at:until]
        elif kind == "cut off":
            del changed[at:]
        elif kind == "double":
            changed[at:at] = changed[at:until]
        elif kind == "digit":
            changed[at:at] = draw(
                st.sampled_from((b"9" * 30, b"-", b"e99", b"e999", b"nan", b"inf", b"\xff", b"\x00", b'"', b"\n", b","))
            )
        else:
            changed[at:at] = draw(st.binary(max_size=30))
    return bytes(changed)


@pytest.mark.parametrize("name", VALID)
def test_the_unchanged_file_is_read(name: str) -> None:
    assert all(isinstance(one, Trace) for one in outcome(name, ORIGINAL[name]))


@pytest.mark.parametrize("name", VALID)
@given(data=st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_a_damaged_file_is_read_or_refused_by_name(name: str, data: st.DataObject) -> None:
    outcome(name, data.draw(mutated(ORIGINAL[name])))


@pytest.mark.parametrize("name", VALID)
@given(lines=st.data())
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
def test_lines_deleted_doubled_or_shuffled_are_read_or_refused_by_name(name: str, lines: st.DataObject) -> None:
    rows = ORIGINAL[name].split(b"\n")
    kept = lines.draw(st.lists(st.sampled_from(rows), max_size=80))
    outcome(name, b"\n".join(kept))


@given(
    name=st.sampled_from(sorted(VALID)),
    content=st.one_of(st.binary(max_size=400), st.text(max_size=400).map(lambda text: text.encode())),
)
@settings(max_examples=150)
def test_random_content_under_any_name_is_refused_by_name(name: str, content: bytes) -> None:
    outcome(name, content)


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers(-(2**80), 2**80) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(("t", "x", "y", "z", "accelerometer", "location", "latitude", "longitude", "sensor", "time")), inner
        )
    ),
    max_leaves=20,
)


@given(value=_JSON, key=st.sampled_from(("accelerometer", "gyroscope", "location", "started_at", "trip_id", "device")))
@settings(max_examples=200)
def test_any_json_in_any_field_of_a_chunk_is_read_or_refused(value: object, key: str) -> None:
    outcome("ours.json", json.dumps(exports.json_chunk(slice(0, 20)) | {key: value}).encode())
    outcome("ours.json", json.dumps([{"sensor": "Accelerometer", "time": "1", "x": "1", "y": "2", "z": "3"}, value]).encode())


_CELL = st.sampled_from(
    ("0", "1.5", "-3", "1e400", "1e-320", "nan", "inf", "-inf", "", " ", "a", "1777878720", "99999999999999999999", "12:00:00:1")
)


@given(rows=st.lists(st.lists(_CELL, min_size=6, max_size=6), max_size=30), separator=st.sampled_from(",;\t"))
@settings(max_examples=150)
def test_any_numbers_in_a_table_are_read_or_refused(rows: list[list[str]], separator: str) -> None:
    for header in (
        ("time", "ax", "ay", "az", "latitude", "longitude"),
        ("time", "seconds_elapsed", "x", "y", "z", "w"),
        ("Time (s)", "X (m/s^2)", "Y (m/s^2)", "Z (m/s^2)", "Latitude (°)", "Longitude (°)"),
        ("timestamp", "accX", "accY", "accZ", "lat", "lon"),
    ):
        outcome("table.csv", "\n".join(separator.join(row) for row in [header, *rows]).encode())


@given(st.lists(st.floats(-1e3, 1e3), min_size=3, max_size=60), st.booleans())
def test_fast_and_slow_parser_give_the_same_numbers(values: list[float], comma: bool) -> None:
    """The slow way, row by row, is the obvious twin of the fast one: a plus sign forces it."""

    def read_with(sign: str) -> np.ndarray:
        cells = [f"{'' if np.signbit(value) else sign}{value!r}" for value in values]
        cells = [cell.replace(".", ",") for cell in cells] if comma else cells
        rows = "".join(f"{i};{cell};0;{'9,8' if comma else '9.8'}\n" for i, cell in enumerate(cells))
        found = outcome("table.csv", ("t;accX;accY;accZ\n" + rows).encode())
        return found[0].accelerometer.xyz if isinstance(found[0], Trace) else np.empty(0)

    np.testing.assert_array_equal(read_with(""), read_with("+"))
