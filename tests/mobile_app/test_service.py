"""The recorder's real process: started, obeyed, killed, stopped."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import phone_kills
from benchmarks.phone_day import day
from benchmarks.phone_recorder import played
from mobile_app.choices import Choices, save_choices
from mobile_app.home import Home
from mobile_app.sensors.choosing import replay_spec
from mobile_app.service import boot_id, main
from mobile_app.status import State, Status, Why, read_status

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60.0


@pytest.fixture
def recorders() -> Iterator[list[subprocess.Popen[str]]]:
    started: list[subprocess.Popen[str]] = []
    yield started
    for one in started:
        one.kill()
        one.wait()


def start(started: list[subprocess.Popen[str]], home: Path, source: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "mobile_app.service", "--home", str(home), "--source", source]
    started.append(subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
    return started[-1]


def until(home: Path, reached: Callable[[Status], bool], within_s: float = PATIENCE_S) -> Status:
    end_s = time.monotonic() + within_s
    while not reached(status := read_status(home / "status.json")):
        assert time.monotonic() < end_s, status
        time.sleep(0.05)
    return status


def test_the_real_process_replays_a_drive_obeys_a_pause_and_ends_when_it_is_told(tmp_path, recorders):
    played(tmp_path / "recorded", 300)
    (trip,) = Home(tmp_path / "recorded").outbox.glob("*-*/")
    home = tmp_path / "home"
    choices = Choices().agree(time.time() - 5.0)
    save_choices(home / "choices.json", choices)
    recorder = start(recorders, home, replay_spec(trip, speed=20, parked_s=20))
    status = until(home, lambda status: status.state is State.RECORDING)
    assert status.trip_id is not None
    second = start(recorders, home, replay_spec(trip))
    assert second.wait(PATIENCE_S) == 1
    assert "another recorder is running" in second.stderr.read()
    save_choices(home / "choices.json", replace(choices, paused_until_s=time.time() + 3600.0))
    asked_s = time.monotonic()
    status = until(home, lambda status: status.state is State.STOPPED)
    assert status.why is Why.PAUSED
    assert time.monotonic() - asked_s < 2.0 + 3.0  # and what a busy machine needs
    recorder.terminate()
    assert recorder.wait(PATIENCE_S) == 0
    assert recorder.stderr.read() == ""


def test_without_consent_the_real_process_writes_nothing_but_that_it_has_none(tmp_path, recorders):
    played(tmp_path / "recorded", 200)
    (trip,) = Home(tmp_path / "recorded").outbox.glob("*-*/")
    home = tmp_path / "home"
    recorder = start(recorders, home, replay_spec(trip, speed=100, parked_s=0))
    until(home, lambda status: status.why is Why.NO_CONSENT)
    time.sleep(1.0)
    recorder.terminate()
    assert recorder.wait(PATIENCE_S) == 0
    assert not list((home / "outbox").glob("*-*"))


@pytest.mark.parametrize("source", ["auto", "pigeons", "replay:/nowhere"])
def test_a_source_that_is_not_there_is_said_in_one_line(tmp_path, source, capsys):
    assert main(["--home", str(tmp_path / "home"), "--source", source]) == 1
    told = capsys.readouterr().err
    assert len(told.splitlines()) == 1
    assert source in told


def test_a_folder_that_cannot_be_used_is_said_in_one_line(tmp_path, capsys):
    (tmp_path / "home").write_text("a file")
    assert main(["--home", str(tmp_path / "home"), "--source", "sensor-logger:0"]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_the_recorder_needs_neither_kivy_nor_plyer_nor_numpy_to_start():
    code = "import sys, mobile_app.service; sys.exit(bool({'kivy', 'plyer', 'numpy', 'jnius', 'detection'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_the_phone_is_known_to_run_on():
    assert boot_id() == boot_id()


def test_killed_at_random_the_recorder_goes_on_by_itself_and_loses_seconds(tmp_path):
    found = phone_kills.at_random(tmp_path / "home", kills=3, seed=2)
    assert found.made == 3
    assert len(found.lost_s) == 3
    assert found.kept > 1000
    assert found.sound, found


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_killed_at_steps_towards_the_disk_it_loses_seconds_and_corrupts_nothing(tmp_path):
    found = phone_kills.at_every_step(tmp_path, range(20, 100, 60))
    if not found.lost_s:
        pytest.skip("strace may not trace here")
    assert found.made == 2
    assert found.samples > 0
    assert found.sound, found


def test_nine_minutes_of_driving_cost_less_memory_than_a_picture_and_less_than_nine_bytes_a_sample(tmp_path):
    """The long form: `python -m benchmarks.phone_day`."""
    cost = day(tmp_path, 0.15, finds=False)
    assert max(cost.mb) <= 60.0
    assert 0 < cost.kept_bytes <= 9.0
    assert 0 < cost.sent_bytes <= 9.0
    assert not cost.dropped
