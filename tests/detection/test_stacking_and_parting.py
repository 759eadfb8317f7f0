"""Curves of passes over metres of road, and one defect's jolts in two heaps."""

from __future__ import annotations

import numpy as np
import pytest

from detection.parting import two_places
from detection.stacking import METRES, over_metres

DEGREE_M = 111_195.0


@pytest.mark.parametrize("speed", [5.0, 12.0, 25.0])
@pytest.mark.parametrize("up", [(0.0, 0.0, 9.81), (6.0, -5.0, 5.9), (0.0, -9.81, 0.0)])
def test_a_shock_lies_at_the_same_metre_at_any_speed_and_however_the_phone_lies(speed: float, up: tuple[float, ...]) -> None:
    t = np.arange(0.0, 30.0, 0.005)
    gravity = np.array(up)
    shock = 3.0 * np.exp(-0.5 * ((t - 15.0) * speed - 1.0) ** 2 / 0.3**2)
    curve = over_metres(t, gravity + shock[:, None] * gravity / np.linalg.norm(gravity), 15.0, speed)
    assert curve is not None
    assert METRES[curve.argmax()] == pytest.approx(1.0)
    assert curve.max() == pytest.approx(3.0, abs=0.3)


def test_what_does_not_reach_over_all_metres_or_stands_gives_no_curve() -> None:
    t = np.arange(0.0, 10.0, 0.01)
    xyz = np.tile([0.0, 0.0, 9.81], (len(t), 1))
    assert over_metres(t, xyz, 9.9, 10.0) is None
    assert over_metres(t, xyz, 5.0, 0.5) is None
    assert over_metres(t[:0], xyz[:0], 5.0, 10.0) is None


def jolts(*places: tuple[float, float], heading: float = 90.0) -> list[tuple[float, float, float]]:
    """North and east in metres of 48.1, 11.5."""
    return [(48.1 + n / DEGREE_M, 11.5 + e / DEGREE_M / np.cos(np.radians(48.1)), heading) for n, e in places]


def test_two_heaps_are_parted_and_the_larger_is_first() -> None:
    held = jolts((0, -4), (0.5, -4.2), (-0.5, -3.8), (0, 4), (0.3, 4.2)) + jolts((0, 50), heading=270.0)
    found = two_places((48.1, 11.5), 90.0, held)
    assert found is not None
    first, second = found
    assert (first[1] - 11.5) * DEGREE_M * np.cos(np.radians(48.1)) == pytest.approx(-4.0, abs=0.01)
    assert (second[1] - 11.5) * DEGREE_M * np.cos(np.radians(48.1)) == pytest.approx(4.1, abs=0.01)


def test_by_side_the_spread_along_the_road_does_not_count() -> None:
    held = jolts((1.5, -6), (1.5, 6), (1.4, 0), (-1.5, -6), (-1.5, 5))
    found = two_places((48.1, 11.5), 90.0, held, side=True)
    assert found is not None
    assert [(place[0] - 48.1) * DEGREE_M for place in found] == pytest.approx([1.47, -1.5], abs=0.05)


def test_few_jolts_or_one_heap_are_not_parted() -> None:
    assert two_places((48.1, 11.5), 90.0, jolts((0, 0), (1, 1), (2, 2))) is None
    assert two_places((48.1, 11.5), 90.0, jolts(*[(0.0, 0.0)] * 6)) is None
