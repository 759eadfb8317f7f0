"""A city after repairs: the things are gone, and nothing else has changed."""

from __future__ import annotations

import numpy as np
import pytest

from detection.simulator import simulate_city, simulate_drive


def test_a_repaired_city_is_the_same_but_for_what_was_repaired() -> None:
    city = simulate_city(3, street_km=2.0)
    gone = city.defects.id[::2]
    after = city.without(gone)
    assert set(after.defects.id) == set(city.defects.id) - set(gone)
    assert after.streets is city.streets
    assert after.surface is city.surface
    assert after.distractors is city.distractors


def test_the_same_cars_drive_the_same_ways_and_meet_what_is_left() -> None:
    city = simulate_city(3, street_km=2.0)
    before = simulate_drive(city, 0, 2, devices=3, duration_s=(60.0, 61.0))
    met = set(city.defects.id[before.truth.defect])
    assert met
    bare = simulate_drive(city.without(city.defects.id), 0, 2, devices=3, duration_s=(60.0, 61.0))
    assert bare.trace.device == before.trace.device
    assert bare.path.latitude_deg[0] == before.path.latitude_deg[0]
    assert len(bare.truth) == 0
    left = city.without(set(city.defects.id) - met)
    again = simulate_drive(left, 0, 2, devices=3, duration_s=(60.0, 61.0))
    assert set(left.defects.id[again.truth.defect]) <= met
    assert len(again.truth) > 0


def test_a_repair_of_nothing_is_refused_by_name() -> None:
    city = simulate_city(3, street_km=1.0)
    with pytest.raises(ValueError, match="no such defects in this city: d999; take ids from city"):
        city.without(["d999"])


def test_what_both_directions_meet_stands_once_a_direction() -> None:
    true = simulate_city(3, street_km=2.0).defects
    both = np.isnan(true.heading)
    made = true.each_way()
    assert len(made) == len(true) + both.sum()
    assert np.isfinite(made.heading).all()
    assert made.id[len(true) :].tolist() == true.id[both].tolist()
    turned = (made.heading[len(true) :] - made.heading[: len(true)][both]) % 360.0
    assert turned == pytest.approx(np.full(both.sum(), 180.0))
