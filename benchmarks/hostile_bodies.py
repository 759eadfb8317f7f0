"""Bodies that nobody should send: good chunks with something wrong, bombs, deep nesting, noise. Seeded, one after another."""

from __future__ import annotations

import gzip
import json
import math
import random
import struct
import uuid
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import zstandard

from benchmarks.uploading import minute, relabelled
from mobile_app import wire

STRANGE: tuple[Any, ...] = (
    *(
        None,
        True,
        False,
        -1,
        2**70,
        10**400,
        -0.0,
        5e-324,
        1e308,
        "nan",
        "Infinity",
        "",
        "x" * 10_000,
        "\x00",
        "\ud800",
        "../..",
        "é😀",
    ),
    *([], {}, [[]], [None], [True], {"t": []}, {"": 0}, [1e308] * 50, list(range(50)), float("nan"), float("inf")),
)


@dataclass(frozen=True)
class Body:
    """What is sent to the address of a trip's chunk 0, and what it is called in the count."""

    trip: uuid.UUID
    sort: str
    data: bytes
    media_type: str = wire.MEDIA_TYPE
    coding: str | None = None


@dataclass(frozen=True)
class Good:
    """What the bodies are made from: an honest chunk in both forms."""

    trip: uuid.UUID
    binary: bytes
    text: bytes

    def either(self, dice: random.Random) -> tuple[bytes, str]:
        return dice.choice([(self.binary, wire.MEDIA_TYPE), (self.text, "application/json")])


def hostile(count: int, seed: int) -> Iterator[Body]:
    """So many bodies; the costly sorts are a twentieth."""
    dice = random.Random(seed)
    template, text = minute(), json.dumps(json_minute()).encode()
    bombs = _all_bombs()
    ordinary = (_flipped, _resealed, _cut, _packed, _json_value, _json_text, _header, _noise)
    for _ in range(count):
        trip = uuid.UUID(int=dice.getrandbits(128))  # one that is stored by chance hides nothing that comes after
        good = Good(trip, relabelled(template, trip, 0), text)
        yield dice.choice(bombs) if dice.random() < 0.05 else dice.choice(ordinary)(dice, good)


def json_minute() -> dict[str, Any]:
    """An honest JSON chunk: a minute at 50 Hz with a fix a second."""
    t = [i / 50 for i in range(3000)]
    axes = {axis: [9.8 + math.sin(i + len(axis)) for i in range(3000)] for axis in "xyz"}
    fixes = {"t": [float(i) for i in range(60)], "latitude": [48.1] * 60, "longitude": [11.5] * 60}
    motion = {"speed": [12.0] * 60, "bearing": [90.0] * 60, "accuracy": [4.0] * 60}
    return {"started_at": "2026-05-04T07:12:00Z", "accelerometer": {"t": t, **axes}, "location": fixes | motion}


def sealed(data: bytes) -> bytes:
    """With a right checksum, so that what lies beneath is reached."""
    return data[:-4] + struct.pack("<I", zlib.crc32(data[:-4]))


def inflating(trip: uuid.UUID, body: bytes) -> bytes:
    """A binary chunk around any inflated body."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    header = struct.pack("<4sBB16sIqI", b"CAHT", 1, 0, trip.bytes, 0, 1_777_878_720_000_000, len(body))
    return sealed(header + packer.compress(body) + packer.flush() + bytes(4))


def _damaged(dice: random.Random, data: bytes, most: int = 8) -> bytes:
    changed = bytearray(data)
    for _ in range(dice.randint(1, most)):
        changed[dice.randrange(len(changed))] = dice.randrange(256)
    return bytes(changed)


def _flipped(dice: random.Random, good: Good) -> Body:
    return Body(good.trip, "flipped", _damaged(dice, good.binary))


def _resealed(dice: random.Random, good: Good) -> Body:
    """Damage below a right checksum: in the streams half of the time, before they are packed."""
    if dice.random() < 0.5:
        return Body(good.trip, "flipped and sealed", sealed(_damaged(dice, good.binary)))
    streams = zlib.decompress(good.binary[38:-4], -15)
    return Body(good.trip, "flipped inside", inflating(good.trip, _damaged(dice, streams[:60], 3) + streams[60:]))


def _header(dice: random.Random, good: Good) -> Body:
    """One of the header's fields at one of its ends."""
    at, form, size = dice.choice([(4, "B", 8), (5, "B", 8), (22, "I", 32), (26, "Q", 64), (34, "I", 32)])
    value = dice.choice([0, 1, 2**size - 1, 2 ** (size - 1), dice.getrandbits(size)])
    return Body(
        good.trip, "header", sealed(good.binary[:at] + struct.pack(f"<{form}", value) + good.binary[at + struct.calcsize(form) :])
    )


def _cut(dice: random.Random, good: Good) -> Body:
    data, kind = good.either(dice)
    at = dice.randrange(len(data))
    return Body(good.trip, "cut", data[:at] + (dice.randbytes(dice.randrange(200)) if dice.random() < 0.5 else b""), kind)


def _packed(dice: random.Random, good: Good) -> Body:
    """Compressed and then damaged, cut, doubled or called something else."""
    data, kind = good.either(dice)
    coding = dice.choice(["gzip", "zstd"])
    packed = gzip.compress(data, 1, mtime=0) if coding == "gzip" else zstandard.compress(data, dice.choice([1, 3]))
    spoil: list[Callable[[], bytes]] = [
        lambda: _damaged(dice, packed),
        lambda: packed[: dice.randrange(len(packed))],
        lambda: packed + packed[: dice.randrange(len(packed))],
        lambda: dice.randbytes(len(packed)),
    ]
    called = coding if dice.random() < 0.8 else dice.choice(["gzip", "zstd", "br", "gzip, gzip", "\x7f"])
    return Body(good.trip, f"damaged {coding}", dice.choice(spoil)(), kind, called)


def _json_value(dice: random.Random, good: Good) -> Body:
    """Something else in the place of a field, a column or a sample."""
    chunk = json_minute()
    holder: Any = chunk
    for _ in range(dice.randint(1, 3)):
        keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        key = dice.choice(keys)
        if not isinstance(holder[key], (dict, list)):
            break
        holder, key = holder[key], dice.choice(list(holder[key]) if isinstance(holder[key], dict) else range(len(holder[key])))
    holder[key] = dice.choice(STRANGE)
    return Body(good.trip, "other JSON value", json.dumps(chunk).encode(), "application/json")


def _json_text(dice: random.Random, good: Good) -> Body:
    tokens = [b"[", b"]", b"{", b"}", b",", b":", b'"', b"\\u0000", b"\\ud800", b"1e999", b"NaN", b"9" * 5000, b"\xff", b"-"]
    at = dice.randrange(len(good.text))
    return Body(
        good.trip,
        "other JSON text",
        good.text[:at] + dice.choice(tokens) * dice.choice([1, 1, 100]) + good.text[at:],
        "application/json",
    )


def _noise(dice: random.Random, good: Good) -> Body:
    kind = dice.choice([wire.MEDIA_TYPE, "application/json", "application/octet-stream", "multipart/form-data", "text/plain", ""])
    return Body(good.trip, "noise", dice.choice([b"", b"CAHT"]) + dice.randbytes(dice.randrange(2000)), kind)


@cache
def _all_bombs() -> tuple[Body, ...]:
    return tuple(_bombs(uuid.UUID(int=7)))


def _bombs(trip: uuid.UUID) -> Iterator[Body]:
    """What is small on the wire and large in memory."""
    kind, gibi = "application/json", 1 << 30
    yield Body(trip, "gzip bomb", gzip.compress(bytes(gibi), 1, mtime=0), coding="gzip")
    yield Body(trip, "gzip bomb", gzip.compress(b" " * (64 << 20), 9, mtime=0), kind, "gzip")
    for declared in ({}, {"size": gibi}):
        packer = zstandard.ZstdCompressor(level=1).compressobj(**declared)
        parts = [packer.compress(bytes(1 << 20)) for _ in range(1 << 10)]
        yield Body(trip, "zstd bomb", b"".join([*parts, packer.flush()]), coding="zstd")
    for numbers in ("1e9,", "[],", '{"a":', "[", '"\\ud83d\\ude00",', "0,"):
        whole = ('{"accelerometer":{"t":[' + numbers * ((7 << 20) // len(numbers))).encode()
        yield Body(trip, "JSON bomb", whole, kind)
        yield Body(trip, "JSON bomb", gzip.compress(whole, 6, mtime=0), kind, "gzip")
    random_numbers = json.dumps({"accelerometer": {"t": [i * 1.0001 for i in range(500_000)]}}).encode()
    yield Body(trip, "JSON bomb", zstandard.compress(random_numbers), kind, "zstd")
    yield Body(trip, "JSON bomb", zstandard.compress(random_numbers.replace(b"{", '{"😀":1,'.encode(), 1)), kind, "zstd")
    yield Body(trip, "inflating", inflating(trip, bytes(8 << 20)))
    yield Body(trip, "inflating", inflating(trip, bytes(64 << 20)))
    full = wire.MAX_SAMPLES
    times = b"\0" + b"\1" * (full - 1) + bytes(3 * full)  # steps of 1 µs, byte planes
    stream = struct.pack("<BII", 1, full, 16 + 10 * full) + struct.pack("<dq", 0.01, 0) + times + bytes(6 * full)
    second = b"\2" + stream[1:]
    yield Body(trip, "inflating", inflating(trip, stream + second))
    yield Body(trip, "too large", bytes(9 << 20))
