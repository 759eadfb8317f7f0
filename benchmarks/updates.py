"""How long the server's defects take to follow one new trip, among ever more stored ones: some tiles against everything.

    python -m benchmarks.updates [--most 2000]

A region of towns with 50 trips each (`benchmarks.scale.make_district`; a trip of 10 km touches most tiles of its town), in a real
SQLite installation; the new trip is one more of the first town. Seconds are of the wall clock, reading and storing included.
"Everything" is what every estimate was before tiles, and what a new epoch still is: one for each fifth by which trips grow.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.scale import RULES, make_district
from detection import Survey, find_defects
from detection.calibration import calibrate
from ingest import estimating
from ingest.common_tracks import draw_common_tracks
from ingest.history import count_days
from ingest.settings import Settings, Work
from ingest.store import Store, calibrations, open_store, surveys, tiles
from ingest.store.schema import Device, Trip

TRIPS_PER_TOWN = 50
REPEATS = 3
SHARE = Work().renew_share  # an epoch ends when so many more trips have come
NEVER = Work(renew_share=1e9, renew_s=1e12)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--most", type=int, default=500, help="stored trips")
    most = parser.parse_args().most
    report([count for count in (100, 500, 2000, 10_000) if count <= most])


def report(counts: list[int]) -> None:
    """A row for each number of stored trips, then what an estimate of everything spends its time on."""
    print(f"one new trip among N stored ones, towns of {TRIPS_PER_TOWN} trips each; one core:")
    for count in counts:
        with tempfile.TemporaryDirectory() as folder:
            print(_row(Settings(Path(folder), work=NEVER), region(count)), flush=True)
    _print_parts(region(counts[-1]))


def _row(settings: Settings, known: list[Survey]) -> str:
    store = open_store(settings)
    fill(store, known)
    everything = timed(lambda: _estimate(store, settings), before=lambda: _expire(store))
    arriving = replace(known[7], trip_id="newcomer", device="newcomer")
    some = timed(lambda: _estimate(store, settings), before=lambda: fill(store, [arriving]))
    touched = tiles.tiles_touched(arriving, beyond_m=tiles.BEYOND_M)
    with store.database.read() as session:
        read = len(surveys.load_touching(session, touched))
    store.database.close()
    share = (everything / (SHARE * len(known)) + some) / everything
    return (
        f"{len(known):>6} stored: everything {everything:6.2f} s, some {some:5.2f} s: {everything / some:5.1f} times faster "
        f"({len(touched)} of {len(_tiles(known))} tiles, {read} surveys read); epochs included {1.0 / share:5.1f} times"
    )


def region(count: int) -> list[Survey]:
    """The surveys of so many trips, town after town."""
    per_town = TRIPS_PER_TOWN * RULES.jolts_per_trip
    return [one for number in range(-(-count // TRIPS_PER_TOWN)) for one in make_district(per_town, RULES.passes, number)][:count]


def fill(store: Store, held: list[Survey]) -> None:
    """Store them as the worker does."""
    with store.database.write() as session:
        for one in held:
            device = one.device or f"of {one.trip_id}"
            if session.get(Trip, one.trip_id) is None:
                if session.get(Device, device) is None:
                    session.add(Device(id=device, token_sha256=device, created_at=0.0))
                    session.flush()
                session.add(Trip(id=one.trip_id, device_id=device, state="processed", created_at=0.0))
                session.flush()
            surveys.save(session, one, 0.0)


def timed(work: Callable[[], object], before: Callable[[], object] = lambda: None) -> float:
    """Median seconds of the work alone."""
    spent = []
    for _ in range(REPEATS):
        before()
        begun = time.perf_counter()
        work()
        spent.append(time.perf_counter() - begun)
    return float(np.median(spent))


def _estimate(store: Store, settings: Settings) -> None:
    storing = estimating.estimate(store, settings, time.time())
    with store.database.write() as session:
        storing(session)


def _expire(store: Store) -> None:
    with store.database.write() as session:
        calibrations.expire(session)


def _tiles(known: list[Survey]) -> set[int]:
    return {tile for one in known for tile in tiles.tiles_touched(one, beyond_m=tiles.BEYOND_M)}


def _print_parts(known: list[Survey]) -> None:
    """What an estimate of everything is made of."""
    calibration = calibrate(known)
    found = find_defects(known, calibration=calibration)
    packed = [(one.trip_id, one.device or "", surveys.pack(one)) for one in known]
    parts: dict[str, Callable[[], object]] = {
        "streets": lambda: draw_common_tracks(known, 3),
        "defects": lambda: find_defects(known, calibration=calibration),
        "unpacking": lambda: [surveys.unpack(*row) for row in packed],
        "histories": lambda: count_days(found, known, 3),
        "calibration": lambda: calibrate(known),
    }
    print(f"everything, {len(known)} trips: " + ", ".join(f"{name} {timed(part):.2f} s" for name, part in parts.items()))


if __name__ == "__main__":
    main()
