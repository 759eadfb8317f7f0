from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from detection.passing import distinct, steps_of
from tests.detection.passes_drawn import trip


def test_steps_are_even_and_their_speeds_those_of_constant_acceleration() -> None:
    survey = trip("a", [(0.0, 0.0), (0.0, 100.0)], lambda way: np.sqrt(4.0 + 2 * 1.2 * way))
    _, steps = steps_of([survey], 5.0)
    np.testing.assert_allclose(steps.way_m, np.arange(0.0, 90.0, 5.0), atol=1e-4)
    np.testing.assert_allclose(steps.speed_mps, np.sqrt(4.0 + 2 * 1.2 * steps.way_m), atol=1e-4)
    np.testing.assert_allclose(steps.ahead, np.tile([0.0, 1.0], (len(steps), 1)), atol=1e-2)


def test_a_hole_in_a_track_parts_it_into_stretches_that_share_nothing() -> None:
    survey = trip("a", [(0.0, 0.0), (0.0, 200.0)])
    survey = replace(survey, track=survey.track[np.r_[0:6, 14:20]])
    _, steps = steps_of([survey, trip("b", [(50.0, 0.0), (50.0, 50.0)])], 5.0)
    assert sorted(set(steps.stretch.tolist())) == [0, 1, 2]
    assert sorted(set(steps.trip.tolist())) == [0, 1]
    gaps = np.hypot(*np.diff(steps.xy, axis=0).T)
    assert gaps[np.diff(steps.stretch) == 0].max() < 5.01
    assert gaps[np.diff(steps.stretch) != 0].min() > 30.0


def test_trips_of_one_device_share_its_number_and_nameless_ones_have_their_own() -> None:
    surveys = [trip(name, [(0.0, 0.0), (0.0, 50.0)], device="same") for name in "ab"]
    surveys += [replace(trip(name, [(0.0, 0.0), (0.0, 50.0)]), device=None) for name in "cd"]
    _, steps = steps_of(surveys, 5.0)
    assert len({int(steps.device[steps.trip == k][0]) for k in range(4)}) == 3


def test_tracks_of_no_trip_are_refused() -> None:
    with pytest.raises(ValueError, match="no trip has a track"):
        steps_of([], 5.0)


def test_different_codes_are_counted_once_a_group() -> None:
    group, code = np.array([0, 0, 0, 2, 2]), np.array([7, 7, 8, 1, 1])
    assert distinct(group, code, 3).tolist() == [2, 0, 1]
