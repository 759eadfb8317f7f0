"""The chunk writer: whatever is taken arrives, in order, in bounded memory, and a kill costs seconds."""

from __future__ import annotations

import math
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest
from chunk_samples import STARTED_AT_US, TRIP, drive
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from record_until_killed import sample

from mobile_app import durable, wire
from mobile_app.open_part import part_key, read_part
from mobile_app.outbox import Outbox, OutboxError
from mobile_app.recorder import MOST_SAMPLES, STRAYS_BELIEVED, ChunkWriter, recover

HERE = Path(__file__).parent


@pytest.fixture
def outbox(tmp_path):
    return Outbox(tmp_path / "outbox")


def chunks_in(outbox: Outbox, trip: str = TRIP) -> list[wire.Chunk]:
    return [wire.decode(outbox.read(t, number)) for t, number in outbox.pending() if t == trip]


def record(writer: ChunkWriter, count: int, begin: int = 0) -> None:
    for i in range(begin, begin + count):
        writer.accelerometer(*sample(i))


def assert_prefix(chunks: list[wire.Chunk], least: int, most: int | None = None) -> int:
    """The chunks hold samples 0, 1, 2, ... without a gap, a repetition or a wrong value."""
    joined = wire.join(chunks)["accelerometer"] if chunks else (np.empty(0), np.empty((0, 3)))
    t_s, xyz = joined
    expected = np.array([sample(i) for i in range(len(t_s))]).reshape(-1, 4)
    np.testing.assert_allclose(t_s, expected[:, 0], atol=1e-9)
    np.testing.assert_array_equal(xyz, expected[:, 1:])
    assert len(t_s) >= least
    assert most is None or len(t_s) <= most
    return len(t_s)


def test_a_drive_comes_out_as_it_went_in_a_chunk_a_minute(outbox):
    columns = drive(seconds=150)
    writer = ChunkWriter(outbox, TRIP, STARTED_AT_US, ends=None)
    events = [(t, "fix", i) for i, t in enumerate(columns["location"]["t"])]
    for name in ("accelerometer", "gyroscope"):
        events += [(t, name, i) for i, t in enumerate(columns[name]["t"])]
    for t, name, i in sorted(events):
        if name == "fix":
            writer.location(t, *(columns["location"][c][i] for c in ("latitude", "longitude", "speed", "bearing", "accuracy")))
        else:
            getattr(writer, name)(t, *(columns[name][axis][i] for axis in "xyz"))
    assert writer.finish() == 3
    joined = wire.join(chunks_in(outbox))
    for name in ("accelerometer", "gyroscope"):
        t_s, xyz = joined[name]
        np.testing.assert_allclose(t_s, columns[name]["t"], atol=1e-6)
        np.testing.assert_allclose(xyz, np.array([columns[name][axis] for axis in "xyz"]).T, atol=2**-11)
    np.testing.assert_allclose(joined["location"]["latitude"], columns["location"]["latitude"], atol=1e-7)
    assert [round(len(chunk.accelerometer), -2) for chunk in chunks_in(outbox)] == [6000, 6000, 3000]
    assert not writer.dropped
    assert outbox.trips()[0].finished == 3


def test_late_and_repeated_samples_are_sorted_and_counted(outbox):
    writer = ChunkWriter(outbox, TRIP, STARTED_AT_US, ends=None)
    for t in (0.0, 0.02, 0.01, 0.02, 0.03):
        writer.accelerometer(t, 0, 0, 9.75)
    writer.finish()
    (chunk,) = chunks_in(outbox)
    assert chunk.accelerometer.t_s.tolist() == [0, 0.01, 0.02, 0.03]
    assert writer.dropped == {"accelerometer repeated stamp": 1}


def test_a_batch_that_comes_after_the_cut_goes_into_the_next_chunk(outbox):
    writer = ChunkWriter(outbox, TRIP, STARTED_AT_US, ends=None)
    for i in range(130):
        writer.accelerometer(i, 0, 0, 9.75)
        if i % 20 == 19:  # the gyroscope is delivered in batches of 20 s
            for late in range(i - 19, i + 1):
                writer.gyroscope(late, 0, 0, 0)
    writer.finish()
    joined = wire.join(chunks_in(outbox))
    assert sorted(joined["gyroscope"][0].tolist()) == list(range(120))
    assert not writer.dropped


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda w: w.accelerometer(1, math.nan, 0, 0), "accelerometer out of range"),
        (lambda w: w.accelerometer(1, 0, math.inf, 0), "accelerometer out of range"),
        (lambda w: w.accelerometer(1, 0, 0, 401), "accelerometer out of range"),
        (lambda w: w.gyroscope(1, 0, -101, 0), "gyroscope out of range"),
        (lambda w: w.accelerometer(math.nan, 0, 0, 0), "time out of range"),
        (lambda w: w.accelerometer(1.7e9, 0, 0, 0), "time out of range"),
        (lambda w: w.accelerometer(-4000, 0, 0, 0), "time out of range"),
        (lambda w: w.location(1, 91, 0), "fix out of range"),
        (lambda w: w.location(1, 0, math.nan), "fix out of range"),
        (lambda w: w.accelerometer(90_000, 0, 0, 0), "stray time"),
    ],
)
def test_what_no_chunk_can_hold_is_left_out_and_counted(outbox, call, reason):
    writer = ChunkWriter(outbox, TRIP, STARTED_AT_US, ends=None)
    record(writer, 3)
    call(writer)
    record(writer, 3, begin=3)
    writer.finish()
    assert writer.dropped == {reason: 1}
    assert_prefix(chunks_in(outbox), 6, 6)


def test_after_a_long_sleep_the_new_time_is_believed(outbox):
    writer = ChunkWriter(outbox, TRIP, STARTED_AT_US, ends=None)
    record(writer, 100)
    for i in range(1000):
        writer.accelerometer(10_000 + i / 100, 0, 0, 9.75)
    writer.finish()
    assert writer.dropped == {"stray time": STRAYS_BELIEVED - 1}
    assert [len(chunk.accelerometer) for chunk in chunks_in(outbox)] == [100, 1000 - STRAYS_BELIEVED + 1]


@given(st.lists(st.tuples(st.sampled_from("agl"), st.floats(-4000, 20_000) | st.floats(0, 200)), min_size=1, max_size=60))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_order_of_stamps_makes_a_chunk_that_cannot_be_read(tmp_path, events):
    outbox = Outbox(tempfile.mkdtemp(dir=tmp_path))
    writer = ChunkWriter(outbox, TRIP, STARTED_AT_US, ends=None)
    for stream, t in events:
        {"a": writer.accelerometer, "g": writer.gyroscope}.get(stream, lambda t, *_: writer.location(t, 48, 2))(t, 0, 0, 9.75)
    writer.finish()
    chunks = chunks_in(outbox)
    kept = sum(len(series) for chunk in chunks for series in (chunk.accelerometer, chunk.gyroscope, chunk.location) if series)
    assert kept + sum(writer.dropped.values()) == len(events)


def test_memory_is_bounded_even_when_the_clock_stands_nearly_still(outbox):
    writer = ChunkWriter(outbox, TRIP, STARTED_AT_US, ends=None)
    for i in range(MOST_SAMPLES + 1):
        writer.accelerometer(i * 1e-6, 0, 0, 9.75)
    assert [len(chunk.accelerometer) for chunk in chunks_in(outbox)] == [MOST_SAMPLES]


def test_a_trip_without_samples_leaves_nothing(outbox):
    assert ChunkWriter(outbox, TRIP, STARTED_AT_US, ends=None).finish() == 0
    assert outbox.trips() == []


def test_a_finished_trip_takes_no_more(outbox):
    writer = ChunkWriter(outbox, TRIP, STARTED_AT_US, ends=None)
    record(writer, 10)
    writer.finish()
    with pytest.raises(ValueError, match="the trip is finished"):
        writer.accelerometer(1, 0, 0, 0)
    with pytest.raises(OutboxError, match="the trip is finished"):
        ChunkWriter(outbox, TRIP, STARTED_AT_US, ends=None)


def test_an_abandoned_trip_is_recovered_to_its_last_save_and_finished(outbox):
    record(ChunkWriter(outbox, TRIP, STARTED_AT_US, ends=None), 7250)
    again = Outbox(outbox.folder)
    found = recover(again)
    assert_prefix(chunks_in(again), 7000, 7250)
    assert found.trips == 1
    assert again.trips()[0].finished == 2
    assert not list(outbox.folder.rglob("*.open"))


def test_a_trip_to_be_gone_on_with_stays_open_and_continues_with_the_next_number(outbox):
    record(ChunkWriter(outbox, TRIP, STARTED_AT_US, ends=None), 7250)
    assert recover(outbox, keep=[TRIP]).samples
    held = assert_prefix(chunks_in(outbox), 7000)
    writer = ChunkWriter(outbox, TRIP, STARTED_AT_US, ends=None)
    record(writer, 1000, begin=held)
    assert writer.finish() == 3
    assert_prefix(chunks_in(outbox), held + 1000, held + 1000)


def frame_ends(data: bytes) -> list[int]:
    """Where the frames of an open part end, from 0."""
    ends = [0]
    while ends[-1] < len(data):
        ends.append(ends[-1] + 8 + int.from_bytes(data[ends[-1] : ends[-1] + 4], "little"))
    return ends


def test_the_open_part_cut_at_any_byte_yields_an_exact_prefix(outbox):
    """A power cut may leave any prefix of the file: whole frames are recovered, the torn one is counted."""
    writer = ChunkWriter(outbox, TRIP, STARTED_AT_US, ends=None)
    for begin in range(0, 60, 10):
        record(writer, 10, begin)
        writer.save()
    part = outbox.folder / TRIP / "0.open"
    whole = part.read_bytes()
    ends = frame_ends(whole)
    for length in range(len(whole) + 1):
        part.write_bytes(whole[:length])
        whole_frames = [end for end in ends if end <= length]
        held, torn = read_part(part, part_key(TRIP, 0))
        rows = list(zip(*held["accelerometer"], strict=True))
        assert rows == [sample(i) for i in range(10 * (len(whole_frames) - 1))]
        assert torn == length - whole_frames[-1]


@pytest.mark.parametrize("cut_off", [1, 20, 100, 170])
def test_a_torn_open_part_becomes_a_chunk_and_the_loss_is_counted(outbox, cut_off):
    record(ChunkWriter(outbox, TRIP, STARTED_AT_US, save_s=0.1, ends=None), 61)
    part = outbox.folder / TRIP / "0.open"
    whole = part.read_bytes()
    ends = frame_ends(whole)
    left = sum(end <= len(whole) - cut_off for end in ends[1:])
    part.write_bytes(whole[:-cut_off])
    found = recover(Outbox(outbox.folder))
    assert found.samples == assert_prefix(chunks_in(outbox), 10 * left, 10 * left + 10)
    assert found.torn_bytes > 0


def test_a_flipped_byte_in_the_open_part_costs_what_follows_and_invents_nothing(outbox):
    record(ChunkWriter(outbox, TRIP, STARTED_AT_US, save_s=0.1, ends=None), 61)
    part = outbox.folder / TRIP / "0.open"
    whole = part.read_bytes()
    for at in range(0, len(whole), 41):
        part.write_bytes(whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :])
        found = recover(outbox, keep=[TRIP])
        assert found.torn_bytes > 0
        assert_prefix(chunks_in(outbox), 0, 60)
        (outbox.folder / TRIP / "0.chunk").unlink(missing_ok=True)


def test_an_open_part_of_another_chunk_is_worthless(outbox):
    record(ChunkWriter(outbox, TRIP, STARTED_AT_US, ends=None), 1000)
    folder = outbox.folder / TRIP
    (folder / "0.open").rename(folder / "5.open")
    assert recover(outbox, keep=[TRIP]).samples == 0


class Killed(BaseException):
    """Not an Exception: nothing on the way may handle it, as nothing handles SIGKILL."""


@pytest.mark.parametrize("save_s", [5.0, 0.5])
def test_a_kill_at_every_single_step_towards_the_disk_leaves_an_exact_prefix(tmp_path, monkeypatch, save_s):
    """Stops the recorder before its n-th call that changes the disk, for every n of two chunks and the finish."""
    names = ("open", "pwrite", "fsync", "replace", "unlink")
    for stop_at in range(10_000):
        outbox = Outbox(tmp_path / str(stop_at))
        left = stop_at

        def counting(real):
            def call(*args, **kwargs):
                nonlocal left
                left -= 1
                if left < 0:
                    raise Killed
                return real(*args, **kwargs)

            return call

        progress = 0
        with monkeypatch.context() as patch:
            for name in names:
                patch.setattr(durable.os, name, counting(getattr(os, name)))
            try:
                writer = ChunkWriter(outbox, TRIP, STARTED_AT_US, chunk_s=6, save_s=save_s, ends=None)
                for progress in range(900):
                    writer.accelerometer(*sample(progress))
                writer.finish()
                progress = 900
            except Killed:
                pass
        again = Outbox(outbox.folder)
        recover(again)
        assert_prefix(chunks_in(again), progress - save_s * 100 - 1)
        assert all(state.finished == len(state.pending) for state in again.trips())
        if left > 0:
            assert stop_at > 10
            assert_prefix(chunks_in(again), 900, 900)
            return
    pytest.fail("the recording never came to its end")


@pytest.mark.parametrize("seed", range(6))
def test_sigkill_at_a_random_instant_costs_at_most_what_was_not_yet_saved(tmp_path, seed):
    """Recorded at full speed, killed and gone on with three times over."""
    rng, done = random.Random(seed), 0
    folder = tmp_path / "outbox"
    for _ in range(3):
        command = [sys.executable, str(HERE / "record_until_killed.py"), str(folder), TRIP, str(STARTED_AT_US), "5"]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "FROM": str(done)})
        child.stdout.readline()
        time.sleep(rng.uniform(0, 0.3))
        child.kill()
        reported = child.stdout.read().split(b"\n")
        child.wait()
        last = max((int(line) for line in reported[:-1]), default=done)
        box = Outbox(folder)
        recover(box, keep=[TRIP])
        done = assert_prefix(chunks_in(box), last - 501)
    assert done > 0
    assert box.refused() == []


def test_a_full_disk_is_reported_and_costs_nothing_of_what_was_taken(outbox):
    """The limit on the size of a file stands for the full disk: writes stop half-way and then fail."""
    writer = ChunkWriter(outbox, TRIP, STARTED_AT_US, save_s=1, ends=None)
    record(writer, 500)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, ((outbox.folder / TRIP / "0.open").stat().st_size + 100, hard))
    taken = 500
    try:
        with pytest.raises(OSError, match="File too large"):  # noqa: PT012 -- which sample it is stays open
            for taken in range(500, 1000):
                writer.accelerometer(*sample(taken))
        with pytest.raises(OSError, match="File too large"):
            writer.save()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    writer.save()
    recover(outbox)
    assert_prefix(chunks_in(outbox), taken)
