"""Crossings from trips to the API: what k devices drove, by box and page, and as the estimate of everything leaves it."""

from __future__ import annotations

import json

import pytest
from fastapi.testclient import TestClient

from detection import Survey
from detection.crossings import find_crossings
from ingest.crossings import crossing_rows
from ingest.store import Store, common_tracks, crossings
from tests.detection.passes_drawn import trip
from tests.detection.test_crossings import EAST, NORTH, SOUTH, WEST, braking_at


@pytest.fixture
def passed() -> list[Survey]:
    some = [trip(f"south {i}", [SOUTH, NORTH], braking_at(150.0)) for i in range(4)]
    return some + [trip(f"west {i}", [WEST, EAST]) for i in range(4)]


def test_a_crossing_is_told_with_its_arms_and_who_brakes(http: TestClient, store: Store, passed: list[Survey]) -> None:
    keep(store, passed)
    answer = http.get("/v1/crossings")
    assert answer.headers["content-type"] == "application/geo+json"
    (feature,) = answer.json()["features"]
    assert feature["geometry"]["type"] == "Point"
    told = feature["properties"]
    assert (told["arms"], told["devices"], told["approaches"], told["braking"]) == (4, 4, 8, 0.5)
    west, south = sorted(told["approaches_by_arm"], key=lambda arm: arm["braking"])
    assert (west["braking"], west["straight_braking"], west["approaches"]) == (0.0, 0.0, 4)
    assert (south["braking"], south["low"] > 0.4, south["speed"]) == (1.0, True, 10.0)


def test_crossings_are_found_by_box_and_page(http: TestClient, store: Store, passed: list[Survey]) -> None:
    (row,) = crossing_rows(passed, 3)
    with store.database.write() as session:
        crossings.replace(session, [row | {"id": n, "longitude": 11.0 + n, "devices": 2 + n} for n in range(4)])
    assert places(http.get("/v1/crossings")) == [12.0, 13.0, 14.0], "the first was driven by two devices"
    assert places(http.get("/v1/crossings?bbox=12.5,40,13.5,60")) == [13.0]
    page = http.get("/v1/crossings?limit=2")
    assert places(page) == [12.0, 13.0]
    assert places(http.get(f"/v1/crossings?limit=2&cursor={page.json()['next']}")) == [14.0]


def test_what_fewer_than_k_devices_drove_leaves_no_row(passed: list[Survey]) -> None:
    assert len(find_crossings(passed, 4)[0]) == 1
    assert crossing_rows(passed, 5) == []


def test_a_crossing_that_nobody_of_enough_came_into_by_the_same_arm_is_none() -> None:
    """Two devices drove each arm, but only one of them towards the crossing."""
    ways = {"a": [(SOUTH, NORTH), (SOUTH, EAST)], "b": [(NORTH, SOUTH)], "c": [(EAST, NORTH)]}
    surveys = [
        trip(f"{device}{number}", [start, (0.0, 0.0), end], device=device)
        for device, driven in ways.items()
        for number, (start, end) in enumerate(driven)
    ]
    assert len(find_crossings(surveys, 1)[0]) == 1
    assert len(find_crossings(surveys, 2)[0]) == 0
    assert crossing_rows(surveys, 2) == []


def test_an_arm_where_nobody_goes_straight_on_has_no_share_for_those() -> None:
    turning = [trip(f"{i}", [SOUTH, (0.0, 0.0), EAST]) for i in range(3)]
    (row,) = crossing_rows(turning + [trip(f"west {i}", [WEST, EAST]) for i in range(3)], 3)
    arms = json.loads(row["told"])
    assert {arm["straight_braking"] for arm in arms} == {None, 0.0}


def test_streets_are_told_by_roughness_and_by_who_drove_there(http: TestClient, store: Store) -> None:
    line = [[11.50, 48.10], [11.51, 48.11]]
    row = {"south": 48.10, "north": 48.11, "west": 11.50, "east": 11.51, "passes": 9, "roughness": 0.4, "line": json.dumps(line)}
    with store.database.write() as session:
        common_tracks.replace(session, [{"id": 0, "devices": 3, **row}, {"id": 1, "devices": 2, **row}])
    (rough,) = http.get("/v1/roughness").json()["features"]
    (covered,) = http.get("/v1/coverage").json()["features"]
    assert rough["geometry"] == covered["geometry"] == {"type": "LineString", "coordinates": line}
    assert rough["properties"] == {"roughness": 0.4, "passes": 9, "devices": 3}
    assert covered["properties"] == {"passes": 9, "devices": 3}


def keep(store: Store, surveys: list[Survey]) -> None:
    with store.database.write() as session:
        crossings.replace(session, crossing_rows(surveys, 3))


def places(answer) -> list[float]:
    return [feature["geometry"]["coordinates"][0] for feature in answer.json()["features"]]
