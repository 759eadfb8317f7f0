"""The last minute of vertical acceleration, in a file of fixed size that one process writes and another draws.

Shared memory, no messages: the writer never waits for a reader. A reader may see the newest few samples half written; it
draws them again a frame later.
"""

from __future__ import annotations

import mmap
import os
import struct
from array import array
from pathlib import Path
from types import TracebackType

RATE_HZ = 50.0  # of the strip: what an eye can tell apart on a phone's width
LENGTH = 3_000  # one minute
_HEADER = struct.Struct("<4sIQd")  # magic, length, samples ever written, time of the last in s on the sensors' clock
_MAGIC = b"CRG1"
_SIZE = _HEADER.size + 4 * LENGTH


class RingWriter:
    """Takes samples at `RATE_HZ`. The file is made anew; it holds nothing of use after a restart."""

    def __init__(self, path: Path) -> None:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            os.ftruncate(handle, _SIZE)
            self._map = mmap.mmap(handle, _SIZE)
        finally:
            os.close(handle)
        self._count = 0
        _HEADER.pack_into(self._map, 0, _MAGIC, LENGTH, 0, 0.0)

    def write(self, t_s: float, values: array[float]) -> None:
        """Further samples (array of "f", m/s², gravity removed), the last of which is of t_s."""
        values = values[-LENGTH:]
        at = self._count % LENGTH
        data = values.tobytes()
        first = min(len(data), 4 * (LENGTH - at))
        begin = _HEADER.size + 4 * at
        self._map[begin : begin + first] = data[:first]
        self._map[_HEADER.size : _HEADER.size + len(data) - first] = data[first:]
        self._count += len(values)
        _HEADER.pack_into(self._map, 0, _MAGIC, LENGTH, self._count, t_s)

    def close(self) -> None:
        self._map.close()

    def __enter__(self) -> RingWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def read_ring(path: Path) -> tuple[int, float, array[float]]:
    """How many samples were ever written, the time of the last (s), and the last minute of them, oldest first.

    (0, 0.0, empty) where there is no such file or it is not one.
    """
    nothing: array[float] = array("f")
    try:
        data = path.read_bytes()
    except OSError:
        return 0, 0.0, nothing
    if len(data) != _SIZE or data[:4] != _MAGIC:
        return 0, 0.0, nothing
    _, length, count, t_s = _HEADER.unpack_from(data)
    held: array[float] = array("f")
    held.frombytes(data[_HEADER.size :])
    at = count % length
    return count, t_s, held[at:] + held[:at] if count >= length else held[:at]
