import numpy as np
import pytest

from detection.columns import KINDS
from detection.simulator import City, simulate_city
from detection.simulator.roads import STEP_M
from detection.simulator.things import JOINT, POTHOLE, SPEED_BUMP, shape, wheel_share


def test_a_watts_hump_has_its_height_length_and_round_top() -> None:
    z = shape(SPEED_BUMP, 0.1, 3.7)
    s = (np.arange(len(z)) - len(z) // 2) * STEP_M
    assert z.max() == pytest.approx(0.1)
    assert np.ptp(s[z > 0]) == pytest.approx(3.7, abs=2 * STEP_M)
    radius_m = (3.7**2 / 4 + 0.1**2) / (2 * 0.1)
    circle = np.sqrt(radius_m**2 - s**2) - (radius_m - 0.1)
    assert z == pytest.approx(np.maximum(circle, 0), abs=0.001)


def test_a_pothole_goes_down_and_a_joint_up_and_both_end_at_street_level() -> None:
    hole, joint = shape(POTHOLE, 0.06, 0.5), shape(JOINT, 0.02, 0.2)
    assert hole.min() == pytest.approx(-0.06)
    assert joint.max() == pytest.approx(0.02)
    for z in (hole, joint):
        assert z[[0, -1]] == pytest.approx(0.0)


def test_sizes_keep_to_their_documented_ranges() -> None:
    city = simulate_city(3, street_km=60.0)
    d = city.defects
    for kind, low, high in (("pothole", 0.02, 0.10), ("speed_bump", 0.04, 0.10), ("joint", 0.010, 0.025)):
        size = d.size_m[d.kind == KINDS.index(kind)]
        assert len(size) > 20
        assert low <= size.min() <= size.max() <= high
    assert city.distractors.size_m.max() <= 0.006 < d.size_m.min()
    pothole = d.kind == POTHOLE
    assert 0.3 <= d.length_m[pothole].min() <= d.length_m[pothole].max() <= 1.0


def test_densities_are_those_asked_for() -> None:
    city = simulate_city(3, street_km=60.0, per_km={"pothole": 2.0})
    assert (city.defects.kind == POTHOLE).all()
    assert len(city.distractors) == 0
    assert len(city.defects) == pytest.approx(120, abs=4 * np.sqrt(120))


def test_a_city_without_things_is_possible() -> None:
    city = simulate_city(3, street_km=2.0, per_km={})
    assert len(city.defects) == len(city.distractors) == 0


def test_things_lie_apart_on_their_lane_and_away_from_crossings(city: City) -> None:
    d = city.defects
    x, y = city.plane.to_xy(d.latitude, d.longitude)
    for i, street in enumerate(city.streets):
        here = d.street == i
        station = np.sort(np.r_[d.station_m[here], city.distractors.station_m[city.distractors.street == i]])
        assert not len(station) or station[0] >= 22.0
        assert not len(station) or station[-1] <= street.length_m - 22.0
        assert (np.diff(station) >= 25.0).all()
        for j in np.flatnonzero(here):
            off = np.hypot(street.xy[:, 0] - x[j], street.xy[:, 1] - y[j]).min()
            lateral = np.nan_to_num(d.lateral_m[j])
            expected = 0.0 if d.direction[j] == 0 else abs(1.75 + lateral)
            assert off == pytest.approx(expected, abs=0.5)


def test_what_spans_the_road_has_no_heading_and_meets_both_wheels(city: City) -> None:
    both = city.defects.direction == 0
    assert both.any()
    assert np.isnan(city.defects.heading[both]).all()
    assert np.isfinite(city.defects.heading[~both]).all()
    assert (wheel_share(city.defects[both], np.full(both.sum(), 0.7)) == 1).all()


def test_a_hole_in_the_right_track_is_met_by_the_right_wheel_alone_and_missed_by_a_car_further_left(city: City) -> None:
    holes = city.defects[(city.defects.kind == POTHOLE) & (np.abs(city.defects.lateral_m - 0.75) < 0.15)]
    assert len(holes)
    centred, left = wheel_share(holes, np.zeros(len(holes))), wheel_share(holes, np.full(len(holes), -0.9))
    assert (centred[:, 1] > 0.7).all()
    assert (centred[:, 0] == 0).all()
    assert (left == 0).all()
