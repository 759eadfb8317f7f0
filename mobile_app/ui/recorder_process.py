"""The recorder as a child of the screens, on a desktop: started when asked to, ended with them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

MODULE = "mobile_app.service"
STOP_S = 10.0  # to save what is open; then it is killed, and loses no more than a kill does


class RecorderProcess:
    """`start` as often as you like: it looks whether the child lives."""

    def __init__(self, home: Path, arguments: tuple[str, ...] = ()) -> None:
        self._command = [sys.executable, "-m", MODULE, "--home", str(home), *arguments]
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def runs(self) -> bool:
        return self._child is not None and self._child.poll() is None

    def start(self) -> None:
        """Starts it where it does not run. Its stderr is ours, so that whoever started the app from a shell sees why it died."""
        if self.runs:
            return
        self._child = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    def stop(self) -> None:
        """Asks it to end and waits until it has."""
        if self._child is None:
            return
        self._child.terminate()
        try:
            self._child.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._child = None
