"""A handful of simulated recordings as files, and `cahot` as a user runs it: a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from detection.recording import trace_to_json
from detection.simulator import simulate_city, simulate_drive

Cahot = Callable[..., subprocess.CompletedProcess[str]]
CAHOT = [sys.executable, "-m", "ingest.commands"]


@pytest.fixture(scope="session")
def cahot(tmp_path_factory: pytest.TempPathFactory) -> Cahot:
    """Runs `cahot` with these arguments; its home is a temporary folder, so that no test meets a real installation."""
    home = tmp_path_factory.mktemp("home")

    def run(*arguments: object, **more_environment: str) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"HOME": str(home), "COLUMNS": "100"} | more_environment
        environment.pop("CAHOT_DEBUG", None)
        command = [*CAHOT, *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment)

    return run


@pytest.fixture(scope="session")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of six short drives of three cars through one little city, as JSON recordings; the files name the trips."""
    folder = tmp_path_factory.mktemp("recordings")
    city = simulate_city(3, street_km=1.5)
    for index in range(6):
        drive = simulate_drive(city, index, 3, devices=3, rate_hz=(50.0, 60.0), duration_s=(90.0, 120.0))
        recording = trace_to_json(drive.trace)
        recording.pop("trip_id")
        (folder / f"drive{index}.json").write_text(json.dumps(recording))
    return folder
