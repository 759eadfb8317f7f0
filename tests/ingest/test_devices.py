"""Tokens of devices, codes to enrol with, what a driver reads of itself, and what it reports by hand."""

from __future__ import annotations

import time
import uuid
from dataclasses import replace
from pathlib import Path

import city
import numpy as np
import pytest
from callers import Phone, make_chunk
from fastapi.testclient import TestClient
from sqlalchemy import select, update
from test_upload import code_of

from detection import STATUSES
from ingest import worker
from ingest.api import create_app
from ingest.settings import Settings
from ingest.store import Store, devices
from ingest.store.schema import Device, EnrolmentCode, Trip
from mobile_app.reports import KINDS as PHONE_KINDS
from tests.detection.street_drives import drive

REPORT = {"kind": "pothole", "place": {"latitude": 48.1, "longitude": 11.5}, "note": "deep"}


def test_a_new_token_works_and_the_one_before_for_a_day(http: TestClient, store: Store, phone: Phone, trip_id: str):
    phone.put(trip_id, 0, make_chunk(trip_id, 0))
    answer = http.post("/v1/devices/me/token", headers=phone.headers)
    assert answer.status_code == 201
    new = Phone(http, answer.json()["token"])
    assert new.trip(trip_id).status_code == phone.trip(trip_id).status_code == 200
    with store.database.write() as session:
        session.execute(update(Device).values(previous_until=time.time() - 1))
    assert code_of(phone.trip(trip_id)) == (401, "auth.invalid")
    assert new.trip(trip_id).status_code == 200


def test_the_token_before_the_last_is_void_at_once(http: TestClient, phone: Phone):
    second = Phone(http, http.post("/v1/devices/me/token", headers=phone.headers).json()["token"])
    third = Phone(http, http.post("/v1/devices/me/token", headers=second.headers).json()["token"])
    answers = [http.get("/v1/me", headers=one.headers).status_code for one in (phone, second, third)]
    assert answers == [401, 200, 200]


def test_a_revoked_device_is_unknown_from_its_next_request_on(http: TestClient, store: Store, phone: Phone, trip_id: str):
    root = city.bearer(city.user(store, "root", "admin"))
    phone.put(trip_id, 0, make_chunk(trip_id, 0))
    old = phone.headers
    new = city.bearer(http.post("/v1/devices/me/token", headers=old).json()["token"])
    assert http.post(f"/v1/devices/{phone.device_id}/revoke", headers=root).status_code == 204
    unknown = http.get("/v1/me", headers=city.bearer("cahot_unknown")).json()
    for headers in (old, new):
        answer = http.get("/v1/me", headers=headers)
        assert code_of(answer) == (401, "auth.invalid")
        assert answer.json() == unknown  # nobody learns that it was once good
    assert http.get(f"/v1/trips/{trip_id}", headers=root).json()["chunks"] == 1  # what it sent stays
    assert code_of(http.post(f"/v1/devices/{uuid.uuid4()}/revoke", headers=root)) == (404, "not_found")
    assert code_of(http.post("/v1/devices/x/revoke", headers=root)) == (422, "id.format")


def test_the_last_use_is_known_to_the_day_only(http: TestClient, store: Store, phone: Phone):
    def last_used() -> float:
        with store.database.read() as session:
            return session.scalars(select(Device.last_used)).one()

    today = devices.day_of(time.time())
    assert last_used() in (today, today - 86_400)
    with store.database.write() as session:
        session.execute(update(Device).values(last_used=today - 5 * 86_400))
    http.get("/v1/me", headers=phone.headers)
    assert last_used() >= today
    assert last_used() % 86_400 == 0


@pytest.fixture
def closed(installation: Settings, store: Store) -> TestClient:
    return TestClient(create_app(replace(installation, enrol_with_codes=True), store))


def code(store: Store, uses: int = 1, lasts_s: float = 60.0) -> str:
    with store.database.write() as session:
        return devices.add_code(session, time.time(), uses, lasts_s)


def test_a_code_enrols_as_many_devices_as_it_says(closed: TestClient, store: Store):
    given = code(store, uses=2)
    spellings = [given, given.lower().replace("-", " "), given]
    answers = [closed.post("/v1/devices", json={"code": spelling}) for spelling in spellings]
    assert [answer.status_code for answer in answers] == [201, 201, 403]
    assert code_of(answers[2]) == (403, "auth.code")


def test_a_code_is_single_use_by_default_expires_and_is_kept_as_a_hash(closed: TestClient, store: Store, installation: Settings):
    old, new = code(store, lasts_s=-1.0), code(store)
    assert code_of(closed.post("/v1/devices", json={"code": old})) == (403, "auth.code")
    store.database.close()
    kept = b"".join(path.read_bytes() for path in Path(installation.data).rglob("*") if path.is_file())
    assert not any(form.encode() in kept for form in (new, new.replace("-", "")))
    assert closed.post("/v1/devices", json={"code": new}).status_code == 201
    assert closed.post("/v1/devices", json={"code": new}).status_code == 403
    with store.database.read() as session:
        assert session.scalars(select(EnrolmentCode.uses_left)).all() == [0]


@pytest.mark.parametrize("content", [b"", b"{}", b'{"code": null}', b'{"code": ""}', b'{"code": "0000-0000-0000-0000"}'])
def test_without_a_good_code_nobody_enrols(closed: TestClient, store: Store, content: bytes):
    answer = closed.post("/v1/devices", content=content, headers={"Content-Type": "application/json"} if content else {})
    assert code_of(answer) == (403, "auth.code")
    with store.database.read() as session:
        assert session.scalars(select(Device.id)).all() == []


@pytest.mark.parametrize("kind", [{}, {"Content-Type": "application/json"}, {"Content-Type": "text/plain"}])
def test_without_need_of_codes_an_empty_body_enrols(http: TestClient, kind: dict[str, str]):
    assert http.post("/v1/devices", content=b"", headers=kind).status_code == 201
    assert http.post("/v1/devices", json={"code": "a code from last year"}).status_code == 201


@pytest.mark.parametrize(
    ("content", "expected"),
    [(b"x", "body.malformed"), (b'{"code": 5}', "field.text"), (b'{"Code": "x"}', "field.unknown"), (b"[]", "body.malformed")],
)
def test_other_bodies_are_refused(http: TestClient, content: bytes, expected: str):
    assert code_of(http.post("/v1/devices", content=content, headers={"Content-Type": "application/json"}))[1] == expected


def test_a_driver_reads_what_its_trips_brought(http: TestClient, store: Store, phone: Phone):
    nothing = {"km": 0.0, "trips": 0, "jolts": 0, "defects": 0, "repairs": 0, "first_km": 0.0, "reports": []}
    assert http.get("/v1/me", headers=phone.headers).json() == nothing
    trip = drive("trip", hits=[300.0], device=phone.device_id)
    with store.database.write() as session:
        session.add(Trip(id=trip.trip_id, device_id=phone.device_id, state="queued", created_at=time.time()))
        session.flush()
        worker._store_survey(session, trip)
    place = {"latitude": trip.jolts.latitude_deg[:1], "longitude": trip.jolts.longitude_deg[:1]}
    held = city.some_defects(here=5, away=5, beside=5, rare=2)
    near = np.array([0.0, 0.01, 0.0, 0.0]), np.array([0.0, 0.0, 0.001, 0.0])
    held = replace(held, latitude=place["latitude"] + near[0], longitude=place["longitude"] + near[1])
    held = replace(held, heading=np.full(4, trip.jolts.heading_deg[0]))
    city.put_defects(store, held)
    told = http.get("/v1/me", headers=phone.headers).json()
    assert (told["trips"], told["jolts"], told["defects"], told["repairs"]) == (1, len(trip.jolts), 1, 0)
    assert city.patch(http, city.user(store, "anna", "crew"), {"status": "repaired"}, "here").status_code == 200
    assert http.get("/v1/me", headers=phone.headers).json()["repairs"] == 1
    assert http.get("/v1/me", headers=Phone.enrol(http).headers).json() == nothing
    against = replace(held, heading=held.heading + 180.0, status=np.full(4, STATUSES.index("new"), np.int8))
    city.put_defects(store, against)
    assert http.get("/v1/me", headers=phone.headers).json()["defects"] == 0


def test_a_report_is_stored_as_written_and_read_by_crews(http: TestClient, store: Store, phone: Phone):
    crew = city.bearer(city.user(store, "anna", "crew"))
    notes = ["deep", "<b>wide</b>", ""]
    ids = [http.post("/v1/reports", json=REPORT | {"note": note}, headers=phone.headers).json()["report_id"] for note in notes]
    listed = http.get("/v1/reports", headers=crew)
    assert {(f["id"], f["properties"]["note"]) for f in listed.json()["features"]} == set(zip(ids, notes, strict=True))
    assert listed.json()["features"][0]["geometry"]["coordinates"] == [11.5, 48.1]
    assert phone.device_id not in listed.text
    pages, cursor = [], ""
    while cursor is not None:
        answer = http.get("/v1/reports", params={"limit": 2} | ({"cursor": cursor} if cursor else {}), headers=crew).json()
        pages += [feature["id"] for feature in answer["features"]]
        cursor = answer["next"]
    assert pages == [feature["id"] for feature in listed.json()["features"]]


def test_a_report_sent_twice_is_stored_once_and_goes_with_its_device(http: TestClient, store: Store, phone: Phone):
    crew, named = city.bearer(city.user(store, "anna", "crew")), REPORT | {"report_id": str(uuid.uuid4())}
    answers = [http.post("/v1/reports", json=named, headers=phone.headers) for _ in range(2)]
    assert [(answer.status_code, answer.json()["duplicate"]) for answer in answers] == [(201, False), (200, True)]
    assert code_of(http.post("/v1/reports", json=named | {"kind": "rough"}, headers=phone.headers)) == (409, "report.conflict")
    assert len(http.get("/v1/reports", headers=crew).json()["features"]) == 1
    http.delete("/v1/devices/me", headers=phone.headers)
    assert http.get("/v1/reports", headers=crew).json()["features"] == []


@pytest.mark.parametrize("kind", PHONE_KINDS)
def test_every_kind_that_the_phone_offers_is_taken_and_read_by_crews(http: TestClient, store: Store, phone: Phone, kind: str):
    assert http.post("/v1/reports", json=REPORT | {"kind": kind}, headers=phone.headers).status_code == 201
    crew = city.bearer(city.user(store, "anna", "crew"))
    assert http.get("/v1/reports", headers=crew).json()["features"][0]["properties"]["kind"] == kind


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"kind": None}, "field.missing"),
        ({"kind": "hole"}, "field.range"),
        ({"place": None}, "field.missing"),
        ({"place": {"latitude": 48.1}}, "field.missing"),
        ({"place": {"latitude": 91, "longitude": 0}}, "fix.range"),
        ({"place": {"latitude": "48", "longitude": 0}}, "fix.range"),
        ({"place": {"latitude": True, "longitude": 0}}, "fix.range"),
        ({"place": {"latitude": 48, "longitude": 11, "altitude": 3}}, "field.unknown"),
        ({"note": "x" * 2001}, "field.text"),
        ({"report_id": "../../etc"}, "id.format"),
        ({"report_id": 7}, "id.format"),
        ({"device": "x"}, "field.unknown"),
    ],
    ids=str,
)
def test_what_is_no_report_is_refused(http: TestClient, phone: Phone, changes: dict, code: str):
    answer = http.post("/v1/reports", json=REPORT | changes, headers=phone.headers)
    assert code_of(answer) == (422, code)
