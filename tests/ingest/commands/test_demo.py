"""`cahot demo` as a newcomer runs it: real processes, a real server, and nothing left behind."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.ingest.commands.conftest import CAHOT

START_S = 60  # on a busy machine


def test_the_demo_finds_jolts_and_leaves_nothing_behind_when_it_ends(tmp_path: Path) -> None:
    port = free_port()
    with demo(tmp_path, "--trips", "3", "--port", str(port)) as process:
        read_until(process, "until Ctrl-C")
        assert process.stdout is not None
        told = os.read(process.stdout.fileno(), 65_536).decode().splitlines()
        table = next(line.split() for line in told if line.strip().startswith("jolts"))
        found, true, matched = (int(cell) for cell in table[5:8])
        assert true > 10
        assert matched > 0.5 * true, "even single passes find most of what is felt"
        assert found < 3 * true
        assert any(line.strip().startswith("defects") for line in told)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/defects", timeout=10) as answer:
            assert json.load(answer)["type"] == "FeatureCollection"
        started = descendants(process.pid)
        assert len(started) >= 2, "a server and its worker"
        process.send_signal(signal.SIGTERM)
        assert process.wait(90) == 0
    assert remains(started, tmp_path) == []
    with socket.create_server(("127.0.0.1", port)):
        pass  # the port is free again


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_a_demo_stopped_while_cars_drive_leaves_nothing_behind(tmp_path: Path, number: signal.Signals) -> None:
    with demo(tmp_path, "--trips", "400", "--port", "0") as process:
        read_until(process, "The map is at")
        started = descendants(process.pid)
        process.send_signal(number)
        assert process.wait(90) == 130
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()
    assert remains(started, tmp_path) == []


def test_a_demo_killed_without_warning_leaves_nothing_behind_either(tmp_path: Path) -> None:
    with demo(tmp_path, "--trips", "400", "--port", "0") as process:
        read_until(process, "The map is at")
        time.sleep(1.0)  # the cars are driving
        started = descendants(process.pid)
        process.kill()
        process.wait(10)
    until = time.monotonic() + 30
    while (left := remains(started, tmp_path)) and time.monotonic() < until:
        time.sleep(0.2)
    assert not left


def test_a_port_in_use_is_told_in_one_line_with_a_way_out(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with demo(tmp_path, "--port", str(port)) as process:
            _, errors = process.communicate(timeout=START_S)
        assert process.returncode == 1
    lines = errors.splitlines()
    assert len(lines) == 1, errors
    assert re.search(rf"127\.0\.0\.1:{port}: .*choose another --port", lines[0])
    assert list(tmp_path.iterdir()) == []


def _hear_signals() -> None:
    """As a terminal has it: what is started in the background, or by nohup, ignores them."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


@contextmanager
def demo(temporary: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """The demo with its temporary files in a folder that a test can look into."""
    command = [*CAHOT, "demo", "--no-browser", *arguments]
    environment = os.environ | {"TMPDIR": str(temporary)}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, preexec_fn=_hear_signals
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(90)


def read_until(process: subprocess.Popen[str], words: str) -> None:
    """Reads stderr up to the line with these words."""
    assert process.stderr is not None
    for line in process.stderr:
        if words in line:
            return
    raise AssertionError(f"the demo ended before it said {words!r}")


def descendants(pid: int) -> list[int]:
    """Processes started by this one, and by those."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    children = [int(child) for task in tasks for child in task.read_text().split()]
    return children + [one for child in children for one in descendants(child)]


def remains(started: list[int], temporary: Path) -> list[object]:
    """Processes that still run and files that still lie there."""
    return [pid for pid in started if Path(f"/proc/{pid}").exists()] + list(temporary.iterdir())


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as once:
        return int(once.getsockname()[1])
