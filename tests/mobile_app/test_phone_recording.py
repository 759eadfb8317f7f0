"""From what sources tell to trips: what they hold, when they begin and end, what a clock that jumps does to them: nothing."""

from __future__ import annotations

import random
import resource
import uuid
from itertools import count

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phone_hours import RATE_HZ, Phone

from mobile_app import wire
from mobile_app.dates import ROLLOVER_S
from mobile_app.intake import Intake
from mobile_app.outbox import Outbox
from mobile_app.recorder import finish, recover
from mobile_app.recording import Recording
from mobile_app.status import State


class Recorder:
    """A recording and what it ended. new_id: the same ids in every run."""

    def __init__(self, folder, boot: str = "one", known_s: float = 1.79e9) -> None:
        self.outbox, self.intake, self.ended = Outbox(folder), Intake(), list[str]()
        ids = count(len(list(self.outbox.trips())))
        self.recording = Recording(
            self.outbox,
            self.intake,
            self.ended.append,
            boot=boot,
            known_s=lambda: known_s,
            new_id=lambda: str(uuid.uuid5(uuid.NAMESPACE_OID, str(next(ids)))),
        )
        self.recording.allowed = True
        self.recording.resume()

    def take(self, all_of_it: bool = False) -> None:
        self.recording.take(self.intake.drain(all_of_it))

    def chunks(self) -> list[wire.Chunk]:
        for trip in self.ended:
            finish(self.outbox, trip)
        return [wire.decode(self.outbox.read(*one)) for one in self.outbox.pending()]


@pytest.fixture
def recorder(tmp_path):
    return Recorder(tmp_path / "outbox")


def errand(phone: Phone, recorder: Recorder, seconds: int = 300) -> None:
    phone.stand(30)
    phone.drive(seconds)
    phone.stand(260)
    recorder.take(all_of_it=True)


def kept_s(recorder: Recorder, trip: str) -> tuple[float, float]:
    """First and last stamp of what is kept of a trip that has not been cut yet, s from its start."""
    from mobile_app.withholding import _parts, _read

    stamps = [t for path in _parts(recorder.outbox, trip) for t in _read(path, trip)["accelerometer"][0]]
    return min(stamps), max(stamps)


def test_a_drive_becomes_a_trip_with_what_came_before_its_start_was_known(recorder):
    phone = Phone(recorder.intake)
    errand(phone, recorder)
    (trip,) = recorder.ended
    first, _ = kept_s(recorder, trip)
    assert first == 0.0
    assert recorder.outbox.started_at_us(trip) == round((1.8e9) * 1e6)  # t = 0 is in the standing half minute before
    assert recorder.outbox.ended_until_s(trip) == pytest.approx(330, abs=3)
    chunks = recorder.chunks()
    assert chunks
    joined = wire.join(chunks)
    t_s, _ = joined["accelerometer"]
    assert np.diff(t_s) == pytest.approx(np.full(len(t_s) - 1, 1 / RATE_HZ), abs=1e-6)
    assert len(joined["gyroscope"][0]) == pytest.approx(len(t_s), abs=2)
    assert not recorder.recording.dropped


def test_only_the_last_minute_and_a_half_before_a_drive_is_kept(recorder):
    phone = Phone(recorder.intake)
    phone.walk(600)
    recorder.take()
    assert len(recorder.recording._preroll) <= 91 * (2 * RATE_HZ + 1)
    errand(phone, recorder)
    assert recorder.outbox.started_at_us(recorder.ended[0]) / 1e6 == pytest.approx(1.8e9 + 630 - 78, abs=8)


def test_a_walk_is_no_trip(recorder):
    Phone(recorder.intake).walk(900)
    recorder.take(all_of_it=True)
    assert recorder.outbox.trips() == []


def test_kilometres_are_those_of_the_way(recorder):
    errand(Phone(recorder.intake), recorder, 500)
    assert recorder.recording.take_km() == pytest.approx(7.0, abs=0.3)
    assert recorder.recording.take_km() == 0.0


@pytest.mark.parametrize("jump_s", [3600.0, -86_400.0 * 30])
def test_a_wall_clock_that_jumps_during_the_trip_changes_nothing_in_it(tmp_path, jump_s):
    recorders = [Recorder(tmp_path / name) for name in ("calm", "jumps")]
    for recorder, by_s in zip(recorders, (0.0, jump_s), strict=True):
        phone = Phone(recorder.intake)
        phone.drive(80)
        recorder.take()
        recorder.intake.clock(phone.t, 1.8e9 + phone.t - 1000.0 + by_s)
        phone.drive(80)
        phone.stand(245)
        recorder.take(all_of_it=True)
    calm, jumps = ([recorder.outbox.read(*one) for one in _cut(recorder)] for recorder in recorders)
    assert calm == jumps
    assert calm


def _cut(recorder: Recorder) -> list[tuple[str, int]]:
    for trip in recorder.ended:
        finish(recorder.outbox, trip)
    return list(recorder.outbox.pending())


def test_a_receiver_that_is_1024_weeks_behind_files_no_trip_in_2007(recorder):
    errand(Phone(recorder.intake, utc_s=1.8e9 - ROLLOVER_S), recorder)
    assert recorder.outbox.started_at_us(recorder.ended[0]) / 1e6 == pytest.approx(1.8e9)
    assert recorder.recording.dropped == {"the date was 1024 weeks early": 1}


def test_a_phone_that_knows_no_date_gives_the_last_that_it_knew(recorder):
    errand(Phone(recorder.intake, utc_s=None), recorder)
    assert recorder.outbox.started_at_us(recorder.ended[0]) / 1e6 == pytest.approx(1.79e9)


def test_a_phone_that_is_started_again_on_the_way_makes_two_trips(recorder):
    phone = Phone(recorder.intake, t=50_000.0)
    phone.drive(200)
    recorder.take()
    again = Phone(recorder.intake, t=10.0, utc_s=1.8e9 + 300)
    again.drive(200)
    recorder.take()
    assert len(recorder.ended) == 1
    assert recorder.recording.trip is not None
    assert recorder.recording.trip.trip_id != recorder.ended[0]
    again.stand(300)
    recorder.take(all_of_it=True)
    assert len(recorder.ended) == 2


@given(seed=st.integers(0, 2**32), copies=st.integers(1, 2), piece_s=st.integers(1, 40))
@settings(max_examples=3, deadline=None)
def test_any_order_and_repetition_within_the_window_gives_the_same_bytes(tmp_path_factory, seed, copies, piece_s):
    order = random.Random(seed)
    folder = tmp_path_factory.mktemp("orders")
    calls = _calls()
    plain, mixed = Recorder(folder / "plain"), Recorder(folder / "mixed")
    for name, values in calls:
        getattr(plain.intake, name)(*values)
    plain.take(all_of_it=True)
    told = [call for call in calls for _ in range(order.randint(1, copies))]
    told.sort(key=lambda call: call[1][0] + order.uniform(0, 1.9))
    for at, (name, values) in enumerate(told):
        getattr(mixed.intake, name)(*values)
        if at % (piece_s * 100) == 0:
            mixed.take()
    mixed.take(all_of_it=True)
    for recorder in (plain, mixed):
        recorder.recording.stop()
    bytes_of = [[recorder.outbox.read(*one) for one in _cut(recorder)] for recorder in (plain, mixed)]
    assert bytes_of[0] == bytes_of[1]
    assert bytes_of[0]


def _calls() -> list[tuple[str, tuple[float, ...]]]:
    calls: list[tuple[str, tuple[float, ...]]] = []

    class Log:
        def __getattr__(self, name):
            return lambda *values: calls.append((name, values))

    phone = Phone(Log())
    phone.drive(140)
    phone.stand(10)
    return calls


@given(st.lists(st.tuples(st.sampled_from(["drive", "stand", "allow", "forbid", "restart"]), st.integers(1, 40)), max_size=12))
@settings(max_examples=12, deadline=None)
def test_nothing_is_kept_of_what_came_while_recording_was_not_allowed(tmp_path_factory, told):
    recorder = Recorder(tmp_path_factory.mktemp("consent") / "outbox")
    recorder.recording.stop()
    phone, allowed = Phone(recorder.intake), []
    since = None
    for what, seconds in told:
        if what in ("drive", "stand"):
            getattr(phone, what)(seconds)
        elif what == "restart":
            phone.t += 10_000.0
        elif what == "allow" and since is None:
            recorder.take(all_of_it=True)
            recorder.recording.allowed, since = True, phone.t
        elif what == "forbid" and since is not None:
            recorder.take(all_of_it=True)
            recorder.recording.stop()
            allowed.append((since, phone.t))
            since = None
    recorder.take(all_of_it=True)
    recorder.recording.stop()
    allowed.append((since if since is not None else phone.t, phone.t))
    for trip in recorder.ended:
        first, last = kept_s(recorder, trip)
        origin = recorder.outbox.started_at_us(trip) / 1e6 - 1.8e9 + 1000.0
        assert any(begin - 0.01 <= origin + first and origin + last <= end + 0.01 for begin, end in allowed)
    if not any(what == "allow" for what, _ in told):
        assert recorder.outbox.trips() == []


def test_a_trip_that_a_kill_interrupted_goes_on_if_the_phone_ran_on(tmp_path):
    first = Recorder(tmp_path / "outbox")
    phone = Phone(first.intake)
    phone.drive(200)
    first.take()
    trip = first.recording.trip.trip_id
    again = Recorder(tmp_path / "outbox")
    assert again.recording.state is State.RECORDING
    assert again.recording.trip.trip_id == trip
    phone.sink = again.intake
    phone.t += 30.0
    phone.drive(200)
    phone.stand(260)
    again.take(all_of_it=True)
    assert again.ended == [trip]
    first_s, last_s = kept_s(again, trip)
    assert (first_s, last_s) == (0.0, pytest.approx(430 + 240, abs=10))


@pytest.mark.parametrize("why", ["another boot", "an hour later", "an earlier clock", "had ended"])
def test_a_trip_that_cannot_be_gone_on_with_is_ended_and_another_begins(tmp_path, why):
    first = Recorder(tmp_path / "outbox")
    phone = Phone(first.intake, t=50_000.0)
    phone.drive(200)
    first.take()
    trip = first.recording.trip.trip_id
    if why == "had ended":
        first.recording.stop()
    again = Recorder(tmp_path / "outbox", boot="two" if why == "another boot" else "one")
    phone.sink = again.intake
    phone.t = {"an hour later": phone.t + 3600.0, "an earlier clock": 10.0}.get(why, phone.t)
    phone.drive(100)
    again.take()
    assert again.ended == [trip]
    assert again.recording.trip is not None
    assert again.recording.trip.trip_id != trip


def test_of_several_trips_without_an_end_only_the_last_goes_on(tmp_path):
    outbox = Outbox(tmp_path / "outbox")
    recorder = Recorder(tmp_path / "outbox")
    outbox.begin(str(uuid.uuid4()), 5, ends=recorder.recording.settings.ends)
    phone = Phone(recorder.intake)
    phone.drive(100)
    recorder.take()
    again = Recorder(tmp_path / "outbox")
    assert len(again.ended) == 1
    assert again.recording.trip is not None


def test_a_full_disk_stops_the_recording_and_what_was_taken_goes_to_the_disk_once_there_is_room(tmp_path):
    recorder = Recorder(tmp_path / "outbox")
    phone = Phone(recorder.intake)
    phone.drive(100)
    recorder.take()
    trip = recorder.recording.trip.trip_id
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    biggest = max(path.stat().st_size for path in recorder.outbox.folder.rglob("*.*"))
    resource.setrlimit(resource.RLIMIT_FSIZE, (min(biggest, 4000), hard))
    try:
        phone.drive(60)
        with pytest.raises(OSError, match="File too large"):
            recorder.take()
        recorder.recording.give_up()
        with pytest.raises(OSError, match="File too large"):
            recorder.recording.end_left()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    recorder.recording.end_left()
    assert recorder.ended == [trip]
    _, last_s = kept_s(recorder, trip)
    assert last_s >= 100
    recorder.recording.allowed = True
    phone.drive(60)
    recorder.take()
    assert recorder.recording.trip is not None


def test_a_week_on_the_road_is_cut_into_trips_that_the_wire_format_can_hold(tmp_path):
    recorder = Recorder(tmp_path / "outbox")
    phone = Phone(recorder.intake)
    phone.drive(60)
    recorder.take()
    recorder.recording.trip.origin_s -= 6 * 86_400.0
    phone.drive(60)
    recorder.take()
    assert len(recorder.ended) == 1
    assert recorder.recording.trip is not None


def test_recovering_ends_what_has_no_end(tmp_path):
    recorder = Recorder(tmp_path / "outbox")
    Phone(recorder.intake).drive(300)
    recorder.take()
    recover(recorder.outbox)
    (state,) = recorder.outbox.trips()
    assert state.finished
