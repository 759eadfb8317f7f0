"""Distances by street, against a slow twin that walks every line corner by corner."""

from __future__ import annotations

import heapq
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as rounds
from hypothesis import strategies as st

from benchmarks.tour import METRES_PER_DEGREE, ORIGIN
from ingest.street_graph import DETOUR, SNAP_M, distances

EAST_M = METRES_PER_DEGREE * np.cos(np.radians(ORIGIN[0]))


def at(east: float, north: float) -> list[float]:
    """Longitude and latitude of metres from the origin."""
    return [round(ORIGIN[1] + east / EAST_M, 6), round(ORIGIN[0] + north / METRES_PER_DEGREE, 6)]


def line(*corners: tuple[float, float]) -> list[list[float]]:
    return [at(*corner) for corner in corners]


SQUARE = [  # 400 m around, its south side missing
    line((0, 0), (0, 200), (0, 400)),
    line((0, 400), (200, 400), (400, 400)),
    line((400, 400), (400, 200), (400, 0)),
]


def test_the_way_goes_by_street_and_not_across() -> None:
    found = distances(SQUARE, np.array([at(0, 0), at(200, 400), at(400, 200)]))
    assert found.metres[0] == pytest.approx([0, 600, 1000], abs=3)
    assert found.by_street[0].tolist() == [False, True, True]
    assert found.way(0, 2) == [at(0, 0), at(0, 200), at(0, 400), at(200, 400), at(400, 400), at(400, 200)]
    assert found.way(2, 0) == found.way(0, 2)[::-1]


def test_where_the_known_way_is_far_too_long_a_street_is_missing() -> None:
    found = distances(SQUARE, np.array([at(0, 0), at(400, 0)]))
    assert found.by_street[0, 1], "1200 m for 400 m is just believed"
    found = distances(
        SQUARE[:1] + SQUARE[2:] + [line((0, 400), (0, 2000), (400, 2000), (400, 400))], np.array([at(0, 0), at(400, 0)])
    )
    assert not found.by_street[0, 1]
    assert found.metres[0, 1] == pytest.approx(400 * DETOUR, abs=2)
    assert found.way(0, 1) == [at(0, 0), at(400, 0)]


def test_without_any_street_it_is_crow_fly_with_a_detour() -> None:
    found = distances([], np.array([at(0, 0), at(300, 400)]))
    assert found.metres[0, 1] == pytest.approx(500 * DETOUR, rel=3e-3)
    assert not found.by_street.any()


def test_a_place_beside_the_street_counts_its_way_to_it_and_one_far_off_is_on_none() -> None:
    found = distances(SQUARE, np.array([at(-30, 0), at(0, 400), at(-SNAP_M - 5, 200)]))
    assert found.metres[0, 1] == pytest.approx(430, abs=2)
    assert not found.by_street[2].any()


def slow(lines: list[list[list[float]]], places: np.ndarray) -> np.ndarray:
    """Dijkstra from corner to corner, places on their nearest corners."""
    joined: dict[tuple[float, float], list[tuple[float, tuple[float, float]]]] = {}

    def apart(a: tuple[float, ...], b: tuple[float, ...]) -> float:
        return float(np.hypot((a[0] - b[0]) * EAST_M, (a[1] - b[1]) * METRES_PER_DEGREE))

    for one in lines:
        for a, b in itertools.pairwise(one):
            joined.setdefault(tuple(a), []).append((apart(a, b), tuple(b)))
            joined.setdefault(tuple(b), []).append((apart(a, b), tuple(a)))
    out = np.full((len(places),) * 2, np.inf)
    nearest = [min(joined, key=lambda corner: apart(corner, place)) for place in places.tolist()]
    for i, start in enumerate(nearest):
        done: dict[tuple[float, float], float] = {}
        queue = [(0.0, start)]
        while queue:
            far, corner = heapq.heappop(queue)
            if corner not in done:
                done[corner] = far
                for more, following in joined[corner]:
                    heapq.heappush(queue, (far + more, following))
        for j, end in enumerate(nearest):
            gaps = apart(start, places[i]) + apart(end, places[j])
            out[i, j] = done.get(end, np.inf) + (gaps if i != j else 0)
    return out


@given(st.integers(0, 10_000))
@rounds(max_examples=25, deadline=None)
def test_the_graph_of_whole_lines_says_what_walking_corner_by_corner_says(seed: int) -> None:
    draw = np.random.default_rng(seed)
    corners = [(x * 150.0, y * 150.0) for x in range(4) for y in range(4)]
    ends = [(a, b) for a in corners for b in corners if a < b and abs(a[0] - b[0]) + abs(a[1] - b[1]) == 150.0]
    lines = [line(*zip(*np.linspace(*pair, 5).T.tolist(), strict=True)) for pair in ends if draw.random() > 0.3]
    places = np.array([lines[draw.integers(len(lines))][draw.integers(5)] for _ in range(5)])
    found, expected = distances(lines, places), slow(lines, places)
    np.testing.assert_allclose(found.metres[found.by_street], expected[found.by_street], rtol=2e-3, atol=0.5)
