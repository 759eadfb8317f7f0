"""The street network: where streets run, how fast they are driven and how rough they are. No heights, no things."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from detection.columns import Floats
from detection.simulator.roads import CLASS_NAMES, draw_roughness

BLOCK_M = 215.0  # assumption: distance of crossings, a European inner city
LANE_OFFSET_M = 1.75  # assumption: half of a 3.5 m lane, right-hand traffic
CORNER_M = 9.0  # assumption: a lane ends this far from the crossing's centre; right turns get a radius near 7 m
LIMITS_MPS, LIMIT_SHARES = (30 / 3.6, 50 / 3.6, 60 / 3.6), (0.4, 0.45, 0.15)  # assumption: shares
CLASS_SHARES = (0.30, 0.45, 0.25)  # assumption: shares of classes A, B, C


@dataclass(frozen=True, eq=False)
class Street:
    """A street between two crossings. xy: centre line (m, 2) in m, about 1 m apart, from node `start` to `end`."""

    start: int
    end: int
    xy: Floats
    limit_mps: float
    class_name: str
    gd_n0_m3: float

    @property
    def length_m(self) -> float:
        return float(np.hypot(*np.diff(self.xy, axis=0).T).sum())


def lay_streets(street_km: float, rng: np.random.Generator) -> list[Street]:
    """A perturbed grid of curved streets of this total length; every crossing has at least two streets."""
    side = max(2, round(0.5 + np.sqrt(0.25 + street_km * 1e3 / (2 * BLOCK_M * 0.92))))
    nodes, ends, line = _grid(side, rng)
    ends, line = _without_some(ends, line, side * side, rng)
    curves = [_curve(nodes[a], nodes[b], rng) for a, b in ends]
    total_m = sum(float(np.hypot(*np.diff(c, axis=0).T).sum()) for c in curves)
    scale = street_km * 1e3 / total_m
    classes, limits = rng.choice(3, 2 * side, p=CLASS_SHARES), rng.choice(3, 2 * side, p=LIMIT_SHARES)
    streets = []
    for (a, b), curve, of in zip(ends, curves, line, strict=True):
        kept = rng.random() < 0.6  # assumption: most blocks of one street are of one age and class
        name = CLASS_NAMES[int(classes[of] if kept else rng.choice(3, p=CLASS_SHARES))]
        xy = _resample(curve * scale, 1.0)
        streets.append(Street(int(a), int(b), xy, LIMITS_MPS[int(limits[of])], name, draw_roughness(name, rng)))
    return streets


def along(xy: Floats) -> Floats:
    """Distance (m,) in m from the first point of a polyline (m, 2)."""
    return np.asarray(np.r_[0.0, np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])


def lane(street: Street, forward: bool) -> tuple[Floats, Floats]:
    """Lane centre (m, 2) in the direction of travel, and the station (m,): distance along the street's centre line so driven."""
    xy = street.xy if forward else street.xy[::-1]
    tangent = np.gradient(xy, axis=0)
    tangent /= np.hypot(tangent[:, 0], tangent[:, 1])[:, None]
    right = np.stack([tangent[:, 1], -tangent[:, 0]], axis=1)
    return np.asarray(xy + LANE_OFFSET_M * right), along(xy)


def _grid(side: int, rng: np.random.Generator) -> tuple[Floats, npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Crossings (side², 2), street ends (s, 2), and which line of the grid each belongs to (s,)."""
    column, row = np.meshgrid(np.arange(side), np.arange(side))
    nodes = np.stack([column.ravel(), row.ravel()], axis=1) * BLOCK_M
    nodes = nodes + rng.normal(0, 0.12 * BLOCK_M, nodes.shape).clip(-0.3 * BLOCK_M, 0.3 * BLOCK_M)
    turn = rng.uniform(0, np.pi / 2)
    nodes = (nodes - nodes.mean(axis=0)) @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    index = np.arange(side * side).reshape(side, side)
    across = np.stack([index[:, :-1].ravel(), index[:, 1:].ravel()], axis=1)
    up = np.stack([index[:-1].ravel(), index[1:].ravel()], axis=1)
    line = np.r_[row[:, :-1].ravel(), side + column[:-1].ravel()]
    return nodes, np.concatenate([across, up]), line


def _without_some(
    ends: npt.NDArray[np.intp], line: npt.NDArray[np.intp], n_nodes: int, rng: np.random.Generator
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """A tenth of the streets taken out where the rest stays connected and no crossing becomes a dead end."""
    kept = np.ones(len(ends), bool)
    for candidate in rng.permutation(len(ends))[: len(ends) // 10]:
        kept[candidate] = False
        graph = coo_array((np.ones(kept.sum()), (ends[kept, 0], ends[kept, 1])), shape=(n_nodes, n_nodes))
        degree = np.bincount(ends[kept].ravel(), minlength=n_nodes)
        if degree.min() < 2 or connected_components(graph, directed=False)[0] > 1:
            kept[candidate] = True
    return ends[kept], line[kept]


def _curve(a: Floats, b: Floats, rng: np.random.Generator) -> Floats:
    """A bowed, slightly winding line from a to b."""
    s = np.linspace(0, 1, 400)[:, None]
    chord = b - a
    left = np.array([-chord[1], chord[0]])
    bow, wind = rng.normal(0, 0.05), rng.normal(0, 0.02)  # assumption: parts of the chord
    return np.asarray(a + s * chord + (bow * np.sin(np.pi * s) + wind * np.sin(2 * np.pi * s)) * left)


def _resample(xy: Floats, step_m: float) -> Floats:
    u = along(xy)
    even = np.linspace(0, u[-1], max(3, round(u[-1] / step_m) + 1))
    return np.stack([np.interp(even, u, xy[:, 0]), np.interp(even, u, xy[:, 1])], axis=1)
