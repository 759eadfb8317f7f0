"""How deep and how high: told of holes and humps only, by hits that can tell, one device one vote."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr
from street_drives import drive

from detection import KINDS, Jolts, find_defects, survey
from detection.estimate import find_defects_and_nature
from detection.scoring import match_defects
from detection.simulator import simulate_city, simulate_drive
from detection.sizing import SIZED, Sizes, Spread, fused, sizes_of

POTHOLE, HUMP, JOINT = (KINDS.index(name) for name in ("pothole", "speed_bump", "joint"))


def hits(count: int, **columns: float) -> Jolts:
    made = drive("a", hits=np.linspace(10.0, 550.0, count).tolist()).evidence
    return replace(made, **{name: np.full(count, value) for name, value in columns.items()})


def told(kind: int, count: int = 4, device: list[int] | None = None, **columns: float) -> Sizes:
    codes = np.arange(count) if device is None else np.array(device)
    jolts = hits(count, **columns)
    return sizes_of(np.zeros(count, np.int64), np.array([kind], np.int8), jolts, np.full(count, 3.0), codes)


@pytest.mark.parametrize("kind", range(len(KINDS)))
def test_holes_and_humps_have_a_size_and_nothing_else(kind: int) -> None:
    sizes = told(kind)
    assert np.isfinite(sizes.size_m[0]) == (kind in SIZED)
    if kind in SIZED:
        assert 0.01 < sizes.low_m[0] < sizes.size_m[0] < sizes.high_m[0] < 0.4


def test_slow_phones_tell_no_size_and_a_thing_without_hits_has_none() -> None:
    assert np.isnan(told(POTHOLE, weight=0.4).size_m[0])
    nothing = sizes_of(np.empty(0, np.int64), np.array([POTHOLE], np.int8), hits(1)[:0], np.empty(0), np.empty(0, np.int64))
    assert np.isnan(nothing.size_m[0])


def test_more_devices_know_better_and_one_device_counts_for_less_than_three() -> None:
    each = told(POTHOLE, 1), told(POTHOLE, 20), told(POTHOLE, 20, [0] * 20)
    width = [float(np.log(one.high_m[0] / one.low_m[0])) for one in each]
    assert width[1] < width[2] < width[0]
    assert width[1] > 2 * 1.645 * Spread.load().thing  # never better than that


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3), st.floats(-4.0, -1.0)), min_size=1, max_size=20))
@settings(max_examples=50)
def test_hits_are_averaged_by_votes(rows: list[tuple[int, int, float]]) -> None:
    owner, device, value = (np.array(column) for column in zip(*rows, strict=True))
    mean, votes = fused(owner.astype(np.int64), 3, value.astype(float), device.astype(np.int64))
    for thing in range(3):
        mine = [(d, v) for o, d, v in rows if o == thing]
        weight = [1.0 / (1.0 + 0.35 * (sum(e == d for e, _ in mine) - 1)) for d, _ in mine]
        assert votes[thing] == pytest.approx(sum(weight))
        if mine:
            assert mean[thing] == pytest.approx(np.average([v for _, v in mine], weights=weight))


def test_sizes_of_a_simulated_city_follow_the_true_ones_better_than_severity() -> None:
    city = simulate_city(4, street_km=4.0, per_km={"pothole": 6.0, "speed_bump": 3.0})
    surveys = [survey(simulate_drive(city, k, 4, devices=12, duration_s=(400.0, 420.0)).trace) for k in range(24)]
    found, nature = find_defects_and_nature(surveys)
    assert found.id.tolist() == find_defects(surveys).id.tolist()
    true = city.defects
    places = [(one.latitude, one.longitude, one.heading) for one in (found, true)]
    mine, other = match_defects(*places)[1].T
    known = np.isfinite(nature.size_m[mine]) & np.isin(true.kind[other], SIZED)
    size, truth = nature.size_m[mine][known], true.size_m[other][known]
    assert known.sum() > 15
    assert spearmanr(size, truth).statistic > 0.7
    assert spearmanr(size, truth).statistic > spearmanr(found.severity[mine][known], truth).statistic
    assert np.median(np.abs(np.log(size / truth))) < np.log(1.4)
