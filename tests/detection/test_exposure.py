"""Passes: each trip along a place in its direction once, a jolt there or not."""

from __future__ import annotations

from dataclasses import replace

import naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from street_drives import candidates_of, drive, one_scene

from detection import Survey
from detection.exposure import Passes, count_passes
from detection.geo import heading_of
from detection.scene import gather
from detection.settings import DefectSettings

RULES = DefectSettings()


def passes_of(surveys: list[Survey]) -> Passes:
    gathered = gather(surveys)
    scene = one_scene(gathered)
    candidates = candidates_of(scene, gathered.jolts.confidence[scene.jolts.index], RULES)
    return count_passes(scene, candidates, gathered.jolts, gathered.track, RULES)


def test_who_passed_and_who_felt_it() -> None:
    made = passes_of([drive("a", hits=[300.0]), drive("b"), drive("c", hits=[302.0], confidence=0.6), drive("d")])
    assert made.trip.tolist() == [0, 1, 2, 3]
    assert made.hit.tolist() == pytest.approx([0.8, 0.0, 0.6, 0.0])
    assert (made.jolt >= 0).tolist() == [True, False, True, False]
    assert (made.candidate == 0).all()


def test_the_other_lane_and_the_crossing_street_pass_something_else() -> None:
    made = passes_of([drive("a", hits=[300.0]), drive("b", heading=270.0), drive("c", heading=0.0)])
    assert made.trip.tolist() == [0]


def test_the_parallel_street_passes_nothing() -> None:
    made = passes_of([drive("a", hits=[300.0]), drive("b", off_m=(0.0, 40.0))])
    assert made.trip.tolist() == [0]


def test_each_lap_is_a_pass() -> None:
    made = passes_of([drive("a", hits=[300.0], laps=3), drive("b", laps=2)])
    assert made.trip.tolist() == [0, 0, 0, 1, 1]


def test_two_jolts_of_one_passage_are_one_hit_the_better_one() -> None:
    survey = drive("a", hits=[299.0, 303.0])
    unequal = replace(survey, evidence=replace(survey.evidence, confidence=np.array([0.3, 0.9])))
    made = passes_of([unequal, drive("b", hits=[301.0])])
    assert made.trip.tolist() == [0, 1]
    assert made.hit.tolist() == pytest.approx([0.9, 0.8])
    assert made.jolt.tolist() == [1, 2]


def test_a_pass_with_the_phone_in_the_hand_weighs_nothing() -> None:
    blind = drive("b")
    made = passes_of([drive("a", hits=[300.0]), replace(blind, track=replace(blind.track, weight=np.zeros(60)))])
    assert made.weight.tolist() == [1.0, 0.0]


def test_a_jolt_of_unknown_heading_is_passed_from_all_sides() -> None:
    survey = drive("a", hits=[300.0])
    unknown = replace(survey, evidence=replace(survey.evidence, heading_deg=np.array([np.nan])))
    made = passes_of([unknown, drive("b", heading=270.0), drive("c", heading=0.0)])
    assert made.trip.tolist() == [0, 1, 2]


@given(st.integers(0, 2**32))
@settings(max_examples=15)
def test_passes_are_those_a_loop_counts(seed: int) -> None:
    """Trips along a street and across it, both ways, laps, GPS errors of the trip, and jolts in different places."""
    rng = np.random.default_rng(seed)
    surveys = [
        drive(
            f"t{k}",
            hits=rng.choice([100.0, 150.0, 300.0, 480.0], rng.integers(0, 4), replace=False),
            heading=float(rng.choice([0.0, 90.0, 180.0, 270.0, 60.0])),
            off_m=tuple(rng.normal(0, 4, 2)),
            laps=int(rng.integers(1, 3)),
            confidence=float(rng.uniform(0.1, 1.0)),
        )
        for k in range(8)
    ]
    gathered = gather([*surveys, drive("z", hits=[300.0])])
    scene = one_scene(gathered)
    candidates = candidates_of(scene, gathered.jolts.confidence, RULES)
    made = count_passes(scene, candidates, gathered.jolts, gathered.track, RULES)
    points, jolts, of = scene.points, scene.jolts, gathered
    expected = naive.passes(
        list(zip(points.trip, points.t_s, points.x_m, points.y_m, of.track.heading_deg[points.index], strict=True)),
        [
            (int(t), float(s), int(c), float(p))
            for t, s, c, p in zip(jolts.trip, jolts.t_s, candidates.member, of.jolts.confidence[jolts.index], strict=True)
            if c >= 0
        ],
        list(zip(candidates.x_m, candidates.y_m, heading_of(candidates.east, candidates.north), strict=True)),
        RULES,
    )
    assert sorted(zip(made.candidate, made.trip, made.hit, strict=True)) == [pytest.approx(row) for row in expected]
