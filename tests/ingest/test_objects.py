"""Where chunks are kept: the same promises of the folder and of a bucket on an S3 server."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from callers import Phone, make_chunk
from fastapi.testclient import TestClient
from s3_server import S3Server

from ingest import worker
from ingest.api import create_app
from ingest.settings import Settings, Work
from ingest.store import Objects, ObjectStore, open_store
from ingest.store.object_store import ObjectsUnusable, StoreAway
from ingest.store.objects import DamagedObject
from ingest.store.s3 import READ_AHEAD, S3Objects

TRIP, OTHER = "0b54a6a3-3c7e-4a43-8f5a-0d6d1c7a9e10", "0b54a6a3-3c7e-4a43-8f5a-0d6d1c7a9e11"


@dataclass
class Kept:
    """A store of objects and a way to see and to spoil what is in it, by another program than ours."""

    objects: ObjectStore
    names: Callable[[], list[str]]
    overwrite: Callable[[str, bytes], object]
    remove: Callable[[str], object]


@pytest.fixture(params=["folder", "s3"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Kept:
    if request.param == "folder":
        folder = tmp_path / "traces"
        return Kept(
            Objects(folder),
            lambda: sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()),
            lambda name, data: (folder / name).write_bytes(data),
            lambda name: (folder / name).unlink(),
        )
    url: str = request.getfixturevalue("s3_url")
    server: S3Server = request.getfixturevalue("s3")
    bucket, _, prefix = url.removeprefix("s3://").partition("/")
    client = server.client()

    def names() -> list[str]:
        held = client.list_objects_v2(Bucket=bucket).get("Contents", [])
        assert all(one["Key"].startswith(f"{prefix}/") for one in held)
        return sorted(name for one in held if (name := one["Key"].removeprefix(f"{prefix}/")) != "writable")

    return Kept(
        S3Objects(url),
        names,
        lambda name, data: client.put_object(Bucket=bucket, Key=f"{prefix}/{name}", Body=data),
        lambda name: client.delete_object(Bucket=bucket, Key=f"{prefix}/{name}"),
    )


def put(objects: ObjectStore, trip: str, number: int, data: bytes) -> str:
    """Stores it; returns its name."""
    sha256 = hashlib.sha256(data).hexdigest()
    objects.put(trip, number, data, sha256)
    return f"{trip[:2]}/{trip}/{number}-{sha256}"


def test_stored_bytes_come_back_and_damage_is_noticed(kept: Kept):
    data = bytes(range(256)) * 200
    name, sha256 = put(kept.objects, TRIP, 7, data), hashlib.sha256(data).hexdigest()
    put(kept.objects, TRIP, 7, data)  # again: the same
    assert kept.names() == [name]
    assert kept.objects.get(TRIP, 7, sha256) == data
    kept.overwrite(name, data[:-1] + b"x")
    with pytest.raises(DamagedObject, match=r"chunk 7 .*checksum"):
        kept.objects.get(TRIP, 7, sha256)
    kept.remove(name)
    with pytest.raises(DamagedObject, match=r"chunk 7 .*missing"):
        kept.objects.get(TRIP, 7, sha256)


def test_chunks_are_read_in_order_and_the_first_that_is_missing_is_told(kept: Kept):
    held = [b"%d" % number * (50 - number) for number in range(3 * READ_AHEAD)]
    names = [put(kept.objects, TRIP, number, data) for number, data in enumerate(held)]
    wanted = [(number, name.rpartition("-")[2]) for number, name in enumerate(names)]
    assert list(kept.objects.get_all(TRIP, wanted)) == held
    assert list(kept.objects.get_all(TRIP, [])) == []
    kept.remove(names[READ_AHEAD + 1])
    with pytest.raises(DamagedObject, match=rf"chunk {READ_AHEAD + 1} "):
        list(kept.objects.get_all(TRIP, wanted))


def test_erasing_a_trip_takes_all_of_it_and_nothing_else(kept: Kept):
    for number in range(5):
        put(kept.objects, TRIP, number, b"%d" % number)
    left = put(kept.objects, OTHER, 0, b"other")
    kept.objects.erase(TRIP)
    kept.objects.erase(str(uuid.uuid4()))  # nothing there
    assert kept.names() == [left]
    put(kept.objects, TRIP, 0, b"again")
    assert len(kept.names()) == 2


def test_all_but_the_wanted_chunks_of_a_trip_are_deleted_those_set_aside_too(kept: Kept):
    names = [put(kept.objects, TRIP, number, b"%d" % number) for number in range(5)]
    other = put(kept.objects, OTHER, 0, b"other")
    digests = [name.rpartition("-")[2] for name in names]
    kept.objects.set_aside(TRIP, 4, digests[4], "was damaged", 1.8e9)
    assert kept.objects.keep_only(TRIP, [(1, digests[1]), (3, digests[3])]) == 2 + 2  # one with its reason
    assert kept.names() == sorted([names[1], names[3], other])


def test_what_is_set_aside_lies_apart_with_its_reason_and_is_no_chunk_any_more(kept: Kept):
    names = [put(kept.objects, TRIP, number, b"%d" % number) for number in range(2)]
    sha256 = names[0].rpartition("-")[2]
    kept.objects.set_aside(TRIP, 0, sha256, "was damaged", 1.8e9)
    aside = f"quarantine/{TRIP}/0-{sha256}"
    assert kept.names() == sorted([names[1], aside, f"{aside}.json"])
    assert [number for number, _ in kept.objects.chunks(TRIP)] == [1]
    kept.objects.set_aside(TRIP, 0, sha256, "and again", 1.8e9)  # it is not there any more: only the reason is told anew
    assert kept.names() == sorted([names[1], aside, f"{aside}.json"])


def test_a_store_that_works_says_that_it_is_writable_and_has_nothing_to_sweep(kept: Kept):
    assert kept.objects.is_writable()
    assert kept.objects.sweep() == 0


def test_a_trip_goes_through_a_bucket_as_through_a_folder(tmp_path: Path, s3_url: str, trip_id: str):
    installation = Settings(tmp_path / "data", objects=s3_url, work=Work(retry_s=0.0))
    store = open_store(installation)
    phone = Phone.enrol(TestClient(create_app(installation, store)))
    for number in range(3):
        assert phone.put(trip_id, number, make_chunk(trip_id, number)).status_code == 201
    assert phone.put(trip_id, 1, make_chunk(trip_id, 1)).status_code == 200
    assert phone.finish(trip_id, 3).status_code == 202
    assert len(worker.assemble(store, trip_id).accelerometer.t_s) == 150
    assert not installation.traces.exists()
    assert phone.http.delete("/v1/devices/me", headers=phone.headers).status_code == 204
    with pytest.raises(DamagedObject):
        store.objects.get(trip_id, 0, hashlib.sha256(make_chunk(trip_id, 0)).hexdigest())
    store.database.close()


def test_while_the_bucket_is_away_nothing_is_acknowledged_and_no_trip_is_given_up(
    tmp_path: Path, s3: S3Server, s3_url: str, trip_id: str
):
    installation = Settings(tmp_path / "data", objects=s3_url, work=Work(retry_s=0.0, idle_s=0.0))
    store = open_store(installation)
    phone = Phone.enrol(TestClient(create_app(installation, store)))
    phone.put(trip_id, 0, make_chunk(trip_id, 0))
    phone.finish(trip_id, 1)
    bucket = s3_url.removeprefix("s3://").partition("/")[0]
    client = s3.client()
    gone = [one["Key"] for one in client.list_objects_v2(Bucket=bucket)["Contents"]]
    bodies = {key: client.get_object(Bucket=bucket, Key=key)["Body"].read() for key in gone}
    for key in gone:
        client.delete_object(Bucket=bucket, Key=key)
    client.delete_bucket(Bucket=bucket)
    other = str(uuid.uuid4())
    answer = phone.put(other, 0, make_chunk(other, 0))
    assert (answer.status_code, answer.json()["code"], "retry-after" in answer.headers) == (503, "storage.failed", True)
    assert phone.trip(other).status_code == 404
    assert not store.objects.is_writable()
    for _ in range(installation.work.tries + 1):
        with pytest.raises(StoreAway, match="NoSuchBucket"):
            worker.work_once(store, installation)
    assert phone.trip(trip_id).json()["state"] == "queued"
    client.create_bucket(Bucket=bucket)
    for key, body in bodies.items():
        client.put_object(Bucket=bucket, Key=key, Body=body)
    assert worker.work_once(store, installation)
    assert phone.trip(trip_id).json()["state"] in ("processed", "rejected")
    store.database.close()


def test_a_place_that_cannot_be_used_is_told_at_the_start_with_a_remedy(
    s3: S3Server, s3_url: str, monkeypatch: pytest.MonkeyPatch
):
    for url, why in (("s3://no-such-bucket/x", "NoSuchBucket"), ("gs://bucket", "not the address"), ("s3://", "not the address")):
        with pytest.raises(ObjectsUnusable, match=why) as caught:
            S3Objects(url)
        assert "\n" not in str(caught.value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(ObjectsUnusable, match="does not answer") as caught:
        S3Objects(s3_url)
    assert "secret" not in str(caught.value)
