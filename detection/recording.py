"""A trace as the JSON recording of INTERFACE.md: what other programs can read without us. Reading is `readers`' part."""

from __future__ import annotations

import gzip
import json
from datetime import UTC
from pathlib import Path
from typing import Any

import numpy as np

from detection.errors import InvalidTrace
from detection.trace import Floats, Samples, Trace


def trace_to_json(trace: Trace) -> dict[str, Any]:
    """The object {"started_at", "accelerometer", ...}: times to 1 µs, positions to 1e-7°, null where the phone did not say.

    Raises InvalidTrace where the trace has no clock or lacks gravity: the form has a place for neither.
    """
    if trace.started_at is None:
        raise InvalidTrace("started_at", None, "the JSON form needs the UTC instant of t = 0", "build the trace with one")
    if not trace.gravity_included:
        raise InvalidTrace("gravity_included", False, "the JSON form holds gravity", "add gravity or keep the original file")
    value: dict[str, Any] = {
        "trip_id": trace.trip_id,
        "device": trace.device,
        "started_at": trace.started_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "accelerometer": _motion(trace.accelerometer),
    }
    if trace.gyroscope is not None:
        value["gyroscope"] = _motion(trace.gyroscope)
    if len(trace.fixes):
        f = trace.fixes
        value["location"] = {
            "t": _numbers(f.t_s, 6),
            "latitude": _numbers(f.latitude_deg, 7),
            "longitude": _numbers(f.longitude_deg, 7),
            "speed": _numbers(f.speed_mps, 3),
            "bearing": _numbers(f.bearing_deg, 2),
            "accuracy": _numbers(f.accuracy_m, 2),
        }
    return value


def write_recording(trace: Trace, path: str | Path) -> None:
    """`trace_to_json` in a file, compressed where its name ends in .gz (the same bytes for the same trace)."""
    text = json.dumps(trace_to_json(trace), separators=(",", ":")).encode()
    target = Path(path)
    target.write_bytes(gzip.compress(text, 6, mtime=0) if target.suffix == ".gz" else text)


def _motion(samples: Samples) -> dict[str, list[float | None]]:
    x, y, z = samples.xyz.T
    return {"t": _numbers(samples.t_s, 6), "x": _numbers(x, 5), "y": _numbers(y, 5), "z": _numbers(z, 5)}


def _numbers(values: Floats, digits: int) -> list[float | None]:
    rounded: list[float | None] = np.round(values, digits).tolist()
    if np.isnan(values).any():
        return [None if value != value else value for value in rounded]
    return rounded
