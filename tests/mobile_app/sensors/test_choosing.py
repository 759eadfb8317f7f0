"""The recorder's --source, from its text to a source."""

from __future__ import annotations

from pathlib import Path

import pytest
from tapes import write_chunks

from mobile_app.sensors.choosing import UnknownSource, replay_spec, source_of
from mobile_app.sensors.fallback import CannotStart, FirstThatWorks
from mobile_app.sensors.replay import Replay
from mobile_app.sensors.sensor_logger import SensorLoggerSource


@pytest.mark.parametrize("name", ["tape", "a tape?speed=9", "100 % & more:tape"])
def test_whatever_the_folder_is_called_its_replay_is_found(tmp_path, name):
    write_chunks(tmp_path / name)
    assert isinstance(source_of(replay_spec(tmp_path / name, speed=20, before_s=5)), Replay)


def test_a_port_for_a_pushing_phone():
    assert isinstance(source_of("sensor-logger:8700?key=abc"), SensorLoggerSource)


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ("microphone", "none of auto, android"),
        ("auto", "no motion sensors"),
        ("replay:/nowhere/at/all", "No such file"),
        ("android?speed=2", "takes no options"),
        ("sensor-logger:http", "invalid literal"),
        ("sensor-logger:70000", "from 1 to 65535"),
    ],
)
def test_what_is_no_source_is_refused_with_its_reason(spec, says):
    with pytest.raises(UnknownSource, match=says):
        source_of(spec)


def test_an_unknown_option_is_named(tmp_path):
    write_chunks(tmp_path / "tape")
    with pytest.raises(UnknownSource, match="sped"):
        source_of(replay_spec(Path(tmp_path / "tape"), sped=2))


class Broken:
    def start(self, sink, *, motion_hz, batch_s):
        raise CannotStart("no library")

    def stop(self): ...


class Works(Broken):
    def __init__(self):
        self.started = 0

    def start(self, sink, *, motion_hz, batch_s):
        self.started += 1


def test_the_first_way_that_works_is_taken_and_kept():
    works = Works()
    source = FirstThatWorks([Broken(), works, Works()])
    for _ in range(2):
        source.start(None, motion_hz=1.0, batch_s=0.0)
        source.stop()
    assert works.started == 2


def test_where_no_way_works_the_last_reason_is_raised():
    with pytest.raises(CannotStart, match="no library"):
        FirstThatWorks([Broken(), Broken()]).start(None, motion_hz=1.0, batch_s=0.0)
