"""The same hole keeps its id when more trips are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from street_drives import drive

from detection import STATUSES, Defects, Survey, carry_ids, find_defects
from detection.geo import LocalMetres
from detection.identity import SAME_M
from detection.scoring import match_defects
from detection.simulator import City


@pytest.fixture(scope="module")
def known(town_surveys: list[Survey]) -> Defects:
    found = find_defects(town_surveys)
    return replace(found, status=np.full(len(found), STATUSES.index("scheduled"), np.int8))


def shifted(defects: Defects, town: City, east_m: np.ndarray, north_m: np.ndarray) -> Defects:
    """The same defects estimated some metres away, with ids made from the new places."""
    x, y = town.plane.to_xy(defects.latitude, defects.longitude)
    latitude, longitude = town.plane.to_degrees(x + east_m, y + north_m)
    fresh = np.array([f"fresh {i}" for i in range(len(defects))], object)
    return replace(defects, latitude=latitude, longitude=longitude, id=fresh, status=np.zeros(len(defects), np.int8))


def test_ids_survive_recomputation(town_surveys: list[Survey]) -> None:
    """Twelve trips, then all twenty-four: what lies within reach keeps its name."""
    before, now = find_defects(town_surveys[:12]), find_defects(town_surveys)
    _, pairs, distance = match_defects(
        (now.latitude, now.longitude, now.heading), (before.latitude, before.longitude, before.heading)
    )
    carried = carry_ids(now, before)
    near = distance < 5.0
    assert near.sum() > 5
    same = carried.id[pairs[:, 0]] == before.id[pairs[:, 1]]
    assert same[near].all()
    assert len(set(carried.id)) == len(carried)


@given(st.integers(0, 2**32))
@settings(max_examples=20)
def test_ids_survive_that_places_move_a_little_and_rows_change_places(town: City, known: Defects, seed: int) -> None:
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(known))
    new = shifted(known[order], town, rng.uniform(-2, 2, len(known)), rng.uniform(-2, 2, len(known)))
    carried = carry_ids(new, known)
    assert len(set(carried.id)) == len(carried)
    x, y = town.plane.to_xy(known.latitude, known.longitude)
    gap = np.hypot(x[:, None] - x[None], y[:, None] - y[None]) + 1e6 * np.eye(len(x))
    lone = (gap.min(axis=1) > 6.0)[order]  # nearer than that, two of one direction may truly be taken for each other
    assert lone.sum() > len(known) / 2
    assert (carried.id == known.id[order])[lone].all()
    assert (carried.status == STATUSES.index("scheduled"))[lone].all()


def test_a_hole_further_away_is_another_one(town: City, known: Defects) -> None:
    one = known[:1]
    away = carry_ids(shifted(one, town, np.array([SAME_M + 0.1]), np.array([0.0])), one)
    near = carry_ids(shifted(one, town, np.array([SAME_M - 0.1]), np.array([0.0])), one)
    assert (away.id[0], STATUSES[away.status[0]]) == ("fresh 0", "new")
    assert (near.id[0], STATUSES[near.status[0]]) == (one.id[0], "scheduled")


def test_the_other_direction_is_another_hole() -> None:
    away = find_defects([drive(f"e{k}", hits=[300.0]) for k in range(3)])
    back = find_defects([drive(f"w{k}", hits=[300.0], heading=270.0) for k in range(3)])
    assert carry_ids(back, away).id[0] != away.id[0]
    unknown = replace(back, heading=np.array([np.nan]))
    assert carry_ids(unknown, away).id[0] == away.id[0], "both ways agrees with any"


def test_each_old_id_is_given_once_and_to_the_nearest(town: City, known: Defects) -> None:
    one = known[:1]
    three = Defects.concatenate([one, one, one])
    new = shifted(three, town, np.array([4.0, 1.0, -6.0]), np.zeros(3))
    carried = carry_ids(new, one)
    assert carried.id.tolist() == ["fresh 0", one.id[0], "fresh 2"]


def test_a_fresh_id_that_was_carried_elsewhere_is_told_apart(town: City, known: Defects) -> None:
    """The name made from a place may already belong to a hole that has since moved away from it."""
    old = known[:1]
    moved, fresh = shifted(old, town, np.array([3.0]), np.array([0.0])), shifted(old, town, np.array([300.0]), np.array([0.0]))
    new = Defects.concatenate([replace(fresh, id=old.id.copy()), moved])
    carried = carry_ids(new, old)
    assert carried.id[1] == old.id[0]
    assert carried.id[0] != old.id[0]


def test_cities_on_both_sides_of_the_globe_keep_their_ids() -> None:
    cities = [(48.137, 11.575), (-33.87, 151.2), (0.0, 180.0), (21.3, -157.8), (-54.8, -68.3)]
    surveys = [drive(f"{c} {k}", hits=[300.0], origin=place) for c, place in enumerate(cities) for k in range(3)]
    found = find_defects(surveys)
    assert len(found) == len(cities)
    fresh = replace(found, id=np.array([f"fresh {i}" for i in range(len(found))], object))
    assert carry_ids(fresh, found).id.tolist() == found.id.tolist()


def test_nothing_new_or_nothing_old_changes_nothing(known: Defects) -> None:
    assert carry_ids(known, Defects.empty()) is known
    assert len(carry_ids(Defects.empty(), known)) == 0


def test_the_reach_is_measured_in_metres_near_the_pole() -> None:
    north = (84.0, 20.0)
    found = find_defects([drive(f"{k}", hits=[300.0], origin=north) for k in range(3)])
    plane = LocalMetres(*north)
    latitude, longitude = plane.to_degrees(*(c + 10.0 for c in plane.to_xy(found.latitude, found.longitude)))
    fresh = replace(found, latitude=latitude, longitude=longitude, id=np.array(["fresh"], object))
    assert carry_ids(fresh, found).id[0] == found.id[0]
