"""How estimating defects grows with the number of jolts: seconds, memory, exponent; hdbscan on the whole as the peer.

    python -m benchmarks.scale [--most 1000000]

Districts of up to 100 000 jolts are made one after the other and estimated as they come, as a city's tiles would be: only
one is in memory. What is assumed of them stands in `District`. Seconds are CPU seconds of the estimation alone, those of a
clock beside them; memory is the peak of a process of its own, surveys included.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detection import Jolts, Survey, Track
from detection.defect_map import UNCALIBRATED
from detection.estimate import find_defects_in
from detection.geo import TangentPlane, on_globe

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class District:
    """Streets every 250 m both ways, driven by trips of 10 km with turns at crossings; as simulated cities have it, 3 things
    a km of lane that six passes in ten feel, and 3 weak peaks by chance a km. Half of the trips share 200 devices."""

    jolts_per_trip: int = 50
    trip_km: float = 10.0
    block_m: float = 250.0
    passes: float = 40.0  # of every lane
    things_per_km: float = 3.0
    hit_rate: float = 0.65
    gps_m: float = 3.0  # 1 σ: two thirds of it the trip's own, the rest the jolt's
    largest: int = 100_000  # jolts; a larger city is several districts


RULES = District()


def report(sizes: tuple[int, ...] = (10_000, 100_000, 1_000_000), peer_most: int = 100_000) -> None:
    """Print a row for each number of jolts, then the exponents; then the same streets with ever more passes."""
    print("defects from many jolts, tile by tile, one core; the city grows with the jolts, 40 passes a lane:")
    ours = [_alone(_estimated, size, RULES.passes) for size in sizes]
    for row in ours:
        print("  " + row.line())
    _print_exponents(ours)
    print("peer: hdbscan over all jolts at once (metres and heading), places only, no passes counted:")
    peers = [_alone(_clustered, size, RULES.passes) for size in sizes if size <= peer_most]
    for row in peers:
        print("  " + row.line())
    _print_exponents(peers)
    print("the same streets with ever more passes:")
    busier = [_alone(_estimated, size, RULES.passes * size / sizes[0]) for size in sizes if size <= RULES.largest]
    for row in busier:
        print("  " + row.line())
    _print_exponents(busier)


@dataclass(frozen=True)
class Row:
    jolts: int
    points: int
    found: int
    seconds: float
    clock_s: float
    peak_mb: float

    def line(self) -> str:
        return (
            f"{self.jolts:>9,} jolts {self.points:>11,} track points {self.found:>7,} found  "
            f"{self.seconds:7.2f} s CPU ({self.clock_s:.2f} s by the clock)  {self.peak_mb:6.0f} MB at most"
        )


def _print_exponents(rows: list[Row]) -> None:
    if len(rows) > 1:
        first, last = rows[0], rows[-1]
        exponent = np.log(last.seconds / first.seconds) / np.log(last.jolts / first.jolts)
        print(f"  growth exponent {first.jolts:,} → {last.jolts:,}: {exponent:.2f}")


def _alone(job: Callable[[int, float], Row], size: int, passes: float) -> Row:
    """In a fresh process, so that the peak of memory is its own."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(job, size, passes).result()


def _estimated(size: int, passes: float) -> Row:
    find_defects_in(None, make_district(500, passes, 0), UNCALIBRATED)  # imports and first touches are not growth
    jolts, points, found, spent, waited = 0, 0, 0, 0.0, 0.0
    for number in range(-(-size // RULES.largest)):
        surveys = make_district(min(size, RULES.largest), passes, number)
        begun, clock = time.process_time(), time.perf_counter()
        tiles = find_defects_in(None, surveys, UNCALIBRATED)
        spent, waited = spent + time.process_time() - begun, waited + time.perf_counter() - clock
        jolts += sum(len(survey.evidence) for survey in surveys)
        points += sum(len(survey.track) for survey in surveys)
        found += sum(int((defects.confidence >= 0.5).sum()) for defects in tiles.values())
    return Row(jolts, points, found, spent, waited, _peak_mb())


def _clustered(size: int, passes: float) -> Row:
    import hdbscan

    places = []
    for number in range(-(-size // RULES.largest)):
        for survey in make_district(min(size, RULES.largest), passes, number):
            plane, turn = TangentPlane(48.0, 11.0 + 0.2 * number), np.radians(survey.evidence.heading_deg)
            x, y = plane.of_globe(on_globe(survey.evidence.latitude_deg, survey.evidence.longitude_deg))
            places.append(np.c_[x + 20_000.0 * number, y, 25.0 * np.sin(turn), 25.0 * np.cos(turn)])
    space = np.concatenate(places)
    begun, clock = time.process_time(), time.perf_counter()
    model = hdbscan.HDBSCAN(min_cluster_size=2, min_samples=1, cluster_selection_epsilon=10.0, core_dist_n_jobs=1)
    label = model.fit_predict(space)
    return Row(len(space), 0, int(label.max()) + 1, time.process_time() - begun, time.perf_counter() - clock, _peak_mb())


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


def make_district(jolts: int, passes: float, number: int) -> list[Survey]:
    """The surveys of a district with about so many jolts, at a place of its own. Seeded by its number."""
    rng = np.random.default_rng(number)
    trips = max(jolts // RULES.jolts_per_trip, 1)
    lane_m = trips * RULES.trip_km * 1000.0 / passes
    blocks = max(int(np.ceil(np.sqrt(lane_m * RULES.block_m / 4.0) / RULES.block_m)), 2)  # two ways, two lanes a street
    plane = TangentPlane(48.0, 11.0 + 0.2 * number)
    return [_trip(rng, plane, blocks, f"{number}-{k:06d}", k) for k in range(trips)]


def _trip(rng: np.random.Generator, plane: TangentPlane, blocks: int, name: str, k: int) -> Survey:
    x, y, heading = _drive(rng, blocks)
    t_s = 10.0 * np.arange(len(x)) / 11.0
    off = rng.normal(0.0, RULES.gps_m * 2 / 3, 2)
    lat, lon = plane.to_degrees(x + off[0], y + off[1])
    flat = np.full(len(x), 11.0)
    track = Track(t_s, lat, lon, heading, flat, np.full(len(x), 0.4), np.ones(len(x)))
    station, sure = _felt(rng, x, y, heading)
    at = (station / 10.0).astype(np.int64)
    gone, turn = station - 10.0 * at, np.radians(heading[at])
    gps = rng.normal(0.0, RULES.gps_m * 0.75, (2, len(at)))
    lat, lon = plane.to_degrees(x[at] + gone * np.sin(turn) + off[0] + gps[0], y[at] + gone * np.cos(turn) + off[1] + gps[1])
    same = {name: np.full(len(at), value) for name, value in _A_JOLT.items()}
    evidence = Jolts.from_columns(
        same | {"t_s": station / 11.0, "latitude_deg": lat, "longitude_deg": lon, "heading_deg": heading[at], "confidence": sure}
    )
    device = f"d{k % 400}" if k % 400 < 200 else None
    return Survey(name, device, 1.7e9 + 60.0 * k, evidence, track)


_A_JOLT = {"speed_mps": 11.0, "severity": 2.0, "peak_mps2": 3.0, "kind": 1.0, "score": 2.5, "duration_s": 0.1}
_A_JOLT |= {"first_swing_mps2": -2.0, "position_sigma_m": 4.0, "weight": 1.0}
_A_JOLT |= {"pothole": 0.7, "speed_bump": 0.1, "joint": 0.1, "rough": 0.1}


def _drive(rng: np.random.Generator, blocks: int) -> tuple[Array, Array, Array]:
    """Points every 10 m and their headings: straight on over some blocks, then left or right, turning back at the border."""
    steps = int(RULES.block_m / 10.0)
    node, way = rng.integers(0, blocks + 1, 2), int(rng.integers(4))
    ways = np.array([(0, 1), (1, 0), (0, -1), (-1, 0)])
    xs, ys, headings = [], [], []
    for _ in range(int(RULES.trip_km * 1000.0 / RULES.block_m)):
        if rng.random() < 0.3:
            way = (way + int(rng.choice([1, 3]))) % 4
        for _ in range(3):
            if ((node + ways[way] < 0) | (node + ways[way] > blocks)).any():
                way = (way + 1) % 4
        metres = 10.0 * np.arange(steps)
        right = 2.0 * np.array([ways[way][1], -ways[way][0]])  # the lane
        xs.append(node[0] * RULES.block_m + metres * ways[way][0] + right[0])
        ys.append(node[1] * RULES.block_m + metres * ways[way][1] + right[1])
        headings.append(np.full(steps, 90.0 * way))
        node = node + ways[way]
    return np.concatenate(xs), np.concatenate(ys), np.concatenate(headings)


def _felt(rng: np.random.Generator, x: Array, y: Array, heading: Array) -> tuple[Array, Array]:
    """Stations (m from the start) of the jolts of a trip, in order, and how sure they are."""
    # whether there is a thing on a point's 10 m is drawn from the place itself: the same for all who pass
    place = np.round(x / 10.0) * 73856093.0 + np.round(y / 10.0) * 19349663.0 + heading * 83492791.0
    drawn = np.abs(np.sin(place) * 43758.5453) % 1.0
    thing = np.flatnonzero((drawn < RULES.things_per_km / 100.0) & (rng.random(len(x)) < RULES.hit_rate))
    stray = np.flatnonzero(rng.random(len(x)) < 0.03)
    station = np.r_[10.0 * thing + 5.0, 10.0 * stray + rng.uniform(0.0, 10.0, len(stray))]
    sure = np.r_[rng.beta(5.0, 2.0, len(thing)), rng.beta(1.5, 5.0, len(stray))]
    order = np.argsort(station, kind="stable")
    return station[order], sure[order]


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--most", type=int, default=1_000_000, help="jolts")
    most = options.parse_args().most
    report(tuple(size for size in (10_000, 100_000, 1_000_000) if size <= most))
