"""Nothing public tells of a place that fewer than k devices passed: every public call of the API, byte for byte."""

from __future__ import annotations

import itertools
import tempfile
import uuid
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from callers import Phone
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_vector_tiles import read

from detection import Trace
from detection.simulator import simulate_city, simulate_drives
from ingest import worker
from ingest.api import create_app
from ingest.settings import Settings, Work
from ingest.store import Store, defects, open_store

AWAY_DEG = 0.05  # 5.6 km: another part of town
QUERIES = {  # values for the parameters of public calls; a parameter without one fails the test below
    "bbox": ["-180,-90,180,90", "10,40,20,50", "0,0,0.001,0.001"],
    "kind": ["pothole"],
    "status": ["new", "open"],
    "min_confidence": ["0", "0.5"],
    "since": ["2020-01-01T00:00:00Z", "2026-05-20T00:00:00Z"],
    "limit": ["1", "1000"],
    "cursor": ["0"],
    "f": ["json"],
    "service_request_id": ["d-x"],
    "service_code": ["pothole"],
    "start_date": ["2026-04-01T00:00:00Z"],
    "end_date": ["2026-05-20T00:00:00Z"],
    "seconds": ["0"],
    "sort": ["id", "priority", "equity"],
    "datetime": ["2026-05-20T00:00:00Z/.."],
}
PLACES = {  # values for places of paths; any other is an id
    "collection_id": ["defects", "roughness", "coverage", "crossings"],
    "z": ["0", "14"],
    "x": ["0"],
    "y": ["0"],
}
UNCHANGING = {"/healthz", "/readyz", "/v1/devices"}  # not about places
LIVE = "/v1/live"  # does not end by itself: tests/ingest/test_live.py


@pytest.fixture(scope="module")
def drives() -> list[Trace]:
    city = simulate_city(5, street_km=1.5)
    return [drive.trace for drive in simulate_drives(city, 10, 6, devices=5, duration_s=(150.0, 160.0))]


@pytest.fixture(scope="module")
def others() -> list[Trace]:
    """Further drives of the same streets: a copy of another's would be refused."""
    city = simulate_city(5, street_km=1.5)
    return [drive.trace for drive in simulate_drives(city, 12, 7, devices=6, duration_s=(150.0, 160.0))]


def moved(trace: Trace, number: int, days: float = 0.0) -> Trace:
    """The same drive in another part of town."""
    fixes = replace(trace.fixes, latitude_deg=trace.fixes.latitude_deg + AWAY_DEG)
    later = trace.started_at + timedelta(days=days) if trace.started_at else None
    return replace(trace, trip_id=f"moved {number}", fixes=fixes, started_at=later)


class Town:
    """One installation and its phones."""

    def __init__(self, folder: Path, drives: list[Trace]) -> None:
        self.settings = Settings(folder, work=Work(retry_s=0.0, settle_s=0.0, settle_s_per_survey=0.0))
        self.store: Store = open_store(self.settings)
        self.http = TestClient(create_app(self.settings, self.store))
        phones: dict[str | None, Phone] = {}
        for drive in drives:
            if drive.device not in phones:
                phones[drive.device] = Phone.enrol(self.http)
            phones[drive.device].send(drive)
        self.work_off()

    def work_off(self) -> None:
        while worker.work_once(self.store, self.settings):
            pass

    def drive(self, traces: list[Trace]) -> Phone:
        phone = Phone.enrol(self.http)
        for trace in traces:
            phone.send(trace)
        self.work_off()
        return phone


def public_gets(http: TestClient) -> dict[str, list[dict[str, Any]]]:
    """Paths that may be read without a token, with their parameters, as /openapi.json tells."""
    told = http.get("/openapi.json").json()["paths"]
    calls = {path: methods["get"] for path, methods in told.items() if "get" in methods}
    return {path: call.get("parameters", []) for path, call in calls.items() if not call.get("security")}


def answers(http: TestClient, ids: list[str]) -> dict[str, tuple[int, str | None, str]]:
    """Status, ETag and body of every public call, each parameter tried alone; `ids` for whatever is asked for by id."""
    found = {}
    for path, parameters in public_gets(http).items():
        if path in (*UNCHANGING, LIVE) or path == "/metrics":
            continue
        named = [p for p in parameters if p["in"] == "path"]
        for address in addresses(path, [p["name"] for p in named], ids):
            tried: list[dict[str, str]] = [{}]
            tried += [{p["name"]: value} for p in parameters if p["in"] == "query" for value in QUERIES[p["name"]]]
            for query in tried:
                answer = http.get(address, params=query)
                text = answer.content.hex() if address.endswith(".mvt") else answer.text
                found[f"{address} {query}"] = answer.status_code, answer.headers.get("etag"), text
    return found


def addresses(path: str, named: list[str], ids: list[str]) -> list[str]:
    """The path with each combination of values in its places."""
    found = []
    for values in itertools.product(*(PLACES.get(name, ids) for name in named)):
        address = path
        for name, one in zip(named, values, strict=True):
            value = f"d-{one}" if name == "request_id" else one
            address = address.replace("{" + name + "}", value)
        found.append(address)
    return found


def ids_of(store: Store) -> list[str]:
    with store.database.read() as session:
        return [str(name) for name in defects.load(session).id]


@pytest.fixture(scope="module")
def town(drives, tmp_path_factory) -> Town:
    return Town(tmp_path_factory.mktemp("town") / "data", drives)


def test_every_parameter_of_a_public_call_is_tried_here(town: Town):
    for path, parameters in public_gets(town.http).items():
        for parameter in parameters:
            assert parameter["in"] in ("path", "header") or parameter["name"] in QUERIES, f"{path}: try {parameter['name']}, too"


def test_what_one_or_two_devices_drove_changes_no_public_answer_where_it_was_driven(town: Town, others: list[Trace]):
    """Below k it is as if nobody had been there: no defect, street, day, count or bound of it, and no 404 that differs."""
    before, known = answers(town.http, ids_of(town.store)), set(ids_of(town.store))
    phones = []
    for number in range(2):
        phones.append(town.drive([moved(trace, number * 10 + i) for i, trace in enumerate(others[number * 4 :][:4])]))
        hidden = set(ids_of(town.store)) - known
        assert hidden or number == 0, "there is something to hide, else this test cannot fail"
        after = answers(town.http, sorted(known))
        assert _places(after) == _places(before)
        nowhere = [town.http.get(f"/v1/defects/{name}") for name in (*hidden, str(uuid.uuid4()))]
        assert {(answer.status_code, answer.text) for answer in nowhere} == {(404, nowhere[0].text)}
    for phone in phones:
        assert town.http.delete("/v1/devices/me", headers=phone.headers).status_code == 204
    town.work_off()
    assert answers(town.http, sorted(known)) == before, "and removing them leaves every byte and ETag as it was"


def test_the_third_device_makes_it_public(tmp_path: Path, others: list[Trace]):
    town = Town(tmp_path / "data", [])
    for number in range(3):
        assert town.http.get("/v1/defects").json()["features"] == []
        assert town.http.get("/v1/tracks").json()["features"] == []
        assert town.http.get("/v1/map-config").json()["bounds"] is None
        town.drive([moved(trace, number * 10 + i) for i, trace in enumerate(others[number * 4 :][:4])])
    assert town.http.get("/v1/defects").json()["features"]
    assert town.http.get("/v1/tracks").json()["features"]


def test_one_device_with_many_trips_is_one_device(tmp_path: Path, drives: list[Trace]):
    town = Town(tmp_path / "data", [])
    town.drive([moved(trace, i, days=i) for i, trace in enumerate(drives)])
    assert town.http.get("/v1/defects").json()["features"] == []
    assert town.http.get("/v1/tracks").json()["features"] == []


boxes = st.tuples(*[st.floats(-0.02, 0.02)] * 4)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(boxes, st.integers(0, 40))
def test_no_box_and_no_time_tells_two_answers_apart_by_fewer_than_k_devices(town: Town, box, day):
    """Differencing: what one answer has and another has not, k devices passed in either."""
    middle = np.array([[f.latitude, f.longitude] for f in _defects(town)]).mean(axis=0)
    west, east = sorted((middle[1] + box[0], middle[1] + box[1]))
    south, north = sorted((middle[0] + box[2], middle[0] + box[3]))
    since = f"2026-05-{1 + day % 30:02d}T{day % 24:02d}:00:00Z"
    inside = _shown(town, bbox=f"{west},{south},{east},{north}", since=since)
    wider = _shown(town, bbox=f"{west - 0.001},{south - 0.001},{east + 0.001},{north + 0.001}", since=since)
    assert set(inside) <= set(wider)
    for name in set(wider) - set(inside):
        assert wider[name]["devices"] >= 3
    for feature in wider.values():
        assert {feature[time][11:] for time in ("first_seen", "last_seen")} == {"00:00:00Z"}, "no finer than the day"


def test_days_of_a_history_have_k_devices_each(town: Town):
    for name in _shown(town):
        for day in town.http.get(f"/v1/defects/{name}").json()["history"]:
            assert day["devices"] >= 3
            assert day["time"].endswith("T00:00:00Z")


def _defects(town: Town) -> Any:
    from types import SimpleNamespace

    features = town.http.get("/v1/defects").json()["features"]
    return [
        SimpleNamespace(longitude=f["geometry"]["coordinates"][0], latitude=f["geometry"]["coordinates"][1]) for f in features
    ]


def _shown(town: Town, **query: str) -> dict[str, dict[str, Any]]:
    return {f["id"]: f["properties"] for f in town.http.get("/v1/defects", params=query).json()["features"]}


def _places(found: dict[str, tuple[int, str | None, str]]) -> dict[str, tuple[int, str]]:
    """Answers without what the fleet's calibration moves everywhere alike: it says that someone drives, never where."""
    import json

    def _are_defects(parts: Any) -> bool:
        return isinstance(parts, list) and all(
            isinstance(part, dict) and part.get("type") == "Feature" and "id" in part for part in parts
        )

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: plain(held) for name, held in value.items() if name not in ("severity", "priority", "equity")}
        parts = [plain(one) for one in value] if isinstance(value, list) else value
        return sorted(parts, key=lambda part: str(part["id"])) if _are_defects(parts) else parts  # severity orders them

    def shown(call: str, text: str) -> str:
        if ".mvt" in call:
            return repr(_counts_of_tile(bytes.fromhex(text)))
        return json.dumps(plain(json.loads(text))) if text.startswith("{") else text

    return {call: (status, shown(call, text)) for call, (status, _, text) in found.items()}


def _counts_of_tile(tile: bytes) -> list[tuple[str, int]]:
    """How many defects and streets it tells of: which one stands for many is the calibration's to say."""
    with tempfile.TemporaryDirectory() as folder:
        rows = {layer: read(tile, (0, 0, 0), layer, Path(folder)) for layer in ("defects", "streets")}
    return [(layer, sum(int(row.get("count", 1)) for row in held)) for layer, held in rows.items()]
