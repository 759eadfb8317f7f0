import numpy as np
import pytest

from detection.simulator import City
from detection.simulator.driver import RATE_HZ, Driver, Motion, drive_route
from detection.simulator.route import Route, plan_route

DRIVER = Driver(1.0, 1.6, 2.0, 2.5, 6.0, 4.0, 0.0)


@pytest.fixture(scope="module")
def driven(city: City) -> tuple[Route, Motion, float]:
    rng = np.random.default_rng(3)
    route = plan_route(city, 6000.0, rng)
    hump_m = float(route.crossings_m[2] + 80.0)
    return route, drive_route(route, DRIVER, np.array([hump_m]), np.array([5.0]), 400.0, rng), hump_m


def test_a_drive_begins_and_ends_standing_and_lasts_as_long_as_asked(driven: tuple[Route, Motion, float]) -> None:
    _, motion, _ = driven
    assert motion.speed_mps[[0, -1]] == pytest.approx(0.0, abs=0.3)
    assert motion.t_s[-1] == pytest.approx(400.0, abs=15.0)


def test_no_one_accelerates_brakes_or_turns_harder_than_they_like(driven: tuple[Route, Motion, float]) -> None:
    _, motion, _ = driven
    assert motion.ahead_mps2.max() <= 1.6 * 1.1
    assert motion.ahead_mps2.min() >= -2.0 * 1.1
    assert np.quantile(np.abs(motion.speed_mps**2 * motion.curvature), 0.999) < 2.5 * 1.4


def test_speed_is_the_derivative_of_the_distance(driven: tuple[Route, Motion, float]) -> None:
    _, motion, _ = driven
    assert np.gradient(motion.u_m, 1 / RATE_HZ) == pytest.approx(motion.speed_mps, abs=0.06)
    assert np.trapezoid(motion.speed_mps, dx=1 / RATE_HZ) == pytest.approx(motion.u_m[-1], rel=1e-4)


def test_the_limit_holds_and_crossings_are_sometimes_stopped_at(driven: tuple[Route, Motion, float]) -> None:
    route, motion, _ = driven
    limit = np.interp(motion.u_m, route.u_m, route.limit_mps)
    assert np.quantile(motion.speed_mps / limit, 0.95) < 1.3
    assert ((motion.speed_mps < 0.1) & (motion.t_s > 20) & (motion.t_s < motion.t_s[-1] - 20)).any()


def test_drivers_brake_for_a_hump(driven: tuple[Route, Motion, float]) -> None:
    _, motion, hump_m = driven
    assert np.interp(hump_m, motion.u_m, motion.speed_mps) < 6.0


def test_turns_are_slow(driven: tuple[Route, Motion, float]) -> None:
    _, motion, _ = driven
    turning = np.abs(motion.curvature) > 1 / 12
    assert turning.any()
    assert 2.0 < np.median(motion.speed_mps[turning & (motion.speed_mps > 0.5)]) < 5.5


def test_a_route_passes_its_things_in_order_and_meets_only_its_own_lane(city: City) -> None:
    route = plan_route(city, 6000.0, np.random.default_rng(4))
    index, station = route.meets(city.defects, city.streets)
    assert (np.diff(station) > 0).all()
    u = route.u_at(station)
    x, y = city.plane.to_xy(city.defects.latitude[index], city.defects.longitude[index])
    passed = (u > 1) & (u < route.u_m[-1] - 1)
    gap = np.hypot(np.interp(u, route.u_m, route.xy[:, 0]) - x, np.interp(u, route.u_m, route.xy[:, 1]) - y)
    lateral = np.where(city.defects.direction[index] == 0, 1.75, np.abs(np.nan_to_num(city.defects.lateral_m[index])))
    assert gap[passed] == pytest.approx(lateral[passed], abs=0.5)


def test_no_one_turns_back_in_a_crossing(city: City) -> None:
    lanes = plan_route(city, 9000.0, np.random.default_rng(5)).lanes
    assert (lanes[1:] // 2 != lanes[:-1] // 2).all()
