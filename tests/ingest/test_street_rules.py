"""What everyone may see of the roads: filters, pages, boxes, and nothing that fewer than k devices passed."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, update

from detection import Defects
from ingest.store import Store, common_tracks, defects
from ingest.store.schema import Defect

DAY_S = 86_400.0
SEEN = 1_777_878_720.0  # 2026-05-04T07:12:00Z


def defect(name: str, latitude: float = 48.1, longitude: float = 11.5, **changes: Any) -> dict[str, Any]:
    counts = {"hits": 5, "passes": 8, "devices": 4, "hit_rate": 0.625, "confidence": 0.9, "severity": 2.5, "radius": 1.5}
    times = {"first_seen": SEEN, "last_seen": SEEN + DAY_S, "heading": 90.0, "priority": 1.0}
    words = {"kind": "pothole", "status": "new"}
    return {"id": name, "latitude": latitude, "longitude": longitude, **counts, **times, **words, **changes}


def put(store: Store, *rows: dict[str, Any]) -> None:
    with store.database.write() as session:
        defects.replace(session, Defects.empty(), [])
        session.execute(insert(Defect), list(rows))


def names(http: TestClient, query: str = "") -> list[str]:
    answer = http.get(f"/v1/defects?{query}")
    assert answer.status_code == 200, answer.text
    return [feature["id"] for feature in answer.json()["features"]]


def test_a_defect_is_a_point_with_the_promised_properties(http: TestClient, store: Store):
    put(store, defect("a", heading=None))
    answer = http.get("/v1/defects")
    assert answer.headers["content-type"] == "application/geo+json"
    (feature,) = answer.json()["features"]
    assert feature["geometry"] == {"type": "Point", "coordinates": [11.5, 48.1]}
    promised = "id kind severity confidence hits passes devices hit_rate heading radius first_seen last_seen status priority"
    assert set(feature["properties"]) == set(promised.split())
    assert feature["properties"]["heading"] is None
    assert feature["properties"]["first_seen"] == "2026-05-04T00:00:00Z"


def test_what_fewer_than_k_devices_passed_is_not_there_in_any_form(http: TestClient, store: Store):
    put(store, defect("many"), defect("few", devices=2))
    before = http.get("/v1/defects").content
    assert names(http) == ["many"]
    assert names(http, "limit=1&cursor=few") == ["many"]
    told = http.get("/v1/defects/few")
    assert (told.status_code, told.json()) == (404, http.get("/v1/defects/never").json())
    put(store, defect("many"))
    assert http.get("/v1/defects").content == before


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("kind=joint", ["b"]),
        ("kind=joint,rough", ["b", "c"]),
        ("kind=joint&kind=rough", ["b", "c"]),
        ("status=repaired", ["c"]),
        ("min_confidence=0.5", ["a", "c"]),
        ("since=2026-05-06T00:00:00Z", ["c"]),
        ("since=2026-05-06T02:00:00%2B02:00", ["c"]),
        ("kind=joint&status=repaired", []),
    ],
)
def test_filters_narrow_what_is_shown(http: TestClient, store: Store, query: str, expected: list[str]):
    put(
        store,
        defect("a"),
        defect("b", kind="joint", confidence=0.4),
        defect("c", kind="rough", status="repaired", last_seen=SEEN + 3 * DAY_S),
    )
    assert names(http, query) == expected


def test_boxes_may_cross_the_date_line(http: TestClient, store: Store):
    put(store, defect("east", 0.0, 179.9), defect("west", 0.0, -179.9), defect("far", 0.0, 0.0))
    assert names(http, "bbox=179,-1,-179,1") == ["east", "west"]
    assert names(http, "bbox=-179,-1,179,1") == ["far"]
    assert names(http, "bbox=-180,-90,180,90") == ["east", "far", "west"]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(limit=st.integers(1, 7), count=st.integers(0, 12))
def test_pages_put_together_are_everything_once(http: TestClient, store: Store, limit: int, count: int):
    with store.database.write() as session:
        defects.replace(session, Defects.empty(), [])
        if count:
            session.execute(insert(Defect), [defect(f"d{number}") for number in range(count)])
    seen, cursor = [], ""
    while cursor is not None:
        page = http.get(f"/v1/defects?limit={limit}&cursor={cursor}").json()
        assert len(page["features"]) <= limit
        seen += [feature["id"] for feature in page["features"]]
        cursor = page["next"]
    assert seen == sorted(f"d{number}" for number in range(count))


def test_one_defect_comes_with_its_history(http: TestClient, store: Store):
    day = SEEN // DAY_S * DAY_S
    one = Defects.from_columns({name: [value] for name, value in (defect("a") | {"kind": 1, "status": 0}).items()})
    with store.database.write() as session:
        rows = [{"defect_id": "a", "day": day + i * DAY_S, "passes": 4, "hits": i, "devices": 3} for i in range(2)]
        defects.replace(session, one, rows)
    told = http.get("/v1/defects/a").json()
    assert told["properties"]["id"] == "a"
    assert told["history"] == [
        {"time": "2026-05-04T00:00:00Z", "passes": 4, "hits": 0, "devices": 3},
        {"time": "2026-05-05T00:00:00Z", "passes": 4, "hits": 1, "devices": 3},
    ]


def test_what_is_kept_comes_back_as_it_was(store: Store):
    columns = {name: [value, value] for name, value in (defect("a") | {"kind": 2, "status": 5}).items()}
    held = Defects.from_columns(columns | {"id": ["a", "b"], "heading": [np.nan, 10.0], "first_seen": [np.nan, 5.0]})
    with store.database.write() as session:
        defects.replace(session, held, [])
    with store.database.read() as session:
        again = defects.load(session)
    for name, column in held.columns().items():
        assert repr(column.tolist()) == repr(getattr(again, name).tolist())


def test_an_unchanged_answer_costs_no_body(http: TestClient, store: Store):
    put(store, defect("a"))
    first = http.get("/v1/defects")
    again = http.get("/v1/defects", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    with store.database.write() as session:
        session.execute(update(Defect).values(severity=9.0))
    assert http.get("/v1/defects", headers={"If-None-Match": first.headers["etag"]}).status_code == 200


def test_streets_are_shown_by_box_and_only_where_k_devices_drove(http: TestClient, store: Store):
    line = [[11.50, 48.10], [11.51, 48.11]]
    row = {"south": 48.10, "north": 48.11, "west": 11.50, "east": 11.51, "passes": 9, "roughness": 0.4, "line": json.dumps(line)}
    with store.database.write() as session:
        common_tracks.replace(session, [{"id": 0, "devices": 3, **row}, {"id": 1, "devices": 2, **row}])
    (feature,) = http.get("/v1/tracks").json()["features"]
    assert feature["geometry"] == {"type": "LineString", "coordinates": line}
    assert feature["properties"] == {"passes": 9, "roughness": 0.4}
    assert len(http.get("/v1/tracks?bbox=11.505,48.0,11.506,48.2").json()["features"]) == 1
    assert http.get("/v1/tracks?bbox=11.52,48.0,11.6,48.2").json()["features"] == []
    assert http.get("/v1/map-config").json()["bounds"] == [11.50, 48.10, 11.51, 48.11]
