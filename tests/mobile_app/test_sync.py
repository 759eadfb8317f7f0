"""When things are sent, and what is said while they wait: against a server that misbehaves, and against the real one."""

from __future__ import annotations

import time

import faulty_server as faulty
import httpx
import pytest
from city_server import CityServer
from faulty_server import FaultyServer
from phone_home import Hangs, a_trip, chunk, phone, sync_of
from sqlalchemy import select

from ingest.store import devices
from ingest.store.schema import Chunk, Trip
from mobile_app import reasons
from mobile_app.choices import Choices
from mobile_app.credentials import load_credentials
from mobile_app.diary import Diary
from mobile_app.network import Always, AndroidNetwork, Link, Unsaid, why_not
from mobile_app.outbox import Outbox
from mobile_app.reports import Reports, State
from mobile_app.sync import IDLE_S, LINK_EVERY_S, PERSON_S


@pytest.fixture
def server():
    with FaultyServer() as running:
        yield running


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    with CityServer(tmp_path_factory.mktemp("city")) as running:
        yield running


def test_a_phone_that_never_sent_registers_and_sends_all_that_waits(server, tmp_path):
    home = phone(tmp_path, server.url)
    trips = {a_trip(home): 2, a_trip(home): 2}
    sync = sync_of(home)
    assert sync.step() == IDLE_S
    assert server.finished == trips
    assert (sync.state.said, sync.state.waiting_chunks, sync.state.sending) == (None, 0, False)
    server.requests.clear()
    sync.step()
    assert server.requests == [], "nothing waits, nothing is due"


@pytest.mark.parametrize(
    ("decided", "link", "expected"),
    [
        ({"consent_version": 0}, Link.UNMETERED, reasons.NO_CONSENT),
        ({"paused_until_s": 1e11}, Link.UNMETERED, reasons.PAUSED),
        ({"server_url": ""}, Link.UNMETERED, reasons.NO_SERVER),
        ({"server_url": "city hall"}, Link.UNMETERED, reasons.BAD_ADDRESS),
        ({}, Link.NONE, reasons.OFFLINE),
        ({}, Link.METERED, reasons.WAITS_FOR_WIFI),
        ({}, Link.UNKNOWN, reasons.LINK_UNKNOWN),
        ({"wifi_only": False}, Link.NONE, reasons.OFFLINE),
    ],
)
def test_nothing_leaves_the_phone_and_the_reason_is_told(server, tmp_path, decided, link, expected):
    home = phone(tmp_path, server.url, **decided)
    a_trip(home)
    sync = sync_of(home, Hangs(link))
    again_s = sync.step()
    assert (sync.state.said.text, sync.state.waiting_chunks, server.requests) == (expected, 2, [])
    assert str(sync.state.said)
    assert again_s in (LINK_EVERY_S, PERSON_S)
    assert sync.state.retry_at_s == pytest.approx(time.time() + again_s, abs=5)


@pytest.mark.parametrize("link", [Link.METERED, Link.UNKNOWN, Link.UNMETERED])
def test_whoever_allows_mobile_data_sends_over_any_network(server, tmp_path, link):
    home = phone(tmp_path, server.url, wifi_only=False)
    trip = a_trip(home)
    sync_of(home, Hangs(link)).step()
    assert trip in server.finished


def test_wifi_that_goes_while_chunks_are_sent_ends_it_between_two_chunks(server, tmp_path):
    home, network = phone(tmp_path, server.url), Hangs()
    trip = a_trip(home, chunks=5)

    def loses_wifi(handler) -> bool:
        network.now = Link.METERED
        return False

    server.faults.extend([None, None, None, loses_wifi])
    sync = sync_of(home, network)
    sync.step()
    assert sorted(n for of, n in server.store if of == trip) == [0, 1]
    assert sync.state.said.text == reasons.WAITS_FOR_WIFI


def test_the_loop_goes_on_by_itself_when_wifi_comes_a_pause_ends_or_a_trip_does(server, tmp_path, monkeypatch):
    monkeypatch.setattr("mobile_app.sync.LINK_EVERY_S", 0.05)
    monkeypatch.setattr("mobile_app.sync.LOOK_S", 0.05)
    home, network = phone(tmp_path, server.url), Hangs(Link.METERED)
    sync = sync_of(home, network)
    first = a_trip(home)
    sync.start()
    try:
        wait_for(lambda: sync.state.said is not None)
        network.now = Link.UNMETERED
        wait_for(lambda: first in server.finished and not sync.state.sending)
        second = a_trip(home)
        time.sleep(0.3)
        assert second not in server.finished, "it looks again after ten minutes, or when it is told"
        sync.wake()
        wait_for(lambda: second in server.finished)
        phone(tmp_path, server.url, paused_until_s=1e11)
        third = a_trip(home)
        sync.wake()
        wait_for(lambda: sync.state.said is not None)
        phone(tmp_path, server.url)
        wait_for(lambda: third in server.finished)
    finally:
        sync.stop()


def wait_for(true, seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_fault_of_ours_does_not_end_sending_for_good(server, tmp_path, monkeypatch):
    monkeypatch.setattr("mobile_app.uploader.FIRST_WAIT_S", 0.01)
    home = phone(tmp_path, server.url)
    sync = sync_of(home)
    real, faults = sync._round, [RuntimeError("a bug"), OSError(28, "No space left on device")]

    def round_with_faults(choices: Choices) -> None:
        if faults:
            raise faults.pop(0)
        real(choices)

    monkeypatch.setattr(sync, "_round", round_with_faults)
    trip = a_trip(home)
    sync.start()
    try:
        wait_for(lambda: trip in server.finished)
    finally:
        sync.stop()


def test_a_full_storage_is_told(server, tmp_path, monkeypatch):
    sync = sync_of(phone(tmp_path, server.url))

    def full(choices: Choices) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(sync, "_round", full)
    sync.step()
    assert sync.state.said.text == reasons.STORAGE


@pytest.mark.parametrize(
    ("faults", "expected"),
    [
        ([faulty.drops_the_request], reasons.UNREACHABLE),
        ([faulty.answers(503)], reasons.COME_LATER),
        ([faulty.a_sign_in_page], reasons.SIGN_IN),
        ([faulty.answers(302)], reasons.SIGN_IN),
        ([faulty.answers(404)], reasons.SIGN_IN),
        ([None, faulty.drops_the_request], reasons.UNREACHABLE),
        ([None, faulty.answers(429, "rate.limited", "slowly")], reasons.COME_LATER),
        ([None, faulty.a_sign_in_page], reasons.SIGN_IN),
        ([None, faulty.answers(401)], reasons.SIGN_IN),
        ([None, None, faulty.drops_the_request], reasons.UNREACHABLE),
        ([None, None, faulty.answers(503, "busy", "later")], reasons.COME_LATER),
        ([None, None, faulty.a_sign_in_page], reasons.SIGN_IN),
        ([None, None, faulty.answers(400, "protocol.version", "1 is too old")], reasons.APP_TOO_OLD),
        ([None, None, faulty.answers(401), faulty.answers(401)], reasons.SIGN_IN),
    ],
)
def test_each_way_in_which_it_fails_is_told_in_plain_words_and_nothing_is_lost(server, tmp_path, faults, expected):
    """At the registration, the greeting, the first chunk; then the trouble passes and all is sent."""
    home = phone(tmp_path, server.url)
    trip = a_trip(home)
    server.faults.extend(faults)
    sync = sync_of(home, chance=lambda: 1.0)
    again_s = sync.step()
    assert sync.state.said.text == expected
    assert 0 < again_s <= PERSON_S
    assert sync.state.retry_at_s is not None
    server.faults.clear()
    sync.step()
    assert (server.finished, sync.state.said) == ({trip: 2}, None)


def test_retry_after_is_obeyed_wherever_it_comes_from(server, tmp_path):
    home = phone(tmp_path, server.url)
    a_trip(home)
    sync = sync_of(home, chance=lambda: 0.0)
    for before in range(3):
        server.faults.extend([*[None] * min(before, 1), faulty.answers(503, headers={"Retry-After": "77"})])
        assert sync.step() == 77
        server.faults.clear()


def test_waiting_doubles_while_the_server_is_away(server, tmp_path):
    home = phone(tmp_path, server.url)
    a_trip(home)
    sync = sync_of(home, chance=lambda: 1.0)
    server.faults.extend([faulty.drops_the_request] * 5)
    assert [sync.step() for _ in range(5)] == [2, 4, 8, 16, 32]


def test_a_clock_that_is_wrong_by_more_than_a_day_is_told_before_anything_is_sent(server, tmp_path):
    home = phone(tmp_path, server.url)
    trip = a_trip(home)
    sync = sync_of(home, wall_clock=lambda: 1_000_000_000.0)
    sync.step()
    assert str(sync.state.said) == "This phone’s clock is wrong: it says 2001-09-09. Set date and time to automatic."
    assert server.store == {}
    sync_of(home).step()
    assert trip in server.finished


def test_a_city_that_asks_for_a_code_is_asked_once_for_each_code(tmp_path):
    with CityServer(tmp_path / "city", with_codes=True) as closed:
        with closed.store.database.write() as session:
            code = devices.add_code(session, time.time(), 1, 3600)
        home = phone(tmp_path, closed.url)
        a_trip(home)
        sync = sync_of(home)
        assert sync.step() == PERSON_S
        assert sync.state.said.text == reasons.NEEDS_CODE
        phone(tmp_path, closed.url, enrolment_code="0000-0000")
        sync.step()
        assert sync.state.said.text == reasons.CODE_REFUSED
        sync.step()
        assert sync.state.said.text == reasons.CODE_REFUSED
        phone(tmp_path, closed.url, enrolment_code=code)
        sync.step()
        assert (sync.state.said, sync.state.waiting_chunks) == (None, 0)


def test_a_phone_the_server_knows_no_more_registers_again_once_and_loses_nothing(city, tmp_path):
    """Revoked in the middle of a trip: what was sent stays the old device's, the rest goes on as a trip of its own."""
    home, network = phone(tmp_path, city.url), Hangs()
    sync = sync_of(home, network)
    trip = a_trip(home, chunks=4, finished=False)
    sync.step()
    outbox = Outbox(home.outbox)
    assert outbox.trip(trip).sent == (0, 1, 2, 3)
    for number in (4, 5):
        outbox.add(trip, number, chunk(trip, number))
    outbox.finish(trip, 6)
    whole = a_trip(home)
    old = load_credentials(home.credentials)
    revoke(city, old.device_id)
    sync.step()
    assert sync.state.said.text == reasons.REGISTERS_AGAIN
    sync.step()
    new = load_credentials(home.credentials)
    assert new.device_id != old.device_id
    assert (sync.state.said, outbox.trips(), outbox.refused()) == (None, [], [])
    with city.store.database.read() as session:
        stored = {
            of: set(session.scalars(select(Chunk.number).where(Chunk.trip_id == of))) for of in session.scalars(select(Trip.id))
        }
        owners = dict(session.execute(select(Trip.id, Trip.device_id)).all())
    rest = next(line["trip_id"] for line in outbox.sent() if line.get("continues") == trip)
    assert (stored[trip], stored[rest], stored[whole]) == ({0, 1, 2, 3}, {0, 1}, {0, 1})
    assert (owners[trip], owners[rest], owners[whole]) == (old.device_id, new.device_id, new.device_id)
    revoke(city, new.device_id)
    a_trip(home)
    sync.step()
    assert sync.state.said.text == reasons.NOT_KNOWN, "once; after that a person must see to it"
    assert sync.state.waiting_chunks == 2


def test_another_city_gets_whole_trips_and_the_rest_of_begun_ones_as_trips_of_their_own(city, server, tmp_path):
    home = phone(tmp_path, server.url)
    trip = a_trip(home, chunks=3)
    server.faults.extend([None, None, None, faulty.answers(503)])
    sync = sync_of(home)
    sync.step()
    assert Outbox(home.outbox).trip(trip).sent == (0,)
    phone(tmp_path, city.url)
    sync.step()
    assert (sync.state.said, Outbox(home.outbox).trips()) == (None, [])
    with city.store.database.read() as session:
        assert session.get(Trip, trip) is None


def test_a_trip_deleted_on_the_server_goes_from_the_outbox_and_the_diary(server, tmp_path):
    home = phone(tmp_path, server.url)
    trip, other = a_trip(home), a_trip(home)
    server.deleted.add(trip)
    sync_of(home).step()
    assert server.finished.keys() == {other}
    assert [entry.trip_id for entry in Diary(home.diary).entries()] == [other]


def test_a_device_erased_elsewhere_is_another_device_from_then_on(city, tmp_path):
    """The trips of before are forgotten with it; those recorded afterwards must not be."""
    home = phone(tmp_path, city.url)
    a_trip(home)
    sync = sync_of(home)
    sync.step()
    old = load_credentials(home.credentials)
    with_token = {"Authorization": f"Bearer {old.token}"}
    assert httpx.delete(f"{city.url}/v1/devices/me", headers=with_token).status_code == 204
    later = a_trip(home)
    sync.step()
    sync.step()
    with city.store.database.read() as session:
        assert session.get(Trip, later) is not None
    assert load_credentials(home.credentials).device_id != old.device_id


def test_reports_are_sent_once_after_the_trips_and_their_state_is_shown(server, tmp_path):
    home = phone(tmp_path, server.url)
    reports = Reports(home.reports)
    kept = [reports.write(kind, 48.1, 11.5, note) for kind, note in (("lamp", "dark\u202e\x00 here"), ("pothole", ""))]
    server.faults.extend([None, None, faulty.drops_the_answer])
    sync = sync_of(home)
    sync.step()
    assert sync.state.said.text == reasons.UNREACHABLE
    sync.step()
    assert server.reports[kept[0].report_id]["note"] == "dark here"
    assert sorted(server.reports) == sorted(report.report_id for report in kept)
    assert {report.state for report in reports.all()} == {State.SENT}


def test_a_report_that_the_server_does_not_want_is_kept_with_its_words_and_blocks_nothing(server, tmp_path):
    home = phone(tmp_path, server.url)
    reports = Reports(home.reports)
    first, second = (reports.write("lamp", 48.1, 11.5, now_s=at_s) for at_s in (1.0, 2.0))
    server.faults.extend([None, None, faulty.answers(422, "field.range", "we do lamps elsewhere")])
    sync_of(home).step()
    assert {report.report_id: (report.state, report.why) for report in reports.all()} == {
        first.report_id: (State.REFUSED, "we do lamps elsewhere"),
        second.report_id: (State.SENT, ""),
    }


def test_every_reason_is_a_whole_sentence_that_can_be_filled_in():
    values = {"date": "2026-05-04", "address": "x", "count": 2, "of": 3, "reason": "because"}
    texts = {name: text for name, text in vars(reasons).items() if name.isupper() and isinstance(text, str)}
    assert len(texts) > 20
    for text in texts.values():
        shown = text.format(**values)
        assert shown[0].isupper() or shown[0] == "“"
        assert "{" not in shown
        assert shown.endswith(".") or text.endswith("{reason}")


class Capabilities:
    """What Android tells of a network: android.net.NetworkCapabilities, as far as it is asked."""

    def __init__(self, *which: int) -> None:
        self.which = which

    def hasCapability(self, capability: int) -> bool:
        return capability in self.which


class Context:
    """android.content.Context with a ConnectivityManager in it. told: of the active network; "none": there is none."""

    def __init__(self, told: object) -> None:
        self.told = told

    def getSystemService(self, name: str) -> Context:
        assert name == "connectivity"
        return self

    def getActiveNetwork(self) -> object:
        if isinstance(self.told, Exception):
            raise self.told
        return None if self.told == "none" else object()

    def getNetworkCapabilities(self, network: object) -> object:
        return self.told


@pytest.mark.parametrize(
    ("told", "link"),
    [
        ("none", Link.NONE),
        (None, Link.NONE),
        (Capabilities(11), Link.NONE),
        (Capabilities(11, 12), Link.UNMETERED),
        (Capabilities(12), Link.METERED),
        (RuntimeError("SecurityException"), Link.UNKNOWN),
    ],
)
def test_android_says_whether_the_network_costs(told, link):
    assert AndroidNetwork(Context(told)).link() is link


def test_a_desktop_sends_and_a_phone_that_does_not_say_waits_for_its_person(server, tmp_path):
    home = phone(tmp_path, server.url)
    trip = a_trip(home)
    sync = sync_of(home, Unsaid())
    sync.step()
    assert (sync.state.said.text, server.requests) == (reasons.LINK_UNKNOWN, [])
    sync_of(home, Always()).step()
    assert trip in server.finished


def test_only_what_is_known_to_cost_nothing_passes_for_wifi():
    assert [why_not(link, wifi_only=True) is None for link in Link] == [link is Link.UNMETERED for link in Link]


def revoke(city: CityServer, device_id: str) -> None:
    with city.store.database.write() as session:
        devices.revoke(session, device_id, time.time())
