"""Where the demo takes place: a temporary folder and a real server in it, both gone at the end, however it ends."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from ingest.commands.screen import UnusableInput

STOP_S = 20.0  # the server ends its requests and its worker within 10 s


@dataclass(frozen=True)
class Stage:
    """folder: everything of the demo; data: the server's part of it; address: of the map, ending in a slash.

    admin_link: signs its administrator in, once.
    """

    folder: Path
    address: str
    admin_link: str
    server: subprocess.Popen[str]

    @property
    def data(self) -> Path:
        return self.folder / "server"

    @property
    def phones(self) -> Path:
        """A folder each phone."""
        return self.folder / "phones"

    def check(self) -> None:
        """Raises UnusableInput with the server's last words when it is gone."""
        if self.server.poll() is not None:
            raise UnusableInput(f"the server stopped: {_last_words(self.folder)}")

    def wait(self) -> None:
        """Until Ctrl-C, which is how a demo ends well. Raises UnusableInput when the server stops by itself."""
        with contextlib.suppress(KeyboardInterrupt):
            self.server.wait()
            self.check()


@contextmanager
def staged(port: int) -> Iterator[Stage]:
    """A server that answers at `port`. Raises UnusableInput when it cannot start."""
    _let_signals_interrupt()
    folder = Path(tempfile.mkdtemp(prefix="cahot-demo-"))
    server = None
    try:
        server = _start(folder, port)
        address, admin_link = _line(server, folder), _line(server, folder)
        yield Stage(folder, address, admin_link, server)
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # an impatient second Ctrl-C must not leave a server behind
            signal.signal(number, signal.SIG_IGN)
        if server is not None:
            _stop(server)
        shutil.rmtree(folder, ignore_errors=True)


def _start(folder: Path, port: int) -> subprocess.Popen[str]:
    """In a session of its own: Ctrl-C reaches only the demo, which then stops the server in order."""
    told = [str(os.getpid()), str(folder), "--port", str(port), "--data", str(folder / "server")]
    command = [sys.executable, "-m", "ingest.commands.demo.server", *told]
    with _log(folder).open("w") as log:
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True)


def _line(server: subprocess.Popen[str], folder: Path) -> str:
    """The next line of `cahot serve`, which prints its address and then a link for its administrator once it answers."""
    assert server.stdout is not None
    line = server.stdout.readline().strip()
    if not line:
        server.wait()
        raise UnusableInput(_last_words(folder))
    return line


def _stop(server: subprocess.Popen[str]) -> None:
    server.terminate()
    try:
        server.wait(STOP_S)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def _last_words(folder: Path) -> str:
    lines = _log(folder).read_text(errors="replace").splitlines()
    return lines[-1].removeprefix("cahot: ") if lines else "the server did not start"


def _log(folder: Path) -> Path:
    return folder / "server.log"


def _let_signals_interrupt() -> None:
    """A closed terminal or `kill` cleans up as Ctrl-C does, which a shell's `&` would have ignored; nohup keeps its meaning."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _interrupt)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
