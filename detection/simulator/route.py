"""A route through the city: the lanes driven one after the other, as one line with one surface and the things met on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter1d

from detection.columns import Floats
from detection.simulator.city import City
from detection.simulator.roads import STEP_M
from detection.simulator.streets import CORNER_M, Street, along, lane
from detection.simulator.things import TrueDefects

GRID_M = 0.5  # spacing of the route's line
Indices = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Route:
    """Where a drive goes. Arrays (n,) lie GRID_M apart along the path, u_m = distance driven.

    lanes: (k,) lane numbers in order; lane_start_m: (k,) where each lane begins in the joined surface. xy: (n, 2) m.
    curvature: 1/m, positive to the left. station_m: place in the joined surface. crossings_m: (k - 1,) u of each stop line.
    """

    lanes: Indices
    lane_start_m: Floats
    u_m: Floats
    xy: Floats
    curvature: Floats
    station_m: Floats
    limit_mps: Floats
    crossings_m: Floats

    def surface(self, city: City) -> Floats:
        """Heights (2, n) in m every STEP_M of station, without things."""
        return np.concatenate([city.surface[k] for k in self.lanes], axis=1)

    def u_at(self, station_m: Floats) -> Floats:
        """Distance driven when the front axle is at these stations."""
        return np.asarray(np.interp(station_m, self.station_m, self.u_m))

    def meets(self, things: TrueDefects, streets: Sequence[Street]) -> tuple[Indices, Floats]:
        """(index into things, station in m) of every thing on the way, in order; one passed twice is there twice."""
        index, station = [], []
        for k, start in zip(self.lanes, self.lane_start_m, strict=True):
            here = np.flatnonzero((things.street == k // 2) & (things.direction != (-1 if k % 2 == 0 else 1)))
            at = things.station_m[here] if k % 2 == 0 else streets[k // 2].length_m - things.station_m[here]
            order = np.argsort(at)
            index.append(here[order])
            station.append(start + at[order])
        return np.concatenate(index), np.concatenate(station)


def plan_route(city: City, length_m: float, rng: np.random.Generator) -> Route:
    """A random walk over the streets of at least this length, seldom turning and without turning back."""
    lanes = _walk(city.streets, length_m, rng)
    samples = [city.surface[k].shape[1] for k in lanes]
    starts = np.r_[0, np.cumsum(samples)[:-1]] * STEP_M
    xy, station, ends = _join(city.streets, lanes, starts, rng)
    u = along(xy)
    even = np.arange(0.0, u[-1], GRID_M)
    station = np.interp(even, u, station)
    xy = np.stack([gaussian_filter1d(np.interp(even, u, c), 1.0 / GRID_M) for c in xy.T], axis=1)
    heading = np.unwrap(np.arctan2(*np.gradient(xy, axis=0).T[::-1]))
    curvature = gaussian_filter1d(np.gradient(heading, GRID_M), 1.5 / GRID_M)
    limit = np.array([city.streets[k // 2].limit_mps for k in lanes])[np.searchsorted(starts, station, "right") - 1]
    return Route(lanes, starts, even, xy, curvature, station, limit, np.interp(ends, station, even))


def _walk(streets: Sequence[Street], length_m: float, rng: np.random.Generator) -> Indices:
    """Lane numbers; at a crossing straight on is favoured, and streets not yet driven."""
    begin = np.array([node for s in streets for node in (s.start, s.end)])
    end = np.array([node for s in streets for node in (s.end, s.start)])
    bearing_in, bearing_out = _bearings(streets)
    lanes, driven = [int(rng.integers(2 * len(streets)))], 0.0
    visits = np.zeros(len(streets))
    while driven < length_m + 200.0:
        last = lanes[-1]
        driven += streets[last // 2].length_m
        visits[last // 2] += 1
        choices = np.flatnonzero((begin == end[last]) & (np.arange(len(begin)) // 2 != last // 2))
        weight = np.exp(1.2 * np.cos(bearing_out[choices] - bearing_in[last]) - 0.7 * visits[choices // 2])
        lanes.append(int(rng.choice(choices, p=weight / weight.sum())))
    return np.array(lanes)


def _bearings(streets: Sequence[Street]) -> tuple[Floats, Floats]:
    """Direction in rad in which each lane arrives at its last crossing, and leaves its first."""
    ends = np.array([(s.xy[1] - s.xy[0], s.xy[-1] - s.xy[-2]) for s in streets])
    first, last = np.arctan2(ends[..., 1], ends[..., 0]).T
    out = np.stack([first, last + np.pi], axis=1).ravel()
    arrive = np.stack([last, first + np.pi], axis=1).ravel()
    return arrive, out


def _join(streets: Sequence[Street], lanes: Indices, starts: Floats, rng: np.random.Generator) -> tuple[Floats, Floats, Floats]:
    """Points (n, 2), their station (n,), and the station of each stop line: lanes cut back and joined by curves."""
    points: list[Floats] = []
    stations: list[Floats] = []
    ends: list[float] = []
    for i, (k, start) in enumerate(zip(lanes, starts, strict=True)):
        xy, s = lane(streets[k // 2], forward=k % 2 == 0)
        inside = (s >= (CORNER_M if i else s[-1] * rng.uniform(0.1, 0.5))) & (s <= s[-1] - CORNER_M)
        if points:
            curve = _corner(points[-1][-2:], xy[inside][:2])
            points.append(curve)
            stations.append(np.linspace(stations[-1][-1], start + s[inside][0], len(curve) + 2)[1:-1])
        points.append(xy[inside])
        stations.append(start + s[inside])
        ends.append(stations[-1][-1])
    return np.concatenate(points), np.concatenate(stations), np.array(ends[:-1])


def _corner(before: Floats, after: Floats) -> Floats:
    """Points between two lanes: a cubic Bézier curve, for a right angle close to a circle (control length 0.39 of the chord)."""
    a, d = before[-1], after[0]
    reach = 0.39 * np.hypot(*(d - a))
    b = a + reach * (a - before[0]) / np.hypot(*(a - before[0]))
    c = d - reach * (after[1] - d) / np.hypot(*(after[1] - d))
    t = np.linspace(0, 1, 26)[1:-1, None]
    return np.asarray((1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t**2 * c + t**3 * d)
