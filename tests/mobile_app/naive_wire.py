"""The slow obvious twin of `wire.decode`, written from docs/wire-format.md as a stranger would: struct, one value at a time."""

from __future__ import annotations

import struct
import zlib
from typing import Any


def read(data: bytes) -> dict[str, Any]:
    magic, version, flags = data[0:4], data[4], data[5]
    assert (magic, version, flags) == (b"CAHT", 1, 0)
    assert zlib.crc32(data[:-4]) == struct.unpack("<I", data[-4:])[0]
    body = zlib.decompress(data[38:-4], wbits=-15)
    assert len(body) == struct.unpack("<I", data[34:38])[0]
    chunk: dict[str, Any] = {
        "trip": data[6:22].hex(),
        "number": struct.unpack("<I", data[22:26])[0],
        "started_at_us": struct.unpack("<q", data[26:34])[0],
    }
    at = 0
    while at < len(body):
        code, count, length = struct.unpack("<BII", body[at : at + 9])
        payload = body[at + 9 : at + 9 + length]
        if code in (1, 2):
            chunk["accelerometer" if code == 1 else "gyroscope"] = _sensor(payload, count)
        elif code == 3:
            chunk["location"] = _location(payload, count)
        at += 9 + length
    return chunk


def _sensor(payload: bytes, count: int) -> dict[str, list[float]]:
    scale, first_us = struct.unpack("<dq", payload[:16])
    columns = {"t": _times(first_us, _together(payload, 16, count, 4, signed=False))}
    for place, axis in enumerate("xyz"):
        steps = _together(payload, 16 + 4 * count + 2 * count * place, count, 2, signed=True)
        columns[axis] = [step * scale for step in steps]
    return columns


def _location(payload: bytes, count: int) -> dict[str, list[float | None]]:
    (first_us,) = struct.unpack("<q", payload[:8])
    columns: dict[str, list[Any]] = {"t": _times(first_us, _together(payload, 8, count, 4, signed=False))}
    for place, name in enumerate(("latitude", "longitude")):
        steps = _together(payload, 8 + 4 * count + 4 * count * place, count, 4, signed=True)
        columns[name] = [step / 1e7 for step in steps]
    for place, (name, per_unit) in enumerate({"speed": 100, "bearing": 100, "accuracy": 10}.items()):
        steps = _together(payload, 8 + 12 * count + 2 * count * place, count, 2, signed=False)
        columns[name] = [None if step == 65535 else step / per_unit for step in steps]
    return columns


def _together(payload: bytes, at: int, count: int, width: int, signed: bool) -> list[int]:
    values = []
    for i in range(count):
        its_bytes = bytes(payload[at + place * count + i] for place in range(width))
        values.append(int.from_bytes(its_bytes, "little", signed=signed))
    return values


def _times(first_us: int, steps: list[int]) -> list[float]:
    now_us, times = first_us, []
    for step in steps:
        now_us += step
        times.append(now_us / 1e6)
    return times
