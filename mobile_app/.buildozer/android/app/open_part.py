"""The part of a trip that is still being recorded, saved every few seconds: a file of frames, each with its checksum.

After a kill or a power cut the file yields every frame up to the first that is not whole. It never leaves the phone,
so it holds the samples as they are (float64) and nothing is decoded from it that the phone did not write itself.
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
from pathlib import Path

from mobile_app import durable
from mobile_app.wire.layout import COLUMNS, STREAM_IDS, STREAM_NAMES

Arrays = tuple["array[float]", ...]  # t and the columns of one stream, of one length
_FRAME = struct.Struct("<II")  # length of the content, CRC-32 over key, place in the file and content
_SECTION = struct.Struct("<BI")  # stream id, count of samples


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
        if len(columns[0]):
            yield _SECTION.pack(STREAM_IDS[name], len(columns[0]))
            for column in columns:
                yield _little_endian(column).tobytes()


def _sections(content: bytes) -> Iterator[tuple[str, list[array[float]]]]:
    at = 0
    while at < len(content):
        code, count = _SECTION.unpack_from(content, at)
        at += _SECTION.size
        columns = []
        for _ in no_samples()[STREAM_NAMES[code]]:
            columns.append(_little_endian(array("d", content[at : at + 8 * count])))
            at += 8 * count
        yield STREAM_NAMES[code], columns


def _checksum(key: bytes, at: int, content: bytes) -> int:
    return zlib.crc32(content, zlib.crc32(key + at.to_bytes(8, "little")))


def _little_endian(column: array[float]) -> array[float]:
    if sys.byteorder == "big":
        column = column[:]
        column.byteswap()
    return column
