"""Crossings of simulated cities, found from the passes alone: `python -m benchmarks.evaluate --only crossings`.

True ones are the nodes of the street plan that at least three streets lead to, each driven by at least `LEAST` devices (of a
junction that nobody used there is no trace). True braking is the same rule applied to where and how fast the cars really were.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from functools import lru_cache, partial

import numpy as np
from scipy.spatial import cKDTree

from detection import Survey, Track, survey
from detection.columns import Floats
from detection.crossings import Approaches, Crossings, find_crossings
from detection.geo import LocalMetres, heading_of, turn_deg
from detection.jolts import Jolts
from detection.scoring import Figures
from detection.simulator import City, Drive, simulate_city, simulate_drive

LEAST = 3
NEAR_M = 20.0  # a crossing found so near to a true one is that one
SAME_DEG = 30.0  # headings of one arm


def report(pool: Executor, cities: Sequence[int], trips: int) -> None:
    """Print how many crossings and arms are right, how far off they are, and how well the share that brakes is known."""
    print(f"crossings, {len(cities)} unseen cities, {trips} trips each, k = {LEAST}; braking as the true motion would have it")
    for city in cities:
        both = list(pool.map(partial(_both, city, max(LEAST, trips // 5)), range(trips), chunksize=4))
        _print(_city(city), [one for one, _ in both], [true for _, true in both])


def _print(city: City, surveys: Sequence[Survey], true: Sequence[Survey]) -> None:
    (found, arms), (real, real_arms) = find_crossings(surveys, LEAST), find_crossings(true, LEAST)
    nodes, streets = nodes_of(city, true)
    off, nearest = cKDTree(nodes).query(_xy(city, found))
    right = off <= NEAR_M
    figures = Figures(len(found), len(nodes), len(np.unique(nearest[right])))
    print(
        f"  {figures.true} crossings, found {figures.found}, precision {figures.precision:.3f}, recall {figures.recall:.3f}, "
        f"arms right {np.mean(found.arms[right] == streets[nearest[right]]):.2f}, "
        f"{np.median(off[right]):.1f} m off in the median (p90 {np.quantile(off[right], 0.9):.1f})"
    )
    said, meant, low, high = paired(city, (found, arms), (real, real_arms))
    print(
        f"  {len(said)} arms: share that brakes {np.mean(np.abs(said - meant)):.3f} off in the mean, "
        f"{np.mean((low <= meant) & (meant <= high)):.2f} within the 90 % interval (of 90 % asked of chance alone)"
    )


def nodes_of(city: City, surveys: Sequence[Survey]) -> tuple[Floats, Floats]:
    """Places (n, 2) m and number of streets (n,) of the true crossings whose arms enough devices drove."""
    ends = [(street.start, street.xy[0], street.xy[min(25, len(street.xy) - 1)]) for street in city.streets]
    ends += [(street.end, street.xy[-1], street.xy[max(-26, -len(street.xy))]) for street in city.streets]
    node = np.array([number for number, _, _ in ends])
    place, inside = np.array([at for _, at, _ in ends]), np.array([at for _, _, at in ends])
    devices = np.zeros((len(ends), len(surveys)), bool)
    names = sorted({one.owner for one in surveys})
    for one in surveys:
        xy = np.c_[city.plane.to_xy(one.track.latitude_deg, one.track.longitude_deg)]
        if len(xy):
            devices[cKDTree(xy).query(inside)[0] <= 8.0, names.index(one.owner)] = True
    driven = devices.sum(axis=1) >= LEAST
    count = np.bincount(node[driven], minlength=node.max() + 1)
    held = np.flatnonzero(count >= 3)
    middles = np.array([place[node == number].mean(axis=0) for number in held])
    return middles, count[held]


def paired(
    city: City, found: tuple[Crossings, Approaches], real: tuple[Crossings, Approaches]
) -> tuple[Floats, Floats, Floats, Floats]:
    """Share that brakes of the arms found and of the same arms as really driven (m,), and the interval of the first."""
    off, which = cKDTree(_xy(city, real[0])).query(_xy(city, found[0]))
    rows = []
    for arm in range(len(found[1])):
        crossing = int(found[1].crossing[arm])
        if off[crossing] > NEAR_M:
            continue
        turn = np.abs(turn_deg(real[1].heading, found[1].heading[arm]))
        same = np.flatnonzero((real[1].crossing == which[crossing]) & (turn <= SAME_DEG))
        if len(same):
            rows.append((found[1].braking[arm], real[1].braking[same[0]], found[1].low[arm], found[1].high[arm]))
    said, meant, low, high = np.array(rows).T
    return said, meant, low, high


def _both(city: int, devices: int, number: int) -> tuple[Survey, Survey]:
    drive = simulate_drive(_city(city), number, city, devices=devices)
    return survey(drive.trace), as_driven(drive)


def as_driven(drive: Drive) -> Survey:
    """The trip as an exact instrument would tell it: places and speeds once every 10 m."""
    path = drive.path
    plane = LocalMetres.around(path.latitude_deg, path.longitude_deg)
    east, north = plane.to_xy(path.latitude_deg, path.longitude_deg)
    gone = np.r_[0.0, np.cumsum(np.hypot(np.diff(east), np.diff(north)))]
    moving = np.r_[True, np.diff(gone) > 0.05]
    way = np.arange(5.0, gone[-1], 10.0)

    def on_the_way(column: Floats) -> Floats:
        return np.interp(way, gone[moving], column[moving])

    track = Track(
        t_s=on_the_way(path.t_s),
        latitude_deg=on_the_way(path.latitude_deg),
        longitude_deg=on_the_way(path.longitude_deg),
        heading_deg=heading_of(on_the_way(np.gradient(east)), on_the_way(np.gradient(north))),
        speed_mps=np.sqrt(on_the_way(path.speed_mps**2)),
        roughness_mps2=np.zeros(len(way)),
        weight=np.ones(len(way)),
    )
    return Survey(drive.trace.trip_id, drive.trace.device, np.nan, Jolts.empty(), track)


def _xy(city: City, found: Crossings) -> Floats:
    return np.c_[city.plane.to_xy(found.latitude, found.longitude)]


@lru_cache(maxsize=2)
def _city(seed: int) -> City:
    return simulate_city(seed)
