"""Distances by street between places, over the streets that passes have drawn (`CommonTrack`), else by a detour's factor.

Pure: lines and places in, metres and ways out. A line is an edge from end to end; places lie on the nearest one.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from detection.geo import LocalMetres

SNAP_M = 80.0  # further from any known street it is somewhere nobody has driven yet
DETOUR = 1.4  # streets over crow-fly in towns: 1.2 to 1.5 (Boscoe, Henry & Zdeb, Prof. Geographer 64, 2012: 1.42)
MOST_DETOUR = 3.0  # known streets that need more than this are believed to lack one: only what k devices drove is known
FREE_M = 500.0  # … beyond so much: around a block is no sign of that

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Line = Sequence[Sequence[float]]  # [longitude, latitude] each, degrees


@dataclass(frozen=True, eq=False)
class Distances:
    """metres (n, n) between n places; by_street (n, n): whether known streets lead there."""

    metres: Floats
    by_street: npt.NDArray[np.bool_]
    _places: Floats  # (n, 2) longitude, latitude
    _before: Ints = field(repr=False)
    _line: dict[tuple[int, int], Floats] = field(repr=False)

    def way(self, start: int, end: int) -> list[list[float]]:
        """Longitudes and latitudes from one place to another: along the streets, or straight where none are known."""
        ends = self._places[[start, end]]
        if not self.by_street[start, end]:
            return _rounded(ends)
        parts, node = [ends[1:]], end
        while node != start:
            before = int(self._before[start, node])
            parts.append(self._line[before, node][::-1])
            node = before
        whole = np.concatenate([*parts, ends[:1]])[::-1]
        keep = np.r_[True, (np.diff(np.round(whole, 6), axis=0) != 0).any(axis=1)]
        return _rounded(whole[keep])


def distances(lines: Sequence[Line], places: Floats) -> Distances:
    """Between places (n, 2), longitude and latitude in degrees, all within some 100 km of each other."""
    plane = LocalMetres.around(places[:, 1], places[:, 0])
    xy = np.c_[plane.to_xy(places[:, 1], places[:, 0])]
    crow = np.linalg.norm(xy[:, None] - xy[None], axis=2)
    count = len(places)
    graph = _Graph(count)
    gap = graph.add(lines, xy, plane)
    on = np.flatnonzero(np.isfinite(gap))
    street, before = np.full((count, count), np.inf), np.full((count, graph.nodes), -9999, np.int64)
    if len(on):
        found, came = dijkstra(graph.matrix(), directed=False, indices=on, return_predecessors=True)
        street[np.ix_(on, on)] = found[:, on] + gap[on][:, None] + gap[on][None]
        before[on] = came
    np.fill_diagonal(street, 0.0)
    known = street <= np.maximum(MOST_DETOUR * crow, crow + FREE_M)
    np.fill_diagonal(known, False)
    return Distances(np.where(known, street, DETOUR * crow), known, places, before, graph.line)


def _rounded(places: Floats) -> list[list[float]]:
    return [[round(longitude, 6), round(latitude, 6)] for longitude, latitude in places.tolist()]


class _Graph:
    """Nodes: the places first, then where lines end. line: the geometry of each edge, both ways."""

    def __init__(self, places: int) -> None:
        self.nodes = places
        self.line: dict[tuple[int, int], Floats] = {}
        self._length: dict[tuple[int, int], float] = {}
        self._ends: dict[tuple[float, float], int] = {}

    def add(self, lines: Sequence[Line], xy: Floats, plane: LocalMetres) -> Floats:
        """Every line, cut where places lie on it; how far each place (n,) is from its line, inf from any."""
        gap = np.full(len(xy), np.inf)
        if not lines:
            return gap
        held = [np.asarray(line, np.float64) for line in lines]
        corners = np.concatenate(held)
        line_of = np.repeat(np.arange(len(held)), [len(line) for line in held])
        first = np.cumsum([0, *(len(line) for line in held[:-1])])
        corner_xy = np.c_[plane.to_xy(corners[:, 1], corners[:, 0])]
        away, nearest = (np.asarray(found) for found in cKDTree(corner_xy).query(xy, distance_upper_bound=SNAP_M))
        on: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        for place in np.flatnonzero(np.isfinite(away)).tolist():
            gap[place] = away[place]
            which = int(line_of[nearest[place]])
            on[which].append((int(nearest[place] - first[which]), place))
        steps = np.r_[0.0, np.linalg.norm(np.diff(corner_xy, axis=0), axis=1)]
        for which, line in enumerate(held):
            self._chain(line, steps[first[which] : first[which] + len(line)], sorted(on[which]))
        return gap

    def matrix(self) -> csr_array:
        """Lengths in metres."""
        rows, columns = (np.array([edge[side] for edge in self._length], np.int64) for side in (0, 1))
        return csr_array((np.array(list(self._length.values())), (rows, columns)), shape=(self.nodes, self.nodes))

    def _chain(self, line: Floats, steps: Floats, places: list[tuple[int, int]]) -> None:
        along = np.cumsum(np.r_[0.0, steps[1:]])
        stops = [(0, self._end(line[0])), *places, (len(line) - 1, self._end(line[-1]))]
        for (at, node), (to, following) in itertools.pairwise(stops):
            length = max(float(along[to] - along[at]), 1e-3)  # two on one corner are still two nodes
            known = self._length.get((node, following), np.inf)
            if node != following and length < known:
                self._length[node, following] = self._length[following, node] = length
                self.line[node, following], self.line[following, node] = line[at : to + 1], line[at : to + 1][::-1]

    def _end(self, corner: Floats) -> int:
        key = (round(float(corner[0]), 6), round(float(corner[1]), 6))
        if key not in self._ends:
            self._ends[key] = self.nodes
            self.nodes += 1
        return self._ends[key]
