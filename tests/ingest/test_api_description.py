"""What /openapi.json promises, and the headers a browser is told."""

from __future__ import annotations

import re
from pathlib import Path

from callers import Phone, make_chunk
from fastapi.testclient import TestClient

from ingest.api import create_app
from ingest.api.problems import CODES
from ingest.settings import Settings
from ingest.store import Store


def test_every_call_of_this_version_is_described_with_its_problems(http: TestClient):
    told = http.get("/openapi.json").json()
    calls = {(method.upper(), path) for path, methods in told["paths"].items() for method in methods}
    assert calls >= {
        ("POST", "/v1/devices"),
        ("PUT", "/v1/trips/{trip_id}/chunks/{number}"),
        ("POST", "/v1/trips/{trip_id}/finish"),
        ("GET", "/v1/trips/{trip_id}"),
        ("GET", "/v1/defects"),
        ("GET", "/v1/defects/{defect_id}"),
        ("GET", "/v1/tracks"),
        ("GET", "/v1/roughness"),
        ("GET", "/v1/coverage"),
        ("GET", "/v1/crossings"),
        ("GET", "/healthz"),
        ("GET", "/readyz"),
    }
    for path, methods in told["paths"].items():
        own = ["text/xml", "application/json"] if path.startswith("/open311") else []  # as its specification has errors
        for call in methods.values():
            for status, answer in call["responses"].items():
                if status.startswith(("4", "5")):
                    assert list(answer["content"]) == [*own, "application/problem+json"]
    assert "HTTPValidationError" not in str(told)


def test_every_answer_a_phone_can_get_is_described(http: TestClient, phone: Phone, trip_id: str):
    told = http.get("/openapi.json").json()["paths"]
    put, finish = told["/v1/trips/{trip_id}/chunks/{number}"]["put"], told["/v1/trips/{trip_id}/finish"]["post"]
    good = make_chunk(trip_id, 0)
    for call, answer in (
        (put, phone.put(trip_id, 0, good)),
        (put, phone.put(trip_id, 0, good)),
        (put, phone.put(trip_id, 0, make_chunk(trip_id, 0, height=1))),
        (put, phone.put(trip_id, 0, b"x")),
        (put, phone.put("x", 0, good)),
        (put, phone.put(trip_id, 0, good, "text/plain")),
        (put, phone.put(trip_id, 0, bytes(9 << 20))),
        (put, Phone.enrol(http).put(trip_id, 0, good)),
        (put, Phone(http, "unknown").put(trip_id, 0, good)),
        (finish, phone.finish(trip_id, 2)),
        (finish, phone.finish(trip_id, "x")),
        (finish, phone.finish(trip_id, 1)),
    ):
        assert str(answer.status_code) in call["responses"]
        if answer.status_code >= 400:
            assert f"`{answer.json()['code']}`" in call["responses"][str(answer.status_code)]["description"]


def test_every_call_may_be_refused_for_coming_too_often_and_says_so(http: TestClient):
    for path, methods in http.get("/openapi.json").json()["paths"].items():
        for method, call in methods.items():
            assert "`rate.limited`" in call["responses"]["429"]["description"], (method, path)


def test_every_code_has_a_row_in_the_documentation():
    text = (Path(__file__).parents[2] / "docs" / "server.md").read_text()
    rows = dict(re.findall(r"^\| `([a-z_.]+)` \| (\d+) \|", text, re.MULTILINE))
    assert rows == {code: str(status) for code, (status, _) in CODES.items()}


def test_the_documentation_page_needs_nothing_from_elsewhere(http: TestClient):
    page = http.get("/docs").text
    assert "PUT /v1/trips/{trip_id}/chunks/{number}" in page
    assert "http" not in re.sub(r"<p>.*?</p>", "", page)
    assert "<script" not in page


def test_the_map_page_and_its_modules_are_served_as_browsers_insist(http: TestClient):
    page = http.get("/")
    assert page.headers["content-type"].startswith("text/html")
    module = re.search(r'href="([^"]+\.mjs)"', page.text)
    answer = http.get("/" + module[1], headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["cache-control"] == "no-cache"
    assert http.get("/" + module[1], headers={"If-None-Match": answer.headers["etag"]}).status_code == 304


def test_every_answer_carries_the_strict_headers(http: TestClient):
    for path in ("/", "/v1/defects", "/nope", "/openapi.json", "/v1/trips/x"):
        told = http.get(path).headers
        assert "default-src 'none'; script-src 'self'; style-src 'self'" in told["content-security-policy"]
        assert "unsafe" not in told["content-security-policy"]
        assert (told["x-content-type-options"], told["referrer-policy"]) == ("nosniff", "no-referrer")
        assert "access-control-allow-origin" not in told


def test_what_a_token_opens_is_not_cached(phone: Phone, trip_id: str):
    phone.put(trip_id, 0, make_chunk(trip_id, 0))
    assert phone.trip(trip_id).headers["cache-control"] == "no-store"


def test_a_configured_background_is_the_only_other_place_the_page_may_reach(tmp_path: Path, store: Store):
    settings = Settings(tmp_path, tile_url="https://tiles.example/{z}/{x}/{y}.png", attribution="someone")
    http = TestClient(create_app(settings, store))
    assert http.get("/v1/map-config").json()["tiles"] == settings.tile_url
    told = http.get("/").headers["content-security-policy"]
    assert set(re.findall(r"https?://[^ ;]+", told)) == {"https://tiles.example"}
    assert "script-src 'self';" in told
