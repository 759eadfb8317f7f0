"""What is left of a home's privacy under each scheme: `python -m benchmarks.privacy [--homes N]`.

Prints, for each world, scheme and number of trips, the median error of the best attack on the shape of what is withheld and of
the best attack on the directions of travel, and the share of homes that the better of the two finds to within 100 m.
"""

from __future__ import annotations

import argparse

import numpy as np

from benchmarks.privacy.measure import DIRECTION, TRIPS, WORLDS, best, cases, drive, measure
from mobile_app.privacy import Ends

SEED = 20261128


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--homes", type=int, default=120)
    parser.add_argument("--cell", type=float, default=Ends().cell_m)
    told = parser.parse_args()
    for way in WORLDS:
        driven = drive(way, told.homes, np.random.default_rng(SEED))
        print(f"\n{way}: {told.homes} homes, median error in m by shape / by direction, and found within 100 m, at so many trips")
        print(f"{'scheme':36}" + "".join(f"{count:>22}" for count in TRIPS))
        for name, case in cases(Ends.of_cell(told.cell)).items():
            found = list(measure(case, driven, np.random.default_rng(SEED)))
            print(f"{name:36}" + "".join(_cell(found, count) for count in TRIPS), flush=True)


def _cell(found: list, trips: int) -> str:  # type: ignore[type-arg]
    shape = best(found, trips, [one.attack for one in found if one.attack not in DIRECTION])
    direction = best(found, trips, list(DIRECTION))
    share = max(best(found, trips).found, shape.found, direction.found)
    return f"{shape.median_m:9.0f} /{direction.median_m:5.0f} {share:5.0%}"


if __name__ == "__main__":
    main()
