"""Candidates: dense places in a direction of travel, no more and no fewer than there are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import cKDTree
from street_drives import candidates_of, drive, one_scene

from detection import Survey
from detection.cluster import Candidates, _condensed, balls
from detection.scene import Scene, gather
from detection.settings import DefectSettings

RULES = DefectSettings()


def scene_with(surveys: list[Survey]) -> Scene:
    return one_scene(gather(surveys))


def scattered(at_m: list[float], passes: int, seed: int, gps_m: float = 3.0, heading: float = 90.0) -> Scene:
    """Jolts at these stations from so many passes, each trip with a GPS error of its own."""
    rng = np.random.default_rng(seed)
    drives = [drive(f"t{k}", hits=at_m, off_m=tuple(rng.normal(0, gps_m, 2)), heading=heading) for k in range(passes)]
    return scene_with(drives)


@given(st.integers(0, 2**32), st.sampled_from([2, 5, 20, 60]))
@settings(max_examples=25)
def test_four_places_sixty_metres_apart_are_four_candidates(seed: int, passes: int) -> None:
    scene = scattered([100.0, 160.0, 220.0, 400.0], passes, seed, gps_m=2.0)
    found = candidates_of(scene, np.ones(len(scene.jolts)), RULES)
    groups = [np.bincount(found.member[k::4][found.member[k::4] >= 0]).argmax() for k in range(4)]
    assert len(set(groups)) == 4
    for k, group in enumerate(groups):
        assert np.mean(found.member[k::4] == group) >= 0.5
    busiest = np.sort(np.bincount(found.member[found.member >= 0]))[::-1]
    assert busiest[:4].sum() >= 0.85 * len(scene.jolts)


@given(st.integers(0, 2**32))
@settings(max_examples=15)
def test_candidates_of_one_direction_are_never_closer_than_one_defect_is_wide(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scene = scattered(np.sort(rng.uniform(0, 600, 25)).tolist(), 6, seed)  # a street that jolts everywhere
    found = candidates_of(scene, rng.uniform(0.05, 1.0, len(scene.jolts)), RULES)
    xy = np.c_[found.x_m, found.y_m]
    assert len(found) > 5
    assert not len(cKDTree(xy).query_pairs(0.95 * RULES.apart_m, output_type="ndarray"))


def test_every_jolt_belongs_to_the_nearest_candidate_in_reach() -> None:
    rng = np.random.default_rng(3)
    scene = scattered(np.sort(rng.uniform(0, 600, 25)).tolist(), 6, 3)
    found = candidates_of(scene, np.ones(len(scene.jolts)), RULES)
    places = np.c_[found.x_m, found.y_m]
    for i in range(len(scene.jolts)):
        distance = [np.hypot(*(scene.jolts.xy[i] - place)) for place in places]
        if found.member[i] >= 0:
            assert distance[found.member[i]] <= RULES.hit_reach_m
            assert distance[found.member[i]] == pytest.approx(min(distance), abs=1e-6)
        else:
            assert min(distance) > RULES.hit_reach_m
    assert set(found.member[found.member >= 0].tolist()) == set(range(len(found))), "a candidate without any jolt"


def test_opposite_lanes_are_two_candidates_with_opposite_headings() -> None:
    away = [drive(f"e{k}", hits=[300.0], off_m=(k % 3, -1.5)) for k in range(4)]
    back = [drive(f"w{k}", hits=[300.0], heading=270.0, off_m=(k % 3, 1.5)) for k in range(4)]
    found = candidates_of(scene_with(away + back), np.ones(8), RULES)
    assert sorted(np.degrees(np.arctan2(found.east, found.north)) % 360) == pytest.approx([90.0, 270.0], abs=1.0)


def test_headings_on_both_sides_of_north_are_one_direction() -> None:
    found = candidates_of(
        scene_with([drive("a", hits=[300.0], heading=359.0), drive("b", hits=[300.0], heading=1.0)]), np.ones(2), RULES
    )
    assert len(found) == 1
    assert (found.east[0], found.north[0]) == (pytest.approx(0.0, abs=0.02), pytest.approx(1.0, abs=0.01))


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_lone_jolt_is_a_candidate_too(count: int) -> None:
    scene = scene_with([drive("a", hits=[100.0, 300.0, 500.0][:count])])
    found = candidates_of(scene, np.ones(count), RULES)
    assert sorted(found.member.tolist()) == list(range(count))


def test_fifty_jolts_on_one_spot_are_one_candidate() -> None:
    scene = scene_with([drive(f"t{k}", hits=[300.0]) for k in range(50)])
    found = candidates_of(scene, np.ones(50), RULES)
    assert len(found) == 1
    assert (found.member == 0).all()


def test_surer_jolts_pull_a_candidate_more() -> None:
    scene = scene_with([drive("a", hits=[300.0]), drive("b", hits=[306.0])])
    found = candidates_of(scene, np.array([1.0, 0.05]), RULES)
    assert len(found) == 1
    assert abs(found.x_m[0] - scene.jolts.x_m[0]) < 1.0


@given(st.integers(0, 2**32), st.floats(0.5, 40.0))
@settings(max_examples=20)
def test_neighbours_are_all_within_the_radius_and_only_those(seed: int, radius: float) -> None:
    rng = np.random.default_rng(seed)
    points, places = rng.uniform(0, 100, (40, 2)), rng.uniform(0, 100, (7, 2))
    for place, near in zip(places, balls(cKDTree(points), places, radius), strict=True):
        assert set(near) == {i for i, point in enumerate(points) if np.hypot(*(point - place)) <= radius}


@given(st.integers(0, 2**32))
@settings(max_examples=10)
def test_crowds_are_condensed_without_moving_any_place_by_a_metre(seed: int) -> None:
    """Two things 25 m apart and a lone jolt: three hundred passes, one by one and condensed."""
    scene = scattered([100.0, 125.0], 300, seed, gps_m=2.0)
    one_by_one = candidates_of(scene, np.ones(len(scene.jolts)), replace(RULES, crowd=10**9))
    condensed = candidates_of(scene, np.ones(len(scene.jolts)), RULES)

    def busiest(found: Candidates) -> np.ndarray:
        two = np.argsort(np.bincount(found.member[found.member >= 0]))[-2:]
        return np.sort(np.c_[found.x_m, found.y_m][two], axis=0)

    assert busiest(condensed) == pytest.approx(busiest(one_by_one), abs=1.0)
    assert len(condensed) <= len(one_by_one) + 5


def test_a_place_passed_often_is_condensed_to_few_rows_that_keep_its_weight() -> None:
    scene = scattered([100.0], 2000, 5)
    table = np.c_[scene.jolts.globe_m, 25.0 * scene.jolts.east, 25.0 * scene.jolts.north]
    means, mass, first = _condensed(table, np.full(2000, 0.5), RULES)
    assert len(means) < 500
    assert mass.sum() == pytest.approx(1000.0)
    assert mass @ means / mass.sum() == pytest.approx(table.mean(axis=0), abs=1e-6)
    assert (np.diff(first) > 0).all(), "in order of the jolts"
