"""Which fixes are believed: simulated drives with the faults that receivers are known for put in by hand."""

from __future__ import annotations

import naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detection import Fixes, Trace
from detection.clean import clean_fixes
from detection.settings import FixSettings
from detection.simulator import Drive

RULES = FixSettings()


@pytest.fixture(scope="module")
def clean(town_drives: list[Drive]) -> Fixes:
    """The fixes of a drive of which none is dropped."""
    for drive in town_drives:
        fixes, dropped = clean_fixes(drive.trace.fixes, RULES)
        if len(fixes) > 100:
            again, dropped = clean_fixes(fixes, RULES)
            assert not dropped
            return again
    raise AssertionError("no long drive among the fixed ones")


def changed(fixes: Fixes, at: np.ndarray | list[int], **columns: object) -> Fixes:
    new = {name: getattr(fixes, name).copy() for name in Fixes.__dataclass_fields__}
    for name, values in columns.items():
        new[name][at] = values
    return Fixes(**new)


def test_clean_fixes_are_left_alone_and_cleaning_twice_changes_nothing(town_drives: list[Drive]) -> None:
    for drive in town_drives:
        once, _ = clean_fixes(drive.trace.fixes, RULES)
        twice, dropped = clean_fixes(once, RULES)
        assert dropped == {}
        assert np.array_equal(twice.t_s, once.t_s)


def test_null_island_is_no_place_to_drive(clean: Fixes) -> None:
    fixes, dropped = clean_fixes(changed(clean, [0, 1, 50], latitude_deg=0.0, longitude_deg=0.0), RULES)
    assert dropped == {"fix on null island": 3}
    assert not np.isin(clean.t_s[[0, 1, 50]], fixes.t_s).any()


def test_the_equator_and_the_prime_meridian_are_places_to_drive(clean: Fixes) -> None:
    for origin in ((0.0, 30.0), (51.48, 0.0)):
        moved = changed(
            clean,
            slice(None),
            latitude_deg=clean.latitude_deg - clean.latitude_deg.mean() + origin[0],
            longitude_deg=clean.longitude_deg - clean.longitude_deg.mean() + origin[1],
        )
        assert clean_fixes(moved, RULES)[1] == {}


def test_a_fix_from_a_cell_tower_is_dropped_and_one_of_unknown_accuracy_kept(clean: Fixes) -> None:
    fixes, dropped = clean_fixes(changed(clean, [3, 4], accuracy_m=[419.0, np.nan]), RULES)
    assert dropped == {"fix too coarse": 1}
    assert clean.t_s[4] in fixes.t_s


@pytest.mark.parametrize(("north_m", "burst"), [(500.0, 1), (5_000.0, 1), (2_000_000.0, 1)])
def test_teleports_are_dropped_wherever_they_happen(clean: Fixes, north_m: float, burst: int) -> None:
    for at in (0, 1, 40, len(clean) - 2, len(clean) - 1):
        away = changed(clean, [at], latitude_deg=clean.latitude_deg[at] + north_m / 111_195.0)
        fixes, dropped = clean_fixes(away, RULES)
        assert dropped["fix teleported"] <= 2  # at an end nothing tells which of the two leapt
        assert clean.t_s[at] not in fixes.t_s
        assert len(fixes) >= len(clean) - 2


@given(st.sets(st.integers(2, 90), max_size=12), st.integers(0, 2**32))
@settings(max_examples=40)
def test_teleports_are_those_a_loop_finds(clean: Fixes, which: set[int], seed: int) -> None:
    """Single ones, bursts and returns, at distances between plausible and absurd."""
    at = np.array(sorted(which), int)
    off = np.random.default_rng(seed).lognormal(np.log(300.0), 1.5, len(at)) / 111_195.0
    fixes = changed(clean, at, latitude_deg=clean.latitude_deg[at] + off)
    kept, _ = clean_fixes(fixes, RULES)
    places = list(zip(fixes.latitude_deg, fixes.longitude_deg, strict=True))
    bad = naive.teleports(fixes.t_s.tolist(), places, fixes.accuracy_m.tolist(), RULES)
    assert kept.t_s.tolist() == [t for i, t in enumerate(fixes.t_s.tolist()) if i not in bad]


def test_stale_repeats_while_driving_are_dropped(clean: Fixes) -> None:
    """A receiver that repeats its last fix, as in a tunnel, with the speed going on."""
    fast = np.flatnonzero(clean.speed_mps > 8.0)
    run = next(i for i in fast if np.isin(np.arange(i, i + 5), fast).all())
    stale = changed(clean, np.arange(run, run + 5), latitude_deg=clean.latitude_deg[run], longitude_deg=clean.longitude_deg[run])
    fixes, dropped = clean_fixes(stale, RULES)
    assert dropped["stale fix"] == 4
    assert np.isin(clean.t_s[run + 1 : run + 5], fixes.t_s).sum() == 0
    assert clean.t_s[run] in fixes.t_s


def test_of_a_car_that_stands_the_first_and_the_last_fix_stay(clean: Fixes) -> None:
    place = {"latitude_deg": clean.latitude_deg[20], "longitude_deg": clean.longitude_deg[20], "speed_mps": 0.0}
    fixes, dropped = clean_fixes(changed(clean, np.arange(20, 30), **place), RULES)
    assert dropped["stale fix"] == 8
    assert np.isin(clean.t_s[[20, 29]], fixes.t_s).all()


@given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from([0.0, 0.5, 5.0, np.nan])), max_size=25))
def test_stale_repeats_are_those_a_loop_finds(rows: list[tuple[int, float]]) -> None:
    """Three places a metre apart, visited in any order, standing or driving."""
    step, speed = np.array([r[0] for r in rows], float), np.array([r[1] for r in rows], float)
    t = np.arange(len(rows)) * 1.0
    unknown = np.full(len(rows), np.nan)
    fixes = Fixes(t, 48.0 + step * 1e-5, np.full(len(rows), 11.0), speed, unknown, unknown.copy())
    stale = naive.stale_repeats(list(zip(fixes.latitude_deg, fixes.longitude_deg, strict=True)), speed.tolist(), RULES)
    kept, dropped = clean_fixes(fixes, RULES)
    assert kept.t_s.tolist() == [float(i) for i, bad in enumerate(stale) if not bad]
    assert dropped.get("stale fix", 0) == sum(stale)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_fixes_raise_nothing(clean: Fixes, count: int) -> None:
    assert len(clean_fixes(clean[:count], RULES)[0]) == count


def test_a_real_recording_loses_its_junk_and_little_else(shared_data) -> None:
    from detection.readers import read

    (trace,) = read(shared_data / "phyphox" / "q1-smooth.zip")
    assert isinstance(trace, Trace)
    fixes, dropped = clean_fixes(trace.fixes, RULES)
    assert dropped["fix too coarse"] >= 1, "its first fix is 419 m wide"
    assert len(fixes) > 0.95 * len(trace.fixes)
