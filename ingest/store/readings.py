"""Readings of a pushed message as bytes: only the sensors that find jolts, so that nothing else reaches the disk.

A line of JSON says which sensors follow and how many readings each has; then their columns, little-endian, one after the other:
time as int64 ns since 1970, values as float64; all of it deflated.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

Columns = Mapping[str, Sequence[float]]  # column → values; "time" in ns as int
Names = Mapping[str, tuple[str, ...]]  # sensor → its columns besides "time"


def pack(readings: Mapping[str, Columns], names: Names) -> bytes:
    """The same readings give the same bytes, in whatever order the sensors stand."""
    held = {sensor: readings[sensor] for sensor in names if sensor in readings}
    parts = [json.dumps({sensor: len(columns["time"]) for sensor, columns in held.items()}).encode() + b"\n"]
    for sensor, columns in held.items():
        parts.append(np.array(columns["time"], "<i8").tobytes())
        parts += [np.array(columns[name], "<f8").tobytes() for name in names[sensor]]
    return zlib.compress(b"".join(parts), 1)


def unpack(body: bytes, names: Names) -> dict[str, dict[str, npt.NDArray[np.float64]]]:
    """What was packed, times as float64."""
    plain = zlib.decompress(body)
    counts, at = json.loads(plain[: plain.index(b"\n")]), plain.index(b"\n") + 1
    readings: dict[str, dict[str, npt.NDArray[np.float64]]] = {}
    for sensor, count in counts.items():
        columns = {}
        for name in ("time", *names[sensor]):
            kind = "<i8" if name == "time" else "<f8"
            columns[name] = np.frombuffer(plain, kind, count, at).astype(np.float64)
            at += 8 * count
        readings[sensor] = columns
    return readings
