"""All of mine in one zip: what the server holds and what this phone holds, and never the token."""

from __future__ import annotations

import json
import zipfile

import faulty_server as faulty
import numpy as np
import pytest
from city_server import CityServer
from faulty_server import FaultyServer
from phone_home import a_trip, chunk, phone, sync_of

from mobile_app import deleting, wire
from mobile_app.credentials import load_credentials
from mobile_app.diary import Diary
from mobile_app.exporting import ServerNotAsked, export_mine
from mobile_app.outbox import Outbox
from mobile_app.reports import Reports
from mobile_app.trips import Standing, trip_views
from tests.mobile_app.privacy.drives import TRIP, drive, recorded


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    with CityServer(tmp_path_factory.mktemp("city")) as running:
        yield running


def test_everything_of_both_ends_is_in_it_and_the_token_is_not(city, tmp_path):
    home = phone(tmp_path, city.url)
    sent = a_trip(home)
    Reports(home.reports).write("lamp", 48.1, 11.5, "dark")
    sync_of(home).step()
    waiting = a_trip(home)
    deleting.wish_away(home, sent)  # not done yet: its file holds the token
    export_mine(home, tmp_path / "mine.zip")
    with zipfile.ZipFile(tmp_path / "mine.zip") as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    assert held[f"server/traces/{sent}/1.chunk"] == chunk(sent, 1), "P14: byte for byte what the server holds"
    rows = json.loads(held["server/rows.json"])
    assert [row["id"] for row in rows["trips"]] == [sent]
    assert [row["note"] for row in rows["reports"]] == ["dark"]
    assert held[f"phone/outbox/{waiting}/0.chunk"] == chunk(waiting, 0)
    assert json.loads(held[f"phone/diary/{sent}.json"])["km"] == 1.0
    assert "phone/choices.json" in held
    token = load_credentials(home.credentials).token.encode()
    assert not any(token in data for data in held.values())


def test_what_the_diary_says_was_sent_is_exactly_what_the_server_holds(city, tmp_path):
    """P14, from the recorder to the server's own answer: chunks, samples, and every point of the path."""
    home = phone(tmp_path, city.url)
    recorded(home.outbox, drive([(0, 0), (3000, 0), (3000, 2500)]), diary=Diary(home.diary))
    sync_of(home).step()
    export_mine(home, tmp_path / "mine.zip")
    with zipfile.ZipFile(tmp_path / "mine.zip") as archive:
        chunks = [wire.decode(archive.read(name)) for name in archive.namelist() if name.startswith("server/traces/")]
    entry = Diary(home.diary).entry(TRIP)
    assert (len(chunks), sum(len(chunk.accelerometer) for chunk in chunks)) == (entry.chunks, entry.samples)
    held = np.array([place for chunk in chunks for place in zip(*places_of(chunk), strict=True)])
    told = np.array([point for piece in entry.path for point in piece])
    assert len(told) > 100
    assert np.abs(told[:, None] - held[None]).max(axis=2).min(axis=1).max() < 6e-6, "to the fifth digit that the diary keeps"
    assert view_of(home).standing is Standing.SENT


def places_of(chunk):
    return (chunk.location.columns[name].tolist() for name in ("latitude", "longitude"))


def view_of(home):
    outbox = Outbox(home.outbox)
    return trip_views(Diary(home.diary).entries(), outbox.trips(), outbox.refused(), outbox.sent())[0]


@pytest.mark.parametrize("registered", [False, True])
def test_without_the_server_this_phones_part_is_written_and_said_to_be_all(tmp_path, registered):
    with FaultyServer() as server:
        home = phone(tmp_path, server.url)
        trip = a_trip(home)
        if registered:
            sync_of(home).step()
            server.faults.append(faulty.answers(503, "busy", "come later"))
        with pytest.raises(ServerNotAsked, match="come later" if registered else "register this device"):
            export_mine(home, tmp_path / "mine.zip", timeout_s=2.0)
    with zipfile.ZipFile(tmp_path / "mine.zip") as archive:
        assert f"phone/diary/{trip}.json" in archive.namelist()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.zip", "phone"]


def test_an_answer_that_breaks_off_is_not_taken_for_the_whole(city, tmp_path):
    home = phone(tmp_path, city.url)
    a_trip(home)
    sync_of(home).step()

    def breaks_off(handler) -> bool:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\nPK half of a zip")
        return faulty.drops_the_request(handler)

    with FaultyServer() as server:
        told = json.loads(home.credentials.read_text()) | {"server_url": server.url}
        home.credentials.write_text(json.dumps(told))
        server.faults.append(breaks_off)
        with pytest.raises(ServerNotAsked, match="broke"):
            export_mine(home, tmp_path / "mine.zip", timeout_s=2.0)
