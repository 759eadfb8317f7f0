"""Homes on a grid of streets and the trips to and from them: metres east and north of an origin, one fix a second."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mobile_app.privacy.cells import METRES_PER_DEGREE

Floats = npt.NDArray[np.float64]

BLOCK_M = 100.0  # between two streets
EXTENT_M = 20_000.0  # a plane is true to the grid of the globe that far
SPEED_MPS = 11.0
NOISE_M = 4.0  # 1 σ of a fix in each direction
FAR_M = (1500.0, 3500.0)  # how far one drives, as the crow flies


MAIN_M = 500.0  # between two main roads
ORIGIN = (48.0, 11.0)  # degrees
PLACES = 8  # where one goes, the n-th 1/n as often as the first (Song et al. 2010: visits follow Zipf's law)


@dataclass(frozen=True)
class Trip:
    """xy_m: (n, 2), first fix at the home whichever way it was driven; a scheme that cuts both ends sees no difference."""

    xy_m: Floats


def homes(count: int, rng: np.random.Generator) -> Floats:
    """(count, 2): on streets, anywhere within EXTENT_M."""
    street = rng.integers(0, int(EXTENT_M / BLOCK_M), count) * BLOCK_M
    along = rng.uniform(0, EXTENT_M, count)
    northward = rng.random(count) < 0.5
    return np.where(northward[:, None], np.c_[street, along], np.c_[along, street])


def everywhere(home: Floats, count: int, rng: np.random.Generator) -> list[Trip]:
    """The worst case: each trip goes somewhere else, in any direction, by any of the shortest ways."""
    return [_driven(_any_way(home, _goal(home, rng), rng), rng) for _ in range(count)]


def habits(home: Floats, count: int, rng: np.random.Generator) -> list[Trip]:
    """As people drive: to a few places, most often to the same ones, by the nearest main road."""
    weights = 1.0 / np.arange(1, PLACES + 1)
    ways = [_main_way(home, _goal(home, rng)) for _ in range(PLACES)]
    return [_driven(ways[which], rng) for which in rng.choice(PLACES, count, p=weights / weights.sum())]


def _goal(home: Floats, rng: np.random.Generator) -> Floats:
    angle, far = rng.uniform(0, 2 * np.pi), rng.uniform(*FAR_M)
    return np.asarray(np.round((home + far * np.array([np.cos(angle), np.sin(angle)])) / BLOCK_M) * BLOCK_M)


def _driven(corners: Floats, rng: np.random.Generator) -> Trip:
    length = np.r_[0.0, np.cumsum(np.abs(np.diff(corners, axis=0)).sum(axis=1))]
    at = np.arange(0.0, length[-1], SPEED_MPS)
    xy = np.c_[np.interp(at, length, corners[:, 0]), np.interp(at, length, corners[:, 1])]
    return Trip(xy + rng.normal(0, NOISE_M, xy.shape))


def _any_way(home: Floats, goal: Floats, rng: np.random.Generator) -> Floats:
    """From the home to the next corner towards the goal, then block by block, east-west or north-south in random order."""
    first = _first_corner(home, goal)
    blocks = np.round((goal - first) / BLOCK_M).astype(int)
    steps = np.r_[
        np.tile([[np.sign(blocks[0]), 0]], (abs(blocks[0]), 1)), np.tile([[0, np.sign(blocks[1])]], (abs(blocks[1]), 1))
    ]
    rng.shuffle(steps)
    return np.vstack([home, first, first + np.cumsum(steps, axis=0).reshape(-1, 2) * BLOCK_M])


def _main_way(home: Floats, goal: Floats) -> Floats:
    """Along one's street to a corner, on to the nearest main road, along main roads, and off at the one nearest to the goal."""
    first = _first_corner(home, goal)
    near_axis = int(np.abs(first - np.round(first / MAIN_M) * MAIN_M).argmin())
    on = first.copy()
    on[near_axis] = np.round(first[near_axis] / MAIN_M) * MAIN_M
    off = np.round(goal / MAIN_M) * MAIN_M
    turn = on.copy()
    turn[1 - near_axis] = off[1 - near_axis]  # a main road that crosses the one driven
    return np.vstack([home, first, on, turn, off, [goal[0], off[1]], goal])


def _first_corner(home: Floats, goal: Floats) -> Floats:
    first = home.copy()
    for axis in np.flatnonzero(~np.isclose(home / BLOCK_M, np.round(home / BLOCK_M))):
        toward = np.ceil if goal[axis] >= home[axis] else np.floor
        first[axis] = toward(home[axis] / BLOCK_M) * BLOCK_M
    return first


def to_degrees(xy_m: Floats) -> tuple[float, float]:
    """Latitude and longitude of a place."""
    return ORIGIN[0] + float(xy_m[1]) / METRES_PER_DEGREE, ORIGIN[1] + float(xy_m[0]) / _EAST_M


def to_metres(latitude: float, longitude: float) -> Floats:
    return np.array([(longitude - ORIGIN[1]) * _EAST_M, (latitude - ORIGIN[0]) * METRES_PER_DEGREE])


_EAST_M = METRES_PER_DEGREE * math.cos(math.radians(ORIGIN[0]))
