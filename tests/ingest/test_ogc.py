"""/ogc as the standard asks: each answer against its schema, pages that hold everything once, filters, and who sees what."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import city
import jsonschema
import ogc_schemas as schemas
import pytest
import roads
from callers import Phone
from fastapi.testclient import TestClient
from test_upload import code_of

from ingest.api import create_app
from ingest.api.ogc_query import interval
from ingest.api.permissions import ADMIN, ANALYST, CREW
from ingest.settings import Settings
from ingest.store import Store

DEFECTS = "/ogc/collections/defects/items"


@pytest.fixture
def town(http: TestClient, store: Store) -> TestClient:
    roads.put_city(store)
    return http


def valid(answer: Any, schema: dict[str, Any], media_type: str = "application/json") -> Any:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].split(";")[0] == media_type
    jsonschema.validate(answer.json(), schema, format_checker=jsonschema.FormatChecker())
    return answer.json()


def pages(http: TestClient, address: str, **headers: str) -> list[dict[str, Any]]:
    """All features, by the `next` links alone; each page is valid and its counts are right."""
    found: list[dict[str, Any]] = []
    while address:
        page = valid(http.get(address, headers=headers), schemas.FEATURES, "application/geo+json")
        assert page["numberReturned"] == len(page["features"])
        found += page["features"]
        address = next((link["href"] for link in page["links"] if link["rel"] == "next"), "")
    assert page["numberMatched"] == len(found)
    return found


def link(told: dict[str, Any], rel: str) -> str:
    return next(str(one["href"]) for one in told["links"] if one["rel"] == rel)


@pytest.mark.both_databases
def test_everything_is_found_by_its_links_from_the_landing_page(town: TestClient):
    landing = valid(town.get("/ogc"), schemas.LANDING)
    assert town.get("/ogc/").json() == landing
    conforms = valid(town.get(link(landing, "conformance")), schemas.CONFORMANCE)["conformsTo"]
    assert {uri.rsplit("/", 1)[1] for uri in conforms} == {"core", "geojson", "oas30"}
    assert town.get(link(landing, "service-doc")).status_code == 200
    for told in valid(town.get(link(landing, "data")), schemas.COLLECTIONS)["collections"]:
        assert valid(town.get(link(told, "self")), schemas.COLLECTION) == told
        features = pages(town, f"{link(told, 'items')}?limit=100")
        west, south, east, north = told["extent"]["spatial"]["bbox"][0]
        one = valid(town.get(f"{link(told, 'items')}/{features[0]['id']}"), schemas.FEATURE, "application/geo+json")
        assert {name: one[name] for name in features[0]} == features[0]
        for feature in features:
            held = feature["geometry"]["coordinates"]
            for longitude, latitude in held if feature["geometry"]["type"] == "LineString" else [held]:
                assert west <= longitude <= east
                assert south <= latitude <= north


def test_the_definition_has_a_path_for_each_collection_and_each_parameter_is_taken(town: TestClient):
    answer = town.get("/ogc/api")
    assert answer.headers["content-type"] == "application/vnd.oai.openapi+json;version=3.0"
    told = answer.json()
    assert told["openapi"].startswith("3.0")
    tried = {"f": "json", "bbox": "11,48,12,49", "limit": "5", "datetime": "../2030-01-01T00:00:00Z", "cursor": "1"}
    tried |= {"kind": "pothole,joint", "status": "new", "min_confidence": "0.7"}
    collections = [path for path in told["paths"] if path.endswith("/items")]
    assert {path.split("/")[2] for path in collections} == {"defects", "roughness", "coverage", "crossings"}
    for path in collections:
        for parameter in told["paths"][path]["get"]["parameters"]:
            name = parameter["name"]
            assert town.get(f"/ogc{path}", params={name: tried[name]}).status_code == 200, (path, name)


@pytest.mark.both_databases
def test_pages_hold_each_feature_once_whatever_their_size(town: TestClient):
    whole = [feature["id"] for feature in pages(town, f"{DEFECTS}?limit=10000")]
    assert len(whole) == roads.SEEN
    for limit in (49, 125, 250, 251):
        assert [feature["id"] for feature in pages(town, f"{DEFECTS}?limit={limit}")] == whole
    assert len(pages(town, DEFECTS)) == roads.SEEN
    assert [f["id"] for f in pages(town, f"{DEFECTS}?limit=1&min_confidence=0.96")] == whole[-len(whole) + 241 :]


def test_more_than_the_most_is_given_in_the_most(town: TestClient):
    assert town.get(DEFECTS, params={"limit": "999999999999"}).json()["numberReturned"] == roads.SEEN


@pytest.mark.both_databases
def test_filters_choose_as_they_do_in_v1(town: TestClient):
    for query in (
        {"bbox": "11.4999,48.0999,11.5049,48.1015"},
        {"kind": "pothole"},
        {"status": "confirmed"},
        {"min_confidence": "0.9"},
        {"bbox": "11.4999,48.0999,11.5049,48.1015", "kind": "joint,pothole", "min_confidence": "0.4"},
    ):
        ours = [f["id"] for f in town.get(DEFECTS, params={**query, "limit": "1000"}).json()["features"]]
        assert ours == [f["id"] for f in town.get("/v1/defects", params=query).json()["features"]]
    assert [f["id"] for f in pages(town, f"{DEFECTS}?bbox=11.4999,48.0999,-5,11.5001,48.1001,5")] == ["d000000"]


@pytest.mark.both_databases
def test_a_time_chooses_what_is_shown_as_seen_then(town: TestClient):
    """Decided by the days that are shown, so that asking for many times tells no more than the answers do."""
    shown = {f["id"]: f["properties"] for f in pages(town, f"{DEFECTS}?limit=10000")}
    for wanted, since, until in (
        ("2025-12-01T00:00:00Z/2026-01-01T00:00:00Z", "2025-12-01T00:00:00Z", "2026-01-01T00:00:00Z"),
        ("2025-12-01T00:00:01Z/..", "2025-12-01T00:00:01Z", "9999"),
        ("../2025-06-14T23:59:59Z", "0", "2025-06-14T23:59:59Z"),
        ("../2025-06-15T00:00:00Z", "0", "2025-06-15T00:00:00Z"),
        ("2025-12-01T12:00:00+01:00", "2025-12-01T11:00:00Z", "2025-12-01T11:00:00Z"),
        ("2025-12-01/2025-12-24", "2025-12-01T00:00:00Z", "2025-12-24T00:00:00Z"),
    ):
        expected = [name for name, p in shown.items() if p["last_seen"] >= since and p["first_seen"] <= until]
        answer = town.get(DEFECTS, params={"datetime": wanted, "limit": "1000"})
        assert [f["id"] for f in answer.json()["features"]] == expected, wanted
        assert answer.json()["numberMatched"] == len(expected)
    streets = town.get("/ogc/collections/roughness/items", params={"datetime": "1999-01-01T00:00:00Z"}).json()
    assert streets["numberMatched"] == 12, "what has no time fits any"


def test_no_finer_time_than_a_day_decides():
    assert interval("2026-05-04T00:00:00Z/2026-05-06T23:59:59Z") == interval("2026-05-03T00:00:01Z/2026-05-06T00:00:00Z")


UNUSABLE = (
    (f"{DEFECTS}?speed=5", "speed"),
    (f"{DEFECTS}?f=html", "f"),
    ("/ogc?f=html", "f"),
    ("/ogc/collections?bbox=1,2,3,4", "bbox"),
    (f"{DEFECTS}?bbox=1,2,3", "bbox"),
    (f"{DEFECTS}?bbox=1,9,3,4", "bbox"),
    (f"{DEFECTS}?bbox=nan,2,3,4", "bbox"),
    (f"{DEFECTS}?bbox=", "bbox"),
    (f"{DEFECTS}?limit=0", "limit"),
    (f"{DEFECTS}?limit=-5", "limit"),
    (f"{DEFECTS}?limit=x", "limit"),
    (f"{DEFECTS}?limit=", "limit"),
    (f"{DEFECTS}?datetime=yesterday", "datetime"),
    (f"{DEFECTS}?datetime=../..", "datetime"),
    (f"{DEFECTS}?datetime=2026-05-05T00:00:00Z/2026-05-04T00:00:00Z", "datetime"),
    (f"{DEFECTS}?kind=hole", "kind"),
    (f"{DEFECTS}?kind=pothole&kind=joint", "query"),
    (f"{DEFECTS}?min_confidence=nan", "min_confidence"),
    (f"{DEFECTS}?cursor=%00", "cursor"),
    ("/ogc/collections/roughness/items?cursor=x", "cursor"),
    ("/ogc/collections/roughness/items?kind=pothole", "kind"),
)


def test_what_cannot_be_used_is_a_400_that_names_the_parameter(town: TestClient):
    for path, field in UNUSABLE:
        answer = town.get(path)
        assert code_of(answer) == (400, "query.unusable"), path
        assert answer.json()["field"] == field


def test_what_is_not_there_is_a_404(town: TestClient):
    for path in ("streets", "streets/items", "defects/items/none", "roughness/items/99", "roughness/items/x"):
        assert code_of(town.get(f"/ogc/collections/{path}")) == (404, "not_found")


@pytest.mark.both_databases
def test_nobody_but_users_sees_what_few_passed(town: TestClient, store: Store):
    few = f"d{roads.SEEN:06d}"
    phone = Phone.enrol(town)
    for headers in ({}, phone.headers):
        assert few not in [f["id"] for f in pages(town, f"{DEFECTS}?limit=1000", **headers)]
        nowhere, hidden = (town.get(f"{DEFECTS}/{name}", headers=headers) for name in ("nowhere", few))
        assert (hidden.status_code, hidden.json()["detail"]) == (404, nowhere.json()["detail"])
    crew = city.bearer(city.user(store, "cleo", CREW))
    assert len(pages(town, f"{DEFECTS}?limit=1000", **crew)) == roads.SEEN + roads.RARE
    assert town.get(f"{DEFECTS}/{few}", headers=crew).status_code == 200
    north = [town.get("/ogc/collections/defects", headers=headers).json()["extent"] for headers in ({}, crew)]
    assert north[0]["spatial"]["bbox"][0][3] < north[1]["spatial"]["bbox"][0][3], "nor how far they reach"


@pytest.mark.both_databases
def test_jolts_are_for_analysts_alone(town: TestClient, store: Store):
    names = [told["id"] for told in town.get("/ogc/collections").json()["collections"]]
    assert names == ["defects", "roughness", "coverage", "crossings"]
    paths = ("/ogc/collections/jolts", "/ogc/collections/jolts/items", f"/ogc/collections/jolts/items/{roads.TRIP}.0")
    crew = city.bearer(city.user(store, "cleo", CREW))
    for path in paths:
        assert code_of(town.get(path)) == (401, "auth.missing")
        for headers in (crew, Phone.enrol(town).headers):
            assert code_of(town.get(path, headers=headers)) == (403, "auth.role")
    for role in (ANALYST, ADMIN):
        headers = city.bearer(city.user(store, f"the-{role}", role))
        for path in paths:
            assert town.get(path, headers=headers).status_code == 200
        jolts = pages(town, f"{paths[1]}?limit=7", **headers)
        assert [f["id"] for f in jolts] == [f"{roads.TRIP}.{number}" for number in (*range(19),)], "the 20th has no place"
        assert len(pages(town, f"{paths[1]}?kind=joint", **headers)) == 0


def test_links_have_the_address_that_others_know(tmp_path: Path, store: Store):
    roads.put_city(store)
    behind = Settings(tmp_path, https=True)
    http = TestClient(create_app(behind, store), base_url="http://roads.example.org")
    assert link(http.get("/ogc").json(), "data") == "https://roads.example.org/ogc/collections"
    named = Settings(tmp_path, public_url="https://city.example/roads/")
    http = TestClient(create_app(named, store))
    told = http.get(f"{DEFECTS}?limit=1&kind=joint").json()
    assert link(told, "next") == f"https://city.example/roads{DEFECTS}?limit=1&kind=joint&cursor=d000001"
    assert http.get("/ogc/api").json()["servers"] == [{"url": "https://city.example/roads/ogc"}]


def test_an_unchanged_page_is_not_sent_again(town: TestClient):
    tag = town.get(DEFECTS).headers["etag"]
    assert town.get(DEFECTS, headers={"If-None-Match": tag}).status_code == 304
