"""The app on a stage (`benchmarks.phone_stage`): one at a time in a process; without Kivy or GL, tests of screens skip."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from benchmarks.phone_home import NOW_S, write_home
from mobile_app.ui import words

ROOT = Path(__file__).resolve().parents[3]
NEEDS = "software GL is missing: apt-get install libgl1 libegl1 libgles2 libgl1-mesa-dri"


@pytest.fixture(autouse=True)
def speaking_english():
    """Each test begins and ends in English."""
    words.use("en")
    yield
    words.use("en")


@pytest.fixture
def stage(tmp_path):
    """The app in the middle of a day (`benchmarks.phone_home`), its folder at `tmp_path`."""
    why_not = _why_no_window()
    if why_not:
        pytest.skip(why_not)
    from benchmarks.phone_stage import Stage

    write_home(tmp_path)
    with Stage(tmp_path, lambda: NOW_S) as stage:
        yield stage


@cache
def _why_no_window() -> str:
    """Looked up in a process of its own: where there is no GL, Kivy ends the process."""
    if importlib.util.find_spec("kivy") is None:
        return "Kivy is missing: pip install 'cahot[app]'"
    code = "from benchmarks.phone_stage import Window; import sys; sys.exit(Window is None)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, timeout=60, check=False)
    return "" if done.returncode == 0 else NEEDS
