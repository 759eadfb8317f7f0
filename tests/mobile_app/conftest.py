"""The folders of these tests lie in memory where that can be had: thousands of fsyncs on a busy disk take minutes."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

IN_MEMORY = Path("/dev/shm")


@pytest.fixture
def tmp_path():
    where = IN_MEMORY if os.access(IN_MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="cahot-", dir=where) as folder:
        yield Path(folder)
