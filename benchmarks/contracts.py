"""Is /openapi.json kept? `python -m benchmarks.contracts [--examples 500]` asks a real server of everything that it describes.

Schemathesis makes the requests: the bounds of each parameter, methods that are not described, random ones, and chains of
calls. Exit code 1, and what to repeat, when an answer is above 500, or has a status, header, media type or shape that is not
described. Not asked: that everything which fits the schema is accepted, as no schema says that south is below north, nor that
everything else is refused, as unknown query parameters are ignored on purpose.
"""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import tempfile
import urllib.request
from dataclasses import dataclass
from pathlib import Path

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
    "unsupported_method",
    "allow_header_conformance",
    "ignored_auth",
)
ENDLESS = "/v1/live"  # a stream that does not end while anybody listens
ERASING = "/v1/devices/me"  # last and alone: after it the token opens nothing

_SERVE = """
import pathlib, sys
from ingest.serve import serve, set_up_logging
from ingest.settings import Rates, Settings
set_up_logging()
rates = Rates(device_per_s=1e9, device_burst=1e9, device_bytes_burst=1e15)
serve(port=0, settings=Settings(pathlib.Path(sys.argv[1]), rates=rates), on_ready=lambda address: print(address, flush=True))
"""


@dataclass(frozen=True)
class Verdict:
    """exit_code: 0 where all was kept. told: what schemathesis says. log: of the server."""

    exit_code: int
    told: str
    log: str


def check(examples: int, folder: Path) -> Verdict:
    """Ask a server of its own, its data in `folder`; so many random requests for each call, always the same ones."""
    log = folder / "server.log"
    with log.open("wb") as errors:
        command = [sys.executable, "-c", _SERVE, str(folder / "data")]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
        assert server.stdout is not None
        address = server.stdout.readline().strip()
        try:
            with urllib.request.urlopen(urllib.request.Request(f"{address}v1/devices", method="POST")) as answer:
                token = json.load(answer)["token"]
            runs = [
                _ask(address, token, examples, folder, "--exclude-path", ERASING, "--exclude-path", ENDLESS),
                _ask(address, token, 5, folder, "--include-path", ERASING),
            ]
        finally:
            server.send_signal(signal.SIGTERM)
            exit_code = server.wait(30)
    codes = [run.returncode for run in runs]
    return Verdict(max([exit_code, *codes]), "\n".join(run.stdout for run in runs), log.read_text())


def _ask(address: str, token: str, examples: int, folder: Path, *which: str) -> subprocess.CompletedProcess[str]:
    asked = [sys.executable, "-m", "schemathesis.cli", "run", f"{address}openapi.json", "-H", f"Authorization: Bearer {token}"]
    how = ["--checks", ",".join(CHECKS), "--max-examples", str(examples), "--generation-deterministic", "--no-color"]
    how += ["--phases", "coverage,fuzzing,stateful"]
    return subprocess.run([*asked, *how, *which], capture_output=True, text=True, cwd=folder)


def main() -> None:
    """Parse, ask, print."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--examples", type=int, default=500)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        verdict = check(chosen.examples, Path(folder))
    print(verdict.told)
    print(f"the server's log has {verdict.log.count('Traceback')} tracebacks")
    sys.exit(verdict.exit_code)


if __name__ == "__main__":
    main()
