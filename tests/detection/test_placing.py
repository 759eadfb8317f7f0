"""Where defects are put: along by the hits, across by all who passed, in the middle of the road if they span it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from street_drives import MARIENPLATZ, drive

from detection import KINDS, Survey, find_defects
from detection.geo import LocalMetres
from detection.robust import robust_mean
from detection.settings import DefectSettings

RULES = DefectSettings()
LANE_M = RULES.lane_m


def of_kind(survey: Survey, kind: str) -> Survey:
    shares = {name: np.full(len(survey.evidence), 0.94 if name == kind else 0.02) for name in KINDS[1:]}
    return replace(survey, evidence=replace(survey.evidence, **shares))


def places(surveys: list[Survey]) -> np.ndarray:
    """East and north of each defect from the place that is hit, in m."""
    found = find_defects(surveys)
    return np.c_[LocalMetres(*MARIENPLATZ).to_xy(found.latitude, found.longitude)][np.argsort(found.heading)]


def both_ways(kind: str, *, hit_back: bool = True, count: int = 8) -> list[Survey]:
    """Cars eastward on the southern lane, westward on the northern one, over one thing, of which each meets the near edge."""
    east = [drive(f"e{k}", device=f"e{k}", hits=[298.0], off_m=(0.0, LANE_M / 2)) for k in range(count)]
    west = [
        drive(f"w{k}", device=f"w{k}", hits=[302.0] * hit_back, heading=270.0, off_m=(0.0, -LANE_M / 2)) for k in range(count)
    ]
    return [of_kind(survey, kind) for survey in east + west]


@pytest.mark.parametrize("kind", ["speed_bump", "joint"])
def test_what_both_directions_meet_lies_in_the_middle_of_the_road_and_between_its_ends(kind: str) -> None:
    found = places(both_ways(kind))
    assert len(found) == 2
    assert np.abs(found).max() < 0.3


def test_what_one_direction_meets_lies_on_its_lane() -> None:
    (hole,) = places(both_ways("pothole", hit_back=False))
    assert hole[1] == pytest.approx(-LANE_M / 2, abs=0.1)
    (cover,) = places(both_ways("joint", hit_back=False))
    assert cover[1] == pytest.approx(-LANE_M / 2, abs=0.1)


def test_a_hump_felt_from_one_side_only_still_spans_the_road() -> None:
    (hump,) = places(both_ways("speed_bump", hit_back=False, count=40))
    assert abs(hump[1]) < 0.5


def test_those_who_passed_without_a_jolt_tell_where_the_lane_is() -> None:
    hits = [drive(f"h{k}", device=f"h{k}", hits=[300.0], off_m=(0.0, 3.0)) for k in range(2)]
    passed = [drive(f"p{k}", device=f"p{k}", off_m=(0.0, 0.0)) for k in range(6)]
    (alone,), (among,) = places(hits), places(hits + passed)
    assert alone[1] == pytest.approx(-3.0, abs=0.1)
    assert among[1] == pytest.approx(-0.75, abs=0.3)


def test_a_stretch_lies_beyond_its_first_shock() -> None:
    trips = [drive(f"{k}", hits=[300.0]) for k in range(4)]
    (hole,), (stretch,) = (places([of_kind(trip, kind) for trip in trips]) for kind in ("pothole", "rough"))
    assert stretch[0] - hole[0] == pytest.approx(RULES.onset_ahead_m[-1], abs=0.3)


def test_a_rough_stretch_is_one_defect() -> None:
    surveys = [of_kind(drive(f"{k}", hits=[300.0 + 15.0 * (k % 2)]), "rough") for k in range(8)]
    assert len(places(surveys)) == 1
    assert len(places([of_kind(survey, "pothole") for survey in surveys])) == 2


def test_a_few_far_values_do_not_carry_a_mean_away() -> None:
    rng = np.random.default_rng(0)
    near = rng.normal(0.0, 1.0, (30, 2))
    far = np.r_[near, [[60.0, 0.0]] * 3]
    ones, of = np.ones(33), np.zeros(33, int)
    mean, spread = robust_mean(far, ones, of, np.zeros((1, 2)))
    assert np.hypot(*mean[0]) < 1.0 < np.hypot(*far.mean(axis=0))
    kept, _ = robust_mean(far, ones, of, np.array([[0.0, 0.0], [7.0, 7.0]]))
    assert kept[1].tolist() == [7.0, 7.0], "where there is nothing"
    assert spread[0] > 1.0
