"""Compressed bodies, unpacked with a count: a bomb costs as much as the cap allows and no more.

One gzip member or one zstd frame, and nothing behind it: what is stored must be what the checksum in the answer is of.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from io import BytesIO
from typing import Literal, get_args

import zstandard

from ingest.api.problems import Problem
from ingest.settings import Limits

Coding = Literal["identity", "gzip", "zstd"]
CODINGS = get_args(Coding)

WINDOW_BYTES = 8 << 20  # RFC 9659: what every sender of zstd over HTTP must keep to, so nobody need allocate more
_PART_BYTES = 1 << 20  # unpacked at once from gzip: asked for more, zlib would hold it twice
_SLICE_BYTES = 64  # of a frame at once: a block of 4 bytes may become 128 kB, so this one 2 MB; costs 10 ms for 4 MB


@dataclass
class Sent:
    """A body as it came, and what its headers say of it; `data` is let go as soon as it is unpacked."""

    binary: bool
    coding: Coding
    data: bytes = b""

    def take(self, limits: Limits) -> bytes:
        """The bytes without their compression."""
        data, self.data = self.data, b""
        return expand(data, self.coding, limits)


def expand(data: bytes, coding: Coding, limits: Limits) -> bytes:
    """What was compressed. Problem body.bad_compression, or body.expands_too_large by size or by ratio."""
    if coding == "identity":
        return data
    most = min(limits.expanded_bytes, max(limits.ratio_free_bytes, limits.expanded_ratio * len(data)))
    return _gunzip(data, most) if coding == "gzip" else _unzstd(data, most)


def _gunzip(data: bytes, most: int) -> bytes:
    unpacker, plain, rest = zlib.decompressobj(wbits=31), BytesIO(), data
    while not unpacker.eof:
        try:
            part = unpacker.decompress(rest, _PART_BYTES)
        except zlib.error:
            raise Problem("body.bad_compression", "the body is not gzip; compress it again") from None
        rest = unpacker.unconsumed_tail
        if plain.tell() + len(part) > most:
            raise _too_large(most)
        if not part and not rest:
            break
        plain.write(part)
    if not unpacker.eof or unpacker.unused_data:
        raise Problem("body.bad_compression", "the gzip body is cut off or has bytes after its end; send one whole member")
    return plain.getvalue()


def _unzstd(data: bytes, most: int) -> bytes:
    unpacker = zstandard.ZstdDecompressor(max_window_size=WINDOW_BYTES).decompressobj()
    plain = BytesIO()
    for at in range(0, len(data), _SLICE_BYTES):
        if unpacker.eof:
            break
        try:
            part = unpacker.decompress(data[at : at + _SLICE_BYTES])
        except zstandard.ZstdError:
            detail = "the body is not zstd without a dictionary and with a window of at most 8 MiB; compress it again"
            raise Problem("body.bad_compression", detail) from None
        if plain.tell() + len(part) > most:
            raise _too_large(most)
        plain.write(part)
    if not unpacker.eof or unpacker.unused_data or at + _SLICE_BYTES < len(data):
        raise Problem("body.bad_compression", "the zstd body is cut off or has bytes after its end; send one whole frame")
    return plain.getvalue()


def _too_large(most: int) -> Problem:
    return Problem("body.expands_too_large", f"the body expands to more than {most} bytes; send it in smaller pieces")
