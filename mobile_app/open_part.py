"""The part of a trip that is still being recorded, saved every few seconds: a file of frames, each with its checksum.

After a kill or a power cut the file yields every frame up to the first that is not whole. It never leaves the phone,
so nothing is decoded from it that the phone did not write itself. Each sample of a sensor is rounded by itself to the finest step
that a chunk knows, and packed: a drive of a day takes 110 MB and not 550. Fixes are few and held as they are (float64).
"""

from __future__ import annotations

import contextlib
import os
import struct
import sys
import uuid
import zlib
from array import array
from collections.abc import Iterator
from itertools import accumulate
from operator import sub
from pathlib import Path

from mobile_app import durable
from mobile_app.wire.encoder import deflate, planes
from mobile_app.wire.layout import COLUMNS, FINEST_SCALE, STREAM_IDS, STREAM_NAMES

Arrays = tuple["array[float]", ...]  # t and the columns of one stream, of one length
_FRAME = struct.Struct("<II")  # length of the content, CRC-32 over key, place in the file and content
_SECTION = struct.Struct("<BI")  # stream id, count of samples
_PACKED = struct.Struct("<I")  # bytes that follow, where the stream id has this bit
_IS_PACKED = 0x80


def no_samples() -> dict[str, Arrays]:
    """Empty arrays for each stream, t first."""
    return {name: tuple(array("d") for _ in ("t", *columns)) for name, columns in COLUMNS.items()}


class OpenPart:
    """Appends frames to a new file. key: makes frames of any other trip or chunk worthless here, see `part_key`."""

    def __init__(self, path: Path, key: bytes) -> None:
        self._path, self._key, self._end = path, key, 0
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        durable.sync_folder(path.parent)

    def append(self, samples: dict[str, Arrays]) -> None:
        """On the disk on return. Raises OSError; then the next frame takes the place of the torn one."""
        content = b"".join(_content(samples))
        frame = _FRAME.pack(len(content), _checksum(self._key, self._end, content)) + content
        durable.write_all(self._handle, frame, self._end)
        os.fsync(self._handle)
        self._end += len(frame)

    def keep_as(self, path: Path) -> None:
        """Under this name from now on, on the disk on return."""
        os.close(self._handle)
        self._path.replace(path)
        durable.sync_folder(path.parent)

    def delete(self) -> None:
        """Once its samples are kept elsewhere. Should it stay, recovery sees that its chunk is known."""
        os.close(self._handle)
        with contextlib.suppress(OSError):
            self._path.unlink()


def part_key(trip_id: str, number: int) -> bytes:
    return uuid.UUID(trip_id).bytes + number.to_bytes(4, "little")


def read_part(path: Path, key: bytes) -> tuple[dict[str, Arrays], int]:
    """All samples of the whole frames, and how many bytes after them had to be left."""
    data, samples, at = path.read_bytes(), no_samples(), 0
    while len(data) - at >= _FRAME.size:
        length, checksum = _FRAME.unpack_from(data, at)
        content = data[at + _FRAME.size : at + _FRAME.size + length]
        if len(content) != length or _checksum(key, at, content) != checksum:
            break
        for name, columns in _sections(content):
            for held, column in zip(samples[name], columns, strict=True):
                held.extend(column)
        at += _FRAME.size + length
    return samples, len(data) - at


def _content(samples: dict[str, Arrays]) -> Iterator[bytes]:
    for name, columns in samples.items():
        count, code = len(columns[0]), STREAM_IDS[name]
        if not count:
            continue
        if name in FINEST_SCALE:
            data = _packed(name, columns)
            yield _SECTION.pack(code | _IS_PACKED, count) + _PACKED.pack(len(data)) + data
        else:
            yield _SECTION.pack(code, count)
            for column in columns:
                yield _little_endian(column).tobytes()


def _sections(content: bytes) -> Iterator[tuple[str, list[array[float]]]]:
    at = 0
    while at < len(content):
        code, count = _SECTION.unpack_from(content, at)
        at += _SECTION.size
        name = STREAM_NAMES[code & ~_IS_PACKED]
        if code & _IS_PACKED:
            (length,) = _PACKED.unpack_from(content, at)
            at += _PACKED.size
            columns = _unpacked(name, count, content[at : at + length])
            at += length
        else:
            columns = []
            for _ in no_samples()[name]:
                columns.append(_little_endian(array("d", content[at : at + 8 * count])))
                at += 8 * count
        yield name, columns


def _packed(name: str, columns: Arrays) -> bytes:
    """Steps of time in µs, then each axis in finest steps, as planes of like bytes."""
    t_us = [round(t * 1e6) for t in columns[0]]
    steps = array("q", [t_us[0], *map(sub, t_us[1:], t_us)])
    per_unit = 1 / FINEST_SCALE[name]
    axes = [array("i", [round(value * per_unit) for value in column]) for column in columns[1:]]
    return deflate([plane for values in (steps, *axes) for plane in planes(values)])


def _unpacked(name: str, count: int, data: bytes) -> list[array[float]]:
    body, scale = zlib.decompress(data, -15), FINEST_SCALE[name]
    steps, *axes = _whole(body, count)
    return [array("d", [t_us / 1e6 for t_us in accumulate(steps)]), *(array("d", [v * scale for v in axis]) for axis in axes)]


def _whole(body: bytes, count: int) -> Iterator[array[int]]:
    """The integers from their planes, lowest bytes first."""
    at = 0
    for code in "qiii":
        width = array(code).itemsize
        raw = bytearray(count * width)
        for place in range(width):
            raw[place::width] = body[at : at + count]
            at += count
        values: array[int] = array(code, bytes(raw))
        if sys.byteorder == "big":
            values.byteswap()
        yield values


def _checksum(key: bytes, at: int, content: bytes) -> int:
    return zlib.crc32(content, zlib.crc32(key + at.to_bytes(8, "little")))


def _little_endian(column: array[float]) -> array[float]:
    if sys.byteorder == "big":
        column = column[:]
        column.byteswap()
    return column
