"""Scores: one found thing to one true thing, and the best assignment of all."""

from __future__ import annotations

import naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detection.geo import LocalMetres
from detection.scoring import Figures, assign, match_defects, match_jolts

times = st.lists(st.floats(0.0, 6.0), max_size=6).map(np.array)


@given(times, times, st.floats(0.1, 3.0))
@settings(max_examples=150)
def test_as_many_jolts_are_matched_as_any_assignment_could(found: np.ndarray, true: np.ndarray, tolerance: float) -> None:
    found, true = np.asarray(found, float), np.asarray(true, float)
    figures, pairs = match_jolts(found, true, tolerance)
    cost = np.abs(found[:, None] - true[None])
    count, paid = naive.most_pairs(cost, tolerance)
    assert figures == Figures(len(found), len(true), count)
    assert len(set(pairs[:, 0].tolist())) == len(set(pairs[:, 1].tolist())) == len(pairs) == count
    assert cost[pairs[:, 0], pairs[:, 1]].sum() == pytest.approx(paid, abs=1e-6)


@given(st.integers(0, 2**32), st.integers(1, 5), st.integers(1, 6))
def test_an_assignment_is_the_best_of_all_permutations(seed: int, rows: int, columns: int) -> None:
    cost = np.random.default_rng(seed).exponential(1.0, (rows, columns))
    pairs = assign(cost, 1.0)
    count, paid = naive.most_pairs(cost, 1.0)
    assert len(pairs) == count
    assert cost[pairs[:, 0], pairs[:, 1]].sum() == pytest.approx(paid)


def test_splitting_one_thing_into_five_costs_precision() -> None:
    figures, _ = match_jolts(np.array([9.8, 9.9, 10.0, 10.1, 10.2]), np.array([10.0]))
    assert (figures.precision, figures.recall) == (0.2, 1.0)


def test_figures_add_up_over_trips() -> None:
    both = Figures(4, 5, 3) + Figures(6, 5, 2)
    assert (both.precision, both.recall, both.f1) == (0.5, 0.5, 0.5)
    assert Figures(3, 4, 3).f1 == pytest.approx(2 * 1.0 * 0.75 / 1.75)


def test_nothing_found_is_no_false_alarm_and_nothing_true_nothing_missed() -> None:
    assert (Figures(0, 5, 0).precision, Figures(0, 5, 0).recall) == (1.0, 0.0)
    assert (Figures(5, 0, 0).precision, Figures(5, 0, 0).recall) == (0.0, 1.0)
    assert Figures().f1 == 1.0


def places(x_m: list[float], heading: list[float]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    latitude, longitude = LocalMetres(48.0, 11.0).to_degrees(np.array(x_m, float), np.zeros(len(x_m)))
    return latitude, longitude, np.array(heading, float)


def test_defects_match_within_radius_and_direction() -> None:
    true = places([0.0, 100.0, 200.0, 300.0], [90.0, 90.0, np.nan, 350.0])
    found = places([14.9, 115.1, 200.0, 300.0], [90.0, 90.0, 17.0, 20.0])
    figures, pairs, distance = match_defects(found, true)
    assert pairs.tolist() == [[0, 0], [2, 2], [3, 3]]
    assert distance == pytest.approx([14.9, 0.0, 0.0], abs=0.01)
    assert figures == Figures(4, 4, 3)
    assert match_defects(places([0.0], [270.0]), places([0.0], [90.0]))[0].matched == 0


@given(st.lists(st.floats(0, 60), min_size=1, max_size=6), st.lists(st.floats(0, 60), min_size=1, max_size=6))
def test_matched_defects_are_as_many_as_any_assignment_could(a: list[float], b: list[float]) -> None:
    figures, pairs, _ = match_defects(places(a, [0.0] * len(a)), places(b, [0.0] * len(b)))
    cost = np.abs(np.array(a)[:, None] - np.array(b)[None])
    edge = np.abs(cost - 15.0).min() < 1e-3
    assert edge or figures.matched == len(pairs) == naive.most_pairs(cost, 15.0)[0]


def test_no_defects_on_either_side_are_no_error() -> None:
    nothing = places([], [])
    assert match_defects(nothing, places([0.0], [0.0]))[0] == Figures(0, 1, 0)
    assert match_defects(places([0.0], [0.0]), nothing)[0] == Figures(1, 0, 0)
