"""What all tests share: the real recordings, where they are, and patience with a busy machine."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"  # beside the repository, never in it: unlicensed

settings.register_profile("cahot", deadline=None)  # a deadline measures the machine, not the code
settings.register_profile("ci", deadline=None, derandomize=True)  # new examples are for people's runs: they can act on one
settings.load_profile("ci" if os.environ.get("CI") else "cahot")


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Names of cases made of bytes by their length: their content may hold the time of day, and workers must agree on names."""
    return f"{argname}-{len(val)}-bytes" if isinstance(val, bytes) else None


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of other people's recordings; tests that ask for it skip where it is missing."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"no real recordings at {SHARED_DATA}")
    return SHARED_DATA
