"""From the recorder to the outbox: what may be sent is sent, and its bytes tell nothing of the rest."""

from __future__ import annotations

import json
import re
import shutil

import pytest
from drives import HOME, RULES, STARTED_AT_US, TRIP, drive, place, recorded, sent, sent_at_s
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mobile_app import withholding
from mobile_app.open_part import part_key, read_part
from mobile_app.outbox import Outbox
from mobile_app.places import Places
from mobile_app.privacy import holds, kept_spans, outside_m
from mobile_app.recorder import ChunkWriter, recover

FAR = [(3000.0, 0.0), (3000.0, 2500.0), (700.0, 2500.0), (6000.0, 2500.0)]
inside_cell = st.tuples(st.floats(-190, 190), st.floats(-190, 190))


def bytes_sent(outbox: Outbox) -> list[bytes]:
    return [outbox.read(*chunk) or b"" for chunk in outbox.pending()]


def test_every_sensor_is_sent_within_the_spans_and_nowhere_else(tmp_path):
    fixes = drive([(0, 0), (3000, 0), (3000, 900), (-3000, 0), (-3000, 4000)])
    chunks, spans = sent(recorded(tmp_path, fixes)), kept_spans(fixes, RULES)[0]
    for stream in ("accelerometer", "gyroscope", "location"):
        at_s = sent_at_s(chunks, stream)
        assert all(holds(spans, round(t, 6)) for t in at_s)
        rate = 1 if stream == "location" else 10
        assert len(at_s) == pytest.approx(sum((s.end_s - s.begin_s) * rate + 1 for s in spans), abs=len(spans))
    for chunk in chunks:
        places = zip(chunk.location.columns["latitude"], chunk.location.columns["longitude"], strict=True)
        assert all(outside_m(HOME, *there) > RULES.margin_m for there in places)
        assert chunk.withheld == (500, 200)
    assert [chunk.number for chunk in chunks] == list(range(len(chunks)))
    assert chunks[0].accelerometer.t_s[0] == 0, "the clock of what is sent begins with it"


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(inside_cell, inside_cell)
def test_moving_home_within_its_cell_changes_no_byte_that_is_sent(tmp_path, one, other):
    """The same way from the edge of the cell on, at the same time of day; only home, and when one left it, differ."""
    results = []
    for home in (one, other):
        shutil.rmtree(tmp_path / "box", ignore_errors=True)
        to_edge = drive([home, (265.0, 0.0)])
        leaving = to_edge[-1].t_s
        fixes = [fix._replace(t_s=fix.t_s - leaving) for fix in to_edge] + drive([(265.0, 0.0), *FAR])[1:]
        results.append(bytes_sent(recorded(tmp_path / "box", fixes, rate_hz=2)))
    assert results[0] == results[1]
    assert results[0]


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(inside_cell, inside_cell)
def test_moving_where_one_arrives_within_its_cell_changes_no_byte_either(tmp_path, one, other):
    results = []
    for home in (one, other):
        shutil.rmtree(tmp_path / "box", ignore_errors=True)
        results.append(bytes_sent(recorded(tmp_path / "box", drive([*FAR[::-1], (265.0, 0.0), home]), rate_hz=2)))
    assert results[0] == results[1]
    assert results[0]


def test_nothing_is_sent_while_the_trip_is_under_way_and_no_sample_remains_once_it_is_cut(tmp_path):
    outbox, fixes = Outbox(tmp_path), drive([(0, 0), (4000, 0)])
    writer = ChunkWriter(outbox, TRIP, STARTED_AT_US, ends=RULES)
    for fix in fixes:
        writer.location(fix.t_s, fix.latitude, fix.longitude)
        writer.accelerometer(fix.t_s, 0.0, 0.0, 9.75)
    assert list(outbox.pending()) == []
    parts = sorted(outbox.trip_folder(TRIP).glob("*.part"))
    assert len(parts) == 5
    assert {path.stat().st_mode & 0o777 for path in parts} == {0o600}
    writer.finish()
    assert list(outbox.pending())
    assert not list(outbox.trip_folder(TRIP).glob("*.part"))
    assert not list(outbox.trip_folder(TRIP).glob("*.open"))


def test_no_file_of_the_outbox_holds_a_place_or_a_sample_that_was_withheld(tmp_path):
    """What a thief of the phone or of its backup finds in the queue: bytes of every file, searched for the canary of home."""
    fixes = drive([(0, 0), (4000, 0)])
    outbox = recorded(tmp_path, fixes)
    for path in tmp_path.rglob("*"):
        if path.suffix == ".chunk":
            assert all(t > 10 for t in sent_at_s(sent(outbox), "accelerometer"))
        elif path.is_file():
            assert not re.search(rb"48\.1\d\d|11\.[45]\d\d", path.read_bytes()), path
    held = json.loads((tmp_path / "places.json").read_text())
    assert held["ends"][0] == list(HOME)


def test_a_trip_wholly_inside_leaves_nothing(tmp_path):
    outbox = recorded(tmp_path, drive([(0, 0), (300, 0), (0, 100)]))
    assert outbox.trips() == []
    assert [path.name for path in tmp_path.iterdir()] == ["places.json"]


def test_a_kill_before_the_end_costs_nothing_and_sends_nothing_that_is_withheld(tmp_path):
    fixes = drive([(0, 0), *FAR])
    whole = bytes_sent(recorded(tmp_path / "whole", fixes))
    writer = ChunkWriter(Outbox(tmp_path / "killed"), TRIP, STARTED_AT_US, save_s=0.01, ends=RULES)
    for fix in fixes:
        writer.location(fix.t_s, fix.latitude, fix.longitude, 12.0, None, fix.accuracy_m)
        for i in range(10):
            writer.accelerometer(fix.t_s + i / 10, 0.25, round((fix.t_s + i / 10) / 64) / 8, 9.75)
            writer.gyroscope(fix.t_s + i / 10, 0.0, 0.125, 0.0)
    del writer
    outbox = Outbox(tmp_path / "killed")
    assert recover(outbox).trips == 1
    assert bytes_sent(outbox) == whole


@pytest.mark.parametrize("after", range(6))
def test_a_cut_that_a_kill_interrupted_is_done_again_with_the_same_bytes(tmp_path, monkeypatch, after):
    fixes = drive([(0, 0), *FAR])
    whole = bytes_sent(recorded(tmp_path / "whole", fixes))
    calls = 0
    real = Outbox.add

    def dying(self, *arguments):
        nonlocal calls
        calls += 1
        if calls > after:
            raise KeyboardInterrupt
        return real(self, *arguments)

    monkeypatch.setattr(Outbox, "add", dying)
    with pytest.raises(KeyboardInterrupt):
        recorded(tmp_path / "killed", fixes)
    monkeypatch.undo()
    outbox = Outbox(tmp_path / "killed")
    assert list(outbox.pending()) == [], "half a cut is not sent"
    recover(outbox)
    assert bytes_sent(outbox) == whole
    assert not list(outbox.trip_folder(TRIP).glob("*.part"))


def test_parts_left_by_a_kill_after_the_cut_are_deleted(tmp_path, monkeypatch):
    monkeypatch.setattr(withholding, "forget_parts", lambda *_: None)
    outbox = recorded(tmp_path, drive([(0, 0), *FAR]))
    monkeypatch.undo()
    assert list(outbox.trip_folder(TRIP).glob("*.part"))
    recover(outbox)
    assert not list(outbox.trip_folder(TRIP).glob("*.part"))


def test_a_trip_that_was_begun_to_be_cut_is_cut_whatever_the_writer_says_later(tmp_path):
    ChunkWriter(Outbox(tmp_path), TRIP, STARTED_AT_US, ends=RULES)
    outbox = recorded(tmp_path, drive([(0, 0), *FAR]), ends=None)
    assert {chunk.withheld for chunk in sent(outbox)} == {(500, 200)}


def test_the_cells_of_ends_are_remembered_and_those_of_places_added_are_withheld_from_all_trips(tmp_path):
    Places(tmp_path).add(*place(3000, 2500))
    chunks = sent(recorded(tmp_path, drive([(0, 0), *FAR])))
    added = Places(tmp_path).added[0]
    fixes = [(a, b) for c in chunks for a, b in zip(*(c.location.columns[n] for n in ("latitude", "longitude")), strict=True)]
    assert fixes
    assert all(outside_m(added, *fix) > RULES.margin_m for fix in fixes)
    assert HOME in Places(tmp_path).ends


def test_samples_of_a_long_drive_are_cut_a_minute_at_a_time(tmp_path):
    chunks = sent(recorded(tmp_path, drive([(0, 0), (20_000, 0)]), rate_hz=2))
    assert all(chunk.accelerometer.t_s[0] // 60 == chunk.accelerometer.t_s[-1] // 60 for chunk in chunks)
    assert all(len(chunk.accelerometer) == 120 for chunk in chunks[:-1])


def test_part_files_are_of_the_trip_they_lie_in(tmp_path):
    outbox = Outbox(tmp_path)
    writer = ChunkWriter(outbox, TRIP, STARTED_AT_US, ends=RULES)
    for i in range(130):
        writer.accelerometer(float(i), 0, 0, 9.75)
    path = withholding.part_of(outbox, TRIP, 1)
    assert len(read_part(path, part_key(TRIP, 1))[0]["accelerometer"][0]) == 60
    assert not len(read_part(path, part_key(TRIP, 0))[0]["accelerometer"][0])
