"""Who may know whom, held by the machine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SERVER_PARTS = ("fastapi", "starlette", "uvicorn", "sqlalchemy", "alembic")


def test_imports_run_downward_only() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 broken" in done.stdout


@pytest.mark.parametrize("arguments", [["--help"], ["detect", "--help"], ["map", "--help"], ["serve", "--help"]])
def test_the_command_line_starts_without_the_server_parts(arguments: list[str]) -> None:
    done = _without_server_parts(arguments)
    assert done.returncode == 0, done.stderr
    assert "Usage: cahot" in done.stdout


def test_serving_without_the_server_parts_says_how_to_get_them(tmp_path: Path) -> None:
    done = _without_server_parts(["serve", "--data", str(tmp_path)])
    assert done.returncode == 2
    assert "pip install 'cahot[server]'" in done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr


def _without_server_parts(arguments: list[str]) -> subprocess.CompletedProcess[str]:
    """`cahot` in a Python where importing any part of the server fails as if it were not installed."""
    code = (
        "import sys\n"
        "class Absent:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name.split('.')[0] in {SERVER_PARTS}:\n"
        "            raise ModuleNotFoundError(f'No module named {name!r}', name=name)\n"
        "sys.meta_path.insert(0, Absent())\n"
        "from ingest.commands import main\n"
        "main(sys.argv[1:])\n"
    )
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
