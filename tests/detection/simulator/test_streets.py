import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from detection.simulator import City, simulate_city
from detection.simulator.streets import LANE_OFFSET_M, lane


@pytest.mark.parametrize("street_km", [2.0, 13.0, 40.0])
def test_streets_have_the_length_asked_for(street_km: float) -> None:
    city = simulate_city(1, street_km=street_km)
    assert city.street_km == pytest.approx(street_km, rel=1e-3)
    assert 100 < np.median([street.length_m for street in city.streets]) < 350


def test_every_crossing_can_be_reached_and_none_is_a_dead_end(city: City) -> None:
    ends = np.array([(street.start, street.end) for street in city.streets])
    used = np.unique(ends)
    graph = coo_array((np.ones(len(ends)), ends.T), shape=(used.max() + 1,) * 2)
    assert connected_components(graph, directed=False)[0] == 1
    assert np.bincount(ends.ravel()).min() >= 2


def test_traffic_keeps_to_the_right(city: City) -> None:
    street = city.streets[0]
    for forward in (True, False):
        xy, station = lane(street, forward)
        line = street.xy if forward else street.xy[::-1]
        ahead = np.gradient(line, axis=0)
        aside = xy - line
        cross = ahead[:, 0] * aside[:, 1] - ahead[:, 1] * aside[:, 0]
        assert (cross < 0).all(), "right of the direction of travel"
        assert np.hypot(*aside.T) == pytest.approx(LANE_OFFSET_M)
        assert station[-1] == pytest.approx(street.length_m)


def test_the_city_lies_where_it_is_put() -> None:
    city = simulate_city(1, street_km=4.0, origin=(-33.9, 151.2))
    assert abs(city.defects.latitude + 33.9).max() < 0.02
    assert abs(city.defects.longitude - 151.2).max() < 0.02
