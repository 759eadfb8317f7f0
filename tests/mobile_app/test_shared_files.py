"""The small files by which the recorder's process and the screens' talk: choices, status, ring and diary."""

from __future__ import annotations

from array import array
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobile_app.choices import CONSENT_VERSION, Choices, load_choices, save_choices
from mobile_app.diary import Diary, Entry, Jolt
from mobile_app.ring import LENGTH, RingWriter, read_ring
from mobile_app.status import State, Status, Why, read_status, write_status

TRIP = "5f0c7a52-3b1e-4c9d-8a77-0d6b2f1e9c34"


def test_nobody_has_agreed_to_anything_before_they_do(tmp_path):
    assert not load_choices(tmp_path / "none.json").agreed
    agreed = Choices(server_url="https://roads.example").agree(1.8e9)
    save_choices(tmp_path / "choices.json", agreed)
    assert load_choices(tmp_path / "choices.json") == agreed
    assert agreed.agreed
    assert not replace(agreed, consent_version=CONSENT_VERSION - 1).agreed


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"theme": "pink", "wifi_only": "no", "paused_until_s": NaN, "consent_version": "1", "new": 1}']
)
def test_a_damaged_or_foreign_file_of_choices_gives_the_defaults(tmp_path, text):
    (tmp_path / "choices.json").write_text(text)
    assert load_choices(tmp_path / "choices.json") == Choices()


def test_the_status_read_is_the_status_written(tmp_path):
    status = Status(at_s=1.8e9, state=State.STOPPED, why=Why.BATTERY_LOW, trip_km=3.25, latitude=48.85)
    write_status(tmp_path / "status.json", status)
    assert read_status(tmp_path / "status.json") == status
    assert status.stale(1.8e9 + 11)
    assert not status.stale(1.8e9 - 3600)
    (tmp_path / "status.json").write_text('{"state": "flying"}')
    assert read_status(tmp_path / "status.json") == Status()


@given(pieces=st.lists(st.integers(0, 2 * LENGTH), max_size=6))
def test_the_ring_holds_the_last_minute_of_what_was_written_to_it(tmp_path_factory, pieces):
    path = tmp_path_factory.mktemp("ring") / "live.ring"
    with RingWriter(path) as writer:
        told: list[float] = []
        for length in pieces:
            values = array("f", range(len(told), len(told) + length))
            told += values[-LENGTH:] if length > LENGTH else values
            writer.write(float(len(told)), values)
    count, t_s, held = read_ring(path)
    assert (count, held.tolist()) == (len(told), told[-LENGTH:])
    assert t_s == (len(told) if pieces else 0.0)


def test_what_is_no_ring_reads_as_an_empty_one(tmp_path):
    assert read_ring(tmp_path / "none") == (0, 0.0, array("f"))
    (tmp_path / "live.ring").write_bytes(b"nothing of the kind")
    assert read_ring(tmp_path / "live.ring") == (0, 0.0, array("f"))


def test_the_diary_keeps_each_trip_until_it_is_forgotten_and_leaves_out_what_is_damaged(tmp_path):
    diary = Diary(tmp_path / "diary")
    one = Entry(
        TRIP,
        1.8e9,
        1.8e9 + 600,
        5.0,
        4.2,
        (((48.85, 2.35), (48.86, 2.35)),),
        ((500.0, 3, 4),),
        (Jolt(3.0, 48.85, 2.35, 1.5),),
        10,
    )
    later = Entry(TRIP[:-1] + "5", 1.8e9 + 3600, 1.8e9 + 4000, 1.0, 0.0)
    diary.write(one)
    diary.write(later)
    (diary.folder / "damaged.json").write_text('{"trip_id": 3}')
    assert diary.entries() == [later, one]
    diary.forget(later.trip_id)
    assert (diary.entry(later.trip_id), diary.entry(one.trip_id)) == (None, one)
    with pytest.raises(ValueError, match="UUID"):
        diary.forget("../../choices")
