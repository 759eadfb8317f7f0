"""The command that cuts a chunk at each byte, in a small form; and that it would tell."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from benchmarks.truncations import accepted
from benchmarks.uploading import minute, relabelled
from ingest.settings import Settings
from ingest.store import open_store
from ingest.store.objects import Objects


def test_no_cut_is_taken_for_whole_and_one_that_nobody_checks_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    store, trip = open_store(Settings(tmp_path)), uuid.uuid4()
    whole = relabelled(minute(), trip, 0)
    assert accepted(store, str(trip), whole, every=997) == (0, 0, len(range(0, len(whole), 997)))
    monkeypatch.setattr(Objects, "get", lambda self, trip_id, number, sha256: self.path(trip_id, number, sha256).read_bytes())
    store.objects.erase(str(trip))
    assert accepted(store, str(trip), whole, every=9970)[0] > 5
    store.database.close()
