"""The recorder's rounds: the person is obeyed, what goes on is told, what ends is cut, battery and room are minded."""

from __future__ import annotations

import json
import math
import uuid
from dataclasses import replace

import pytest
from phone_hours import Phone

from mobile_app.choices import Choices, save_choices
from mobile_app.diary import Diary, Jolt
from mobile_app.finishing import Finisher
from mobile_app.home import Home
from mobile_app.loop import Loop
from mobile_app.outbox import Outbox
from mobile_app.power import GivenBattery
from mobile_app.recorder import finish
from mobile_app.ring import read_ring
from mobile_app.sensors import Sink, troubles
from mobile_app.status import State, Why, read_status
from mobile_app.storage import Storage

NOW_S = 1.8e9


class Source:
    """Remembers how it was started; told by hand."""

    def __init__(self) -> None:
        self.started: list[tuple[float, float]] = []
        self.running: Sink | None = None

    def start(self, sink: Sink, *, motion_hz: float, batch_s: float) -> None:
        assert self.running is None, "started twice"
        self.started.append((motion_hz, batch_s))
        self.running = sink

    def stop(self) -> None:
        self.running = None


class Desk:
    """A loop with clocks that are turned by hand."""

    def __init__(self, folder, **options) -> None:
        self.home, self.source, self.now, self.wall_s = Home(folder), Source(), 0.0, NOW_S
        self.outbox = Outbox(self.home.outbox)
        diary = Diary(self.home.diary)
        self.finisher = Finisher(lambda trip: finish(self.outbox, trip, diary))
        self.free = [10**9]
        options.setdefault("storage", Storage(self.home, self.outbox, free_bytes=lambda: self.free[0]))
        self.loop = Loop(
            self.home,
            self.source,
            self.outbox,
            self.finisher,
            boot="one",
            clock=lambda: self.now,
            wall_clock=lambda: self.wall_s,
            **options,
        )
        self.phone = Phone(self.loop.intake)

    def decide(self, choices: Choices) -> None:
        save_choices(self.home.choices, choices)

    def pass_s(self, seconds: int, what: str | None = "drive", **options) -> None:
        for _ in range(seconds):
            if what is not None and self.source.running is not None:
                getattr(self.phone, what)(1, **options)
            self.now, self.wall_s = self.now + 1.0, self.wall_s + 1.0
            self.loop.step()

    @property
    def status(self):
        return read_status(self.home.status)


@pytest.fixture
def desk(tmp_path):
    desk = Desk(tmp_path / "home")
    desk.decide(Choices().agree(NOW_S - 5.0))
    return desk


def test_without_consent_no_sensor_runs_and_nothing_is_written(tmp_path):
    desk = Desk(tmp_path / "home")
    desk.pass_s(60)
    assert desk.source.started == []
    assert (desk.status.state, desk.status.why) == (State.STOPPED, Why.NO_CONSENT)
    assert desk.outbox.trips() == []
    desk.decide(Choices().agree(NOW_S))
    desk.pass_s(2, None)
    assert desk.source.running is not None
    assert desk.status.state is State.IDLE


def test_sensors_rest_until_something_moves_and_measure_while_it_does(desk):
    desk.pass_s(5, "stand")
    desk.pass_s(60)
    desk.pass_s(300, "stand")
    assert [motion_hz for motion_hz, _ in desk.source.started] == [0.0, 100.0, 0.0]


def test_the_screens_see_what_goes_on(desk):
    desk.pass_s(120)
    status = desk.status
    assert status.state is State.RECORDING
    assert status.trip_id == desk.loop.recorded()[0]
    assert status.at_s == desk.wall_s
    assert status.speed_mps == 14.0
    assert status.trip_km == pytest.approx(status.today_km)
    assert 1.0 < status.trip_km < 1.7
    assert status.rate_hz == pytest.approx(50, abs=2)
    samples, t_s, strip = read_ring(desk.home.ring)
    assert samples == pytest.approx(118 * 50, abs=60)
    assert t_s == pytest.approx(desk.phone.t, abs=3)
    assert max(strip) == pytest.approx(0.57, abs=0.1)


@pytest.mark.parametrize("what", ["pause", "withdraw"])
def test_a_pause_and_a_withdrawn_consent_are_obeyed_within_two_seconds(desk, what):
    desk.pass_s(100)
    trip = desk.loop.recorded()[0]
    agreed = Choices().agree(NOW_S)
    desk.decide(replace(agreed, paused_until_s=desk.wall_s + 50.0) if what == "pause" else Choices())
    desk.pass_s(2)
    assert desk.source.running is None
    assert desk.status.state is State.STOPPED
    assert desk.status.why is (Why.PAUSED if what == "pause" else Why.NO_CONSENT)
    assert desk.finisher.busy == {trip}
    desk.pass_s(60, None)
    assert (desk.source.running is not None) == (what == "pause")


def test_a_low_battery_stops_it_and_a_charger_lets_it_go_on(tmp_path):
    class Held:
        told = GivenBattery(0.5, False)

        def read(self):
            return self.told.read()

    battery = Held()
    desk = Desk(tmp_path / "home", battery=battery)
    desk.decide(Choices().agree(NOW_S))
    desk.pass_s(60)
    assert desk.loop.recorded()
    battery.told = GivenBattery(0.14, False)
    desk.pass_s(31)
    assert (desk.status.why, desk.status.battery) == (Why.BATTERY_LOW, 0.14)
    battery.told = GivenBattery(0.14, True)
    desk.pass_s(31, None)
    assert desk.status.why is None


def test_a_full_phone_stops_it_and_room_lets_it_go_on(desk):
    desk.pass_s(60)
    desk.free[0] = 10_000_000
    desk.pass_s(6)
    assert desk.status.why is Why.STORAGE_FULL
    desk.free[0] = 10**9
    desk.pass_s(6, None)
    desk.pass_s(60)
    assert desk.status.state is State.RECORDING


@pytest.mark.parametrize(
    ("sensor", "words", "why"),
    [
        ("accelerometer", troubles.MISSING, Why.NO_SENSOR),
        ("accelerometer", troubles.SILENT, Why.NO_SENSOR),
        ("location", troubles.NO_PERMISSION, Why.NO_PERMISSION),
        ("location", troubles.LOCATION_OFF, Why.LOCATION_OFF),
        ("gyroscope", troubles.MISSING, None),
        ("accelerometer", troubles.SLOW, None),
        ("location", "something new", None),
    ],
)
def test_what_a_source_cannot_do_is_told_and_tried_again(desk, sensor, words, why):
    desk.pass_s(3, "stand")
    desk.source.running.trouble(sensor, words)
    desk.pass_s(2, None)
    assert desk.status.why is why
    assert (desk.source.running is None) == (why is not None)
    desk.pass_s(32, None)
    assert desk.status.why is None


def test_sensors_that_fall_silent_are_started_anew_and_after_minutes_the_trip_is_over(desk):
    desk.pass_s(100)
    desk.pass_s(32, None)
    assert desk.source.started[-2:] == [(100.0, 1.0)] * 2
    assert desk.loop.recorded()
    assert list(desk.outbox.folder.glob("*/*.open"))
    trip = desk.loop.recorded()[0]
    started = len(desk.source.started)
    for _ in range(320):
        desk.pass_s(1, None)
    assert len(desk.source.started) <= started + 12
    assert desk.finisher.busy == {trip}


def test_a_stopped_recorder_goes_on_with_its_trip_and_its_sums(tmp_path, desk):
    desk.pass_s(100)
    before, trip = desk.status, desk.loop.recorded()
    desk.loop.close()
    again = Desk(desk.home.folder)
    again.phone = desk.phone
    again.phone.sink = again.loop.intake
    again.pass_s(1, None)
    assert again.loop.recorded() == trip
    assert again.status.today_km >= before.today_km > 1.0
    again.pass_s(50)
    assert again.status.trip_km == pytest.approx(before.trip_km + 0.7, abs=0.1)


def test_jolts_are_counted_on_the_trip_and_the_day(tmp_path):
    class Finds:
        def take(self, events):
            return [Jolt(event[0], 48.0, 2.0, 1.0) for event in events if event[1] == 2]  # one at each fix

    desk = Desk(tmp_path / "home", finds=Finds())
    desk.decide(Choices().agree(NOW_S))
    desk.pass_s(100)
    assert desk.status.trip_jolts == desk.status.today_jolts > 50


def test_an_ended_trip_is_cut_beside_the_next_and_told_to_the_diary(desk):
    desk.pass_s(10, "stand")
    desk.pass_s(200)
    desk.pass_s(250, "stand")
    (trip,) = desk.finisher.busy
    done = []
    desk.finisher._on_done = lambda: done.append(True)
    desk.finisher.start()
    for _ in range(200):
        if done:
            break
        desk.finisher._stopping.wait(0.05)
    desk.finisher.stop()
    assert desk.outbox.trip(trip).finished
    assert not desk.finisher.busy
    entry = Diary(desk.home.diary).entry(trip)
    assert entry.km == pytest.approx(2.8, abs=0.2)
    assert 0 < entry.sent_km < entry.km


def test_a_trip_that_cannot_be_cut_is_told_and_keeps_no_other_from_it():
    cut, done = [], []

    def cutting(trip: str) -> None:
        if trip == "bad":
            raise ValueError("what is this")
        cut.append(trip)

    finisher = Finisher(cutting, lambda: done.append(True))
    for trip in ("bad", str(uuid.uuid4())):
        finisher.add(trip)
    finisher.start()
    for _ in range(200):
        if len(done) == 2:
            break
        finisher._stopping.wait(0.02)
    finisher.stop()
    assert len(cut) == 1
    assert finisher.faults == ["trip bad: ValueError: what is this"]


def test_a_source_that_cannot_start_is_told_and_tried_again_and_the_recorder_lives(desk, monkeypatch):
    def refuse(sink: Sink, *, motion_hz: float, batch_s: float) -> None:
        desk.source.started.append((motion_hz, batch_s))
        raise RuntimeError("a Java exception")

    with monkeypatch.context() as patched:
        patched.setattr(desk.source, "start", refuse)
        desk.pass_s(3, None)
        assert (desk.status.state, desk.status.why) == (State.STOPPED, Why.NO_SENSOR)
        desk.pass_s(70, None)
        assert 2 <= len(desk.source.started) <= 5
    desk.pass_s(40, None)
    assert desk.source.running is not None
    assert desk.status.why is None


def test_a_severe_defect_ahead_gives_the_chosen_sign_once_while_a_trip_is_recorded(tmp_path):
    given = []

    class Sign:
        def sound(self) -> None:
            given.append(desk.now)

        def vibrate(self) -> None:
            raise AssertionError("not chosen")

    desk = Desk(tmp_path / "home", sign=Sign())
    desk.decide(replace(Choices().agree(NOW_S - 5.0), alert="sound"))
    desk.pass_s(60)
    assert desk.status.state is State.RECORDING
    assert given == []
    latitude, longitude, heading = desk.status.latitude, desk.status.longitude, desk.status.heading
    assert heading is not None
    along = 60 / 111_195
    place = [
        longitude + along * math.sin(math.radians(heading)) / math.cos(math.radians(latitude)),
        latitude + along * math.cos(math.radians(heading)),
    ]
    told = {"id": "one", "severity": 9.0, "confidence": 0.99, "heading": heading, "status": "confirmed"}
    feature = {"type": "Feature", "geometry": {"type": "Point", "coordinates": place}, "properties": told}
    desk.home.defects.write_text(json.dumps({"features": [feature]}))
    desk.pass_s(5)
    assert len(given) == 1
