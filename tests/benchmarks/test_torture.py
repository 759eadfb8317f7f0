"""A small form of the torture run: kills of server, worker and phones over a bad network."""

from __future__ import annotations

import random
from pathlib import Path

from benchmarks.torture import torture


def test_kills_and_a_bad_network_lose_double_and_change_nothing(tmp_path: Path):
    seed = random.randrange(10**6)
    print("seed", seed)
    result = torture(tmp_path, seed, phones=3, kills=8, chunks=40)
    print(result)
    assert result.sound
    assert sum(result.kills.values()) == 8
