"""The app's two processes as children of the command, and what they say of themselves."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ingest.commands.screen import UnusableInput
from mobile_app.diary import Diary, Entry
from mobile_app.home import Home
from mobile_app.outbox import Outbox
from mobile_app.status import State, Status, read_status

STOP_S = 20.0
LOOK_S = 0.25
QUIET_S = 2.0  # the recorder has nothing more to do for so long: it is done
LATE = 3.0  # times the tape's length: a busy machine plays it no slower


def open_screens(home: Path, server: str, source: str) -> int:
    """The window, until it is closed; the recorder is its child. Its exit code."""
    command = [sys.executable, "-m", "mobile_app", "--home", str(home), "--server", server, "--", "--source", source]
    return subprocess.run(command, check=False).returncode


@contextmanager
def recorder(home: Path, source: str) -> Iterator[subprocess.Popen[bytes]]:
    """The recorder alone. It saves what it holds when it is told to stop."""
    command = [sys.executable, "-m", "mobile_app.service", "--home", str(home), "--source", source, "--quiet"]
    process = subprocess.Popen(command, start_new_session=True)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until_sent(home: Home, process: subprocess.Popen[bytes], tape_s: float, show: Callable[[Status], None]) -> list[Entry]:
    """Until the tape has been played, its trips have ended and all that may be is sent; the trips. Raises UnusableInput."""
    began, outbox = time.monotonic(), Outbox(home.outbox)
    quiet_since: float | None = None
    while True:
        now, told = time.monotonic(), read_status(home.status)
        if process.poll() is not None:
            raise UnusableInput(f"the recorder stopped with exit code {process.returncode}")
        if now - began > tape_s * LATE + 120:
            raise UnusableInput(f"the recorder is not done: {told.state}, {told.waiting_chunks} chunks wait: {told.unsent_why}")
        show(told)
        driving = told.state not in (State.IDLE, State.WATCHING, State.STOPPED)
        busy = now - began < tape_s or driving or outbox.trips()
        quiet_since = None if busy else quiet_since or now
        if quiet_since is not None and now - quiet_since >= QUIET_S:
            return Diary(home.diary).entries()
        time.sleep(LOOK_S)
