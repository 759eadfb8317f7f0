"""The small form of `benchmarks.hostile`: no crash, no answer at or above 500, bounded memory, and honest phones are served."""

from __future__ import annotations

from pathlib import Path

from benchmarks.hostile import attack
from benchmarks.hostile_bodies import hostile

BODIES = 300
MOST_MB = 64.0  # what the peak may rise, however many bodies


def test_hostile_bodies_neither_break_nor_bloat_the_server(tmp_path: Path):
    result = attack(BODIES, seed=7, folder=tmp_path)
    assert sum(result.statuses.values()) == BODIES
    assert result.failed == {}
    assert result.tracebacks == 0
    assert result.lives
    assert set(result.honest) == {201}
    assert result.grown_mb <= MOST_MB


def test_the_bodies_are_of_every_sort_and_the_same_for_the_same_seed():
    bodies = list(hostile(BODIES, 7))
    assert bodies == list(hostile(BODIES, 7))
    assert len({body.sort for body in bodies}) >= 13
