"""A recording played as a phone's sensors come: every sample once, at its pace, through stops and starts, parked around it."""

from __future__ import annotations

import json
import time

import pytest
from chunk_samples import STARTED_AT_US
from kept_calls import Kept, wait_for
from tapes import RATE_HZ, write_chunks

from mobile_app import wire
from mobile_app.sensors import Source
from mobile_app.sensors.replay import FIRST_STAMP_S, Replay
from mobile_app.sensors.tape import UnusableTape, tape

OTHER = "0c0ffee0-0000-4000-8000-000000000001"


@pytest.fixture
def folder(tmp_path):
    write_chunks(tmp_path / "tape", chunks=12)
    return tmp_path / "tape"


def driven(kept: Kept) -> list[float]:
    """The x of those samples that were recorded, not parked: they are whole steps apart."""
    return [x for _, x, y, _ in kept.accelerometers if y == 0.0]


def play(source: Source, kept: Kept, until, *, motion_hz=100.0, batch_s=0.0) -> None:
    source.start(kept, motion_hz=motion_hz, batch_s=batch_s)
    wait_for(until)
    source.stop()


def test_every_sample_is_played_once_in_order_with_the_car_parked_around_it(folder):
    kept, source = Kept(), Replay(folder, speed=400.0, before_s=10.0, parked_s=20.0)
    play(source, kept, lambda: kept.accelerometers and kept.accelerometers[-1][0] > FIRST_STAMP_S + 10 + 48 + 20)
    count = round(48 * RATE_HZ)
    assert driven(kept) == [i / 64 for i in range(count)], "12 chunks by number, not by letter"
    times = [t for t, *_ in kept.accelerometers]
    assert times == sorted(times)
    assert times[0] == FIRST_STAMP_S
    assert len(set(times)) == len(times)
    first = next(t for t, _, y, _ in kept.accelerometers if y == 0.0)
    assert first == pytest.approx(FIRST_STAMP_S + 10)
    assert {fix[3] for fix in kept.fixes} == {0.0, 10.0}
    parked = [fix for fix in kept.fixes if fix[0] < first]
    assert len(parked) == 10
    assert len({fix[1:3] for fix in parked}) == 10, "a receiver that stands still is not stuck"
    assert len(kept.gyroscopes) > count // 2


def test_a_tape_stands_still_while_the_source_is_stopped(folder):
    kept, source = Kept(), Replay(folder, speed=200.0, before_s=0.0, parked_s=1.0)
    for part in range(1, 8):
        play(source, kept, lambda part=part: len(kept.accelerometers) > part * 300, batch_s=0.1 * part)
        calls = kept.calls
        time.sleep(0.02)
        assert kept.calls == calls
    play(source, kept, lambda: len(kept.accelerometers) > 2450)
    assert sorted(driven(kept)) == [i / 64 for i in range(2400)]


def test_a_sink_that_stops_the_source_loses_nothing(folder):
    source = Replay(folder, speed=100.0, before_s=0.0, parked_s=1.0)

    class Stopper(Kept):
        def accelerometer(self, *told):
            super().accelerometer(*told)
            if len(self.accelerometers) % 777 == 0:
                source.stop()

    kept = Stopper()
    for stop in range(1, 4):
        play(source, kept, lambda stop=stop: len(kept.accelerometers) >= stop * 777)
    assert driven(kept) == [i / 64 for i in range(len(driven(kept)))]


def test_the_pace_is_that_of_life_times_the_speed(folder):
    kept, source = Kept(), Replay(folder, speed=4.0, before_s=0.0)
    began = time.monotonic()
    play(source, kept, lambda: kept.fixes and kept.fixes[-1][0] >= FIRST_STAMP_S + 4)
    assert time.monotonic() - began >= 0.95
    assert kept.accelerometers[-1][0] == pytest.approx(FIRST_STAMP_S + 4, abs=1.0), "on a busy machine it may lag"


def test_batches_come_a_sensor_at_a_time_and_fixes_before_them(folder):
    kept, source = Kept(), Replay(folder, speed=50.0, before_s=0.0)
    play(source, kept, lambda: kept.calls > 800, batch_s=2.0)
    kinds = [kind for kind in kept.order if kind != "clock"]
    runs = [kind for kind, before in zip(kinds, ["", *kinds], strict=False) if kind != before]
    assert runs[:6] == ["location", "accelerometer", "gyroscope"] * 2


def test_at_rest_only_the_accelerometer_is_played_and_rarely(folder):
    kept, source = Kept(), Replay(folder, speed=100.0, before_s=0.0)
    play(source, kept, lambda: len(kept.accelerometers) > 100, motion_hz=0.0)
    assert (kept.fixes, kept.gyroscopes) == ([], [])
    spans = [b[0] - a[0] for a, b in zip(kept.accelerometers, kept.accelerometers[1:], strict=False)]
    assert min(spans) >= 0.0998


def test_the_date_is_that_of_the_recording_or_the_one_that_is_given(folder):
    kept = Kept()
    play(Replay(folder, speed=100.0, before_s=5.0), kept, lambda: kept.clocks)
    t, utc_s = kept.clocks[0]
    assert utc_s - (t - FIRST_STAMP_S) == pytest.approx(STARTED_AT_US / 1e6 - 5.0)
    kept = Kept()
    play(Replay(folder, speed=100.0, before_s=5.0, utc_s=1.8e9), kept, lambda: kept.clocks)
    t, utc_s = kept.clocks[0]
    assert utc_s - (t - FIRST_STAMP_S) == pytest.approx(1.8e9)


def test_trips_follow_each_other_on_one_clock_and_may_be_repeated(folder):
    write_chunks(folder, chunks=1, trip=OTHER, first=50)
    clocks = []
    for moment in tape(folder, 3.0, 7.0, loop=True):
        if moment.kind == "clock":
            clocks.append(moment.t)
        if len(clocks) == 4:
            break
    assert clocks == pytest.approx([0.0, 3 + 48 + 7, 3 + 48 + 7 + 3 + 4 + 7, 2 * (3 + 7) + 52 + 3 + 48 + 7], abs=0.1)


def test_recordings_in_json_are_played_too(tmp_path, folder):
    whole = [wire.chunk_to_json(wire.decode(file.read_bytes())) for file in folder.glob("*.chunk")]
    (tmp_path / "all.json").write_text(json.dumps(sorted(whole, key=lambda one: one["accelerometer"]["t"][0])))
    kept = Kept()
    play(Replay(tmp_path / "all.json", speed=400.0, before_s=0.0), kept, lambda: len(kept.accelerometers) > 2500)
    assert driven(kept) == [i / 64 for i in range(2400)]


def test_a_damaged_chunk_is_told_when_its_turn_comes(folder):
    (folder / "3.chunk").write_bytes((folder / "3.chunk").read_bytes()[:-9])
    kept = Kept()
    play(Replay(folder, speed=400.0, before_s=0.0), kept, lambda: kept.troubles)
    [(sensor, words)] = kept.troubles
    assert sensor == "accelerometer"
    assert "3.chunk" in words


@pytest.mark.parametrize("options", [{"speed": 0.0}, {"parked_s": -1.0}, {"speed": float("nan")}])
def test_a_pace_that_cannot_be_is_refused(folder, options):
    with pytest.raises(UnusableTape, match="play faster than 0"):
        Replay(folder, **options)


def test_a_folder_without_chunks_is_refused_at_once(tmp_path):
    with pytest.raises(UnusableTape, match="no chunk"):
        Replay(tmp_path)
