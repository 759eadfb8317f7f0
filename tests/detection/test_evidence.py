"""What passes say in effective counts: one device one vote, and who stands beside whom."""

from __future__ import annotations

import naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from street_drives import candidates_of, drive, one_scene

from detection import Survey, find_defects
from detection.evidence import STEPS, Evidence, by_sureness, chance_at, chance_of_trips, weigh
from detection.exposure import Passes, count_passes
from detection.neighbours import Neighbours
from detection.scene import gather
from detection.settings import DefectSettings

RULES = DefectSettings()


def seen(surveys: list[Survey]) -> tuple[Evidence, Neighbours, Passes]:
    gathered = gather(surveys)
    scene = one_scene(gathered)
    candidates = candidates_of(scene, gathered.jolts.confidence[scene.jolts.index], RULES)
    passes = count_passes(scene, candidates, gathered.jolts, gathered.track, RULES)
    return *weigh(passes, candidates, gathered, chance_of_trips(gathered, RULES), RULES), passes


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), min_size=1, max_size=14))
@settings(max_examples=30)
def test_effective_counts_are_those_of_the_formula(trips: list[tuple[int, bool]]) -> None:
    surveys = [drive(f"t{k}", device=f"d{device}", hits=[300.0] * hit) for k, (device, hit) in enumerate(trips)]
    if not any(hit for _, hit in trips):
        return
    made, _, passes = seen(surveys)
    rows = list(zip(passes.device.tolist(), passes.weight.tolist(), passes.hit.tolist(), strict=True))
    hits, misses = naive.evidence(rows, RULES.witness_correlation)
    assert (made.hits[0], made.misses[0]) == (pytest.approx(hits), pytest.approx(misses))
    assert made.devices[0] == len({device for device, _ in trips})


def test_one_device_often_is_one_witness() -> None:
    often = [drive(f"c{k}", device="commuter", hits=[300.0]) for k in range(40)]
    three = [drive(f"t{k}", device=f"d{k}", hits=[300.0]) for k in range(3)]
    assert seen(often)[0].hits[0] < 2.0 < seen(three)[0].hits[0]
    assert seen(often)[0].sureness.sum() < seen(three)[0].sureness.sum()
    assert find_defects(often).confidence[0] < find_defects(three).confidence[0]


@given(st.integers(1, 5), st.integers(0, 8), st.booleans(), st.floats(0.1, 0.95))
@settings(max_examples=25)
def test_another_silent_pass_never_raises_the_confidence_of_a_place(hits: int, silent: int, same: bool, sure: float) -> None:
    """Whether by a car that felt it before or by another one."""
    surveys = [drive(f"h{k}", device=f"d{k}", hits=[300.0], confidence=sure) for k in range(hits)]
    surveys += [drive(f"s{k}", device=f"e{k}") for k in range(silent)]
    before = find_defects(surveys).confidence.max(initial=0.0)
    after = find_defects([*surveys, drive("z", device="d0" if same else "another")]).confidence.max(initial=0.0)
    assert after <= max(before, RULES.min_confidence) + 1e-9


def test_a_jolt_between_two_steps_is_a_part_of_either() -> None:
    assert by_sureness(expit(STEPS)) == pytest.approx(np.eye(5), abs=1e-9)
    parts = by_sureness(np.array([0.0, 0.01, 0.3, 0.6, 0.99, 1.0]))
    assert parts.sum(axis=1) == pytest.approx(np.ones(6))
    assert (parts > 0).sum(axis=1).max() == 2
    assert by_sureness(expit((STEPS[:1] + STEPS[1:2]) / 2)) == pytest.approx(np.array([[0.5, 0.5, 0, 0, 0]]))


def test_a_weaker_candidate_knows_the_stronger_one_beside_it() -> None:
    surveys = [drive(f"a{k}", hits=[300.0]) for k in range(5)] + [drive("b", hits=[318.0])]
    made, near, _ = seen(surveys)
    weak, strong = int(np.argmin(made.hits)), int(np.argmax(made.hits))
    assert near.stronger[weak] == strong
    assert near.stronger[strong] == -1
    assert made.beside_m[weak] == pytest.approx(18.0, abs=0.5)
    assert made.beside[weak] == pytest.approx([5.0, 1.0])
    assert np.isinf(made.beside_m[strong])
    assert made.twice[weak] == 0.0
    assert seen([*surveys[:5], drive("b", hits=[300.0, 318.0])])[0].twice.max() == 1.0


def test_the_other_direction_is_the_opposite_candidate_not_a_stronger_one() -> None:
    _, near, _ = seen([drive("a", hits=[300.0]), drive("b", hits=[302.0], heading=270.0)])
    assert near.stronger.tolist() == [-1, -1]
    assert sorted(near.opposite.tolist()) == [0, 1]


def test_a_trips_chance_rate_is_what_its_own_jolts_hold_of_chance() -> None:
    """60 points of 10 m are 21.4 windows of 28 m; two jolts of confidence 0.6 are 0.48 of a hit by chance."""
    rate, worth = RULES.chance_prior
    made = chance_of_trips(gather([drive("a", hits=[100.0, 300.0], confidence=0.6), drive("b"), drive("c", hits=[9.0])]), RULES)
    windows = 600.0 / (2 * RULES.hit_reach_m)
    assert made[0] == pytest.approx((2 * 0.6 * 0.4 + worth * rate) / (windows + worth))
    assert made[1] == pytest.approx(worth * rate / (windows + worth)), "without a jolt the prior fades"
    assert made[0] > made[2] > made[1]


def test_the_chance_rate_of_a_place_is_that_of_those_who_passed_it() -> None:
    rows = [(0, 0, 1.0, 0.0), (0, 1, 0.5, 0.0), (1, 2, 1.0, 0.9)]
    candidate, device, weight, hit = (np.array(column) for column in zip(*rows, strict=True))
    passes = Passes(candidate, device, np.arange(3), np.zeros(3), weight, hit, np.where(hit > 0, 0, -1))
    made = chance_at(passes, np.array([0.02, 0.08, 0.9]), 2, RULES)
    assert made[0] == pytest.approx((0.02 + 0.5 * 0.08) / 1.5)
    assert made[1] == RULES.chance_range[1], "no trip is worse than a coin"
