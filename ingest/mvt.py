"""Mapbox Vector Tiles 2.1, written by hand: points and lines with a few properties (docs/decisions: vector tiles).

Pure: numbers in, bytes out. Nothing of ours is known here, nor where the tile lies.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

EXTENT = 4096  # units across a tile
Floats = npt.NDArray[np.float64]
Value = str | int | float | bool
_POINT, _LINE = 1, 2
_MOVE, _DRAW = 1, 2


class Layer:
    """One layer of a tile, that takes features until `most` bytes are used."""

    def __init__(self, name: str, most: int) -> None:
        self._name, self._left = name, most
        self._features: list[bytes] = []
        self._keys = _Pool(lambda key: _field(3, str(key).encode()))
        self._values = _Pool(lambda value: _field(4, _value(value)))

    def add(self, points: Sequence[tuple[int, int]], properties: Mapping[str, Value | None]) -> bool:
        """A point, or a line of several, in units of the tile; False when there is no room left for it."""
        told = {name: value for name, value in properties.items() if value is not None}
        tags = [number for name, value in told.items() for number in (self._keys.number(name), self._values.number(value))]
        shape = _POINT if len(points) == 1 else _LINE
        feature = _field(2, _packed(2, tags) + _varint_field(3, shape) + _packed(4, _geometry(points)))
        size = len(feature) + self._keys.fresh_bytes + self._values.fresh_bytes
        fits = size <= self._left
        for pool in (self._keys, self._values):
            pool.settle(keep=fits)
        if fits:
            self._left -= size
            self._features.append(feature)
        return fits

    def encode(self) -> bytes:
        """Empty where there is no feature."""
        if not self._features:
            return b""
        head = _varint_field(15, 2) + _field(1, self._name.encode())
        body = b"".join([head, *self._features, *self._keys.told, *self._values.told])
        return _field(3, body + _varint_field(5, EXTENT))


class _Pool:
    """What features refer to by number, each told once."""

    def __init__(self, tell: Callable[[Value], bytes]) -> None:
        self._tell, self._numbers, self._settled = tell, dict[tuple[type, Value], int](), 0
        self.told: list[bytes] = []

    def number(self, value: Value) -> int:
        known = self._numbers.get((type(value), value))
        if known is None:
            known = self._numbers[type(value), value] = len(self.told)
            self.told.append(self._tell(value))
        return known

    @property
    def fresh_bytes(self) -> int:
        """Of what came since the last `settle`."""
        return sum(len(one) for one in self.told[self._settled :])

    def settle(self, *, keep: bool) -> None:
        """What came since stays, or goes."""
        while not keep and len(self.told) > self._settled:
            self.told.pop()
            self._numbers.popitem()
        self._settled = len(self.told)


def unit_of(longitude: float, latitude: float, zoom: int) -> tuple[float, float]:
    """Web Mercator (EPSG:3857) in units of this zoom's tiles, from the north-west of the world; y grows southwards."""
    across = (longitude + 180) / 360
    down = (1 - math.asinh(math.tan(math.radians(latitude))) / math.pi) / 2
    return across * EXTENT * 2**zoom, down * EXTENT * 2**zoom


def units_of(longitude: Floats, latitude: Floats, zoom: int) -> tuple[Floats, Floats]:
    """The same for many at once."""
    across = (longitude + 180) / 360
    down = (1 - np.arcsinh(np.tan(np.radians(latitude))) / math.pi) / 2
    return across * EXTENT * 2**zoom, down * EXTENT * 2**zoom


def box_of(zoom: int, x: int, y: int) -> tuple[float, float, float, float]:
    """West, south, east, north of a tile in degrees."""
    west, east = (column / 2**zoom * 360 - 180 for column in (x, x + 1))
    north, south = (math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * row / 2**zoom)))) for row in (y, y + 1))
    return west, south, east, north


def _geometry(points: Sequence[tuple[int, int]]) -> list[int]:
    """Commands as of the standard, 4.3: the cursor moves by differences, none of them nought."""
    first, rest = points[0], [point for before, point in pairwise(points) if point != before]
    if not rest and len(points) > 1:
        rest = [(first[0] + 1, first[1])]  # a line has two ends, however far away it is seen from
    told = [_MOVE | 1 << 3, _zigzag(first[0]), _zigzag(first[1])]
    if rest:
        told.append(_DRAW | len(rest) << 3)
    for before, point in pairwise([first, *rest]):
        told += [_zigzag(point[0] - before[0]), _zigzag(point[1] - before[1])]
    return told


def _value(value: Value) -> bytes:
    if isinstance(value, bool):
        return _varint_field(7, int(value))
    if isinstance(value, str):
        return _field(1, value.encode())
    if isinstance(value, float):
        return b"\x19" + struct.pack("<d", value)  # field 3, eight bytes
    return _varint_field(5, value) if value >= 0 else _varint_field(6, _zigzag(value))


def _zigzag(value: int) -> int:
    return value << 1 if value >= 0 else (-value << 1) - 1


def _varint(value: int) -> bytes:
    told = bytearray()
    while value > 0x7F:
        told.append(value & 0x7F | 0x80)
        value >>= 7
    told.append(value)
    return bytes(told)


def _varint_field(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value)


def _field(number: int, body: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(body)) + body


def _packed(number: int, values: Iterable[int]) -> bytes:
    return _field(number, b"".join(map(_varint, values)))
