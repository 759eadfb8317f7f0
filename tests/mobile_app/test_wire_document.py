"""The worked example of docs/wire-format.md is a chunk, and its table says what the bytes are."""

from __future__ import annotations

import re
import zlib
from pathlib import Path

from chunk_samples import STARTED_AT_US, TRIP, encoded, small

from mobile_app import wire
from mobile_app.wire import layout

DOCUMENT = (Path(__file__).parents[2] / "docs" / "wire-format.md").read_text(encoding="utf-8")
EXAMPLE = DOCUMENT[DOCUMENT.index("## Worked example") :]


def printed_chunk() -> bytes:
    return bytes.fromhex(EXAMPLE.split("```")[1])


def printed_fields() -> bytes:
    cells = re.findall(r"^\| (`[^|]*`) \|", EXAMPLE, re.MULTILINE)
    return bytes.fromhex(" ".join(cells).replace("`", ""))


def test_the_printed_chunk_decodes_to_the_printed_values():
    chunk = wire.decode(printed_chunk())
    assert (chunk.trip_id, chunk.number, chunk.started_at_us) == (TRIP, 7, STARTED_AT_US)
    read = wire.chunk_to_json(chunk)
    assert {name: read[name] for name in layout.STREAM_IDS} == small()


def test_the_table_of_fields_is_the_header_and_the_inflated_body():
    data = printed_chunk()
    assert printed_fields() == data[:38] + zlib.decompress(data[38:-4], -15)


def test_the_encoder_writes_the_printed_fields():
    data = encoded(number=7)
    assert data[:38] + zlib.decompress(data[38:-4], -15) == printed_fields()


def test_the_bounds_on_the_page_are_those_of_the_code():
    for bound in (layout.MAX_BODY_BYTES, layout.MAX_SAMPLES, layout.MAX_NUMBER, layout.STEPS):
        assert f"{bound:,}".replace(",", " ") in DOCUMENT
    assert f"16 + {layout.SENSOR_SAMPLE_BYTES} n bytes" in DOCUMENT
    assert f"8 + {layout.LOCATION_SAMPLE_BYTES} n bytes" in DOCUMENT


def test_the_json_on_the_page_is_a_chunk():
    text = DOCUMENT.split("```json")[1].split("```")[0]
    assert len(wire.decode_json(text).accelerometer) == 2
