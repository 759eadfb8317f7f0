"""`cahot serve` as the demo runs it: it ends, and takes the demo's folder with it, should the demo be killed without warning.

Arguments: process id and folder of the demo, then those of `cahot serve`.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from pathlib import Path

from ingest.commands.interruption import when_gone
from ingest.commands.main import main

DRIVERS_END_S = 20.0  # the demo's other processes look every half second whether it is gone; a busy machine wakes them late


def serve(demo: int, folder: str, arguments: list[str]) -> None:
    """Serves until it is told to stop or process `demo` is gone."""
    when_gone(demo, lambda: signal.raise_signal(signal.SIGTERM))
    try:
        main(["serve", *arguments])
    finally:
        if os.getppid() != demo:
            _remove(Path(folder))


def _remove(folder: Path) -> None:
    """Until it stays away for a second: a phone of the demo may still write into it, or even make it anew."""
    until, gone = time.monotonic() + DRIVERS_END_S, 0
    while gone < 4 and time.monotonic() < until:
        shutil.rmtree(folder, ignore_errors=True)
        time.sleep(0.25)
        gone = 0 if folder.exists() else gone + 1


if __name__ == "__main__":
    serve(int(sys.argv[1]), sys.argv[2], sys.argv[3:])
