"""Open311 GeoReport v2: what the specification asks, in both formats; who sees what; and the same report once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import city
import httpx
import pytest
import roads
from callers import Phone
from fastapi.testclient import TestClient

from ingest.api import create_app
from ingest.api.permissions import CREW
from ingest.settings import Limits, Rates, Settings
from ingest.store import Store
from ingest.store.reports import REPORT_KINDS

etree = pytest.importorskip("lxml.etree")
SCHEMA = Path(__file__).with_name("georeport.xsd")
V2 = "/open311/v2"
ALL = {"start_date": "2025-06-01T00:00:00Z", "end_date": "2025-08-01T00:00:00Z"}
HOLE = {"service_code": "pothole", "lat": "48.1005", "long": "11.502", "description": "Deep & <wide>\nat the corner"}


@pytest.fixture
def town(http: TestClient, store: Store) -> TestClient:
    roads.put_city(store)
    return http


def xml(answer: httpx.Response, root: str, status: int = 200) -> Any:
    """The tree, valid by the schema."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    assert answer.text.lower().startswith("<?xml version='1.0' encoding='utf-8'?>")
    tree = etree.fromstring(answer.content)
    etree.XMLSchema(etree.parse(str(SCHEMA))).assertValid(tree)
    assert tree.tag == root
    return tree


def rows(answer: httpx.Response) -> list[dict[str, Any]]:
    assert answer.status_code in (200, 201), answer.text
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    return list(answer.json())


def same(tree: Any, told: list[dict[str, Any]]) -> None:
    """XML and JSON are one answer in two forms."""
    assert len(tree) == len(told)
    for element, row in zip(tree, told, strict=True):
        words = {True: "true", False: "false"}
        expected = {n: "" if v in (None, []) else words[v] if isinstance(v, bool) else str(v) for n, v in row.items()}
        assert {child.tag: child.text or "" for child in element} == expected


def test_services_and_their_definitions_are_valid_in_both_forms(town: TestClient):
    told = rows(town.get(f"{V2}/services.json"))
    same(xml(town.get(f"{V2}/services.xml"), "services"), told)
    assert {row["service_code"] for row in told} == set(REPORT_KINDS)
    for row in told:
        assert row["metadata"] is False
        path = f"{V2}/services/{row['service_code']}"
        assert town.get(f"{path}.json").json() == {"service_code": row["service_code"], "attributes": []}
        assert xml(town.get(f"{path}.xml"), "service_definition")[0].text == row["service_code"]


def test_a_client_finds_the_endpoint_by_its_discovery(town: TestClient):
    told = town.get(f"{V2}/discovery.json").json()
    (endpoint,) = told["endpoints"]
    assert endpoint["specification"] == "http://wiki.open311.org/GeoReport_v2"
    assert town.get(f"{endpoint['url']}/services.json").json() == town.get(f"{V2}/services.json").json()
    tree = etree.fromstring(town.get(f"{V2}/discovery.xml").content)
    assert tree.findtext("endpoints/endpoint/url") == endpoint["url"]
    assert [one.text for one in tree.findall("endpoints/endpoint/formats/format")] == endpoint["formats"]
    for kind in endpoint["formats"]:
        form = kind.rpartition("/")[2]
        assert town.get(f"{endpoint['url']}/services.{form}").headers["content-type"].startswith(kind)


@pytest.mark.both_databases
def test_requests_are_the_defects_that_all_may_see(town: TestClient, store: Store):
    told = rows(town.get(f"{V2}/requests.json", params=ALL))
    same(xml(town.get(f"{V2}/requests.xml", params=ALL), "service_requests"), told)
    shown = {f["id"]: f for f in town.get("/v1/defects?limit=1000").json()["features"]}
    assert {row["service_request_id"] for row in told} == {f"d-{name}" for name in shown}
    for row in told:
        feature = shown[row["service_request_id"][2:]]
        assert [row["long"], row["lat"]] == feature["geometry"]["coordinates"]
        assert row["service_code"] == feature["properties"]["kind"]
        assert row["requested_datetime"] == feature["properties"]["first_seen"]
    crew = city.bearer(city.user(store, "cleo", CREW))
    assert rows(town.get(f"{V2}/requests.json", params=ALL, headers=crew)) == told, "nor do users see more here"
    assert town.get(f"{V2}/requests/d-d{roads.SEEN:06d}.json").status_code == 404


@pytest.mark.both_databases
def test_filters_are_those_of_the_specification(town: TestClient, store: Store):
    token = city.user(store, "cleo", CREW)
    for name, status in (("d000001", "repaired"), ("d000002", "dismissed"), ("d000003", "confirmed")):
        assert city.patch(town, token, {"status": status}, name).status_code == 200

    def ids(**query: str) -> set[str]:
        return {row["service_request_id"] for row in rows(town.get(f"{V2}/requests.json", params=query))}

    everything = ids(**ALL)
    assert ids(**ALL, status="closed") == {"d-d000001", "d-d000002"}
    assert ids(**ALL, status="open") == everything - {"d-d000001", "d-d000002"}
    assert ids(**ALL, status="open,closed") == everything == ids(**ALL, status="", service_code="")
    joints = ids(**ALL, service_code="joint")
    assert joints | ids(**ALL, service_code="pothole") == everything == ids(**ALL, service_code="joint, pothole")
    assert 0 < len(joints) < len(everything)
    assert ids() == set(), "without dates: the last 90 days"
    assert ids(start_date="2025-01-01T00:00:00Z") == set(), "no more than 90 days after it"
    assert ids(start_date="2025-06-15T23:59:59+00:00") == everything, "times are days"
    assert ids(start_date="2025-06-16T00:00:00Z") == set()
    assert ids(service_request_id="d-d000001,d-none, d-d000003", status="open") == {"d-d000001", "d-d000003"}
    one = rows(town.get(f"{V2}/requests/d-d000001.json"))
    assert [(row["status"], row["status_notes"]) for row in one] == [("closed", "repaired")]
    same(xml(town.get(f"{V2}/requests/d-d000001.xml"), "service_requests"), one)


@pytest.mark.both_databases
def test_a_posted_report_is_stored_once_and_can_be_found(town: TestClient, store: Store):
    posted = town.post(f"{V2}/requests.json", data=HOLE | {"email": "a@b.example", "first_name": "Ada", "phone": "123"})
    assert posted.status_code == 201
    name = posted.json()[0]["service_request_id"]
    again = town.post(f"{V2}/requests.xml", data=HOLE)
    assert xml(again, "service_requests")[0][0].text == name
    found = rows(town.get(f"{V2}/requests.json"))
    assert [row["service_request_id"] for row in found] == [name]
    assert (found[0]["status"], found[0]["description"], found[0]["lat"]) == ("open", HOLE["description"], 48.1005)
    same(xml(town.get(f"{V2}/requests.xml"), "service_requests"), found)
    assert rows(town.get(f"{V2}/requests/{name}.json")) == found
    other = town.post(f"{V2}/requests.json", data=HOLE | {"description": "another"})
    assert other.json()[0]["service_request_id"] != name
    lamp = town.post(f"{V2}/requests.json", data=HOLE | {"service_code": "lamp"}).json()[0]["service_request_id"]
    assert [r["service_request_id"] for r in rows(town.get(f"{V2}/requests.json?service_code=lamp"))] == [lamp]
    crew = city.bearer(city.user(store, "cleo", CREW))
    reports = town.get("/v1/reports", headers=crew)
    assert {f["properties"]["note"] for f in reports.json()["features"]} == {HOLE["description"], "another"}
    assert "Ada" not in reports.text


def test_what_drivers_report_from_their_phones_is_not_told(town: TestClient):
    phone = Phone.enrol(town)
    place = {"latitude": 48.1, "longitude": 11.5}
    answer = town.post("/v1/reports", json={"kind": "pothole", "place": place, "note": "mine"}, headers=phone.headers)
    assert rows(town.get(f"{V2}/requests.json")) == []
    assert town.get(f"{V2}/requests/r-{answer.json()['report_id']}.json").status_code == 404


UNUSABLE: tuple[tuple[dict[str, str], int], ...] = (
    ({"service_code": "weather"}, 400),
    ({"service_code": ""}, 400),
    ({"lat": ""}, 400),
    ({"lat": "91"}, 400),
    ({"long": "nan"}, 400),
    ({"description": "x" * 2001}, 400),
    ({"description": "\u202eevil"}, 400),
    ({"api_key": "cahotuser_nobody"}, 403),
)


def test_an_unusable_report_is_an_error_in_the_form_asked_for(town: TestClient):
    for fields, status in UNUSABLE:
        answer = town.post(f"{V2}/requests.json", data=HOLE | fields)
        assert answer.status_code == status, fields
        (told,) = answer.json()
        assert told["code"] == status
        tree = xml(town.post(f"{V2}/requests.xml", data=HOLE | fields), "errors", status)
        assert tree[0][1].text == told["description"]
    assert rows(town.get(f"{V2}/requests.json")) == []


def test_other_bodies_and_unknown_things_are_errors_too(town: TestClient):
    assert xml(town.post(f"{V2}/requests.xml", json=HOLE), "errors", 415)[0][0].text == "415"
    binary = {"Content-Type": "application/x-www-form-urlencoded"}
    assert town.post(f"{V2}/requests.json", content=b"lat=\xff", headers=binary).status_code == 400
    assert town.post(f"{V2}/requests.json", content=b"a=%ff", headers=binary).status_code == 400
    assert xml(town.get(f"{V2}/services/weather.xml"), "errors", 404) is not None
    assert xml(town.get(f"{V2}/requests/x.xml"), "errors", 404) is not None
    for query in (
        {"status": "new"},
        {"service_code": "x"},
        {"start_date": "May"},
        {"start_date": ALL["end_date"], "end_date": ALL["start_date"]},
    ):
        assert xml(town.get(f"{V2}/requests.xml", params=query), "errors", 400) is not None
    assert town.get(f"{V2}/services.yaml").status_code == 400


def test_where_devices_need_codes_a_report_needs_a_key(installation: Settings, store: Store):
    http = TestClient(create_app(replace(installation, enrol_with_codes=True), store))
    assert http.post(f"{V2}/requests.json", data=HOLE).status_code == 403
    key = city.user(store, "the 311 centre", CREW)
    assert http.post(f"{V2}/requests.json", data=HOLE | {"api_key": key}).status_code == 201


def test_reports_without_a_key_share_the_bounds_of_the_pages_form(installation: Settings, store: Store):
    rules = replace(
        installation, rates=replace(Rates(), trusted=(), reports_burst=3.0), limits=replace(Limits(), reports_a_day=4)
    )
    http = TestClient(create_app(rules, store), client=("203.0.113.9", 1))
    answers = [http.post(f"{V2}/requests.json", data=HOLE | {"description": str(n)}) for n in range(4)]
    assert [answer.status_code for answer in answers] == [201] * 3 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0
    assert answers[-1].json()[0]["code"] == 429
    others = TestClient(create_app(rules, store), client=("203.0.113.10", 1))
    place = {"latitude": 48.1, "longitude": 11.5}
    assert others.post("/v1/reports", json={"kind": "lamp", "place": place}).status_code == 201
    assert others.post("/v1/reports", json={"kind": "lamp", "place": place}).status_code == 429, "four came today"
    assert others.post(f"{V2}/requests.json", data=HOLE | {"description": "late"}).status_code == 429
    key = city.user(store, "the 311 centre", CREW)
    assert others.post(f"{V2}/requests.json", data=HOLE | {"description": "late", "api_key": key}).status_code == 201
