"""How long are the tours? `python -m benchmarks.tour [--stops 60] [--seconds 30] [--rounds 5]` asks a real server and OR-tools.

Made-up towns of a street grid with gaps, stops drawn at random beside it. The answer over HTTP is timed; its length is
compared with the best tour of the same matrix that OR-tools' guided local search finds in its time. Exit code 1 when a tour
is more than 3 % longer, or an answer takes more than 3 s.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from detection import KINDS, Defects
from ingest.settings import Settings
from ingest.store import Store, common_tracks, defects, open_store, users
from ingest.street_graph import distances
from ingest.worklist import USUAL_MPS

MOST_LONGER, MOST_S = 0.03, 3.0  # the figures to reach
BLOCK_M, BLOCKS, MISSING = 120.0, 40, 0.15  # a town of 5 km; a street in seven is unknown
ORIGIN = (48.1, 11.5)
METRES_PER_DEGREE = 111_195.0


def main() -> None:
    """Parse, ask, print."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--stops", type=int, default=60)
    options.add_argument("--seconds", type=float, default=30.0, help="OR-tools' time for each tour")
    options.add_argument("--rounds", type=int, default=5)
    chosen = options.parse_args()
    found = [measure(chosen.stops, chosen.seconds, seed) for seed in range(chosen.rounds)]
    print("| town | answered in (s) | length (m) | OR-tools' best (m) | longer |\n| --- | --- | --- | --- | --- |")
    for seed, (answered_s, metres, best) in enumerate(found):
        print(f"| {seed} | {answered_s:.2f} | {metres:.0f} | {best:.0f} | {metres / best - 1:+.2%} |")
    longest, slowest = max(metres / best - 1 for _, metres, best in found), max(answered_s for answered_s, _, _ in found)
    print(f"at most {longest:+.2%} longer, answered within {slowest:.2f} s")
    sys.exit(longest > MOST_LONGER or slowest > MOST_S)


def measure(stops: int, seconds: float, seed: int) -> tuple[float, float, float]:
    """Seconds to the answer, its length and OR-tools' best, both in metres of the same matrix."""
    from tests.ingest.callers import ServerProcess

    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        token = fill(data, stops, seed)
        server = ServerProcess(data)
        try:
            with server.client() as http:
                asked = {"start": f"{ORIGIN[0]},{ORIGIN[1]}", "stops": stops}
                answered_s, told = _ask(http, asked, token)
                tracks = [feature["geometry"]["coordinates"] for feature in _all_tracks(http)]
        finally:
            server.stop()
    points = [feature for feature in told["features"] if feature["geometry"]["type"] == "Point"]
    assert len(points) == stops
    places = np.array([[ORIGIN[1], ORIGIN[0]], *(feature["geometry"]["coordinates"] for feature in points)])
    metres = distances(tracks, places).metres
    order = list(range(len(places)))  # the answer's own
    return answered_s, length(metres, order), length(metres, best_order(metres, seconds))


def length(metres: np.ndarray, order: Sequence[int]) -> float:
    """Of an open tour."""
    return float(sum(metres[a, b] for a, b in itertools.pairwise(order)))


def best_order(metres: np.ndarray, seconds: float) -> list[int]:
    """The best open tour from place 0 that OR-tools finds in so many seconds: its end is a place that every way to is free."""
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2

    tenths = np.round(np.pad(metres, ((0, 1), (0, 1))) / USUAL_MPS * 10).astype(int).tolist()
    manager = pywrapcp.RoutingIndexManager(len(tenths), 1, [0], [len(tenths) - 1])
    model = pywrapcp.RoutingModel(manager)
    model.SetArcCostEvaluatorOfAllVehicles(model.RegisterTransitMatrix(tenths))
    how = pywrapcp.DefaultRoutingSearchParameters()
    how.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PATH_CHEAPEST_ARC
    how.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    how.time_limit.FromMilliseconds(int(seconds * 1000))
    found = model.SolveWithParameters(how)
    order, at = [], model.Start(0)
    while not model.IsEnd(at):
        order.append(manager.IndexToNode(at))
        at = found.Value(model.NextVar(at))
    return order


def fill(data: Path, stops: int, seed: int) -> str:
    """A town's streets and defects; returns a crew's token."""
    store = open_store(Settings(data))
    draw = np.random.default_rng(seed)
    lines = town(draw)
    with store.database.write() as session:
        common_tracks.replace(session, [_track(number, line) for number, line in enumerate(lines)])
        defects.replace(session, _beside(lines, stops, draw), [])
        held = users.add(session, "crew", "crew", None, time.time())
        token = users.give(session, held.id, users.TOKEN, time.time(), 86_400.0)
    _close(store)
    return token


def town(draw: np.random.Generator) -> list[list[list[float]]]:
    """A grid of streets, a line from crossing to crossing, some left out, the crossings moved a little."""
    corner = (np.stack(np.meshgrid(*[np.arange(BLOCKS + 1)] * 2, indexing="ij"), -1) - BLOCKS / 2) * BLOCK_M
    corner = corner + draw.normal(0.0, BLOCK_M / 6, corner.shape)
    scale = METRES_PER_DEGREE * np.array([np.cos(np.radians(ORIGIN[0])), 1.0])
    degrees = np.round(corner / scale + ORIGIN[::-1], 6)
    streets = []
    for step in ((1, 0), (0, 1)):
        for row in range(BLOCKS + 1 - step[0]):
            for column in range(BLOCKS + 1 - step[1]):
                if draw.random() > MISSING:
                    ends = degrees[row, column], degrees[row + step[0], column + step[1]]
                    streets.append(np.round(np.linspace(*ends, 12), 6).tolist())
    return streets


def _beside(lines: list[list[list[float]]], count: int, draw: np.random.Generator) -> Defects:
    chosen = [lines[which][draw.integers(12)] for which in draw.choice(len(lines), count, replace=False)]
    columns: dict[str, Any] = {name: np.ones(count) for name in Defects.empty().columns()}
    columns |= {"longitude": np.array([place[0] for place in chosen]), "latitude": np.array([place[1] for place in chosen])}
    columns |= {"id": np.array([f"d{number}" for number in range(count)], object), "heading": np.full(count, 90.0)}
    columns |= {"kind": np.full(count, KINDS.index("pothole")), "status": np.zeros(count), "devices": np.full(count, 9)}
    return Defects.from_columns(columns | {"priority": draw.uniform(0, 5, count)})


def _track(number: int, line: list[list[float]]) -> dict[str, Any]:
    longitude, latitude = np.array(line).T
    box = {"south": latitude.min(), "north": latitude.max(), "west": longitude.min(), "east": longitude.max()}
    told = {name: float(value) for name, value in box.items()}
    return told | {"id": number, "passes": 9, "devices": 9, "roughness": 0.4, "line": json.dumps(line)}


def _ask(http: httpx.Client, asked: dict[str, Any], token: str) -> tuple[float, dict[str, Any]]:
    begun = time.perf_counter()
    answer = http.get("/v1/worklist", params=asked, headers={"Authorization": f"Bearer {token}"})
    answered_s = time.perf_counter() - begun
    answer.raise_for_status()
    return answered_s, dict(answer.json())


def _all_tracks(http: httpx.Client) -> list[dict[str, Any]]:
    features: list[dict[str, Any]] = []
    cursor = -1
    while cursor is not None:
        told = http.get("/v1/tracks", params={"limit": 10_000, "cursor": cursor}).json()
        features, cursor = features + told["features"], told["next"]
    return features


def _close(store: Store) -> None:
    store.database.close()


if __name__ == "__main__":
    main()
