"""Battery and room: recording stops before the phone suffers, and what was not sent is never deleted for it."""

from __future__ import annotations

import pytest
from chunk_samples import STARTED_AT_US, TRIP, encoded
from hypothesis import given
from hypothesis import strategies as st

from mobile_app.dates import EARLIEST_S, ROLLOVER_S, likely_utc_s
from mobile_app.diary import Diary, Entry
from mobile_app.home import Home
from mobile_app.locking import AlreadyRuns, Lock
from mobile_app.outbox import Outbox
from mobile_app.power import GivenBattery, Power
from mobile_app.sensors.battery import PlyerBattery
from mobile_app.storage import Storage
from mobile_app.today import Today, load_today, save_today


@pytest.mark.parametrize(
    ("readings", "allowed"),
    [
        ([(0.16, False), (0.14, False), (0.17, False), (0.21, False)], [True, False, False, True]),
        ([(0.05, True)], [True]),
        ([(0.10, False), (0.10, True), (0.12, False)], [False, True, False]),
        ([(None, None), (None, False)], [True, True]),
        ([(0.10, None)], [False]),
    ],
)
def test_below_fifteen_percent_it_stops_unless_it_is_charged_and_goes_on_from_twenty(readings, allowed):
    power = Power()
    assert [power.allows(*reading) for reading in readings] == allowed


def test_a_battery_that_cannot_be_read_is_unknown():
    assert GivenBattery().read() == (None, None)
    level, charging = PlyerBattery().read()
    assert level is None or 0 <= level <= 1
    assert charging in (None, True, False)


def entry(index: int) -> Entry:
    return Entry(f"{TRIP[:-2]}{index:02x}", 1.8e9 + index, 1.8e9 + index + 1, 1.0, 1.0)


def full_phone(tmp_path) -> tuple[Home, Outbox, Diary]:
    """Trips 0 to 4 are sent, 5 waits, 6 is only in the diary."""
    home = Home(tmp_path / "home")
    outbox, diary = Outbox(home.outbox), Diary(home.diary)
    for index in range(7):
        diary.write(entry(index))
    for index in range(5):
        outbox.begin(entry(index).trip_id, STARTED_AT_US)
        outbox.add(entry(index).trip_id, 0, encoded())
        outbox.close(entry(index).trip_id)
    outbox.begin(entry(5).trip_id, STARTED_AT_US)
    outbox.add(entry(5).trip_id, 0, encoded())
    home.defects.write_text("{}")
    return home, outbox, diary


def test_what_was_sent_goes_first_the_oldest_first_and_only_as_much_as_needs_be(tmp_path):
    home, outbox, diary = full_phone(tmp_path)
    free = iter([150_000_000, 170_000_000, 190_000_000, 210_000_000])
    storage = Storage(home, outbox, free_bytes=lambda: next(free))
    assert storage.allows()
    assert storage.deleted == [entry(0).trip_id, entry(1).trip_id, entry(2).trip_id]
    assert [one.trip_id for one in diary.entries()] == [entry(i).trip_id for i in (6, 5, 4, 3)]


def test_what_was_not_sent_is_never_deleted_and_recording_stops_and_goes_on_with_the_room(tmp_path):
    home, outbox, diary = full_phone(tmp_path)
    free = [10_000_000]
    storage = Storage(home, outbox, free_bytes=lambda: free[0])
    assert not storage.allows()
    assert {one.trip_id for one in diary.entries()} == {entry(5).trip_id, entry(6).trip_id}
    assert outbox.read(entry(5).trip_id, 0) == encoded()
    assert not home.defects.exists()
    free[0] = 80_000_000
    assert not storage.allows()
    free[0] = 120_000_000
    assert storage.allows()
    storage.write_failed()
    assert storage.allows()


def test_the_room_of_this_machine_is_known(tmp_path):
    home = Home(tmp_path)
    assert isinstance(Storage(home, Outbox(home.outbox)).allows(), bool)


NOW_S = 1_796_000_000.0  # 30 November 2026


@pytest.mark.parametrize(
    ("told_s", "expected_s", "wrong"),
    [
        (NOW_S, NOW_S, None),
        (NOW_S - 3600 * 20, NOW_S - 3600 * 20, None),  # set back by hours: not ours to mend
        (NOW_S + 86_400 * 400, NOW_S + 86_400 * 400, None),
        (NOW_S - ROLLOVER_S, NOW_S, "the date was 1024 weeks early"),
        (NOW_S + 86_400 * 300 - ROLLOVER_S, NOW_S + 86_400 * 300, "the date was 1024 weeks early"),
        (NOW_S - 2 * ROLLOVER_S, NOW_S, "the date was 1024 weeks early"),
        (0.0, NOW_S, "the date was unknown"),
        (4e9, NOW_S, "the date was unknown"),
    ],
)
def test_a_date_of_1024_weeks_ago_is_put_right_and_an_impossible_one_is_never_used(told_s, expected_s, wrong):
    assert likely_utc_s(told_s, NOW_S) == (pytest.approx(expected_s), wrong)


@given(st.floats(-1e12, 1e12), st.floats(0, 1e12))
def test_no_trip_is_filed_before_this_app_was_written(told_s, known_s):
    assert likely_utc_s(told_s, known_s)[0] >= EARLIEST_S - 86_400


def test_one_recorder_a_folder(tmp_path):
    lock = Lock(tmp_path / "lock")
    with pytest.raises(AlreadyRuns, match="another recorder is running"):
        Lock(tmp_path / "lock")
    lock.release()
    Lock(tmp_path / "lock").release()


def test_the_sums_of_the_day_survive_a_restart_and_begin_anew_at_midnight(tmp_path):
    today = Today().on(TRIP).driven(3.0, 2, 1.8e9)
    save_today(tmp_path / "today.json", today)
    again = load_today(tmp_path / "today.json")
    assert again == today
    later = again.on(TRIP).driven(1.0, 1, 1.8e9 + 86_400)
    assert (later.km, later.jolts, later.trip_km, later.trip_jolts) == (1.0, 1, 4.0, 3)
    assert later.on("another").trip_km == 0.0
    (tmp_path / "today.json").write_text('{"day": 3}')
    assert load_today(tmp_path / "today.json") == Today()
