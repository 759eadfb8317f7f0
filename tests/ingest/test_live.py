"""Live events, read from a real server as a browser reads them: in order, once, resumable, and of public things only."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import city
import httpx
import pytest
from callers import ServerProcess
from fastapi.testclient import TestClient
from test_repair_verdicts import arrive, passing
from test_upload import code_of

from ingest.api.live import MOST
from ingest.settings import Settings, Work
from ingest.store import Store, live, open_store

AT_ONCE = Work(retry_s=0.0, settle_s=0.0, settle_s_per_survey=0.0, renew_share=100.0)


@pytest.fixture
def installation(tmp_path: Path, database_url: str) -> Settings:
    return Settings(tmp_path / "data", database_url, k=3, work=AT_ONCE)


def events(text: str) -> list[tuple[str, int, dict]]:
    """Name, id and data of each event."""
    parts = [dict(line.split(": ", 1) for line in part.splitlines() if line) for part in text.split("\n\n") if "event:" in part]
    return [(part["event"], int(part["id"]), json.loads(part["data"])) for part in parts]


def told(http: TestClient, last: int | None = 0) -> list[tuple[str, int, dict]]:
    """All events after the last one that was seen."""
    http.app.state.live._looked = float("-inf")  # as if a second had passed
    headers = {} if last is None else {"Last-Event-ID": str(last)}
    answer = http.get("/v1/live", params={"seconds": 0}, headers=headers)
    assert answer.headers["content-type"].startswith("text/event-stream")
    return events(answer.text)


@pytest.mark.both_databases
def test_an_estimate_tells_where_defects_changed_once_k_devices_passed(http: TestClient, store: Store, installation: Settings):
    arrive(store, installation, *passing(range(2), [300.0], -2.0))
    assert told(http) == [], "two devices are nobody's business"
    arrive(store, installation, *passing(range(2, 4), [300.0], -2.0))
    ((name, number, data),) = told(http)
    (feature,) = http.get("/v1/defects").json()["features"]
    (west, south, east, north) = data["boxes"][0]
    east_of, north_of = feature["geometry"]["coordinates"]
    assert (name, west <= east_of <= east, south <= north_of <= north) == ("defects", True, True)
    arrive(store, installation, *passing(range(4, 6), [300.0], -1.0))
    (again,) = http.get("/v1/defects").json()["features"]
    assert again["properties"]["passes"] > feature["properties"]["passes"]
    assert again["properties"]["kind"] == feature["properties"]["kind"]
    assert told(http, number) == [], "that a car passed a defect that is shown is nobody's business either"
    assert told(http, None) == []


@pytest.mark.both_databases
def test_a_crews_word_is_told_and_a_note_is_not(http: TestClient, store: Store):
    city.put_defects(store)
    anna = city.user(store, "anna", "crew")
    city.patch(http, anna, {"note": "between us"})
    city.patch(http, anna, {"status": "confirmed"}, city.RARE)
    assert told(http) == []
    city.patch(http, anna, {"status": "confirmed"})
    ((_, _, data),) = told(http)
    assert data["boxes"] == [[11.5, 48.101, 11.5, 48.101]]


def test_who_was_away_too_long_begins_anew(http: TestClient, store: Store):
    with store.database.write() as session:
        for number in range(live.KEPT + 5):
            live._publish(session, [[0, 0, 1, 1]], float(number))
    assert [name for name, _, _ in told(http, 2)] == ["reset"]
    assert len(told(http, live.KEPT)) == 5
    assert [name for name, _, _ in told(http, 10**9)] == ["reset"], "the number of another database"


def test_many_changed_tiles_are_one_box():
    boxes = live.boxes_of([(tile, float(tile), 1.0, "") for tile in range(100)])
    assert boxes == [[0.0, 1.0, 99.0, 1.0]]
    assert len(live.boxes_of([(tile, float(tile), 1.0, "") for tile in range(50)])) == 50


def test_so_many_listen_and_no_more(http: TestClient):
    http.app.state.live.listeners = MOST
    assert code_of(http.get("/v1/live", params={"seconds": 0})) == (503, "busy")
    http.app.state.live.listeners = 0
    assert code_of(http.get("/v1/live", params={"seconds": 3601})) == (422, "field.range")


def test_two_servers_of_one_database_tell_the_same_within_seconds(tmp_path: Path):
    """Whichever process changed something; and a listener that hangs up frees its place."""
    data = tmp_path / "data"
    store = open_store(Settings(data))
    city.put_defects(store)
    anna = city.user(store, "anna", "crew")
    servers = [ServerProcess(data), ServerProcess(data)]
    try:
        with servers[0].client() as one, servers[1].client() as other, other.stream("GET", "/v1/live?seconds=20") as heard:
            lines = heard.iter_lines()
            assert next(lines) == "retry: 3000"
            assert one.patch("/v1/defects/common", json={"status": "confirmed"}, headers=city.bearer(anna)).status_code == 200
            assert "event: defects" in until_event(lines)
    finally:
        for server in servers:
            server.stop()
    store.database.close()


def until_event(lines: Iterator[str]) -> list[str]:
    found = []
    for line in lines:
        found.append(line)
        if line.startswith("data:"):
            return found
    raise httpx.ReadError("it ended without an event")
