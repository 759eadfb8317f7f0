"""How good the detection is, against marks made by people and against the simulator's truth.

    python -m benchmarks.evaluate [--quick] [--only NAME] [--recordings DIR]

Events matched one to one, folds by trip, intervals by bootstrap over trips or cities, chance beside each figure. The
simulated cities here (seeds from 101) are not those that the constants were read off (1 to 3).
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from benchmarks import (
    assets,
    crossing_classes,
    crossings_simulated,
    defects_simulated,
    jolts_simulated,
    manoeuvres,
    peers,
    pittsburgh,
    real_folds,
    repairs,
    scale,
    severity,
    smooth_road,
    transfer,
)

RECORDINGS = Path(__file__).resolve().parents[2] / "shared" / "data"

PARTS = [
    "potholelab", "shocks", "pittsburgh", "smooth", "jolts", "transfer", "defects", "assets", "manoeuvres", "repairs",
    "severity", "crossings", "peers", "scale",
]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one city and fewer trips: a minute instead of ten")
    parser.add_argument("--only", choices=PARTS)
    parser.add_argument("--recordings", type=Path, default=RECORDINGS, help="folder of the real recordings")
    args = parser.parse_args()
    seeds = [101] if args.quick else [101, 102, 103, 104]
    with ProcessPoolExecutor() as pool:
        parts: dict[str, Callable[[], None]] = {
            "pittsburgh": lambda: pittsburgh.report(args.recordings / "pittsburgh"),
            "potholelab": lambda: real_folds.report(args.recordings / "potholelab", 4 if args.quick else 8, pool),
            "shocks": lambda: crossing_classes.report(args.recordings / "shocks50hz"),
            "smooth": lambda: smooth_road.report(args.recordings / "phyphox"),
            "jolts": lambda: jolts_simulated.report(seeds, 20 if args.quick else 60, pool),
            "transfer": lambda: transfer.report(seeds, 12 if args.quick else 24, pool),
            "defects": lambda: defects_simulated.report(seeds, (5, 20, 60) if args.quick else (5, 20, 60, 150), pool),
            "assets": lambda: assets.report(seeds, (20,) if args.quick else (20, 60), pool),
            "manoeuvres": lambda: manoeuvres.report(args.recordings / "manoeuvres", seeds, 12 if args.quick else 24, pool),
            "repairs": lambda: repairs.report(seeds, 30 if args.quick else 60, pool),
            "severity": lambda: severity.report(seeds, 15 if args.quick else 60, pool),
            "crossings": lambda: crossings_simulated.report(pool, seeds, 30 if args.quick else 60),
            "peers": lambda: peers.report(args.recordings, [101, 102, 103, *seeds[3:]], 4 if args.quick else 15, pool),
            "scale": lambda: scale.report((10_000, 100_000) if args.quick else (10_000, 100_000, 1_000_000)),
        }
        for name, part in parts.items():
            if args.only in (None, name):
                part()
                print(flush=True)


if __name__ == "__main__":
    main()
