"""Who may call what: every route for every role, and two devices against each other."""

from __future__ import annotations

import logging
import re
import uuid
from pathlib import Path

import city
import pytest
from callers import Phone, json_chunk, make_chunk
from fastapi.testclient import TestClient
from test_upload import code_of

from ingest.api import PARTS, create_app
from ingest.api.access import ANYONE, DRIVER
from ingest.api.permissions import ADMIN, ANALYST, CREW, WHO_MAY
from ingest.settings import Settings
from ingest.store import Store

ROLES = (ANYONE, DRIVER, CREW, ANALYST, ADMIN)
UNGATED = {("GET", "/openapi.json"), ("GET", "/")}  # no secrets there, and no route of ours: docs/roles.md
DEVICE = "0b54a6a3-3c7e-4a43-8f5a-0d6d1c7a9e10"
PLACES = {"{device_id}": DEVICE, "{trip_id}": DEVICE, "{number}": "0", "{defect_id}": city.COMMON, "{report_id}": DEVICE}
PLACES |= {"{collection_id}": "defects", "{feature_id}": city.COMMON, "{z}": "0", "{x}": "0", "{y}": "0", "{photo_id}": "0" * 16}
PLACES |= {"{form}": "xml", "{code}": "pothole", "{request_id}": f"d-{city.COMMON}"}


def headers_of(store: Store, http: TestClient, role: str) -> dict[str, str]:
    if role == ANYONE:
        return {}
    return Phone.enrol(http).headers if role == DRIVER else city.bearer(city.user(store, f"the-{role}", role))


def routes() -> set[tuple[str, str]]:
    return {(method, route.path) for part in PARTS for route in part.router.routes for method in route.methods}


def test_every_route_has_a_row_and_every_row_a_route():
    assert routes() == set(WHO_MAY)


def test_nothing_is_described_that_has_no_row(http: TestClient):
    told = http.get("/openapi.json").json()["paths"]
    assert {(method.upper(), path) for path, methods in told.items() for method in methods} <= set(WHO_MAY)


def test_a_route_without_a_row_is_for_nobody(installation: Settings, store: Store):
    app = create_app(installation, store)
    mounted = app.router.routes.pop()  # the map page's files answer everything that comes after them
    app.add_api_route("/v1/forgotten", lambda: {"secret": 1})
    app.router.routes.append(mounted)
    http = TestClient(app)
    for role in ROLES:
        answer = http.get("/v1/forgotten", headers=headers_of(store, http, role))
        assert code_of(answer) == ((401, "auth.missing") if role == ANYONE else (403, "auth.role"))


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("method", "path"), sorted(WHO_MAY), ids=lambda word: word.strip("/").replace("/", "-"))
def test_each_role_gets_into_exactly_its_routes(http: TestClient, store: Store, method: str, path: str, role: str):
    city.put_defects(store)
    for name, value in PLACES.items():
        path = path.replace(name, value)
    known = next(row for (verb, template), row in WHO_MAY.items() if verb == method and matches(template, path))
    ending = {"seconds": 0} if path == "/v1/live" else None  # else it would not end
    answer = http.request(method, path, headers=headers_of(store, http, role), params=ending)
    if role in known:
        assert answer.status_code not in (401, 403, 500), answer.text
    else:
        assert code_of(answer) == ((401, "auth.missing") if role == ANYONE else (403, "auth.role"))


def matches(template: str, path: str) -> bool:
    return re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template)), path) is not None and (
        "{" in template or template == path
    )


def test_the_documentation_shows_the_table():
    text = (Path(__file__).parents[2] / "docs" / "roles.md").read_text()
    head = re.search(r"^\| call \| (.*) \|$", text, re.MULTILINE)
    assert head[1].split(" | ") == list(ROLES)
    rows = re.findall(r"^\| `([A-Z]+) (\S+)` \|(.*)\|$", text, re.MULTILINE)
    shown = {
        (verb, path): {r for r, cell in zip(ROLES, marks.split("|"), strict=True) if "●" in cell} for verb, path, marks in rows
    }
    assert shown == {row: set(allowed) for row, allowed in WHO_MAY.items()}


def test_the_handbook_says_for_whom_each_call_is(http: TestClient):
    page = http.get("/docs").text
    after = page.partition("PATCH /v1/defects/{defect_id}")[2]
    assert "<p>For crew or an administrator.</p>" in after[: after.index("<h2>")]


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer cahotuser_nobody"}, {"Authorization": "Bearer x"}])
def test_documentation_and_page_need_nobody(http: TestClient, headers: dict[str, str]):
    for method, path in UNGATED:
        assert http.request(method, path, headers=headers).status_code == 200


def test_a_wrong_token_is_told_even_where_none_is_needed(http: TestClient):
    for path in ("/v1/defects", "/v1/defects/x", "/v1/session"):
        assert code_of(http.get(path, headers=city.bearer("cahotuser_old"))) == (401, "auth.invalid")


def test_whether_the_server_lives_is_answered_without_asking_who(http: TestClient, store: Store):
    store.database.close()
    assert http.get("/healthz", headers=city.bearer("anything")).status_code == 200


def test_two_devices_never_reach_each_others_things(http: TestClient, store: Store):
    """Broken object level authorisation: a route with an id of one device, called by another, is a 404 as for no such id."""
    one, other, trip, absent = Phone.enrol(http), Phone.enrol(http), str(uuid.uuid4()), str(uuid.uuid4())
    for mine in (trip,):
        assert one.put(mine, 0, make_chunk(mine, 0)).status_code == 201
    own = {
        ("PUT", "/v1/trips/{trip_id}/chunks/{number}"): lambda trip: other.put_json(trip, 1, json_chunk()),
        ("POST", "/v1/trips/{trip_id}/finish"): lambda trip: other.finish(trip, 1),
        ("GET", "/v1/trips/{trip_id}"): other.trip,
        ("DELETE", "/v1/trips/{trip_id}"): lambda trip: http.delete(f"/v1/trips/{trip}", headers=other.headers),
    }
    with_ids = {row for row, allowed in WHO_MAY.items() if "{" in row[1] and DRIVER in allowed and ANYONE not in allowed}
    assert set(own) == with_ids  # a new route with an id needs its line here
    for call in own.values():
        assert code_of(call(trip)) == (404, "not_found")
    for row in (("POST", "/v1/trips/{trip_id}/finish"), ("GET", "/v1/trips/{trip_id}")):
        assert own[row](trip).json() == own[row](absent).json()
    assert one.trip(trip).json()["chunks"] == 1
    assert one.trip(trip).json()["state"] == "receiving"
    other_report = {"kind": "pothole", "place": {"latitude": 48.1, "longitude": 11.5}, "note": "mine", "report_id": absent}
    assert http.post("/v1/reports", json=other_report, headers=one.headers).status_code == 201
    assert code_of(http.post("/v1/reports", json=other_report, headers=other.headers)) == (409, "report.conflict")
    assert http.delete("/v1/devices/me", headers=other.headers).status_code == 204
    assert one.trip(trip).json()["chunks"] == 1


def test_an_analyst_reads_any_trip_and_a_crew_none(http: TestClient, store: Store, phone: Phone, trip_id: str):
    phone.put(trip_id, 0, make_chunk(trip_id, 0))
    for role, status in ((ANALYST, 200), (ADMIN, 200), (CREW, 403)):
        answer = http.get(f"/v1/trips/{trip_id}", headers=headers_of(store, http, role))
        assert answer.status_code == status
        assert phone.device_id not in answer.text
    assert http.get(f"/v1/trips/{uuid.uuid4()}", headers=headers_of(store, http, ANALYST)).status_code == 404


def test_the_public_sees_what_k_devices_passed_and_users_see_everything(http: TestClient, store: Store):
    city.put_defects(store)
    for role in ROLES:
        headers = headers_of(store, http, role)
        listed = http.get("/v1/defects", headers=headers)
        shown = {feature["id"] for feature in listed.json()["features"]}
        sees = role in (CREW, ANALYST, ADMIN)
        assert shown == ({city.RARE, city.COMMON} if sees else {city.COMMON})
        assert listed.json()["k"] == (1 if sees else 3)
        assert http.get(f"/v1/defects/{city.RARE}", headers=headers).status_code == (200 if sees else 404)
        for answer in (listed, http.get(f"/v1/defects/{city.COMMON}", headers=headers)):
            assert answer.headers["cache-control"] == ("private, no-cache" if sees else "no-cache")
            assert {"authorization", "cookie"} <= {word.strip().lower() for word in answer.headers["vary"].split(",")}


def test_the_tag_of_one_roles_answer_is_not_the_others(http: TestClient, store: Store):
    city.put_defects(store)
    crew = headers_of(store, http, CREW)
    for path in ("/v1/defects", f"/v1/defects/{city.COMMON}"):
        tag = http.get(path, headers=crew).headers["etag"]
        assert http.get(path, headers=crew | {"If-None-Match": tag}).status_code == 304
        assert http.get(path, headers={"If-None-Match": tag}).status_code == 200


def test_denied_calls_and_unknown_tokens_are_logged_without_secrets(
    http: TestClient, store: Store, phone: Phone, caplog: pytest.LogCaptureFixture
):
    with caplog.at_level(logging.WARNING, "cahot.access"):
        http.get("/v1/reports", headers=phone.headers)
        http.patch("/v1/defects/x", headers=city.bearer(city.user(store, "ana", ANALYST)))
        http.get("/v1/me", headers=city.bearer("cahot_wrong"))
        http.post("/v1/session", json={"link": "cahotlink_wrong"})
    told = [record.getMessage() for record in caplog.records]
    assert [re.sub("[0-9a-f]{16}", "…", line) for line in told] == [
        "refused GET /v1/reports to device:…",
        "refused PATCH /v1/defects/{defect_id} to user:ana",
        "refused GET: unknown token",
        "refused a sign-in: the link is unknown, used or too old",
    ]
    assert not any(secret in line for line in told for secret in (phone.device_id, phone.token, "cahot_", "cahotlink"))
