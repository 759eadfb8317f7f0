"""`cahot serve` as the demo runs it: it ends, and takes the demo's folder with it, should the demo be killed without warning.

Arguments: process id and folder of the demo, then those of `cahot serve`.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys

from ingest.commands.interruption import when_gone
from ingest.commands.main import main


def serve(demo: int, folder: str, arguments: list[str]) -> None:
    """Serves until it is told to stop or process `demo` is gone."""
    when_gone(demo, lambda: signal.raise_signal(signal.SIGTERM))
    try:
        main(["serve", *arguments])
    finally:
        if os.getppid() != demo:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    serve(int(sys.argv[1]), sys.argv[2], sys.argv[3:])
