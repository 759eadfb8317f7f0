"""From a phone's first call to a finished trip: once, durably, by whom it belongs to."""

from __future__ import annotations

import errno
import gzip
import hashlib
import json
import sqlite3
import uuid
from pathlib import Path

import pytest
from callers import STARTED_AT_US, Phone, json_chunk, make_chunk
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.api import create_app
from ingest.settings import Settings
from ingest.store import Store, database
from mobile_app import wire


def code_of(answer) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    body = answer.json()
    assert body["status"] == answer.status_code
    assert body["detail"]
    return answer.status_code, body["code"]


def objects(installation: Settings) -> dict[str, bytes]:
    files = (path for path in installation.traces.rglob("*") if path.is_file())
    return {str(path.relative_to(installation.traces)): path.read_bytes() for path in files}


def test_a_stored_chunk_is_echoed_with_its_checksum_and_kept_as_sent(phone: Phone, trip_id: str, installation: Settings):
    data = make_chunk(trip_id, 0)
    answer = phone.put(trip_id, 0, data)
    sha256 = hashlib.sha256(data).hexdigest()
    assert (answer.status_code, answer.json()) == (201, {"trip_id": trip_id, "chunk": 0, "sha256": sha256, "duplicate": False})
    assert objects(installation) == {f"{trip_id[:2]}/{trip_id}/0-{sha256}": data}


def test_uploading_twice_stores_once(phone: Phone, trip_id: str, installation: Settings):
    data = make_chunk(trip_id, 3)
    first, second = phone.put(trip_id, 3, data), phone.put(trip_id, 3, data)
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json() == first.json() | {"duplicate": True}
    assert len(objects(installation)) == 1
    assert phone.trip(trip_id).json()["chunks"] == 1


def test_other_bytes_under_the_same_number_are_refused_and_the_first_stay(phone: Phone, trip_id: str, installation: Settings):
    phone.put(trip_id, 0, make_chunk(trip_id, 0))
    before = objects(installation)
    assert code_of(phone.put(trip_id, 0, make_chunk(trip_id, 0, height=1.0))) == (409, "chunk.conflict")
    assert objects(installation) == before


def test_gzip_and_plain_are_the_same_chunk(phone: Phone, trip_id: str):
    data = make_chunk(trip_id, 0)
    packed = phone.put(trip_id, 0, gzip.compress(data), Content_Encoding="gzip")
    assert packed.status_code == 201
    assert packed.json()["sha256"] == hashlib.sha256(data).hexdigest()
    assert phone.put(trip_id, 0, data, "application/octet-stream").json()["duplicate"] is True


def test_a_json_chunk_is_stored_like_a_binary_one(phone: Phone, trip_id: str, store: Store, installation: Settings):
    chunk = json_chunk(trip_id=trip_id, device="a script")
    answer = phone.put_json(trip_id, 0, chunk)
    assert answer.status_code == 201
    (held,) = objects(installation).values()
    assert wire.decode_json(held, trip_id, 0).started_at_us == STARTED_AT_US
    assert json.loads(held) == chunk


def test_a_trip_is_finished_when_nothing_is_missing(phone: Phone, trip_id: str):
    for number in (0, 3):
        phone.put(trip_id, number, make_chunk(trip_id, number))
    early = phone.finish(trip_id, 4)
    assert code_of(early) == (409, "trip.incomplete")
    assert early.json()["missing"] == [1, 2]
    for number in (2, 1):
        phone.put(trip_id, number, make_chunk(trip_id, number))
    assert phone.trip(trip_id).json()["state"] == "receiving"
    assert phone.finish(trip_id, 4).status_code == 202
    assert phone.finish(trip_id, 4).json() == phone.trip(trip_id).json()
    assert phone.trip(trip_id).json() | {"state": "queued", "chunks": 4, "expected": 4} == phone.trip(trip_id).json()


def test_a_finished_trip_takes_repeats_and_nothing_new(phone: Phone, trip_id: str):
    data = make_chunk(trip_id, 0)
    phone.put(trip_id, 0, data)
    phone.finish(trip_id, 1)
    assert phone.put(trip_id, 0, data).status_code == 200
    assert code_of(phone.put(trip_id, 1, make_chunk(trip_id, 1))) == (409, "trip.closed")
    assert code_of(phone.finish(trip_id, 2)) == (409, "trip.closed")


def test_finishing_with_fewer_chunks_than_are_stored_is_refused(phone: Phone, trip_id: str):
    for number in range(3):
        phone.put(trip_id, number, make_chunk(trip_id, number))
    assert code_of(phone.finish(trip_id, 2)) == (422, "field.range")


def test_another_devices_trip_looks_as_if_it_were_not_there(http: TestClient, phone: Phone, trip_id: str, installation: Settings):
    phone.put(trip_id, 0, make_chunk(trip_id, 0))
    stranger, absent = Phone.enrol(http), str(uuid.uuid4())
    before = objects(installation)
    for answer, same in (
        (stranger.put(trip_id, 0, make_chunk(trip_id, 0)), None),
        (stranger.put(trip_id, 1, make_chunk(trip_id, 1)), None),
        (stranger.finish(trip_id, 1), stranger.finish(absent, 1)),
        (stranger.trip(trip_id), stranger.trip(absent)),
    ):
        assert code_of(answer) == (404, "not_found")
        assert same is None or answer.json() == same.json()
    assert objects(installation) == before


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Basic YTpi"}, {"Authorization": "Bearer"}, {"Authorization": "Bearer  "}]
)
def test_without_a_token_nothing_is_said_but_that(http: TestClient, trip_id: str, headers: dict[str, str]):
    for answer in (
        http.get(f"/v1/trips/{trip_id}", headers=headers),
        http.put(f"/v1/trips/{trip_id}/chunks/0", content=b"x", headers=headers),
        http.post(f"/v1/trips/{trip_id}/finish", json={"chunks": 1}, headers=headers),
    ):
        assert code_of(answer) == (401, "auth.missing")
        assert answer.headers["www-authenticate"] == "Bearer"


def test_an_unknown_token_is_refused(http: TestClient, phone: Phone, trip_id: str):
    for token in (phone.token[:-1], phone.token + "x", phone.device_id, "é"):
        answer = http.get(f"/v1/trips/{trip_id}", headers={"Authorization": f"Bearer {token}".encode()})
        assert code_of(answer) == (401, "auth.invalid")
        assert token not in answer.text


def test_a_device_that_was_erased_is_refused_from_the_next_chunk_on(phone: Phone, trip_id: str, installation: Settings):
    """Also though its token was looked up for the chunk before: it is asked for again where the chunk would be stored."""
    assert phone.put(trip_id, 0, make_chunk(trip_id, 0)).status_code == 201
    assert phone.http.delete("/v1/devices/me", headers=phone.headers).status_code == 204
    for number in (0, 1, 2):
        assert code_of(phone.put(trip_id, number, make_chunk(trip_id, number))) == (401, "auth.invalid")
    assert objects(installation) == {}


def test_tokens_are_long_random_and_kept_as_hashes_only(http: TestClient, installation: Settings, store: Store):
    phones = [Phone.enrol(http) for _ in range(20)]
    assert len({phone.token for phone in phones}) == 20
    assert all(len(phone.token.removeprefix("cahot_")) * 6 >= 256 for phone in phones)
    store.database.close()
    kept = b"".join(path.read_bytes() for path in Path(installation.data).rglob("*") if path.is_file())
    assert phones[0].device_id.encode() in kept
    assert not any(phone.token.encode() in kept for phone in phones)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_order_and_any_repeats_store_the_same(phone: Phone, installation: Settings, data: st.DataObject):
    trip_id, count = str(uuid.uuid4()), data.draw(st.integers(1, 5))
    order = data.draw(st.permutations([*range(count), *data.draw(st.lists(st.integers(0, count - 1), max_size=4))]))
    sent = [make_chunk(trip_id, number) for number in range(count)]
    seen: set[int] = set()
    for number in order:
        assert phone.put(trip_id, number, sent[number]).status_code == (200 if number in seen else 201)
        seen.add(number)
        if len(seen) < count:
            assert phone.finish(trip_id, count).json()["missing"] == sorted(set(range(count)) - seen)
    assert phone.finish(trip_id, count).status_code == 202
    stored = {name.rpartition("/")[2]: held for name, held in objects(installation).items() if trip_id in name}
    assert stored == {f"{n}-{hashlib.sha256(held).hexdigest()}": held for n, held in enumerate(sent)}


@pytest.mark.parametrize(("number", "expected"), [(errno.ENOSPC, (507, "storage.full")), (errno.EIO, (503, "storage.failed"))])
def test_a_disk_that_refuses_is_not_acknowledged_and_the_phone_is_told_to_keep_the_chunk(
    phone: Phone, trip_id: str, installation: Settings, monkeypatch: pytest.MonkeyPatch, number: int, expected: tuple[int, str]
):
    def refuse(_descriptor: int) -> None:
        raise OSError(number, "refused")

    with monkeypatch.context() as broken:
        broken.setattr("os.fdatasync", refuse)
        answer = phone.put(trip_id, 0, make_chunk(trip_id, 0))
    assert code_of(answer) == expected
    assert int(answer.headers["retry-after"]) > 0
    assert objects(installation) == {}
    assert phone.trip(trip_id).status_code == 404
    assert phone.put(trip_id, 0, make_chunk(trip_id, 0)).status_code == 201


def test_a_locked_database_is_waited_for_and_then_told(
    tmp_path: Path, trip_id: str, monkeypatch: pytest.MonkeyPatch, installation: Settings
):
    short = [pragma.replace("5000", "50") for pragma in database._PRAGMAS]
    monkeypatch.setattr(database, "_PRAGMAS", short)
    phone = Phone.enrol(TestClient(create_app(installation)))
    other = sqlite3.connect(installation.data / "cahot.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    answer = phone.put(trip_id, 0, make_chunk(trip_id, 0))
    assert code_of(answer) == (503, "busy")
    assert "retry-after" in answer.headers
    other.execute("ROLLBACK")
    assert phone.put(trip_id, 0, make_chunk(trip_id, 0)).status_code == 201
