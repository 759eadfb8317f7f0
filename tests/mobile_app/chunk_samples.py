"""Chunks for the tests: one like a drive's, one small enough to print, and hypothesis' own."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from mobile_app import wire
from mobile_app.wire import layout

TRIP = "5f0c7a52-3b1e-4c9d-8a77-0d6b2f1e9c34"
STARTED_AT_US = 1_777_878_720_000_000  # 2026-05-04T07:12:00Z


def drive(seed: int = 0, seconds: float = 60.0, rate_hz: float = 100.0) -> dict[str, dict[str, list[float]]]:
    """Columns like a phone's on a street: gravity on a tilted phone, vibration at 1-20 Hz, sensor noise, jittered stamps."""
    rng = np.random.default_rng(seed)
    count = int(seconds * rate_hz)
    t_s = np.cumsum(1 / rate_hz + rng.normal(0, 3e-4, count).clip(-0.5 / rate_hz, None))
    vibration = [np.convolve(rng.normal(0, spread, count), np.hanning(9) / 4, "same") for spread in (0.5, 0.5, 1.0)]
    noise = rng.normal(0, 0.02, (3, count))
    acceleration = np.array(vibration) + noise + np.array([[0.3], [6.9], [6.9]])
    rotation = np.cumsum(rng.normal(0, 1e-3, (3, count)), axis=1) * 0.2 + rng.normal(0, 2e-3, (3, count))
    fix_s = np.arange(0.4, seconds, 1.0)
    location = {
        "t": fix_s.tolist(),
        "latitude": (48.85 + fix_s * 1e-4).tolist(),
        "longitude": (2.35 + fix_s * 5e-5).tolist(),
        "speed": rng.uniform(5, 15, len(fix_s)).tolist(),
        "bearing": rng.uniform(0, 360, len(fix_s)).tolist(),
        "accuracy": rng.uniform(2, 9, len(fix_s)).tolist(),
    }
    sensors = {
        name: dict(zip("txyz", [t_s.tolist(), *axes.tolist()], strict=True)) for name, axes in _named(acceleration, rotation)
    }
    return {**sensors, "location": location}


def _named(acceleration: np.ndarray, rotation: np.ndarray) -> list[tuple[str, np.ndarray]]:
    return [("accelerometer", acceleration), ("gyroscope", rotation)]


def small() -> dict[str, dict[str, list[Any]]]:
    """The worked example of docs/wire-format.md: three samples, two fixes."""
    return {
        "accelerometer": {"t": [0.0, 0.01, 0.0205], "x": [0.25, -0.5, 0.0], "y": [9.75, 9.8125, 10.0], "z": [-1.0, 0.0, 1.0]},
        "gyroscope": {"t": [0.005], "x": [0.125], "y": [-0.125], "z": [0.0]},
        "location": {
            "t": [0.0, 1.0],
            "latitude": [48.8566, 48.8567],
            "longitude": [2.3522, 2.3521],
            "speed": [13.5, None],
            "bearing": [271.25, None],
            "accuracy": [4.5, 7.0],
        },
    }


def encoded(columns: dict[str, Any] | None = None, number: int = 0, withheld: wire.Withheld | None = None) -> bytes:
    return wire.encode(TRIP, number, STARTED_AT_US, **(columns or small()), withheld=withheld)


def again(chunk: wire.Chunk) -> bytes:
    """The decoded chunk encoded once more."""
    streams = {name: getattr(chunk, name) for name in layout.STREAM_IDS}
    columns = {name: {"t": one.t_s.tolist(), **_lists(one)} for name, one in streams.items() if one is not None}
    return wire.encode(chunk.trip_id, chunk.number, chunk.started_at_us, **columns)


def _lists(series: wire.Series) -> dict[str, list[float]]:
    return {name: values.tolist() for name, values in series.columns.items()}


def _times(count: int) -> st.SearchStrategy[list[float]]:
    steps = st.lists(st.integers(1, 20_000_000), min_size=count, max_size=count)
    return st.tuples(st.integers(-3_000_000_000, 10**11), steps).map(
        lambda given: [(given[0] + sum(given[1][: i + 1])) / 1e6 for i in range(count)]
    )


def _column(count: int, values: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(values, min_size=count, max_size=count)


def _sensor(limit: float, least: int = 0) -> st.SearchStrategy[dict[str, list[float]]]:
    axis = st.floats(-limit, limit)
    return st.integers(least, 12).flatmap(
        lambda n: st.fixed_dictionaries({"t": _times(n), **{name: _column(n, axis) for name in "xyz"}})
    )


def _location() -> st.SearchStrategy[dict[str, list[Any]]]:
    def of(n: int) -> st.SearchStrategy[dict[str, list[Any]]]:
        columns = {
            "t": _times(n),
            "latitude": _column(n, st.floats(-90, 90)),
            "longitude": _column(n, st.floats(-180, 180)),
            "speed": _column(n, st.none() | st.floats(0, 655.34)),
            "bearing": _column(n, st.none() | st.floats(0, 360)),
            "accuracy": _column(n, st.none() | st.floats(0, 1e7)),
        }
        return st.fixed_dictionaries(columns)

    return st.integers(0, 6).flatmap(of)


any_columns = st.fixed_dictionaries(
    {"accelerometer": _sensor(400.0, least=1), "gyroscope": st.none() | _sensor(100.0), "location": st.none() | _location()}
)
