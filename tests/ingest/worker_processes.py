"""`cahot work` as processes of their own, some of which stop or die in the middle of their first trip."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from ingest.settings import Settings

_WORK = """
import json, os, sys
from pathlib import Path
from ingest import worker
from ingest.serve import set_up_logging, work
from ingest.settings import Settings, Work

told = json.loads(sys.argv[1])
real = worker.survey

def survey(trace):
    worker.survey = real
    os.kill(os.getpid(), told["signal"])  # here: the trip is claimed and read, nothing is stored
    return real(trace)

if told["signal"]:
    worker.survey = survey
set_up_logging()
work(settings=Settings(Path(told["data"]), told["database"], told["objects"], work=Work(**told["work"])))
"""


class WorkerProcess:
    """Works on an installation; `signal` is what it sends itself in the middle of its first trip."""

    def __init__(self, installation: Settings, log: Path, *, signal: int = 0) -> None:
        told = {"data": str(installation.data), "database": installation.database, "objects": installation.objects}
        told |= {"work": asdict(installation.work), "signal": int(signal)}
        self._log = log
        with log.open("wb") as out:
            self.process = subprocess.Popen([sys.executable, "-c", _WORK, json.dumps(told)], stderr=out)

    def log(self) -> str:
        return self._log.read_text()

    def is_stopped(self) -> bool:
        return Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"

    def end(self) -> int:
        """Tells it to stop; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
        return self.process.wait(30)
