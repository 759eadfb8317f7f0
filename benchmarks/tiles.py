"""How large and how slow vector tiles of a large city are: `python -m benchmarks.tiles [--defects 100000]`.

Prints a line for each zoom: bytes of the tile in the middle, seconds until it was there, and once more when it was kept.
"""

from __future__ import annotations

import argparse
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from detection import KINDS, Defects
from ingest.api import create_app
from ingest.mvt import EXTENT, unit_of
from ingest.settings import Settings
from ingest.store import defects, open_store

SIDE_DEG = 0.2  # a city of 15 by 22 km
WEST, SOUTH = 11.5, 48.1


def city_of(count: int) -> Defects:
    """Anywhere in the square, the same ones each time."""
    random = np.random.default_rng(1)
    columns: dict[str, Any] = {name: np.zeros(count) for name in Defects.empty().columns()}
    columns |= {"id": np.array([f"{n:032x}" for n in range(count)], object), "devices": np.full(count, 5)}
    columns |= {
        "latitude": random.uniform(SOUTH, SOUTH + SIDE_DEG, count),
        "longitude": random.uniform(WEST, WEST + SIDE_DEG, count),
    }
    columns |= {"severity": random.gamma(2.0, 1.0, count), "priority": random.uniform(0, 1, count)}
    columns |= {"confidence": random.uniform(0.5, 1, count), "kind": random.integers(0, len(KINDS), count)}
    return Defects.from_columns(columns)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--defects", type=int, default=100_000)
    count = parser.parse_args().defects
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from fastapi.testclient import TestClient
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(Path(folder))
        store = open_store(settings)
        with store.database.write() as session:
            defects.replace(session, city_of(count), [])
        http = TestClient(create_app(settings, store))
        for zoom in range(8, 17):
            across, down = unit_of(WEST + SIDE_DEG / 2, SOUTH + SIDE_DEG / 2, zoom)
            address = f"/v1/tiles/{zoom}/{int(across // EXTENT)}/{int(down // EXTENT)}.mvt"
            (size, first_s), (_, again_s) = _ask(http, address), _ask(http, address)
            print(f"zoom {zoom:2}: {size:7} bytes, {first_s * 1e3:7.1f} ms, then {again_s * 1e3:.1f} ms", flush=True)
        store.database.close()


def _ask(http: Any, address: str) -> tuple[int, float]:
    begun = time.perf_counter()
    answer = http.get(address)
    answer.raise_for_status()
    return len(answer.content), time.perf_counter() - begun


if __name__ == "__main__":
    main()
