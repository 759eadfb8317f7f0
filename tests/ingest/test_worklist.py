"""Tours for crews: against all orders there are, and the call as a crew makes it."""

from __future__ import annotations

import itertools
from typing import Any

import city
import gpxpy
import numpy as np
import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import settings as rounds
from hypothesis import strategies as st
from test_upload import code_of

from benchmarks.tour import best_order, length
from ingest.store import Store
from ingest.touring import plan

START = "48.1,11.5"


def draw_travel(seed: int, places: int) -> np.ndarray:
    place = np.random.default_rng(seed).uniform(0, 3000, (places, 2))
    return np.hypot(*(place[:, None] - place[None]).transpose(2, 0, 1)) / 8.0


def tour_s(travel: np.ndarray, route: list[int], end: int | None = None) -> float:
    places = [0, *(1 + stop for stop in route), *([] if end is None else [end])]
    return float(sum(travel[a, b] for a, b in itertools.pairwise(places)))


@given(seed=st.integers(0, 1000), stops=st.integers(1, 5), ends=st.booleans())
@rounds(max_examples=8, deadline=None)
def test_few_stops_are_visited_in_the_shortest_of_all_orders(seed: int, stops: int, ends: bool):
    travel = draw_travel(seed, 1 + stops + ends)
    end = stops + 1 if ends else None
    (route,) = plan(travel, 60.0, [1.0] * stops, ends=ends, solve_s=0.15).routes
    best = min(tour_s(travel, list(order), end) for order in itertools.permutations(range(stops)))
    assert tour_s(travel, route, end) == pytest.approx(best, abs=1.0)


def test_a_tour_of_forty_stops_is_within_three_percent_of_or_tools():
    travel = draw_travel(1, 41)
    (route,) = plan(travel, 0.0, [1.0] * 40).routes
    assert sorted(route) == list(range(40))
    metres = travel * 30 / 3.6
    assert tour_s(metres, route) <= 1.03 * length(metres, best_order(metres, 1.0))


def test_hours_keep_the_most_worthwhile_and_no_crew_works_longer():
    travel, worth = draw_travel(2, 31), list(range(1, 31))
    made = plan(travel, 900.0, worth, crews=2, shift_s=2 * 3600.0, solve_s=0.4)
    assert sum(len(route) for route in made.routes) + len(made.left_out) == 30
    for route in made.routes:
        assert tour_s(travel, route) + 900.0 * len(route) <= 2 * 3600.0 + 1.0
    assert 8 <= len(made.left_out) < 30
    assert np.mean(made.left_out) < 10, "what is left out is worth little"


def test_several_crews_without_hours_share_the_stops():
    made = plan(draw_travel(3, 11), 0.0, [1.0] * 10, crews=3, solve_s=0.2)
    assert sorted(len(route) for route in made.routes) == [2, 4, 4] or sorted(len(route) for route in made.routes) == [3, 3, 4]
    assert sorted(stop for route in made.routes for stop in route) == list(range(10))


@pytest.fixture
def anna(store: Store) -> str:
    city.put_defects(store, city.some_defects(**{f"d{number}": 2 + number for number in range(6)}))
    return city.user(store, "anna", "crew")


def ask(http: TestClient, token: str, path: str = "/v1/worklist", **query: Any) -> Any:
    return http.get(path, params=query, headers=city.bearer(token))


def test_a_crew_gets_stops_in_driving_order_with_sums_for_a_print_sheet(http: TestClient, anna: str):
    told = ask(http, anna, start=START, stops=6)
    assert told.status_code == 200, told.text
    assert told.headers["cache-control"] == "private, no-cache"
    stops = [feature for feature in told.json()["features"] if feature["geometry"]["type"] == "Point"]
    assert [stop["id"] for stop in stops] == [f"d{number}" for number in range(6)], "they lie on a line to the north"
    assert [stop["properties"]["order"] for stop in stops] == [1, 2, 3, 4, 5, 6]
    (crew,) = told.json()["crews"]
    assert crew["stops"] == [stop["id"] for stop in stops]
    assert crew["distance"] == pytest.approx(5 * 111.2 * 1.4, rel=0.01)
    assert crew["working"] == 6 * 900
    assert crew["duration"] == pytest.approx(crew["driving"] + crew["working"], abs=2)
    line = told.json()["features"][-1]["geometry"]["coordinates"]
    assert line[0] == [11.5, 48.1]
    assert line[-1] == stops[-1]["geometry"]["coordinates"]


def test_chosen_ones_end_at_the_depot_and_what_is_done_is_no_work(http: TestClient, anna: str):
    told = ask(http, anna, start=START, ids="d4,d1", depot="48.1,11.51").json()
    assert {feature["id"] for feature in told["features"] if "id" in feature} == {"d4", "d1"}
    assert told["features"][-1]["geometry"]["coordinates"][-1] == [11.51, 48.1]
    city.patch(http, anna, {"status": "repaired"}, "d3")
    assert "d3" not in ask(http, anna, start=START).json()["crews"][0]["stops"]
    assert code_of(ask(http, anna, start=START, ids="d1,nowhere")) == (404, "not_found")


def test_gpx_is_read_by_a_gpx_reader(http: TestClient, anna: str):
    answer = ask(http, anna, "/v1/worklist.gpx", start=START, crews=2)
    assert answer.headers["content-type"].startswith("application/gpx+xml")
    held = gpxpy.parse(answer.text)
    assert len(held.waypoints) == 6
    assert [route.name for route in held.routes] == ["Crew 1", "Crew 2"]
    assert sum(len(route.points) for route in held.routes) == 6
    assert len(held.tracks) == 2


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, (422, "field.missing")),
        ({"start": "here"}, (422, "fix.range")),
        ({"start": "95,11"}, (422, "fix.range")),
        ({"start": "nan,11"}, (422, "fix.range")),
        ({"start": START, "stops": 0}, (422, "field.range")),
        ({"start": START, "stops": 201}, (422, "field.range")),
        ({"start": START, "hours": 0}, (422, "field.range")),
        ({"start": START, "hours": "nan"}, (422, "field.range")),
        ({"start": START, "crews": 21}, (422, "field.range")),
        ({"start": START, "depot": "x"}, (422, "fix.range")),
        ({"start": START, "depot": "10,10"}, (422, "field.range")),
        ({"start": "-48,11.5"}, (422, "field.range")),
        ({"start": START, "kind": "holes"}, (422, "field.range")),
    ],
    ids=str,
)
def test_what_cannot_be_a_tour_is_refused_with_its_reason(
    http: TestClient, anna: str, query: dict[str, Any], expected: tuple[int, str]
):
    assert code_of(ask(http, anna, **query)) == expected


def test_a_city_without_defects_has_an_empty_tour(http: TestClient, store: Store):
    told = ask(http, city.user(store, "anna", "crew"), start=START)
    assert told.status_code == 200
    assert told.json()["features"] == []
    assert told.json()["crews"][0]["stops"] == []
