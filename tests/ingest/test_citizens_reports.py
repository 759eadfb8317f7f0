"""Reports by anyone: joined by place and kind, never doubled, and their writer hears what became of them."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

import city
import pytest
from callers import Phone
from fastapi.testclient import TestClient
from test_upload import code_of

from ingest.api import create_app
from ingest.settings import Limits, Rates, Settings
from ingest.store import Store, audit
from ingest.store.reports import REPORT_KINDS

METRE = 1 / 111_195.0
HERE, THERE = (48.101, 11.5), (48.105, 11.5)  # at the defect `common`, and where nothing is


def report(http: TestClient, at: tuple[float, float], kind: str = "pothole", headers: Any = None, **more: Any) -> Any:
    place = {"latitude": at[0], "longitude": at[1]}
    return http.post("/v1/reports", json={"kind": kind, "place": place, **more}, headers=headers)


def state(http: TestClient, told: dict[str, Any]) -> dict[str, Any]:
    answer = http.get(f"/v1/reports/{told['report_id']}", headers={"Report-Receipt": told["receipt"]})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.fixture
def anna(store: Store) -> str:
    city.put_defects(store)
    return city.user(store, "anna", "crew")


@pytest.mark.both_databases
def test_anyone_reports_and_hears_what_becomes_of_it(http: TestClient, store: Store, anna: str):
    answer = report(http, HERE, note="deep")
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert (told["defect_id"], told["same_as"], told["duplicate"]) == (city.COMMON, None, False)
    assert state(http, told)["status"] == "new"
    city.patch(http, anna, {"status": "scheduled"})
    assert state(http, told)["status"] == "scheduled"
    assert city.defect(http, anna)["reports"][0]["note"] == "deep"
    for headers in ({}, {"Report-Receipt": "wrong"}, Phone.enrol(http).headers):
        assert code_of(http.get(f"/v1/reports/{told['report_id']}", headers=headers)) == (404, "not_found")
    nowhere = http.get(f"/v1/reports/{uuid.uuid4()}")
    assert nowhere.json() == http.get(f"/v1/reports/{told['report_id']}").json()


def test_a_place_that_few_passed_is_not_given_away(http: TestClient, anna: str):
    told = report(http, (48.1, 11.5)).json()  # the defect `rare`
    assert told["defect_id"] is None
    assert state(http, told)["defect_id"] is None
    users = http.get(f"/v1/reports/{told['report_id']}", headers=city.bearer(anna)).json()
    assert users["defect_id"] == city.RARE


@pytest.mark.parametrize(
    ("metres", "kind", "joins"),
    [
        (0, "pothole", True),
        (14, "rough", True),
        (16, "pothole", False),
        (0, "speed_bump", False),
        (0, "unknown", True),
        (0, "lamp", False),
    ],
)
def test_a_report_joins_the_defect_of_its_place_and_kind(http: TestClient, anna: str, metres: float, kind: str, joins: bool):
    told = report(http, (HERE[0] + metres * METRE, HERE[1]), kind).json()
    assert (told["defect_id"] == city.COMMON) is joins


@pytest.mark.parametrize("kind", ["lamp", "graffiti", "sign_not_visible", "other", "pothole"])
def test_two_reports_of_one_thing_are_one_to_look_at(http: TestClient, anna: str, kind: str):
    first, second = report(http, THERE, kind).json(), report(http, (THERE[0] + 10 * METRE, THERE[1]), kind).json()
    other = report(http, THERE, "speed_bump" if kind == "graffiti" else "graffiti").json()
    assert (first["same_as"], second["same_as"], other["same_as"]) == (None, first["report_id"], None)
    listed = http.get("/v1/reports", headers=city.bearer(anna)).json()["features"]
    assert [f["id"] for f in listed if f["properties"]["same_as"] is None] == [other["report_id"], first["report_id"]]
    near = http.get("/v1/reports", params={"bbox": "0,0,1,1"}, headers=city.bearer(anna)).json()["features"]
    assert near == []


def test_a_defect_that_is_found_later_answers_its_reports(http: TestClient, store: Store):
    told = report(http, HERE).json()
    assert told["defect_id"] is None
    city.put_defects(store)
    assert state(http, told)["defect_id"] == city.COMMON


def test_a_crew_answers_what_no_car_feels(http: TestClient, store: Store, anna: str):
    told = report(http, THERE, "lamp").json()
    answer = http.patch(
        f"/v1/reports/{told['report_id']}", json={"status": "repaired", "answer": "new bulb"}, headers=city.bearer(anna)
    )
    assert answer.status_code == 200, answer.text
    assert {name: state(http, told)[name] for name in ("status", "answer")} == {"status": "repaired", "answer": "new bulb"}
    with store.database.read() as session:
        assert [entry.what for entry in audit.entries(session)][-1] == "report.status"
    for fields, code in (({}, "field.missing"), ({"status": "gone"}, "field.range"), ({"answer": "\x00"}, "field.text")):
        answer = http.patch(f"/v1/reports/{told['report_id']}", json=fields, headers=city.bearer(anna))
        assert code_of(answer) == (422, code)


def test_a_device_lists_its_own_reports_and_they_go_with_it(http: TestClient, phone: Phone, anna: str):
    told = report(http, HERE, headers=phone.headers).json()
    report(http, THERE)
    (own,) = http.get("/v1/me", headers=phone.headers).json()["reports"]
    assert (own["report_id"], own["defect_id"], own["status"]) == (told["report_id"], city.COMMON, "new")
    assert http.get(f"/v1/reports/{told['report_id']}", headers=phone.headers).json() == own
    assert http.delete("/v1/devices/me", headers=phone.headers).status_code == 204
    assert len(http.get("/v1/reports", headers=city.bearer(anna)).json()["features"]) == 1


def test_sent_again_after_a_lost_answer_it_is_stored_once_with_a_new_receipt(http: TestClient):
    named = {"report_id": str(uuid.uuid4())}
    first, again = report(http, HERE, **named), report(http, HERE, **named)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["duplicate"]
    assert state(http, again.json())["kind"] == "pothole"
    assert code_of(report(http, THERE, **named)) == (409, "report.conflict")


def test_the_kinds_are_those_of_the_phone(http: TestClient, phone: Phone):
    for kind in ("pothole", "speed_bump", "joint", "rough", "lamp", "graffiti", "sign_not_visible", "unknown"):
        assert report(http, THERE, kind, headers=phone.headers).status_code == 201
    assert "other" in REPORT_KINDS
    assert code_of(report(http, THERE, "elephant")) == (422, "field.range")


def test_one_address_sends_few_and_all_together_a_bounded_number(installation: Settings, store: Store):
    rules = replace(
        installation, rates=replace(Rates(), trusted=(), reports_burst=3.0), limits=replace(Limits(), reports_a_day=4)
    )
    http = TestClient(create_app(rules, store), client=("192.0.2.1", 1))
    answers = [report(http, THERE) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [201, 201, 201, 429]
    assert int(answers[-1].headers["retry-after"]) > 0
    others = TestClient(create_app(rules, store), client=("192.0.2.2", 1))
    assert [report(others, THERE).status_code for _ in range(2)] == [201, 429]
    assert report(others, THERE, headers=Phone.enrol(others).headers).status_code == 201, "devices have buckets of their own"
