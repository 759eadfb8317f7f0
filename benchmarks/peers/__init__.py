"""The field's own detectors beside ours on every set of recordings: same road terms, same spacing, same matching.

`report` prints the tables. Every detector's threshold, and what its paper left open, is tuned for it on the training folds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from pathlib import Path

from benchmarks.peers import crossings, recordings, smooth
from benchmarks.peers.compare import Compared, compare, print_table
from benchmarks.peers.recordings import Recordings


def report(folder: Path, seeds: Sequence[int], drives: int, pool: Executor) -> None:
    """Print a table for each set: simulator (a city is a fold, so at least three), and the real ones that are in the folder."""
    tuned_on = {"simulator": _table(recordings.simulated(seeds, drives, pool))}
    real: dict[str, Callable[[Path], Recordings]] = {
        "pittsburgh": recordings.pittsburgh,
        "potholelab": recordings.potholelab,
    }
    for name, load in real.items():
        if (folder / name).is_dir():
            tuned_on[name] = _table(load(folder / name))
        else:
            print(f"{name}: skipped, no recordings at {folder / name}")
    tuned_on.pop("pittsburgh", None)  # 5 Hz: its thresholds mean nothing at 100 Hz
    if (folder / "phyphox").is_dir():
        smooth.report(folder / "phyphox", tuned_on)
        print()
    if (folder / "shocks50hz").is_dir():
        crossings.report(folder / "shocks50hz")


def _table(held: Recordings) -> Compared:
    compared = compare(held)
    print_table(held, compared.rows)
    print(flush=True)
    return compared
