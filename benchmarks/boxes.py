"""How long a box takes among many defects: `python -m benchmarks.boxes [--rows 500000]`. Why: docs/decisions/0002-storage.md."""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
from sqlalchemy import insert

from ingest.settings import Settings
from ingest.store import defects, open_store
from ingest.store.places import Box
from ingest.store.schema import Defect

KM_DEG = 1 / 111.2  # of latitude


def main() -> None:
    """Fill a city of 40 km with defects, ask for boxes, print the median of 50."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=500_000)
    rows = options.parse_args().rows
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(Settings(Path(folder)))
        dice = np.random.default_rng(1)
        north, east = 48.0 + dice.uniform(0, 40 * KM_DEG, rows), 11.0 + dice.uniform(0, 60 * KM_DEG, rows)
        same = {"hits": 5, "passes": 8, "devices": 4, "hit_rate": 0.6, "confidence": 0.9, "severity": 2.5, "radius": 1.5}
        same |= {"first_seen": 0.0, "last_seen": 0.0, "heading": 90.0, "priority": 1.0, "kind": "pothole", "status": "new"}
        with store.database.write() as session:
            places = zip(north.tolist(), east.tolist(), strict=True)
            session.execute(
                insert(Defect), [{"id": f"{i:012x}", "latitude": n, "longitude": e, **same} for i, (n, e) in enumerate(places)]
            )
        for side_km in (0.2, 1.0, 5.0, 40.0):
            times_ms, found = [], 0
            for _ in range(50):
                south, west = (
                    48.0 + dice.uniform(0, (40 - side_km) * KM_DEG),
                    11.0 + dice.uniform(0, (60 - 1.5 * side_km) * KM_DEG),
                )
                box = Box(west, south, west + 1.5 * side_km * KM_DEG, south + side_km * KM_DEG)
                begin = time.perf_counter()
                with store.database.read() as session:
                    found += len(defects.page(session, defects.Wanted(k=3, box=box), 1001))
                times_ms.append((time.perf_counter() - begin) * 1000)
            print(f"{rows} defects, box of {side_km:g} km: {np.median(times_ms):.1f} ms, {found / 50:.0f} rows")
        store.database.close()


if __name__ == "__main__":
    main()
