"""The bytes of a chunk to columns, trusting none of them: lengths are checked before anything is built from them."""

from __future__ import annotations

import uuid
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from mobile_app.wire import layout
from mobile_app.wire.chunk import Chunk, ChunkError, Series, Withheld

if TYPE_CHECKING:
    import numpy.typing as npt

WITHHELD = "withheld"
RESEND = "send the bytes again as they were recorded"


def decode(data: bytes) -> Chunk:
    """The chunk in the bytes. The checksum is verified before anything is inflated; unknown streams are skipped.

    Raises ChunkError on anything not exactly right: wrong magic, an unknown version, a flipped or missing byte, bytes
    left over, more than the bounds in `layout`, times that do not increase, values out of range.
    """
    data = bytes(data)
    trip, number, started_at_us, body = _open(data)
    series: dict[str, Series] = {}
    withheld = None
    for name, count, payload in _streams(body):
        if name == WITHHELD:
            withheld = _withheld(count, payload)
            continue
        series[name] = _location(count, payload) if name == "location" else _sensor(name, count, payload)
    if "accelerometer" not in series:
        raise ChunkError("accelerometer", "missing", "a chunk has an accelerometer stream, be it empty", RESEND)
    layout.check_not_empty([len(one) for one in series.values()])
    gyroscope, location = series.get("gyroscope"), series.get("location")
    return Chunk(trip, number, started_at_us, series["accelerometer"], gyroscope, location, withheld=withheld)


def inflated_bytes(data: bytes) -> int:
    """The length that the header declares for the inflated body, unverified; 0 where there is no header."""
    if len(data) < layout.HEADER.size or data[:4] != layout.MAGIC:
        return 0
    length: int = layout.HEADER.unpack_from(data)[-1]
    return length


def _open(data: bytes) -> tuple[str, int, int, bytes]:
    """Trip, number, start and the inflated body."""
    if data[:4] != layout.MAGIC:
        raise ChunkError("magic", data[:4], "this is not a chunk", "chunks begin with the bytes CAHT")
    if len(data) < layout.HEADER.size + layout.CHECKSUM.size:
        raise ChunkError("length", len(data), "the chunk is cut off", RESEND)
    _, version, flags, trip, number, started_at_us, length = layout.HEADER.unpack_from(data)
    if version not in layout.SUPPORTED_VERSIONS:
        known = ", ".join(map(str, layout.SUPPORTED_VERSIONS))
        raise ChunkError("version", version, f"is not supported; this program reads {known}", "update the older of the two")
    (expected,) = layout.CHECKSUM.unpack_from(data, len(data) - layout.CHECKSUM.size)
    content = memoryview(data)[: -layout.CHECKSUM.size]
    if zlib.crc32(content) != expected:
        raise ChunkError("checksum", f"{expected:08x}", "does not match the bytes: cut off or damaged", RESEND)
    if flags:
        raise ChunkError("flags", flags, "version 1 knows no flags", "write 0")
    if length > layout.MAX_BODY_BYTES:
        raise ChunkError("body length", length, f"is above {layout.MAX_BODY_BYTES} bytes", "cut a chunk each minute")
    body = _inflate(content[layout.HEADER.size :], length)
    return str(uuid.UUID(bytes=trip)), layout.check_number(number), layout.check_started_at(started_at_us), body


def _inflate(packed: memoryview, length: int) -> bytes:
    unpacker = zlib.decompressobj(-15)
    try:
        body = unpacker.decompress(packed, length + 1)  # one more than declared shows a lie without unpacking it
    except zlib.error as error:
        raise ChunkError("body", f"{len(packed)} bytes", f"is not raw deflate ({error})", RESEND) from None
    if len(body) != length or not unpacker.eof or unpacker.unused_data:
        raise ChunkError("body length", length, "is not what the body inflates to", "write the length before compression")
    return body


def _streams(body: bytes) -> Iterator[tuple[str, int, memoryview]]:
    """Name, count and payload of each known stream; ids must ascend, so none comes twice."""
    view, at, last = memoryview(body), 0, 0
    while at < len(view):
        if len(view) - at < layout.STREAM.size:
            raise ChunkError("body", len(view) - at, "bytes are left over after the last stream", RESEND)
        code, count, length = layout.STREAM.unpack_from(view, at)
        at += layout.STREAM.size
        name = WITHHELD if code == layout.WITHHELD_ID else layout.STREAM_NAMES.get(code, f"stream {code}")
        if code <= last:
            raise ChunkError("stream id", code, "streams do not come in ascending order of their ids", "write each once")
        if length > len(view) - at:
            raise ChunkError(f"{name}.length", length, f"only {len(view) - at} bytes are left", RESEND)
        if code in layout.STREAM_NAMES or code == layout.WITHHELD_ID:
            yield name, count, view[at : at + length]
        at, last = at + length, code


def _sensor(name: str, count: int, payload: memoryview) -> Series:
    import numpy as np

    _check_length(name, count, payload, layout.SENSOR.size + layout.SENSOR_SAMPLE_BYTES * count)
    scale, first_us = layout.SENSOR.unpack_from(payload)
    if not 0 < scale <= layout.LIMIT[name]:
        raise ChunkError(f"{name}.scale", scale, "is not a positive step of the sensor", "write the unit per step, e.g. 2**-10")
    t_s = _times(name, first_us, count, payload[layout.SENSOR.size :])
    steps = _columns(payload[layout.SENSOR.size + 4 * count :], count, "i2", len(layout.AXES))
    if count and scale * max(int(steps.max()), -int(steps.min())) > layout.LIMIT[name]:
        raise _beyond(name, scale, steps)
    values = np.multiply(steps, scale, dtype=np.float64)
    return Series(t_s, dict(zip(layout.AXES, values, strict=True)))


def _beyond(name: str, scale: float, steps: npt.NDArray[Any]) -> ChunkError:
    """The first axis that leaves the range of its sensor."""
    peaks = [scale * max(int(one.max()), -int(one.min())) for one in steps]
    axis, peak = next((axis, peak) for axis, peak in zip(layout.AXES, peaks, strict=True) if peak > layout.LIMIT[name])
    why = f"is beyond ±{layout.LIMIT[name]:g} {layout.UNIT[name]}"
    return ChunkError(f"{name}.{axis}", peak, why, "leave faulty samples out")


def _location(count: int, payload: memoryview) -> Series:
    import numpy as np

    _check_length("location", count, payload, layout.LOCATION.size + layout.LOCATION_SAMPLE_BYTES * count)
    t_s = _times("location", layout.LOCATION.unpack_from(payload)[0], count, payload[layout.LOCATION.size :])
    columns, at = {}, layout.LOCATION.size + 4 * count
    for name in layout.PLACE:
        degrees = _column(payload[at:], count, "i4") / 1e7
        if np.abs(degrees).max(initial=0.0) > layout.PLACE_LIMIT_DEG[name]:
            why = f"is beyond ±{layout.PLACE_LIMIT_DEG[name]:g} degrees"
            raise ChunkError(f"location.{name}", float(degrees[np.abs(degrees).argmax()]), why, "leave such fixes out")
        columns[name] = degrees
        at += 4 * count
    for name in layout.MOTION:
        codes = _column(payload[at:], count, "u2")
        if name == "bearing" and ((codes >= 36_000) & (codes != layout.UNKNOWN)).any():
            raise ChunkError("location.bearing", "360 or more", "is not a bearing", "write 0 to 359.99 degrees, or 65535")
        columns[name] = np.where(codes == layout.UNKNOWN, np.nan, codes / round(1 / layout.MOTION_STEP[name]))
        at += 2 * count
    return Series(t_s, columns)


def _withheld(count: int, payload: memoryview) -> Withheld:
    if count != 1 or len(payload) != layout.WITHHELD.size:
        raise ChunkError(f"{WITHHELD}.length", len(payload), f"1 sample takes {layout.WITHHELD.size} bytes", RESEND)
    return Withheld(*layout.WITHHELD.unpack(payload))


def _check_length(name: str, count: int, payload: memoryview, length: int) -> None:
    layout.check_count(name, count)
    if len(payload) != length:
        raise ChunkError(f"{name}.length", len(payload), f"{count} samples take {length} bytes", RESEND)


def _times(name: str, first_us: int, count: int, payload: memoryview) -> npt.NDArray[Any]:
    import numpy as np

    steps = _column(payload, count, "u4")
    if count and (steps[0] != 0 or not steps[1:].all()):
        at = int(np.argmin(steps[1:] != 0)) + 1 if steps[0] == 0 else 0
        raise ChunkError(f"{name}.t step [{at}]", int(steps[at]), "the first step is 0 and all others above 0", "sort by time")
    last_us = first_us + int(steps.sum(dtype=np.int64))
    if first_us < layout.MIN_T_US or last_us > layout.MAX_T_US:
        why = "is not within -1 hour to 7 days"
        raise ChunkError(f"{name}.t", (first_us / 1e6, last_us / 1e6), why, "count from the start of the trip")
    return (first_us + np.cumsum(steps, dtype=np.int64)) / 1e6


def _column(payload: memoryview, count: int, dtype: str) -> npt.NDArray[Any]:
    """The (count,) values of one column."""
    column: npt.NDArray[Any] = _columns(payload, count, dtype, 1)[0]
    return column


def _columns(payload: memoryview, count: int, dtype: str, many: int) -> npt.NDArray[Any]:
    """The (many, count) values whose bytes lie apart, lowest bytes first, put together again; as integers of the machine's order.

    All columns of a kind at once: numpy lets other threads run in each of its calls, and then waits for its turn.
    """
    import numpy as np

    whole = np.dtype(dtype)
    planes = np.frombuffer(payload, np.uint8, whole.itemsize * count * many).reshape(many, whole.itemsize, count)
    values: npt.NDArray[Any] = planes[:, -1].astype(f"u{whole.itemsize}")
    for plane in range(whole.itemsize - 2, -1, -1):  # shifting whole planes is several times faster than transposing them
        values <<= 8
        values |= planes[:, plane]
    return values.view(whole)
