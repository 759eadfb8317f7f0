"""What an operator sees: metrics, readiness, logs; and that nobody sees more than he should."""

from __future__ import annotations

import io
import json
import logging
import re
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from callers import Phone, make_chunk
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families
from sensor_logger import SensorLogger
from test_upload import code_of

from ingest import logs, worker
from ingest.api import create_app
from ingest.api.observed import NO_ROUTE
from ingest.heart import Heart
from ingest.settings import Settings
from ingest.store import Store, workers
from ingest.store.workers import Figures

TABLE = Path(__file__).parents[2] / "docs" / "operations.md"
TOKEN = "operator-of-a-small-town-1"


@pytest.fixture
def installation(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "data", metrics_token=TOKEN)


@pytest.fixture
def http(installation: Settings, store: Store) -> TestClient:
    return TestClient(create_app(installation, store), client=("127.0.0.1", 5000))


def scrape(http: TestClient) -> dict[str, float]:
    """Every sample by its name with its labels."""
    answer = http.get("/metrics")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    samples = [sample for family in text_string_to_metric_families(answer.text) for sample in family.samples]
    return {sample.name + "".join(f"[{value}]" for value in sample.labels.values()): sample.value for sample in samples}


def test_the_table_of_metrics_is_the_running_servers(http: TestClient, phone: Phone, trip_id: str):
    phone.put(trip_id, 0, make_chunk(trip_id, 0))
    families = {
        (family.name + ("_total" if family.type == "counter" else ""), family.type, ",".join(_labels(family)))
        for family in text_string_to_metric_families(http.get("/metrics").text)
        if not family.name.endswith("_created")
    }
    rows = re.findall(r"^\| `([a-z_]+)` \| (\w+) \| ([a-z, ]*) \|", TABLE.read_text(), re.MULTILINE)
    assert {(name, kind, labels.replace(" ", "")) for name, kind, labels in rows} == families


def _labels(family) -> list[str]:
    return sorted({label for sample in family.samples for label in sample.labels if label != "le"})


def test_chunks_and_requests_are_counted_by_what_came_of_them(http: TestClient, phone: Phone, trip_id: str):
    data = make_chunk(trip_id, 0)
    phone.put(trip_id, 0, data)
    phone.put(trip_id, 0, data)
    phone.put(trip_id, 1, b"x")
    http.get("/v1/nothing/CANARY")
    told = scrape(http)
    assert [told[f"cahot_chunks_total[{result}]"] for result in ("stored", "repeated", "refused", "failed")] == [1, 1, 1, 0]
    route = "/v1/trips/{trip_id}/chunks/{number}"
    assert told[f"cahot_http_requests_total[PUT][{route}][201]"] == 1
    assert told[f"cahot_http_requests_total[GET][{NO_ROUTE}][404]"] == 1
    assert told[f"cahot_http_received_bytes_total[{route}]"] == 2 * len(data) + 1
    assert told[f"cahot_http_request_seconds_count[{route}]"] == 3
    assert told["cahot_devices"] == 1
    assert told["cahot_trips[receiving]"] == 1
    assert 0 < told["cahot_disk_free_bytes"] < told["cahot_disk_bytes"]
    assert "CANARY" not in http.get("/metrics").text


def test_backlog_and_work_are_told(store: Store, installation: Settings, http: TestClient, phone: Phone, trip_id: str):
    phone.put(trip_id, 0, make_chunk(trip_id, 0))
    phone.finish(trip_id, 1)
    before = scrape(http)
    assert (before["cahot_jobs[waiting]"], before["cahot_jobs[running]"], before["cahot_workers"]) == (1, 0, 0)
    heart = Heart(store, installation)
    while worker.work_once(store, installation, heart.figures):
        pass
    heart.beat(time.time())
    after = scrape(TestClient(create_app(installation, store), client=("::1", 5000)))
    assert after["cahot_workers"] == 1
    assert after["cahot_worker_trips_total"] + after["cahot_worker_rejected_trips_total"] == 1
    assert after["cahot_trips[processed]"] + after["cahot_trips[rejected]"] == 1


def test_pushed_sessions_are_told(http: TestClient, phone: Phone):
    begin = int(time.time()) * 10**9
    rows = {"gravity": [(begin + i * 10**8, {"x": 0.0, "y": 0.0, "z": 9.8}) for i in range(10)]}
    app = SensorLogger.of(phone)
    for message in app.messages(rows):
        app.push(message)
    told = scrape(http)
    assert told["cahot_push_parts[open]"] == 1
    assert told["cahot_push_held_bytes"] > 0


def test_figures_of_workers_of_the_past_stay_in_the_sums(store: Store):
    with store.database.write() as session:
        old = workers.begin(session, 1000.0)
        workers.report(session, old, Figures(trips=5, driven_s=10.5), 1000.0)
        other = workers.begin(session, 2000.0)
        workers.report(session, other, Figures(trips=2, estimates=1), 90_000.0)
        workers.begin(session, 90_001.0)
        workers.begin(session, 500_000.0)
        assert workers.totals(session) == Figures(trips=7, driven_s=10.5, estimates=1)
        assert workers.alive(session, 500_010.0, 60.0) == 1
        assert workers.last_seen(session) == 500_000.0


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "Via", "X-Real-IP"])
def test_metrics_are_for_this_machine_and_not_for_whom_a_proxy_passes_on(http: TestClient, header: str):
    assert code_of(http.get("/metrics", headers={header: "127.0.0.1"})) == (401, "auth.missing")


def test_metrics_are_for_the_operators_token_from_elsewhere(installation: Settings, store: Store, phone: Phone, tmp_path: Path):
    far = TestClient(create_app(installation, store), client=("203.0.113.9", 5000))
    assert code_of(far.get("/metrics")) == (401, "auth.missing")
    assert code_of(far.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}x"})) == (401, "auth.invalid")
    assert code_of(far.get("/metrics", headers=phone.headers)) == (403, "auth.role")
    assert far.get("/metrics", headers={"Authorization": f"bearer {TOKEN}"}).status_code == 200
    without = TestClient(create_app(Settings(installation.data), store), client=("203.0.113.9", 5000))
    assert without.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 401


def test_readiness_tells_of_a_silent_worker_and_a_long_backlog(
    http: TestClient, store: Store, installation: Settings, phone: Phone, trip_id: str, monkeypatch: pytest.MonkeyPatch
):
    assert http.get("/readyz").json() == {"status": "ready"}
    phone.put(trip_id, 0, make_chunk(trip_id, 0))
    phone.finish(trip_id, 1)
    later = time.time() + 7200
    monkeypatch.setattr("time.time", lambda: later)
    told = http.get("/readyz")
    assert told.status_code == 200
    assert [re.sub(r"\d+", "n", warning) for warning in told.json()["warnings"]] == [
        "no worker was heard of for n s",
        "the oldest of n jobs has waited for n s",
    ]
    Heart(store, installation).beat(later)
    assert len(http.get("/readyz").json()["warnings"]) == 1


@pytest.fixture
def events() -> Iterator[Callable[[], list[dict]]]:
    """What was logged as JSON since it was last asked, each line an object."""
    held = io.StringIO()
    handler = logging.StreamHandler(held)
    handler.setFormatter(logs.Json())
    ours = logging.getLogger("cahot")
    ours.addHandler(handler)
    ours.setLevel(logging.INFO)

    def told() -> list[dict]:
        lines = held.getvalue().splitlines()
        held.seek(0)
        held.truncate()
        return [json.loads(line) for line in lines]

    yield told
    ours.removeHandler(handler)
    ours.setLevel(logging.NOTSET)


def test_a_request_is_one_event_with_its_id_and_neither_token_nor_place(events, http: TestClient, phone: Phone, trip_id: str):
    events()
    phone.put(trip_id, 0, b"CAHT48.123456 11.567890", X_Request_Id="proxy-0123456789")
    answer = http.get("/v1/defects?bbox=11.512345,48.112345,11.6,48.2", headers=phone.headers | {"X-Request-Id": "a\r\nb"})
    chunk, defects = events()
    assert chunk["request"] == "proxy-0123456789"
    assert (chunk["route"], chunk["status"], chunk["bytes"]) == ("/v1/trips/{trip_id}/chunks/{number}", 400, 23)
    assert defects["request"] == answer.headers["x-request-id"] != "a\r\nb"
    assert defects["ms"] >= 0
    for secret in (phone.token, trip_id, "48.1", "11.5"):
        assert secret not in json.dumps([chunk, defects])


def test_a_failure_is_one_event_with_a_stack_and_the_requests_id(events, installation: Settings, store: Store, monkeypatch):
    app = create_app(installation, store)
    http = TestClient(app, raise_server_exceptions=False)
    events()
    monkeypatch.setattr(type(store.database), "is_there", lambda _self: 1 / 0)
    answer = http.get("/readyz")
    assert answer.status_code == 500
    failed, request = events()
    assert failed["request"] == request["request"] == answer.headers["x-request-id"]
    assert answer.json()["incident"] in failed["event"]
    assert "ZeroDivisionError" in failed["stack"][-1]


HOSTILE = "x\r\n2026-01-01 cahot INFO forged\x1b[31m\u202e cahot_AAAAAAAAAAAAAAAAAAAAAAAA 48.1234567"


@pytest.mark.parametrize("form", [logs.Text(), logs.Json()])
def test_what_a_stranger_sends_can_neither_forge_a_line_nor_colour_a_terminal(form: logging.Formatter):
    try:
        raise ValueError(HOSTILE)
    except ValueError as error:
        record = logging.LogRecord(
            "cahot", logging.ERROR, "", 0, "failed: %s", (HOSTILE,), (ValueError, error, error.__traceback__)
        )
    lines = form.format(record).split("\n")
    assert all(line.startswith("  | ") for line in lines[1:])
    text = "\n".join(lines)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202e]", text)
    assert "AAAA" not in text
    assert "48.123" not in text
    assert "48.12" in text


def test_every_word_of_a_hostile_note_stays_readable_in_json():
    told = logs.inert("ein Schlagloch, è vero\n")
    assert told == "ein Schlagloch, è vero\\n"
    assert str(uuid.UUID(int=5)) == logs.inert(str(uuid.UUID(int=5)))
