"""Streets drawn from passes: middle lines of what at least k devices drove, and nobody's own way.

Pure: arrays in, rows out. Tracks are cut into steps of a few metres, steps that run alongside each other share a node,
and two nodes are joined where enough devices went from one to the other.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from detection import Survey
from detection.passing import Steps, distinct, steps_of

STEP_M = 4.0  # well below the distance of two nodes, so that a trip visits each on its way
ALONG_M, ASIDE_M = 10.0, 16.0  # what shares a node: spread of fixes (σ 2 to 5 m) and of lanes is aside, never along
TURN_COS2 = 0.34  # cosine of twice the angle between two axes: 35° apart they are two streets
ABOUT_M = 50.0  # what is further from k devices than one or two of these has no part in any line
METRES_PER_DEGREE = 111_195.0  # of latitude, on the sphere
NODE_STEPS = round(2 * ALONG_M / STEP_M)  # of a trip through what shares a node
LONGEST = 24  # nodes in one line: pieces of some 250 m, so that each has its own roughness

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Streets:
    """rows: of `CommonTrack`, pieces of street that at least k devices drove. first_m: how much of them each device was the
    first to drive; devices without a name and those that were never first are left out.
    """

    rows: list[dict[str, Any]]
    first_m: dict[str, float]


def draw_common_tracks(surveys: Sequence[Survey], k: int) -> list[dict[str, Any]]:
    """The rows of `draw_streets`."""
    return draw_streets(surveys, k).rows


def draw_streets(surveys: Sequence[Survey], k: int) -> Streets:
    """The same for any order of the surveys."""
    driven = _where_enough_drove([s for s in sorted(surveys, key=lambda survey: survey.trip_id) if len(s.track) > 1], k)
    if not driven:
        return Streets([], {})
    plane, steps = steps_of(driven, STEP_M)
    node, places = _nodes(steps)
    edges, passes, devices = _edges(steps, node, k)
    roughness = np.bincount(node, steps.roughness_mps2, len(places)) / np.maximum(np.bincount(node, minlength=len(places)), 1)
    degrees = np.c_[plane.to_degrees(places[:, 0], places[:, 1])]
    known = {(int(a), int(b)): (int(p), int(d)) for (a, b), p, d in zip(edges, passes, devices, strict=True)}
    rows = [_row(number, chain, known, degrees, roughness) for number, chain in enumerate(_chains(edges))]
    return Streets(rows, _firsts(driven, steps, node, edges))


def _firsts(driven: Sequence[Survey], steps: Steps, node: Ints, edges: Ints) -> dict[str, float]:
    """Of each node that is drawn, its first trip's way through it; a trip without a clock is later than all others."""
    started = np.array([survey.started_at_s for survey in driven], np.float64)
    rank = np.argsort(np.argsort(started, kind="stable"))[steps.trip]
    order = np.lexsort((np.arange(len(steps)), rank, node))
    _, begins = np.unique(node[order], return_index=True)
    begin = order[begins]  # the first step of each node
    way = np.arange(len(steps)) - begin[node]
    first = (
        (rank == rank[begin][node]) & (way >= 0) & (way < 2 * NODE_STEPS) & np.isin(node, edges)
    )  # back again is no new street
    length = np.where(np.diff(steps.stretch, append=-1) == 0, np.diff(steps.way_m, append=0.0), 0.0)
    first_m = Counter[str]()
    for trip, metres in enumerate(np.bincount(steps.trip[first], length[first], len(driven)).tolist()):
        if metres > 0 and (device := driven[trip].device) is not None:
            first_m[device] += metres
    return {device: round(metres, 1) for device, metres in first_m.items()}


def _where_enough_drove(surveys: Sequence[Survey], k: int) -> list[Survey]:
    """Tracks only where k devices were in about the same place: else where few drove would move what is drawn of many."""
    if not surveys:
        return []
    counts = [len(survey.track) for survey in surveys]
    latitude, longitude = (
        np.concatenate([getattr(s.track, name) for s in surveys]) for name in ("latitude_deg", "longitude_deg")
    )
    _, codes = np.unique([survey.owner for survey in surveys], return_inverse=True)
    common = np.split(_common(_squares(latitude, longitude), np.repeat(codes, counts), k), np.cumsum(counts)[:-1])
    kept = [replace(survey, track=survey.track[mine]) for survey, mine in zip(surveys, common, strict=True) if mine.any()]
    return [survey for survey in kept if len(survey.track) > 1]


def _squares(latitude: Floats, longitude: Floats) -> Ints:
    """Row and column (n, 2) of squares of ABOUT_M, the same whatever else was driven."""
    row = np.floor(latitude * METRES_PER_DEGREE / ABOUT_M)
    per_degree = METRES_PER_DEGREE * np.cos(np.radians(row * ABOUT_M / METRES_PER_DEGREE))
    return np.asarray(np.c_[row, np.floor(longitude * per_degree / ABOUT_M)].astype(np.int64))


def _common(square: Ints, device: Ints, k: int) -> npt.NDArray[np.bool_]:
    """Whether at least k devices were in the square of each point or one beside it."""
    squares, which = np.unique(square, axis=0, return_inverse=True)
    seen = np.unique(np.c_[which.ravel(), device], axis=0)
    beside = [squares[seen[:, 0]] + (north, east) for north in (-1, 0, 1) for east in (-1, 0, 1)]
    spread = np.unique(np.c_[np.concatenate(beside), np.tile(seen[:, 1], 9)], axis=0)
    reached, devices = np.unique(spread[:, :2], axis=0, return_counts=True)
    enough = {tuple(one) for one in reached[devices >= k].tolist()}
    return np.array([tuple(one) in enough for one in squares.tolist()], bool)[which.ravel()]


def _nodes(steps: Steps) -> tuple[Ints, Floats]:
    """Node of each step (n,), and the places of the nodes: the mean of what shares them."""
    angle = 2 * np.arctan2(steps.ahead[:, 0], steps.ahead[:, 1])
    each = np.c_[np.cos(angle), np.sin(angle)]  # twice the heading, so that both directions are one axis
    sector = np.round(np.arctan2(each[:, 1], each[:, 0]) / (np.pi / 4)) % 8
    keys = np.c_[np.floor(steps.xy / STEP_M), sector].astype(np.int64)
    _, bin_of, count = np.unique(keys, axis=0, return_inverse=True, return_counts=True)
    bin_of = bin_of.ravel()
    xy, axis = (np.c_[[np.bincount(bin_of, column) for column in of.T]].T / count[:, None] for of in (steps.xy, each))
    node = _share(xy, axis / np.maximum(np.hypot(*axis.T), 1e-9)[:, None], count)[bin_of]
    _, node = np.unique(node, return_inverse=True)
    held = np.bincount(node)
    return node, np.c_[[np.bincount(node, column) for column in steps.xy.T]].T / held[:, None]


def _share(xy: Floats, axis: Floats, count: Ints) -> Ints:
    """For each bin the bin that leads it: busiest first, each leads what runs alongside it and has no nearer leader."""
    near = cKDTree(xy).query_ball_point(xy, ASIDE_M, return_sorted=True)
    heading = np.arctan2(axis[:, 1], axis[:, 0]) / 2
    forward = np.c_[np.sin(heading), np.cos(heading)]
    leader, distance = np.full(len(xy), -1), np.full(len(xy), np.inf)
    for first in np.lexsort((np.arange(len(xy)), -count)):
        if leader[first] >= 0:
            continue
        others = np.asarray(near[first])
        away = xy[others] - xy[first]
        along = np.abs(away @ forward[first])
        aside = np.abs(away @ np.array([forward[first, 1], -forward[first, 0]]))
        apart = np.hypot(along / ALONG_M, aside / ASIDE_M)
        mine = (apart < 1) & (axis[others] @ axis[first] > TURN_COS2) & (apart < distance[others])
        leader[others[mine]], distance[others[mine]] = first, apart[mine]
    return leader


def _edges(steps: Steps, node: Ints, k: int) -> tuple[Ints, Ints, Ints]:
    """Pairs of nodes (e, 2) that at least k devices drove between, smaller first; passes and devices (e,)."""
    joins = (np.diff(steps.stretch) == 0) & (np.diff(node) != 0)
    pairs = np.sort(np.c_[node[:-1], node[1:]][joins], axis=1)
    edges, which = np.unique(pairs, axis=0, return_inverse=True)
    trips, devices = (distinct(which.ravel(), of[1:][joins], len(edges)) for of in (steps.trip, steps.device))
    common = devices >= k
    return edges[common], trips[common], devices[common]


def _chains(edges: Ints) -> Iterator[list[int]]:
    """Edges put end to end as long as neither end is a crossing, at most LONGEST nodes each."""
    joined: dict[int, list[int]] = {}
    for a, b in edges.tolist():
        joined.setdefault(a, []).append(b)
        joined.setdefault(b, []).append(a)
    ends = [node for node in joined if len(joined[node]) != 2]
    done: set[tuple[int, int]] = set()
    for start in (*ends, *joined):  # what is left after all ends are circles
        for following in joined[start]:
            if (min(start, following), max(start, following)) not in done:
                yield from _pieces(_walk(start, following, joined, done))


def _walk(start: int, following: int, joined: dict[int, list[int]], done: set[tuple[int, int]]) -> list[int]:
    chain = [start, following]
    done.add((min(chain), max(chain)))
    while len(joined[chain[-1]]) == 2:
        after = next((node for node in joined[chain[-1]] if (min(node, chain[-1]), max(node, chain[-1])) not in done), None)
        if after is None:
            break
        done.add((min(after, chain[-1]), max(after, chain[-1])))
        chain.append(after)
    return chain


def _pieces(chain: list[int]) -> Iterator[list[int]]:
    for first in range(0, len(chain) - 1, LONGEST - 1):
        yield chain[first : first + LONGEST]


def _row(
    number: int, chain: list[int], known: dict[tuple[int, int], tuple[int, int]], degrees: Floats, roughness: Floats
) -> dict[str, Any]:
    pairs = [known[min(pair), max(pair)] for pair in pairwise(chain)]
    latitude, longitude = np.round(_smooth(degrees[chain]), 6).T
    return {
        "id": number,
        "south": float(latitude.min()),
        "north": float(latitude.max()),
        "west": float(longitude.min()),
        "east": float(longitude.max()),
        "passes": int(np.median([passes for passes, _ in pairs])),
        "devices": min(devices for _, devices in pairs),
        "roughness": round(float(roughness[chain].mean()), 3),
        "line": json.dumps(np.c_[longitude, latitude].tolist()),
    }


def _smooth(line: Floats) -> Floats:
    """Twice the mean of each inner place and its neighbours: what zigzags from node to node is the fixes' error."""
    for _ in range(2):
        line = np.r_[line[:1], (line[:-2] + 2 * line[1:-1] + line[2:]) / 4, line[-1:]]
    return line
