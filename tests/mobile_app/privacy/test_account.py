"""The diary's entry of a released trip: true figures, no withheld place on the disk, and there whenever the trip has ended."""

from __future__ import annotations

import os
import re
from array import array
from dataclasses import replace
from itertools import pairwise

import pytest
from drives import HOME, RULES, STARTED_AT_US, TRIP, drive, place, recorded, sent

from mobile_app import account, durable
from mobile_app.diary import Diary
from mobile_app.open_part import no_samples
from mobile_app.outbox import Outbox
from mobile_app.places import Places
from mobile_app.privacy import outside_m
from mobile_app.recorder import ChunkWriter, recover

FAR = [(3000.0, 0.0), (3000.0, 2500.0), (700.0, 2500.0), (6000.0, 2500.0)]
WAY = [(0.0, 0.0), *FAR]
LONG_M = 3000 + 2500 + 2300 + 5300


def test_it_tells_how_far_the_drive_was_and_how_much_of_it_left_the_phone(tmp_path):
    diary = Diary(tmp_path / "diary")
    outbox = recorded(tmp_path / "outbox", drive(WAY), diary=diary)
    entry = diary.entry(TRIP)
    assert entry.km == pytest.approx(LONG_M / 1000, rel=0.01)
    shown_m = LONG_M - 450 - 250 - 500  # the squares of both ends and their margins
    assert entry.sent_km == pytest.approx(shown_m / 1000, abs=0.4)
    assert (entry.began_s, entry.ended_s) == pytest.approx((STARTED_AT_US / 1e6, STARTED_AT_US / 1e6 + LONG_M / 12), abs=5)
    chunks = sent(outbox)
    assert (entry.chunks, entry.samples) == (len(chunks), sum(len(chunk.accelerometer) for chunk in chunks))
    assert tuple(HOME) in entry.withheld
    assert entry.dropped == {}


def test_its_path_is_what_was_sent_thinned_to_ten_metres_and_broken_where_something_was_withheld(tmp_path):
    diary = Diary(tmp_path / "diary")
    Places(tmp_path / "outbox").add(*place(3000, 1200))
    outbox = recorded(tmp_path / "outbox", drive(WAY), diary=diary)
    entry = diary.entry(TRIP)
    fixes = [
        pair
        for chunk in sent(outbox)
        for pair in zip(*(chunk.location.columns[n] for n in ("latitude", "longitude")), strict=True)
    ]
    shown = [point for piece in entry.path for point in piece]
    assert len(entry.path) == 2
    assert len(shown) > 0.7 * LONG_M / 12 / 2
    for point in shown:
        assert min(abs(point[0] - a) + abs(point[1] - b) for a, b in fixes) < 2e-5
    assert len(entry.withheld) == 3, "both ends and the place that was added"


def test_no_place_that_was_withheld_is_on_the_disk(tmp_path):
    """Every number in the entry that could be a latitude or longitude lies outside all that is withheld."""
    diary = Diary(tmp_path / "diary")
    recorded(tmp_path / "outbox", drive([(0, 0), (3000, 0), (3000, 1800)]), diary=diary, jolting=True)
    cells = diary.entry(TRIP).withheld
    texts = [path.read_text() for path in (tmp_path / "diary").iterdir()]
    assert len(texts) == 1
    pairs = re.findall(r"\[(48\.\d+), (11\.\d+)\]", texts[0]) + re.findall(
        r'"latitude": ([\d.]+), "longitude": ([\d.]+)', texts[0]
    )
    assert len(pairs) > 100
    jolts = diary.entry(TRIP).jolts
    assert len(jolts) > 8, "of a shock every twenty seconds; those at home are not among them"
    assert all(jolt.t_s >= 0 for jolt in jolts)
    for latitude, longitude in pairs:
        for cell in cells:
            assert outside_m(type(HOME)(*cell), float(latitude), float(longitude)) > RULES.margin_m
    outside = re.sub(r"\[48\.\d+, 11\.\d+\]|\"latitude\": [\d.]+, \"longitude\": [\d.]+", "", texts[0])
    assert not re.search(r"48\.\d{3,}|11\.[45]\d{2,}", outside)


def test_a_trip_wholly_withheld_has_an_entry_that_says_so_and_no_place(tmp_path):
    diary = Diary(tmp_path / "diary")
    recorded(tmp_path / "outbox", drive([(0, 0), (300, 0), (0, 100)]), diary=diary)
    entry = diary.entry(TRIP)
    assert (entry.chunks, entry.samples, entry.sent_km, entry.path, entry.jolts) == (0, 0, 0.0, (), ())
    assert entry.km == pytest.approx(0.62, abs=0.1)


def test_what_was_left_out_is_counted_and_unknown_after_a_kill(tmp_path):
    diary, outbox = Diary(tmp_path / "diary"), Outbox(tmp_path / "outbox")
    writer = ChunkWriter(outbox, TRIP, STARTED_AT_US, ends=RULES, diary=diary)
    for fix in drive(WAY):
        writer.location(fix.t_s, fix.latitude, fix.longitude)
        writer.accelerometer(fix.t_s, 0.0, 0.0, float("nan"))
        writer.accelerometer(fix.t_s, 0.0, 0.0, 9.75)
        writer.accelerometer(fix.t_s, 0.0, 0.0, 9.75)
    writer.save()
    recover(outbox, diary=Diary(tmp_path / "other"))
    assert Diary(tmp_path / "other").entry(TRIP).dropped is None
    writer = ChunkWriter(Outbox(tmp_path / "again"), TRIP, STARTED_AT_US, ends=RULES, diary=diary)
    for fix in drive(WAY):
        writer.location(fix.t_s, fix.latitude, fix.longitude)
        writer.accelerometer(fix.t_s, 0.0, 0.0, float("nan"))
        writer.accelerometer(fix.t_s, 0.0, 0.0, 9.75)
    writer.finish()
    assert diary.entry(TRIP).dropped["accelerometer out of range"] == len(drive(WAY))


class Killed(BaseException):
    pass


def test_a_kill_at_any_step_leaves_the_entry_to_be_made_again_or_the_whole_one(tmp_path, monkeypatch):
    fixes = drive([(0, 0), (4000, 0)])
    diary = Diary(tmp_path / "diary")
    recorded(tmp_path / "whole", fixes, rate_hz=2, diary=diary)
    whole = diary.entry(TRIP)
    seen_without = seen_with = 0
    for after in range(1, 100):
        folder = tmp_path / str(after)
        writer = ChunkWriter(Outbox(folder / "outbox"), TRIP, STARTED_AT_US, ends=RULES)
        for fix in fixes:
            writer.location(fix.t_s, fix.latitude, fix.longitude, 12.0, None, fix.accuracy_m)
            for i in range(2):
                writer.accelerometer(fix.t_s + i / 2, 0.25, round((fix.t_s + i / 2) / 64) / 8, 9.75)
                writer.gyroscope(fix.t_s + i / 2, 0.0, 0.125, 0.0)
        writer.save()
        left = [after]
        outbox = Outbox(folder / "outbox")
        with monkeypatch.context() as patch:
            for module, name in ((os, "replace"), (durable, "sync_folder")):
                patch.setattr(module, name, dying(getattr(module, name), left))
            try:
                recover(outbox, diary=Diary(folder / "diary"))
                done = True
            except Killed:
                done = False
        half = Diary(folder / "diary").entry(TRIP)
        assert half in (None, whole_of(whole)), f"killed at step {after}"
        assert not (half is None and outbox.is_finished(TRIP)), "a trip that has ended has its entry"
        seen_without, seen_with = seen_without + (half is None), seen_with + (half is not None)
        recover(Outbox(folder / "outbox"), diary=Diary(folder / "diary"))
        assert Diary(folder / "diary").entry(TRIP) == whole_of(whole)
        if done:
            break
    assert min(seen_without, seen_with) > 3


def whole_of(entry):
    return replace(entry, dropped=None)


def dying(real, left):
    def call(*arguments, **options):
        left[0] -= 1
        if left[0] <= 0:
            raise Killed
        return real(*arguments, **options)

    return call


def test_the_path_of_a_long_trip_takes_wider_steps_and_no_more_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(account, "MOST_POINTS", 100)
    told = account.Account(TRIP, 0.0)
    for second in range(3000):
        told.sends({**no_samples(), "location": row_of(second)}, {})
    (path,) = told.entry().path
    assert 50 <= len(path) <= 101
    assert path[0] == pytest.approx(place(0, 0), abs=1e-5)
    steps = [(b[1] - a[1]) / (place(1, 0)[1] - place(0, 0)[1]) for a, b in pairwise(path)]
    assert steps == pytest.approx([steps[0]] * len(steps), rel=0.25)
    assert told.entry().sent_km == pytest.approx(2999 * 12 / 1000, rel=1e-3)


def row_of(second: int) -> tuple[array, ...]:
    return tuple(array("d", [value]) for value in (second, *place(12.0 * second, 0), 12.0, 90.0, 5.0))
