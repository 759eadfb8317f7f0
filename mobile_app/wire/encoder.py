"""Columns to the bytes of a chunk, with the standard library alone: this half runs on the phone."""

from __future__ import annotations

import math
import sys
import uuid
import zlib
from array import array
from collections.abc import Iterator, Mapping, Sequence
from operator import le, sub
from typing import cast

from mobile_app.wire import layout
from mobile_app.wire.chunk import ChunkError, Withheld

Columns = Mapping[str, Sequence[float]]
Fixes = Mapping[str, Sequence[float | None]]


def encode(
    trip_id: str,
    number: int,
    started_at_us: int,
    accelerometer: Columns,
    gyroscope: Columns | None = None,
    location: Fixes | None = None,
    withheld: Withheld | None = None,
) -> bytes:
    """The chunk as bytes. Columns as in the JSON form: t in s and x, y, z; latitude, longitude, speed, bearing, accuracy.

    Axes are rounded to 2⁻¹⁰ m/s² and 2⁻¹¹ rad/s, or as coarsely as the chunk's peak needs: nothing is clipped.
    speed, bearing and accuracy may be left out; None, NaN or a negative value means unknown. withheld: how the ends of the trip
    were before it came here. Raises ChunkError where times do not increase by at least 1 µs or a value is out of range.
    """
    streams = {"accelerometer": _sensor("accelerometer", accelerometer)}
    if gyroscope is not None:
        streams["gyroscope"] = _sensor("gyroscope", gyroscope)
    if location is not None:
        streams["location"] = _location(location)
    layout.check_not_empty([count for count, _ in streams.values()])
    body = [part for name, (count, planes) in streams.items() for part in _stream(name, count, planes)]
    if withheld is not None:
        body += [layout.STREAM.pack(layout.WITHHELD_ID, 1, layout.WITHHELD.size), layout.WITHHELD.pack(*withheld)]
    header = layout.HEADER.pack(
        layout.MAGIC,
        layout.VERSION,
        0,
        uuid.UUID(layout.check_trip_id(trip_id)).bytes,
        layout.check_number(number),
        layout.check_started_at(started_at_us),
        _body_length(body),
    )
    content = header + deflate(body)
    return content + layout.CHECKSUM.pack(zlib.crc32(content))


def _stream(name: str, count: int, planes: list[bytes]) -> list[bytes]:
    return [layout.STREAM.pack(layout.STREAM_IDS[name], count, sum(map(len, planes))), *planes]


def _sensor(name: str, columns: Columns) -> tuple[int, list[bytes]]:
    """Count; then scale and first time, and the byte planes of time steps, x, y and z."""
    first_us, steps = _times(name, columns)
    axes = [_finite(f"{name}.{axis}", columns, axis, len(steps)) for axis in layout.AXES]
    scale = _scale(name, max(max(map(abs, values), default=0.0) for values in axes))
    per_unit = 1 / scale  # exact: a power of two
    body = [layout.SENSOR.pack(scale, first_us), *planes(steps)]
    for values in axes:
        body += planes(array("h", [round(value * per_unit) for value in values]))
    return len(steps), body


def _scale(name: str, peak: float) -> float:
    """The finest step worth storing that reaches the peak."""
    if peak > layout.LIMIT[name]:
        remedy = f"give {layout.UNIT[name]} and leave faulty samples out"
        raise ChunkError(name, peak, f"is beyond ±{layout.LIMIT[name]:g} {layout.UNIT[name]}", remedy)
    scale = layout.FINEST_SCALE[name]
    while peak > scale * layout.STEPS:
        scale *= 2
    return scale


def _location(columns: Fixes) -> tuple[int, list[bytes]]:
    """Count; then first time, and the byte planes of time steps, place and motion."""
    first_us, steps = _times("location", columns)
    body = [layout.LOCATION.pack(first_us), *planes(steps)]
    for name in layout.PLACE:
        values = _finite(f"location.{name}", columns, name, len(steps))
        if max(map(abs, values), default=0.0) > layout.PLACE_LIMIT_DEG[name]:
            why = f"is beyond ±{layout.PLACE_LIMIT_DEG[name]:g} degrees"
            raise ChunkError(f"location.{name}", max(values, key=abs), why, "leave such fixes out")
        body += planes(array("i", [round(value / layout.PLACE_STEP_DEG) for value in values]))
    for name in layout.MOTION:
        known = columns.get(name, [None] * len(steps))
        _same_length(f"location.{name}", known, len(steps))
        code = _bearing if name == "bearing" else _saturating
        body += planes(array("H", [code(value, layout.MOTION_STEP[name]) for value in known]))
    return len(steps), body


def _saturating(value: float | None, step: float) -> int:
    if value is None or not value >= 0:
        return layout.UNKNOWN
    return layout.LARGEST if value >= layout.LARGEST * step else round(value / step)


def _bearing(value: float | None, step: float) -> int:
    if value is None or not 0 <= value < math.inf:
        return layout.UNKNOWN
    return round(value % 360.0 / step) % 36_000


def _times(stream: str, columns: Mapping[str, Sequence[float | None]]) -> tuple[int, array[int]]:
    """The first time in µs, and the steps to each sample from the one before; the first step is 0."""
    if "t" not in columns:
        raise ChunkError(f"{stream}.t", "missing", "every stream has times", "give t in seconds from the start of the trip")
    layout.check_count(stream, len(columns["t"]))
    t_us = [round(t * 1e6) for t in _finite(f"{stream}.t", columns, "t", len(columns["t"]))]
    if not t_us:
        return 0, array("I")
    for t in (min(t_us), max(t_us)):
        if not layout.MIN_T_US <= t <= layout.MAX_T_US:
            raise ChunkError(f"{stream}.t", t / 1e6, "is not within -1 hour to 7 days", "count from the start of the trip")
    if any(map(le, t_us[1:], t_us)):
        at = next(i for i in range(1, len(t_us)) if t_us[i] <= t_us[i - 1])
        raise ChunkError(f"{stream}.t[{at}]", t_us[at] / 1e6, "time does not increase", "sort by time and drop repeated stamps")
    try:
        return t_us[0], array("I", [0, *map(sub, t_us[1:], t_us)])
    except OverflowError:
        raise ChunkError(f"{stream}.t", t_us[-1] / 1e6, "has a gap of more than 71 minutes", "start a new chunk there") from None


def _finite(field: str, columns: Mapping[str, Sequence[float | None]], name: str, count: int) -> array[float]:
    if name not in columns:
        raise ChunkError(field, "missing", "the column is required", "give one value a sample")
    _same_length(field, columns[name], count)
    try:
        values: array[float] = array("d", cast(Sequence[float], columns[name]))  # a None among them is a TypeError
    except (TypeError, OverflowError):
        raise ChunkError(field, "not a number", "holds something that is not a number", "leave such samples out") from None
    if not all(map(math.isfinite, values)):
        at = next(i for i, value in enumerate(values) if not math.isfinite(value))
        raise ChunkError(f"{field}[{at}]", values[at], "is not a finite number", "leave such samples out")
    return values


def _same_length(field: str, values: Sequence[float | None], count: int) -> None:
    if len(values) != count:
        raise ChunkError(field, len(values), f"has {len(values)} values for {count} times", "give one value a sample")


def planes(values: array[int]) -> Iterator[bytes]:
    """The lowest bytes of all values, then the next higher ones, ...: alike bytes together deflate far better."""
    if sys.byteorder == "big":
        values.byteswap()
    raw = values.tobytes()
    for place in range(values.itemsize):
        yield raw[place :: values.itemsize]


def _body_length(body: list[bytes]) -> int:
    length = sum(map(len, body))
    if length > layout.MAX_BODY_BYTES:
        raise ChunkError("body", length, f"is above {layout.MAX_BODY_BYTES} bytes", "cut a chunk each minute")
    return length


def deflate(body: list[bytes]) -> bytes:
    """Raw deflate with Huffman codes of its own for each plane, and runs instead of a search for repeats, which noise has not.

    Measured on synthetic driving against level 6 as it is: 5.6 instead of 6.5 bytes a sample, three times as fast.
    """
    packer = zlib.compressobj(6, zlib.DEFLATED, -15, 9, zlib.Z_RLE)
    packed = []
    for plane in body:
        packed.append(packer.compress(plane))
        if len(plane) >= PLANE_WORTH_A_CODE:
            packed.append(packer.flush(zlib.Z_PARTIAL_FLUSH))
    return b"".join([*packed, packer.flush()])


PLANE_WORTH_A_CODE = 512  # bytes; a table of codes takes 50 to 100
