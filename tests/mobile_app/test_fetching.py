"""What is fetched for the screens: from the real server, by large squares, without saying who asks."""

from __future__ import annotations

import json

import faulty_server as faulty
import numpy as np
import pytest
from city_server import CityServer
from faulty_server import FaultyServer
from phone_home import a_trip, phone, sync_of

from detection import Defects
from ingest.store import defects
from mobile_app import fetching
from mobile_app.connection import Unreachable
from mobile_app.credentials import Credentials
from mobile_app.diary import Diary, Entry
from mobile_app.privacy import cell_of

NOW_S = 1.8e9


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    with CityServer(tmp_path_factory.mktemp("city")) as running:
        yield running


def put(city: CityServer, names: list[str], latitude: float = 48.1, confidence: float = 0.95) -> None:
    count = len(names)
    columns = {name: np.zeros(count) for name in Defects.empty().columns()}
    columns |= {"id": np.array(names, object), "devices": np.full(count, 5), "passes": np.full(count, 9)}
    columns |= {"latitude": np.full(count, latitude), "longitude": np.full(count, 11.5), "confidence": np.full(count, confidence)}
    with city.store.database.write() as session:
        defects.replace(session, Defects.from_columns(columns), [])


def drove(home, *places: tuple[float, float]) -> None:
    entry = Entry("5f0c7a52-3b1e-4c9d-8a77-0d6b2f1e9c34", 1.0, 2.0, 1.0, 1.0, (tuple(places),))
    Diary(home.diary).write(entry)


def fetched(home, url: str, now_s: float = NOW_S) -> dict:
    fetching.fetch(home, Credentials(url, "d", "t"), now_s, timeout_s=5.0)
    return json.loads(home.defects.read_text())


def test_defects_of_the_squares_that_trips_were_seen_in_are_there_offline(city, tmp_path):
    put(city, ["a", "b"])
    home = phone(tmp_path, city.url)
    assert fetched(home, city.url)["features"] == [], "no trip has left the phone yet: nothing is asked"
    drove(home, (48.1, 11.5), (48.11, 11.5))
    told = fetched(home, city.url)
    assert sorted(feature["id"] for feature in told["features"]) == ["a", "b"]
    assert (told["type"], told["fetched_at_s"]) == ("FeatureCollection", NOW_S)


def test_an_unchanged_square_costs_a_304_and_a_changed_one_is_replaced(city, tmp_path):
    put(city, ["a", "b"])
    home = phone(tmp_path, city.url)
    drove(home, (48.1, 11.5))
    fetched(home, city.url)
    later = NOW_S + fetching.EVERY_S
    assert fetched(home, city.url, later - 1)["fetched_at_s"] == NOW_S, "not due yet"
    told = fetched(home, city.url, later)
    assert (len(told["features"]), told["fetched_at_s"]) == (2, later)
    put(city, ["b"])
    assert [f["id"] for f in fetched(home, city.url, later + fetching.EVERY_S)["features"]] == ["b"]


def test_a_square_with_many_defects_is_fetched_page_by_page(city, tmp_path):
    put(city, [f"d{n:04}" for n in range(2300)])
    home = phone(tmp_path, city.url)
    drove(home, (48.1, 11.5))
    assert len(fetched(home, city.url)["features"]) == 2300
    put(city, [f"d{n:04}" for n in range(1, 2300)])
    assert len(fetched(home, city.url, NOW_S + fetching.EVERY_S)["features"]) == 2299


def test_what_is_hardly_probable_is_not_fetched(city, tmp_path):
    put(city, ["a"], confidence=0.3)
    home = phone(tmp_path, city.url)
    drove(home, (48.1, 11.5))
    assert fetched(home, city.url)["features"] == []


def test_when_the_server_is_away_what_was_there_stays_with_its_age(tmp_path):
    home = phone(tmp_path, "")
    drove(home, (48.1, 11.5))
    kept = {
        "type": "FeatureCollection",
        "features": [],
        "squares": [{"cell": cell_of(48.1, 11.5, 1e4), "at_s": 1.0}],
        "fetched_at_s": 1.0,
    }
    home.defects.write_text(json.dumps(kept))
    before = home.defects.read_bytes()
    with pytest.raises(Unreachable):
        fetched(home, "http://127.0.0.1:9")
    assert home.defects.read_bytes() == before
    with FaultyServer() as server:
        server.faults.append(faulty.answers(503))
        assert fetched(home, server.url)["fetched_at_s"] == 1.0


def test_squares_are_asked_for_without_a_token_and_tell_no_more_than_the_town(tmp_path):
    """The home of the trip lies anywhere in its square: what is asked is the same, and five hundred times as large as a cell."""
    asked = []
    for latitude, longitude in ((48.100, 11.500), (48.103, 11.52)):
        with FaultyServer() as server:
            home = phone(tmp_path / str(latitude), server.url)
            heard = []
            server.faults.append(lambda handler, heard=heard: bool(heard.append((handler.path, dict(handler.headers)))))
            drove(home, (latitude, longitude))
            fetched(home, server.url)
        asked.append(heard[0])
    assert asked[0][0] == asked[1][0]
    assert "bbox=" in asked[0][0]
    assert "Authorization" not in asked[0][1]
    west, south, east, north = fetching.bounds(cell_of(48.1, 11.5, fetching.SQUARE_M))
    assert (north - south) * 111_195 == pytest.approx(10_000, rel=1e-3)
    assert (east - west) * 111_195 * np.cos(np.radians(48.1)) == pytest.approx(10_000, rel=5e-3)
    assert west <= 11.5 <= east
    assert south <= 48.1 <= north


@pytest.mark.parametrize(
    "place", [(0.0, 0.0), (-0.001, -0.001), (48.1, 179.999), (48.1, -179.999), (-89.95, 10.0), (70.0, -30.0)]
)
def test_every_place_lies_in_its_square_and_the_square_on_the_globe(place):
    west, south, east, north = fetching.bounds(cell_of(*place, fetching.SQUARE_M))
    assert -180 <= west < east <= 180
    assert -90 <= south < north <= 90
    assert south - 1e-9 <= place[0] <= north + 1e-9
    assert west - 1e-9 <= place[1] <= east + 1e-9


def test_a_long_way_is_asked_for_newest_first_and_not_whole(tmp_path):
    home = phone(tmp_path, "")
    drove(home, *((48.0 + 0.1 * n, 11.5) for n in range(60)))
    assert len(fetching.squares(Diary(home.diary).entries())) == fetching.MOST_SQUARES
    assert fetching.squares([]) == []


def test_after_sending_the_screens_have_the_contribution_and_the_defects(city, tmp_path):
    put(city, ["a"])
    home = phone(tmp_path, city.url)
    a_trip(home)
    sync_of(home).step()
    assert json.loads(home.contribution.read_text())["km"] == 0, "asked before the trip was sent"
    assert [f["id"] for f in json.loads(home.defects.read_text())["features"]] == ["a"]
