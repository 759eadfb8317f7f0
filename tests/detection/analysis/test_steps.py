"""Confidence pass by pass ends where the estimate ends."""

from __future__ import annotations

import numpy as np
import pytest
from street_drives import drive

from detection import Survey, find_defects
from detection.analysis import as_passes_come_in


def test_the_last_step_is_the_confidence_of_every_defect(town_surveys: list[Survey]) -> None:
    defects = find_defects(town_surveys)
    assert len(defects) > 5
    for row in range(len(defects)):
        steps = as_passes_come_in(defects, row, town_surveys)
        assert steps.confidence[-1] == defects.confidence[row]


def test_each_step_is_what_the_trips_until_then_say() -> None:
    surveys = [drive(f"t{i}", hits=[300.0] if i % 3 else [], device=f"d{i}", started_at_s=1000.0 * i) for i in range(7)]
    steps = as_passes_come_in(find_defects(surveys), 0, surveys[::-1])
    for count in range(2, 8):
        assert steps.confidence[count - 1] == find_defects(surveys[:count]).confidence[0]


def test_bayes_factors_multiply_the_first_odds_to_the_last(town_surveys: list[Survey]) -> None:
    defects = find_defects(town_surveys)
    steps = as_passes_come_in(defects, len(defects) - 1, town_surveys)
    odds = (steps.confidence / (1.0 - steps.confidence))[np.isfinite(steps.confidence)]
    assert odds[0] * np.nanprod(steps.bayes_factor) == pytest.approx(odds[-1])


def test_votes_are_those_of_counting_device_by_device(town_surveys: list[Survey]) -> None:
    defects = find_defects(town_surveys)
    steps = as_passes_come_in(defects, int(np.argmax(defects.passes)), town_surveys)
    for k in range(len(steps)):
        told = steps[: k + 1]
        hits = passes = 0.0
        for device in set(told.device):
            mine = told[told.device == device]
            seen = np.maximum(mine.weight, mine.hit).sum()
            worth = 1.0 / (1.0 + 0.35 * max(seen - 1.0, 0.0))
            hits, passes = hits + worth * mine.hit.sum(), passes + worth * seen
        assert (steps.hits[k], steps.passes[k]) == pytest.approx((hits, passes))


def test_nothing_is_believed_before_the_first_jolt_and_silence_takes_confidence_away() -> None:
    clock = [{"started_at_s": 1000.0 * i, "device": f"d{i}"} for i in range(8)]
    surveys = [drive(f"t{i}", hits=[300.0] if i in (2, 3, 4) else [], **clock[i]) for i in range(8)]
    steps = as_passes_come_in(find_defects(surveys), 0, surveys)
    assert steps.trip.tolist() == [f"t{i}" for i in range(8)]
    assert np.isnan(steps.confidence[:2]).all()
    assert (np.diff(steps.confidence[2:5]) > 0).all()
    assert (np.diff(steps.confidence[4:]) <= 0).all()
    assert steps.confidence[-1] < steps.confidence[4]


def test_further_passes_of_one_device_are_not_further_votes() -> None:
    same = [drive(f"t{i}", hits=[300.0], device="commuter", started_at_s=1000.0 * i) for i in range(20)]
    steps = as_passes_come_in(find_defects(same), 0, same)
    assert (np.diff(steps.passes) > 0).all()
    assert steps.passes[-1] < 3.0


def test_passes_that_could_not_notice_are_no_steps() -> None:
    surveys = [drive(f"t{i}", hits=[300.0], device=f"d{i}", started_at_s=1000.0 * i) for i in range(4)]
    blind = drive("blind", device="held", started_at_s=10.0)
    weight = np.zeros(len(blind.track))
    blind = Survey("blind", "held", 10.0, blind.evidence, type(blind.track)(**(blind.track.columns() | {"weight": weight})))
    defects = find_defects([*surveys, blind])
    steps = as_passes_come_in(defects, 0, [*surveys, blind])
    assert steps.trip.tolist() == ["t0", "t1", "t2", "t3"]
    assert steps.confidence[-1] == defects.confidence[0]


def test_a_defect_of_other_surveys_is_refused() -> None:
    here = [drive(f"t{i}", hits=[300.0], device=f"d{i}") for i in range(3)]
    elsewhere = [drive(f"t{i}", hits=[100.0], device=f"d{i}") for i in range(3)]
    with pytest.raises(ValueError, match="give those it was found in"):
        as_passes_come_in(find_defects(here), 0, elsewhere)
