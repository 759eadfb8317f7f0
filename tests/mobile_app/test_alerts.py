"""Severe defects ahead: told in time, once a pass, and nothing else is."""

from __future__ import annotations

import math

import pytest

from mobile_app.alerts import Alerts
from mobile_app.privacy.cells import METRES_PER_DEGREE

HERE = (48.1, 11.5)


def at(east_m: float, north_m: float) -> tuple[float, float]:
    return HERE[0] + north_m / METRES_PER_DEGREE, HERE[1] + east_m / METRES_PER_DEGREE / math.cos(math.radians(HERE[0]))


def defect(east_m: float = 0.0, north_m: float = 0.0, name: str = "hole", **changes: object) -> dict:
    latitude, longitude = at(east_m, north_m)
    properties = {"id": name, "severity": 6.0, "confidence": 0.95, "heading": 0.0, "status": "confirmed"} | changes
    return {
        "type": "Feature",
        "id": name,
        "geometry": {"type": "Point", "coordinates": [longitude, latitude]},
        "properties": properties,
    }


def drive(alerts: Alerts, way: list[tuple[float, float]], heading: float = 0.0, speed_mps: float = 14.0) -> list[tuple[int, str]]:
    """Index of the fix and id of each alert along the way, in metres east and north."""
    told = [(i, alerts.look(*at(*place), heading, speed_mps)) for i, place in enumerate(way)]
    return [(i, one.defect_id) for i, one in told if one is not None]


def north(first_m: int, last_m: int, step_m: int = 14) -> list[tuple[float, float]]:
    return [(0.0, float(m)) for m in range(first_m, last_m, step_m)]


def test_it_is_told_once_some_seconds_before():
    told = drive(Alerts([defect()]), north(-300, 100))
    assert [name for _, name in told] == ["hole"]
    metres_before = 300 - 14 * told[0][0]
    assert 4.0 < metres_before / 14.0 <= 6.0


def test_it_is_told_again_on_the_next_pass():
    assert len(drive(Alerts([defect()]), north(-300, 400) + north(-300, 100))) == 2


def test_standing_before_it_or_turning_round_beside_it_is_one_pass():
    assert len(drive(Alerts([defect()]), north(-300, -60) + [(0.0, -50.0)] * 30 + north(-100, 100))) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"severity": 3.0},
        {"confidence": 0.6, "status": "new"},
        {"status": "repaired"},
        {"status": "dismissed"},
        {"heading": 180.0},
        {"heading": 90.0},
        {"severity": None},
        {"confidence": None},
    ],
)
def test_what_is_mild_doubtful_mended_or_of_another_direction_is_not_told(changes):
    assert drive(Alerts([defect(**changes)]), north(-300, 100)) == []


@pytest.mark.parametrize(
    "changes", [{"heading": None}, {"heading": 30.0}, {"heading": 350.0}, {"confidence": 0.6}, {"status": "reopened"}]
)
def test_what_lies_across_both_directions_or_was_confirmed_by_a_crew_is_told(changes):
    assert len(drive(Alerts([defect(**changes)]), north(-300, 100))) == 1


@pytest.mark.parametrize(("east_m", "expected"), [(0.0, 1), (8.0, 1), (40.0, 0), (-40.0, 0)])
def test_the_street_beside_is_another_street(east_m, expected):
    assert len(drive(Alerts([defect(east_m)]), north(-300, 100))) == expected


def test_what_lies_behind_is_not_told():
    assert drive(Alerts([defect()]), north(1, 200)) == []


@pytest.mark.parametrize(("heading", "speed_mps"), [(None, 14.0), (0.0, None), (0.0, 3.0)])
def test_without_heading_or_speed_or_while_crawling_nothing_is_told(heading, speed_mps):
    assert drive(Alerts([defect()]), north(-300, 100), heading, speed_mps) == []


def test_of_two_the_nearer_comes_first_and_the_other_is_not_forgotten():
    told = drive(Alerts([defect(name="far", north_m=30.0), defect(name="near")]), north(-300, 100))
    assert [name for _, name in told] == ["near", "far"]


def test_it_works_across_the_antimeridian():
    far_east = {**defect(), "geometry": {"type": "Point", "coordinates": [-179.9999, 0.0]}}
    far_east["properties"] = {**far_east["properties"], "heading": 90.0}
    assert Alerts([far_east]).look(0.0, 179.9998, 90.0, 14.0) is not None
