"""/openapi.json is kept: whatever is asked as it describes is answered as it describes, and nothing makes the server fail."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest
from callers import Phone
from fastapi.testclient import TestClient

from benchmarks import contracts
from ingest.api.chunk_schema import JSON_CHUNK
from mobile_app.wire import layout

EXAMPLES = 12  # random ones of each call, besides the bounds of every parameter


def test_every_call_answers_as_described(tmp_path: Path):
    verdict = contracts.check(EXAMPLES, tmp_path)
    assert verdict.exit_code == 0, verdict.told
    assert int(re.search(r"(\d+) generated", verdict.told)[1]) > 100, verdict.told
    assert "Traceback" not in verdict.log


def test_a_call_that_needs_a_token_says_so_and_is_refused_without(http: TestClient):
    for path, methods in http.get("/openapi.json").json()["paths"].items():
        for method, call in methods.items():
            if call.get("security"):
                answer = http.request(method, re.sub(r"\{\w+\}", "0", path))
                assert answer.status_code == 401, (method, path)


@pytest.mark.parametrize(
    ("path", "methods"),
    [("/v1/devices", "POST"), ("/v1/trips/x/finish", "POST"), ("/v1/trips/x/chunks/0", "PUT"), ("/v1/defects", "GET")],
)
def test_an_address_asked_in_another_way_tells_how_it_may_be_asked(http: TestClient, path: str, methods: str):
    for method in {"GET", "PUT", "POST", "PATCH", "DELETE", "OPTIONS", "HEAD"} - {methods}:
        answer = http.request(method, path)
        assert (answer.status_code, answer.headers["allow"]) == (405, methods)


def test_the_schema_of_a_json_chunk_has_the_columns_that_are_read():
    streams = {name: set(JSON_CHUNK["properties"][name]["properties"]) - {"t"} for name in layout.STREAM_IDS}
    assert streams == {name: set(columns) for name, columns in layout.COLUMNS.items()}


def test_the_example_of_a_json_chunk_is_stored(phone: Phone, trip_id: str):
    answer = phone.put_json(trip_id, 0, JSON_CHUNK["example"])
    assert answer.status_code == 201
    assert answer.json()["sha256"] == hashlib.sha256(json.dumps(JSON_CHUNK["example"]).encode()).hexdigest()
