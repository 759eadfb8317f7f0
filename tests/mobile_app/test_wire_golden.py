"""Chunks written once and kept: what phones in the field send must be read the same for ever."""

from __future__ import annotations

import json
import zlib
from pathlib import Path

import pytest

from mobile_app import wire

GOLDEN = Path(__file__).parent / "golden"
REGENERATE = (
    "the wire format changed: phones in the field send the old one, so raise wire.VERSION and keep reading version 1; "
    "the files of a new version are written by: python tests/mobile_app/golden/regenerate.py"
)
CHUNKS = sorted(GOLDEN.glob("*.chunk"))


def test_there_are_golden_chunks_of_every_supported_version():
    for version in wire.SUPPORTED_VERSIONS:
        assert list(GOLDEN.glob(f"v{version}-*.chunk")), REGENERATE


@pytest.mark.parametrize("path", CHUNKS, ids=lambda path: path.stem)
def test_a_golden_chunk_reads_as_it_always_did(path):
    expected = json.loads(path.with_suffix(".json").read_text())
    chunk = wire.decode(path.read_bytes())
    assert chunk.number == expected["number"], REGENERATE
    assert wire.chunk_to_json(chunk) == expected["read"], REGENERATE


@pytest.mark.parametrize("path", [p for p in CHUNKS if p.stem.startswith(f"v{wire.VERSION}-")], ids=lambda path: path.stem)
def test_the_encoder_writes_the_golden_content(path):
    """Header and inflated body are compared: how zlib packs differs between its versions and is no part of the format."""
    kept = path.read_bytes()
    expected = json.loads(path.with_suffix(".json").read_text())
    chunk = wire.decode(kept)
    written = wire.encode(chunk.trip_id, chunk.number, chunk.started_at_us, **expected["sent"])
    assert written[:38] == kept[:38], REGENERATE
    assert zlib.decompress(written[38:-4], -15) == zlib.decompress(kept[38:-4], -15), REGENERATE
