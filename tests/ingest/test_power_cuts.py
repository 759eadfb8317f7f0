"""Power cuts on a modelled disk: what `put` returned for is there, whole; all else is there whole or not at all.

`Objects` runs on it as it is; the rows, whose durability is SQLite's, are a dictionary that a chunk enters once `put` returned.
"""

from __future__ import annotations

import hashlib
import random
import uuid
from pathlib import Path

import pytest
from crash_disk import CrashDisk, PowerCut
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from ingest.store import Objects
from ingest.store.objects import DamagedObject, Piece

FOLDER = Path("/data/traces")
TRIPS = [f"{name}b54a6a3-3c7e-4a43-8f5a-0d6d1c7a9e10" for name in "00a"]


def piece(trip: str, number: int, fill: int = 0) -> Piece:
    data = f"{trip} {number} {fill} ".encode() * 3
    return Piece(trip, number, data, hashlib.sha256(data).hexdigest())


class PowerCuts(RuleBasedStateMachine):
    """Chunks come alone and together, trips are erased, and the power goes: between calls or in the middle of one."""

    @initialize(seed=st.integers(0, 2**32))
    def start(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.disk = CrashDisk(self.dice.randrange)
        self.objects = Objects(FOLDER, self.disk)
        self.rows: dict[tuple[str, int], Piece] = {}

    @rule(trip=st.sampled_from(TRIPS), number=st.integers(0, 4), more=st.integers(0, 3), cut_after=st.none() | st.integers(1, 14))
    def put(self, trip: str, number: int, more: int, cut_after: int | None) -> None:
        pieces = [piece(trip, number + further) for further in range(more + 1)]
        self.disk.cut_at = cut_after and self.disk.calls + cut_after
        self.objects._syncing = Alone()  # the order of calls is then the seed's, not the threads'
        try:
            assert self.objects.put_all(pieces) == [None] * len(pieces)
        except PowerCut:
            self.power_cut()
        else:
            self.disk.cut_at = None
            self.rows |= {(each.trip_id, each.number): each for each in pieces}

    @rule(trip=st.sampled_from(TRIPS))
    def erase(self, trip: str) -> None:
        self.objects.erase(trip)
        self.rows = {key: each for key, each in self.rows.items() if key[0] != trip}

    @rule()
    def power_cut(self) -> None:
        self.disk.cut()
        self.objects = Objects(FOLDER, self.disk)
        self.objects.sweep()
        assert list(self.disk.names(str(FOLDER / "incoming"))) == []
        for trip in TRIPS:
            for number, sha256 in self.objects.chunks(trip):
                data = self.objects.get(trip, number, sha256)  # raises where it is not whole
                assert hashlib.sha256(data).hexdigest() == sha256

    @invariant()
    def all_that_was_acknowledged_is_there(self) -> None:
        for each in self.rows.values():
            assert self.objects.get(each.trip_id, each.number, each.sha256) == each.data


class Alone:
    """In the place of a pool of threads: nobody helps."""

    def submit(self, act) -> Alone:
        act()
        return self

    def result(self) -> None:
        return


class TestPowerCuts(PowerCuts.TestCase):
    settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


@pytest.mark.parametrize("lazy", ["file", "folder"])
def test_the_model_tells_when_a_sync_is_missing(lazy: str):
    """A test that cannot fail proves nothing: with either sync left out, cuts lose what was acknowledged."""
    lost = 0
    for seed in range(40):
        disk = CrashDisk(random.Random(seed).randrange, lazy=frozenset({lazy}))
        objects, one = Objects(FOLDER, disk), piece(str(uuid.uuid4()), 0)
        objects.put(one.trip_id, one.number, one.data, one.sha256)
        disk.cut()
        try:
            Objects(FOLDER, disk).get(one.trip_id, one.number, one.sha256)
        except DamagedObject:
            lost += 1
    assert lost > 5


def test_a_cut_at_each_single_call_leaves_whole_files_only():
    for cut_at in range(1, 40):
        for seed in range(12):
            disk = CrashDisk(random.Random(seed).randrange)
            objects, one = Objects(FOLDER, disk), piece(TRIPS[0], 0)
            disk.cut_at = disk.calls + cut_at
            try:
                objects.put(one.trip_id, one.number, one.data, one.sha256)
                acknowledged = True
            except PowerCut:
                acknowledged = False
            disk.cut()
            after = Objects(FOLDER, disk)
            held = after.chunks(TRIPS[0])
            assert held or not acknowledged
            for number, sha256 in held:
                assert after.get(TRIPS[0], number, sha256) == one.data
