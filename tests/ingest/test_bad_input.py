"""What hostile or broken callers send: the status and code of each, nothing stored, and never a 500."""

from __future__ import annotations

import gzip
import json
import struct
import tracemalloc
import uuid
import zlib
from typing import Any
from urllib.parse import quote

import pytest
import zstandard
from callers import STARTED_AT_US, Phone, json_chunk, make_chunk
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from test_upload import code_of, objects

from ingest.api import create_app
from ingest.api.expanding import expand
from ingest.api.plausible import MOST_VALUES
from ingest.settings import Limits, Settings
from ingest.store import Store
from ingest.store.schema import Device
from mobile_app import wire

TRIP = "0b54a6a3-3c7e-4a43-8f5a-0d6d1c7a9e10"
GOOD = make_chunk(TRIP, 0)
COLUMNS = {"t": [0.0, 0.01], "x": [0.0, 0.0], "y": [0.0, 0.0], "z": [9.8, 9.8]}
PLACE = json_chunk()["location"]


def sealed(data: bytes) -> bytes:
    """The chunk with a right checksum again, so that what lies beneath is reached."""
    return data[:-4] + struct.pack("<I", zlib.crc32(data[:-4]))


def located(**changes: Any) -> dict[str, Any]:
    return json_chunk(location=PLACE | changes)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "body.malformed"),
        (b"CAHT", 400, "body.malformed"),
        (b"PK\x03\x04" + bytes(100), 400, "body.malformed"),
        (GOOD[:-10], 400, "chunk.digest"),
        (GOOD + b"x", 400, "chunk.digest"),
        (GOOD[:40] + bytes([GOOD[40] ^ 1]) + GOOD[41:], 400, "chunk.digest"),
        (sealed(GOOD[:4] + b"\x09" + GOOD[5:]), 400, "protocol.version"),
        (sealed(GOOD[:-9] + GOOD[-4:]), 400, "body.malformed"),
        (make_chunk(str(uuid.uuid4()), 0), 422, "id.format"),
        (make_chunk(TRIP, 1), 422, "field.range"),
        (make_chunk(TRIP, 0, started_at_us=STARTED_AT_US - 7168 * 86_400 * 1_000_000), 422, "time.implausible"),
        (make_chunk(TRIP, 0, started_at_us=4_000_000_000_000_000), 422, "time.implausible"),
    ],
)
def test_bytes_that_are_not_this_chunk(phone: Phone, installation: Settings, body: bytes, status: int, code: str):
    assert code_of(phone.put(TRIP, 0, body)) == (status, code)
    assert objects(installation) == {}
    assert phone.trip(TRIP).status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("", 400, "body.malformed"),
        ("[]", 400, "body.malformed"),
        ('"text"', 400, "body.malformed"),
        ("[" * 100_000, 400, "body.malformed"),
        ('{"a":' * 100_000, 400, "body.malformed"),
        ("{", 400, "body.malformed"),
        ('{"started_at": 1, "started_at": 2}', 400, "body.duplicate_key"),
        (json.dumps(json_chunk()).replace("[0.0, 0.01, 0.02]", "[0.0, NaN, 0.02]", 1), 422, "sample.not_finite"),
        (json.dumps(json_chunk()).replace("[0.0, 0.01, 0.02]", "[0.0, Infinity, 0.02]", 1), 422, "sample.not_finite"),
        (json.dumps(json_chunk()).replace("0.02", "1e999"), 422, "sample.not_finite"),
        (json_chunk(accelerometer=COLUMNS | {"z": [9.8, "nan"]}), 422, "field.range"),
        (json_chunk(accelerometer=COLUMNS | {"z": [9.8, True]}), 422, "field.range"),
        (json_chunk(accelerometer=COLUMNS | {"z": [9.8, 2**70]}), 422, "field.range"),
        (json.dumps(json_chunk()).replace("0.02", "9" * 5000), 400, "body.malformed"),
        (json_chunk(accelerometer=COLUMNS | {"z": [9.8]}), 422, "chunk.shape"),
        (json_chunk(accelerometer=COLUMNS | {"t": [0.01, 0.0]}), 422, "chunk.shape"),
        (json_chunk(accelerometer=None), 422, "chunk.shape"),
        (json_chunk(colour="red"), 422, "field.unknown"),
        (json_chunk(**{"\ud800": 1}), 422, "field.unknown"),
        (json_chunk(accelerometer=COLUMNS | {"w": [0, 0]}), 422, "field.unknown"),
        (json_chunk(started_at="yesterday"), 422, "field.range"),
        (json_chunk(started_at="2026-05-04T07:12:00"), 422, "field.range"),
        (json_chunk(started_at="2006-09-18T07:12:00Z"), 422, "time.implausible"),
        (json_chunk(started_at=None), 422, "field.range"),
        (json_chunk(trip_id="../../etc/passwd"), 422, "id.format"),
        (json_chunk(trip_id=str(uuid.UUID(int=7))), 422, "id.format"),
        (json_chunk(device="a\x00b"), 422, "field.text"),
        (json_chunk(device="x" * 10_000), 422, "field.text"),
        (json_chunk(device="\ud800"), 422, "field.text"),
        (json_chunk(device="a\u202eb"), 422, "field.text"),
        (json_chunk(started_at="2026-05-04T07:12:00Z\x00"), 422, "field.range"),
        (json_chunk(started_at=True), 422, "field.range"),
        (json_chunk(started_at=1777878720), 422, "field.range"),
        (json_chunk(started_at=10**400), 422, "field.range"),
        (json_chunk(accelerometer=COLUMNS | {"t": 10**400}), 422, "field.range"),
        (json_chunk(accelerometer=COLUMNS | {"t": [0, 10**400]}), 422, "field.range"),
        (json_chunk(accelerometer={"t": [[[]]], "x": [[]], "y": [{}], "z": [1]}), 422, "field.range"),
        (json_chunk(accelerometer=COLUMNS | {"z": [[]] * 100}), 400, "body.malformed"),
        (json_chunk(accelerometer={"t": [], "x": [], "y": [], "z": []}, location=None), 422, "chunk.shape"),
        (json_chunk(accelerometer=COLUMNS | {"z": [9.8, 401.0]}), 422, "field.range"),
        (json_chunk(accelerometer=COLUMNS | {"t": [0.0, 700_000.0]}), 422, "field.range"),
        (json_chunk(accelerometer=COLUMNS | {"t": [0.0, 0.0]}), 422, "chunk.shape"),
        (json.dumps(json_chunk(accelerometer=COLUMNS | {"z": [-0.0, 5e-324]})).replace("-0.0", "-"), 400, "body.malformed"),
        ("\ufeff" + json.dumps(json_chunk())[:-1], 400, "body.malformed"),
        (located(latitude=[90.5]), 422, "fix.range"),
        (located(longitude=[-181.0]), 422, "fix.range"),
    ],
)
def test_json_that_is_not_a_chunk(phone: Phone, installation: Settings, body: Any, status: int, code: str):
    text = body if isinstance(body, str) else json.dumps(body)
    answer = phone.put(TRIP, 0, text.encode(), "application/json")
    assert code_of(answer) == (status, code), answer.text
    assert len(answer.content) < 2000
    assert objects(installation) == {}


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Content-Type": "text/plain"}, 415, "body.unsupported"),
        ({"Content-Type": ""}, 415, "body.unsupported"),
        ({"Content-Encoding": "br"}, 415, "body.unsupported"),
        ({"Content-Encoding": "gzip, gzip"}, 415, "body.unsupported"),
        ({"Content-Encoding": "gzip"}, 400, "body.bad_compression"),
        ({"Content-Encoding": "zstd"}, 400, "body.bad_compression"),
        ({"Content-Encoding": "deflate"}, 415, "body.unsupported"),
        ({"Content-Encoding": "zstd, gzip"}, 415, "body.unsupported"),
    ],
)
def test_bodies_that_say_they_are_something_else(phone: Phone, headers: dict[str, str], status: int, code: str):
    told = phone.headers | {"Content-Type": wire.MEDIA_TYPE} | headers
    answer = phone.http.put(f"/v1/trips/{TRIP}/chunks/0", content=GOOD, headers=told)
    assert code_of(answer) == (status, code)


@pytest.mark.parametrize(
    "data", [gzip.compress(GOOD)[:-3], gzip.compress(GOOD) + b"x", gzip.compress(GOOD) * 2, zlib.compress(GOOD)]
)
def test_gzip_that_is_cut_doubled_or_something_else(phone: Phone, data: bytes):
    assert code_of(phone.put(TRIP, 0, data, Content_Encoding="gzip")) == (400, "body.bad_compression")


def zstd(data: bytes, **options: Any) -> bytes:
    return zstandard.ZstdCompressor(**options).compress(data)


def zstd_with_window(log: int) -> bytes:
    """A frame that asks its reader for so large a window, without saying how long it is."""
    packer = zstandard.ZstdCompressor(compression_params=zstandard.ZstdCompressionParameters(window_log=log)).compressobj()
    return packer.compress(GOOD) + packer.flush()


DICTIONARY = zstandard.ZstdCompressionDict(GOOD * 3 + b"some bytes that both ends would know")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        zstd(GOOD)[:-3],
        zstd(GOOD) + b"x",
        zstd(GOOD) + bytes(200),
        zstd(GOOD) * 2,
        gzip.compress(GOOD),
        zstd(GOOD, dict_data=DICTIONARY),
        zstd_with_window(24),
        b"\x50\x2a\x4d\x18\x04\x00\x00\x00abcd" + zstd(GOOD),
        zstd(GOOD, write_checksum=True)[:-1] + b"x",
    ],
    ids=["empty", "cut", "a byte more", "many bytes more", "two frames", "gzip", "dictionary", "window", "skippable", "checksum"],
)
def test_zstd_that_is_cut_doubled_or_asks_for_more_than_it_may(phone: Phone, installation: Settings, data: bytes):
    assert code_of(phone.put(TRIP, 0, data, Content_Encoding="zstd")) == (400, "body.bad_compression")
    assert objects(installation) == {}


def test_zstd_with_the_largest_window_allowed_is_the_same_chunk(phone: Phone, installation: Settings):
    assert phone.put(TRIP, 0, zstd_with_window(23), Content_Encoding="zstd").status_code == 201
    assert phone.put(TRIP, 0, zstd(GOOD, level=19, write_checksum=True), Content_Encoding="zstd").status_code == 200
    assert list(objects(installation).values()) == [GOOD]


@given(data=st.binary(max_size=5000) | st.binary(max_size=50).map(lambda part: part * 3000), level=st.integers(-5, 19))
def test_what_was_compressed_comes_out_again(data: bytes, level: int):
    assert expand(zstd(data, level=level), "zstd", Limits()) == data
    assert expand(gzip.compress(data, abs(level) % 10), "gzip", Limits()) == data


@pytest.mark.parametrize("coding", ["gzip", "zstd", "zstd, declared"])
def test_a_bomb_is_stopped_at_the_limit_in_bounded_memory(phone: Phone, coding: str):
    if coding == "gzip":
        bomb = gzip.compress(bytes(1 << 30), 1)
    else:
        packer = zstandard.ZstdCompressor(level=1)
        declared = {"size": 1 << 30} if "declared" in coding else {}
        stream = packer.compressobj(**declared)
        bomb = b"".join([*(stream.compress(bytes(1 << 20)) for _ in range(1 << 10)), stream.flush()])
    tracemalloc.start()
    answer = phone.put(TRIP, 0, bomb, Content_Encoding=coding.partition(",")[0])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert code_of(answer) == (413, "body.expands_too_large")
    assert peak < 3 * Limits.expanded_bytes


def test_a_body_that_expands_a_hundredfold_is_no_recording_even_below_the_limit(phone: Phone):
    blown_up = json.dumps(json_chunk()).encode() + b" " * (Limits.ratio_free_bytes + 100_000)
    for coding, data in (("gzip", gzip.compress(blown_up)), ("zstd", zstd(blown_up))):
        assert len(data) * Limits.expanded_ratio < len(blown_up)
        answer = phone.put(TRIP, 0, data, "application/json", Content_Encoding=coding)
        assert code_of(answer) == (413, "body.expands_too_large")


def test_a_body_above_the_cap_is_refused_declared_or_not(phone: Phone):
    large = bytes(Limits.body_bytes + 1)
    assert code_of(phone.put(TRIP, 0, large)) == (413, "body.too_large")
    told = phone.headers | {"Content-Type": wire.MEDIA_TYPE}
    parts = (large[:100_000] for _ in range(100))
    assert code_of(phone.http.put(f"/v1/trips/{TRIP}/chunks/0", content=parts, headers=told)) == (413, "body.too_large")


def steady(count: int, interval_s: float, begin_s: float = 0.0) -> dict[str, list[float]]:
    """A sensor at rest, one sample each interval."""
    t = [begin_s + i * interval_s for i in range(count)]
    return {"t": t, "x": [0.0] * count, "y": [0.0] * count, "z": [9.8] * count}


@pytest.mark.parametrize(
    ("changes", "expected", "hint"),
    [
        ({"accelerometer": steady(20, 0.25)}, (422, "chunk.shape"), "not between 5 and 1000 a second"),
        ({"accelerometer": steady(20, 0.0005)}, (422, "chunk.shape"), "not between 5 and 1000 a second"),
        ({"gyroscope": steady(20, 1.0)}, (422, "chunk.shape"), "gyroscope: one sample each 1 s"),
        ({"accelerometer": steady(100, 10.0)}, (422, "chunk.shape"), "look like milliseconds"),
        ({"accelerometer": steady(20, 20_000.0)}, (422, "chunk.shape"), "look like microseconds"),
        ({"accelerometer": steady(20, 1e7)}, (422, "field.range"), "milliseconds"),
        ({"accelerometer": steady(20, 0.01, 1_777_878_720.0)}, (422, "field.range"), "look like seconds since 1970"),
        ({"accelerometer": steady(20, 10.0, 1_777_878_720_000.0)}, (422, "field.range"), "look like milliseconds since 1970"),
        ({"accelerometer": steady(20, 1e7, 1.777e18)}, (422, "field.range"), "look like nanoseconds since 1970"),
        ({"accelerometer": steady(20, 0.01, 90_000.0)}, (422, "chunk.shape"), "one clock, one that runs on in sleep"),
        ({"started_at": "2006-09-18T07:12:00Z"}, (422, "time.implausible"), "the GPS week rolled over"),
        ({"started_at": "1970-01-01T00:00:01Z"}, (422, "time.implausible"), "before 2015"),
        ({"location": PLACE | {"latitude": [139.7], "longitude": [35.7]}}, (422, "fix.range"), "latitude and longitude swapped"),
        ({"location": PLACE | {"longitude": [181.0]}}, (422, "fix.range"), "beyond 180"),
        ({"location": PLACE | {"speed": [700.0]}}, (422, "fix.range"), "beyond 655"),
    ],
)
def test_what_the_sender_most_likely_took_for_another_unit_or_clock_is_named(
    phone: Phone, installation: Settings, changes: dict[str, Any], expected: tuple[int, str], hint: str
):
    answer = phone.put_json(TRIP, 0, json_chunk(**changes))
    assert code_of(answer) == expected, answer.text
    assert hint in answer.json()["detail"]
    assert answer.json()["field"]
    assert objects(installation) == {}


@pytest.mark.parametrize("interval_s", [0.2, 0.02, 0.01, 0.001])
def test_every_rate_that_phones_have_is_taken_and_so_are_short_and_broken_chunks(phone: Phone, interval_s: float):
    gap = steady(30, interval_s)
    gap["t"][15:] = [t + 600.0 for t in gap["t"][15:]]
    for number, sensor in enumerate((steady(20, interval_s), steady(1, 1.0), steady(5, 30.0), gap)):
        assert phone.put_json(TRIP, number, json_chunk(accelerometer=sensor)).status_code == 201


@pytest.mark.parametrize(
    ("started_at_us", "hint"),
    [
        (STARTED_AT_US // 1000, "looks like milliseconds"),
        (STARTED_AT_US // 1_000_000, "looks like seconds"),
        (STARTED_AT_US - 7168 * 86_400_000_000, "the GPS week rolled over"),
        (STARTED_AT_US - 2 * 7168 * 86_400_000_000, "2 times 1024 weeks"),
    ],
)
def test_a_start_in_another_unit_or_era_is_told_so(phone: Phone, started_at_us: int, hint: str):
    answer = phone.put(TRIP, 0, make_chunk(TRIP, 0, started_at_us=started_at_us))
    assert code_of(answer) == (422, "time.implausible")
    assert hint in answer.json()["detail"]


def test_a_start_in_nanoseconds_is_told_so(phone: Phone):
    nano = sealed(GOOD[:26] + struct.pack("<q", STARTED_AT_US * 1000) + GOOD[34:])
    answer = phone.put(TRIP, 0, nano)
    assert code_of(answer) == (422, "field.range")
    assert "look like nanoseconds since 1970" in answer.json()["detail"]


def test_more_samples_than_a_chunk_may_have_are_refused_before_anything_is_built(phone: Phone, installation: Settings):
    assert code_of(phone.put(TRIP, 0, sealed(lying_of(wire.MAX_SAMPLES + 1)))) == (422, "chunk.shape")
    assert code_of(phone.put(TRIP, 0, sealed(lying_of(1000)))) == (422, "chunk.shape")
    many = json.dumps({"started_at": "2026-05-04T07:12:00Z", "accelerometer": {"t": [0] * (MOST_VALUES + 1)}})
    assert code_of(phone.put(TRIP, 0, many.encode(), "application/json")) == (422, "chunk.shape")
    assert objects(installation) == {}


def lying_of(count: int) -> bytes:
    """A binary chunk without samples that says it has so many."""
    body = struct.pack("<BII", 1, count, 0)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    header = struct.pack("<4sBB16sIqI", b"CAHT", 1, 0, uuid.UUID(TRIP).bytes, 0, STARTED_AT_US, len(body))
    return header + packer.compress(body) + packer.flush() + bytes(4)


@pytest.mark.parametrize("part", ["[],", '"",', '"\\ud83d\\ude00",', "0,"])
def test_json_that_would_fill_the_memory_is_refused_by_counting(phone: Phone, part: str):
    flat = ('{"accelerometer": {"t": [' + part * ((7 << 20) // len(part)) + "0]}}").encode()
    tracemalloc.start()
    answer = phone.put(TRIP, 0, flat, "application/json")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert code_of(answer) in {(400, "body.malformed"), (422, "chunk.shape")}
    assert peak < 5 * len(flat)  # the client holds it too; reading it would take up to thirty times as much


def test_a_large_chunk_is_ascii_and_a_small_one_may_name_its_device_in_any_script(phone: Phone):
    assert phone.put_json(TRIP, 0, json_chunk(device="दीपक का फ़ोन 😀")).status_code == 201
    named = json.dumps(json_chunk(device="😀"), ensure_ascii=False).encode()
    assert phone.put(TRIP, 1, named, "application/json").status_code == 201
    assert code_of(phone.put(TRIP, 2, named + b" " * (1 << 20), "application/json")) == (400, "body.malformed")
    assert (
        phone.put(TRIP, 2, json.dumps(json_chunk(device="😀")).encode() + b" " * (1 << 20), "application/json").status_code == 201
    )


def test_a_trip_has_no_more_chunks_than_its_last_number(phone: Phone, trip_id: str):
    last = Limits.chunks_per_trip - 1
    assert phone.put(trip_id, last, make_chunk(trip_id, last)).status_code == 201
    assert code_of(phone.put(trip_id, last + 1, make_chunk(trip_id, last + 1))) == (422, "field.range")
    assert len(phone.finish(trip_id, Limits.chunks_per_trip).json()["missing"]) == 1000
    assert code_of(phone.finish(trip_id, Limits.chunks_per_trip + 1)) == (422, "field.range")


SQL = [
    "' OR 1=1--",
    "1; DROP TABLE defects",
    "x' UNION SELECT token_sha256 FROM devices--",
    '" OR ""="',
    "%27%20OR%201=1",
    "\\",
    "%",
]


@pytest.mark.parametrize("text", SQL)
def test_sql_in_filters_cursors_and_ids_is_text_and_finds_nothing(http: TestClient, phone: Phone, store: Store, text: str):
    for field in ("bbox", "kind", "status", "since", "min_confidence", "limit"):
        assert http.get("/v1/defects", params={field: text}).status_code == 422
    for path, field in (("/v1/defects", "cursor"), ("/v1/tracks", "bbox"), ("/v1/tracks", "cursor"), ("/v1/tracks", "limit")):
        answer = http.get(path, params={field: text})
        assert answer.status_code == 422 or answer.json()["features"] == []
    for asked in (f"/v1/defects/{quote(text, safe='')}", f"/v1/trips/{quote(text, safe='')}"):
        assert http.get(asked, headers=phone.headers).status_code in (404, 422)
    assert http.get("/v1/trips/x", headers={"Authorization": f"Bearer {text}".encode()}).status_code == 401
    with store.database.read() as session:
        assert session.scalars(select(Device.id)).all() == [phone.device_id]


@pytest.mark.parametrize(
    "name", ["..", "%2e%2e%2f", "CON", "😀", TRIP.upper(), TRIP.replace("-", ""), TRIP + "%0a", "x" * 300, "' OR 1=1--", "%00"]
)
def test_ids_that_are_not_ids(phone: Phone, name: str):
    for answer in (phone.put(name, 0, GOOD), phone.trip(name), phone.finish(name, 1)):
        assert code_of(answer) in {(422, "id.format"), (404, "not_found"), (405, "method")}  # where the path became another one
        assert "%2f" in name or name == ".." or answer.status_code == 422


@pytest.mark.parametrize("number", ["-1", "+1", "01", "1.0", "1e3", "true", "٣", "10000", "9" * 5000, "%31%00", " 1", "1_0"])
def test_numbers_that_are_not_numbers(phone: Phone, number: str):
    assert code_of(phone.put(TRIP, number, GOOD)) == (422, "field.range")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"chunks": True}, 422, "field.range"),
        ({"chunks": 1.0}, 422, "field.range"),
        ({"chunks": "1"}, 422, "field.range"),
        ({"chunks": 0}, 422, "field.range"),
        ({"chunks": -1}, 422, "field.range"),
        ({"chunks": 2**70}, 422, "field.range"),
        ({"chunks": None}, 422, "field.range"),
        ({"chunks": 1, "state": "processed"}, 422, "field.unknown"),
        ({}, 422, "field.missing"),
        ([1], 400, "body.malformed"),
        ('{"chunks": 1, "chunks": 2}', 400, "body.duplicate_key"),
        ('{"chunks": NaN}', 422, "sample.not_finite"),
        ('{"chunks": 1e999}', 422, "sample.not_finite"),
        ("[" * 30_000, 400, "body.malformed"),
        ('{"chunks": ' + "9" * 5000 + "}", 400, "body.malformed"),
        ('{"\\ud800": 1}', 422, "field.unknown"),
        (" " * (Limits.small_body_bytes + 1), 413, "body.too_large"),
    ],
)
def test_finishing_with_something_else_than_a_number(phone: Phone, trip_id: str, body: Any, status: int, code: str):
    phone.put(trip_id, 0, make_chunk(trip_id, 0))
    text = body if isinstance(body, str) else json.dumps(body)
    told = phone.headers | {"Content-Type": "application/json"}
    answer = phone.http.post(f"/v1/trips/{trip_id}/finish", content=text, headers=told)
    assert code_of(answer) == (status, code)
    assert phone.trip(trip_id).json()["state"] == "receiving"


def test_finishing_takes_json_only_so_that_no_form_of_another_site_can(phone: Phone, trip_id: str):
    phone.put(trip_id, 0, make_chunk(trip_id, 0))
    told = phone.headers | {"Content-Type": "text/plain"}
    answer = phone.http.post(f"/v1/trips/{trip_id}/finish", content='{"chunks": 1}', headers=told)
    assert code_of(answer) == (415, "body.unsupported")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("bbox=1", "fix.range"),
        ("bbox=1,2,3,nan", "fix.range"),
        ("bbox=1,2,3,inf", "fix.range"),
        ("bbox=0,50,1,40", "fix.range"),
        ("bbox=48.1,11.5,48.2,200", "fix.range"),
        ("bbox=" + "1" * 200, "field.range"),
        ("kind=crater", "field.range"),
        ("status=gone", "field.range"),
        ("min_confidence=nan", "field.range"),
        ("min_confidence=1.1", "field.range"),
        ("since=yesterday", "field.range"),
        ("since=2026-05-04T00:00:00", "field.range"),
        ("limit=0", "field.range"),
        ("limit=1000000", "field.range"),
        ("cursor=%00", "field.range"),
        ("cursor=" + "x" * 97, "field.range"),
    ],
)
def test_queries_out_of_range(http: TestClient, query: str, code: str):
    assert code_of(http.get(f"/v1/defects?{query}")) == (422, code)


@pytest.mark.parametrize("path", ["/v1/nothing", "/nope.html", "/%00", "/..%2f..%2fetc/passwd", "/" + "x" * 5000, "/v1/defects/"])
def test_addresses_that_are_not_there(http: TestClient, path: str):
    assert code_of(http.get(path)) == (404, "not_found")


def test_a_wrong_method_says_so(http: TestClient):
    answer = http.delete("/v1/defects")
    assert code_of(answer) == (405, "method")
    assert "GET" in answer.headers["allow"]


def test_what_nobody_foresaw_is_answered_with_an_id_and_nothing_else(
    installation: Settings, store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    http = TestClient(create_app(installation, store))
    monkeypatch.setattr("ingest.store.defects.told", lambda *_: 1 / 0)
    answer = http.get("/v1/defects")
    assert code_of(answer) == (500, "internal")
    assert answer.json()["incident"] in caplog.text
    assert "ZeroDivisionError" in caplog.text
    assert "ZeroDivision" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def damaged(at: int, byte: int) -> bytes:
    """A chunk with one other byte below a right checksum."""
    return sealed(GOOD[:at] + bytes([byte]) + GOOD[at + 1 :])


def changed(name: str, value: Any) -> bytes:
    """A JSON chunk with something else in one of its fields."""
    return json.dumps(json_chunk(**{name: value})).encode()


TEXTS = st.text(st.characters(codec="utf-8"), max_size=40)
PATHS = st.one_of(
    st.sampled_from(
        ["/v1/devices", f"/v1/trips/{TRIP}/chunks/0", f"/v1/trips/{TRIP}/finish", f"/v1/trips/{TRIP}", "/v1/defects"]
    ),
    st.builds("/v1/defects?bbox={}&since={}&cursor={}".format, *[TEXTS.map(quote)] * 3),
    st.builds("/v1/{}/{}".format, st.sampled_from(["trips", "defects", "tracks", "x"]), TEXTS.map(quote)),
    TEXTS.map(lambda text: "/" + quote(text, safe="/").lstrip("/")),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS | st.sampled_from(list(json_chunk())), inner, max_size=4),
    max_leaves=12,
)
BODIES = st.one_of(
    st.binary(max_size=200),
    st.builds(damaged, st.integers(0, len(GOOD) - 5), st.integers(0, 255)),
    JSON.map(lambda value: json.dumps(value).encode()),
    st.builds(changed, st.sampled_from(list(json_chunk())), JSON),
)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "Content-Type": st.sampled_from(
            [wire.MEDIA_TYPE, "application/json", "multipart/form-data", "application/json; charset=\xff"]
        ),
        "Content-Encoding": st.sampled_from(["gzip", "identity", "deflate", ""]),
        "If-None-Match": st.text(st.characters(max_codepoint=255, min_codepoint=32), max_size=20),
        "Content-Length": st.just("99999999999999999999"),
        "Accept-Encoding": st.sampled_from(["gzip", "br", "*;q=0"]),
    },
)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(method=st.sampled_from(["GET", "PUT", "POST", "DELETE", "PATCH"]), path=PATHS, body=BODIES, headers=HEADERS)
@example(method="PUT", path=f"/v1/trips/{TRIP}/chunks/0", body=GOOD, headers={"Content-Type": "application/json"})
def test_nothing_anyone_sends_makes_the_server_fail(phone: Phone, method: str, path: str, body: bytes, headers: dict[str, str]):
    told = {name: value.encode("latin-1") for name, value in {**phone.headers, **headers}.items()}
    answer = phone.http.request(method, path, content=body, headers=told, follow_redirects=False)
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        code_of(answer)
