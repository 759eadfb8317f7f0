"""One fault of a sensor at a time: it makes no jolts, what was not measured is no exposure, and the notes of the trip say so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from detection import Survey, Trace, find_defects, survey
from detection.faults import fresh
from detection.grid import make_grid
from detection.scoring import Figures, match_defects, match_jolts
from detection.settings import FaultSettings, GridSettings
from detection.simulator import City, Drive
from detection.simulator import pathologies as faults
from detection.trace import Samples
from detection.weight import discounted

DRIVES = 12
AT_S, UNTIL_S = 40.0, 70.0
A_SLIP = Rotation.from_euler("xyz", [40, 25, 60], degrees=True)
Damage = Callable[[Trace], Trace]


def judged(drives: list[Drive], damage: Damage, later_s: float = 0.0) -> tuple[Figures, list[Survey]]:
    """Figures over all drives against what was felt (from AT_S on `later_s` later), and the surveys."""
    total, surveys = Figures(), []
    for drive in drives[:DRIVES]:
        found = survey(damage(drive.trace))
        felt_s = drive.truth.t_s[drive.truth.felt == 1]
        total += match_jolts(found.jolts.t_s, np.sort(np.where(felt_s >= AT_S, felt_s + later_s, felt_s)), 1.0)[0]
        surveys.append(found)
    return total, surveys


def noted(surveys: list[Survey], name: str) -> float:
    return float(np.mean([found.notes.get(name, 0.0) for found in surveys]))


@pytest.fixture(scope="module")
def sound(town_drives: list[Drive]) -> Figures:
    return judged(town_drives, lambda trace: trace)[0]


CASES: dict[str, tuple[Damage, float]] = {  # … and by how much later things happen
    "clipped at 2 g": (faults.clipped, 0.0),
    "x stuck": (lambda trace: faults.stuck(trace, 0, AT_S, UNTIL_S), 0.0),
    "y stuck": (lambda trace: faults.stuck(trace, 1, AT_S, UNTIL_S), 0.0),
    "z stuck": (lambda trace: faults.stuck(trace, 2, AT_S, UNTIL_S), 0.0),
    "single samples lost": (lambda trace: faults.thinned(trace, 0.2, 0.01, 1), 0.0),
    "batches of 0.3 s lost": (lambda trace: faults.thinned(trace, 0.15, 0.3, 1), 0.0),
    "batches of 0.9 s lost": (lambda trace: faults.thinned(trace, 0.15, 0.9, 1), 0.0),
    "clock set forward": (lambda trace: faults.clock_set(trace, AT_S, 30.0), 30.0),
    "clock set back": (lambda trace: faults.clock_set(trace, AT_S, -5.0), -5.0),
    "clock set back by years": (lambda trace: faults.clock_set(trace, AT_S, -1e8), -1e8),
    "slipped": (lambda trace: faults.slipped(trace, AT_S, A_SLIP), 0.0),
    "eight bits": (faults.coarse, 0.0),
    "polled, half of it copies": (lambda trace: faults.polled(trace, 0.5 * trace.accelerometer.rate_hz), 0.0),
}


@pytest.mark.parametrize("case", CASES)
def test_a_fault_makes_no_jolts(case: str, town_drives: list[Drive], sound: Figures) -> None:
    damage, later_s = CASES[case]
    figures, _ = judged(town_drives, damage, later_s)
    # two more over twelve drives: faults move the background a little, and with it what was at the edge before
    assert figures.found - figures.matched <= sound.found - sound.matched + 2
    assert figures.recall >= 0.5 * sound.recall


def test_a_stuck_axis_is_not_observed_and_noted(town_drives: list[Drive]) -> None:
    _, surveys = judged(town_drives, lambda trace: faults.stuck(trace, 0, AT_S, UNTIL_S))
    assert noted(surveys, "hung_s") == pytest.approx(UNTIL_S - AT_S + 1.0, abs=0.5)
    for found in surveys:
        hung = (found.track.t_s > AT_S) & (found.track.t_s < UNTIL_S)
        assert (found.track.weight[hung] == 0.0).all()
        assert not ((found.evidence.t_s > AT_S + 1.0) & (found.evidence.t_s < UNTIL_S - 1.0)).any()


def test_an_axis_dead_from_the_start_passes_nothing_as_smooth(town_drives: list[Drive]) -> None:
    dead = survey(faults.stuck(town_drives[0].trace, 2, -1.0, 1e9))
    assert len(dead.evidence) == 0
    assert (dead.track.weight == 0.0).all()


def test_lost_batches_are_no_exposure_and_noted(town_drives: list[Drive]) -> None:
    _, surveys = judged(town_drives, lambda trace: faults.thinned(trace, 0.15, 0.3, 1))
    assert noted(surveys, "hole_s") > 10.0
    _, whole = judged(town_drives, lambda trace: trace)
    assert noted(whole, "hole_s") < 2.0
    assert noted(surveys, "driven_m") < 0.95 * noted(whole, "driven_m")


def test_two_stretches_under_one_stamp_are_not_observed(town_drives: list[Drive]) -> None:
    _, surveys = judged(town_drives, lambda trace: faults.clock_set(trace, AT_S, -5.0))
    assert noted(surveys, "overlaid_s") == pytest.approx(5.0, abs=3.0)
    for found in surveys:
        assert not ((found.evidence.t_s > AT_S - 4.0) & (found.evidence.t_s < AT_S - 1.0)).any()


def test_values_at_the_end_of_the_range_are_counted(town_drives: list[Drive]) -> None:
    loud = replace(town_drives[0].trace.accelerometer, xyz=town_drives[0].trace.accelerometer.xyz * 2.0)
    trace = replace(town_drives[0].trace, accelerometer=loud)
    clipped = faults.clipped(trace)
    at_end = (np.abs(clipped.accelerometer.xyz) == np.abs(clipped.accelerometer.xyz).max()).sum()
    assert survey(clipped).notes["clipped"] == at_end >= 3
    assert "clipped" not in survey(trace).notes


def test_a_slip_is_handling_and_the_rest_is_read(town_drives: list[Drive]) -> None:
    _, surveys = judged(town_drives, lambda trace: faults.slipped(trace, AT_S, A_SLIP))
    _, whole = judged(town_drives, lambda trace: trace)
    assert 1.0 < noted(surveys, "handled_s") - noted(whole, "handled_s") < 15.0


@pytest.mark.parametrize("fresh_hz", [20.0, 10.0])
def test_a_polled_phone_is_as_slow_as_its_sensor(town_drives: list[Drive], fresh_hz: float) -> None:
    for drive in town_drives[:3]:
        polled = survey(faults.polled(drive.trace, fresh_hz))
        assert polled.notes["accelerometer repeated value"] > 0.4 * len(drive.trace.accelerometer)
        assert polled.evidence.weight.max(initial=0.0) < 0.7


@given(st.integers(1, 40), st.integers(0, 20), st.integers(0, 2**32))
@settings(max_examples=40)
def test_copies_go_and_every_new_value_stays(runs: int, longest: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    repeats = rng.integers(1, longest + 2, runs)
    xyz = np.repeat(rng.normal(0, 1, (runs, 3)), repeats, axis=0)
    samples = Samples(np.arange(len(xyz)) * 0.01, xyz)
    kept, dropped = fresh(samples, FaultSettings())
    assert len(kept) + dropped.get("accelerometer repeated value", 0) == len(samples)
    first = np.cumsum(repeats) - repeats
    assert np.isin(samples.t_s[first], kept.t_s).all()
    if dropped:  # no run here lasts as long as `keep_s`
        np.testing.assert_array_equal(kept.t_s, samples.t_s[first])


def test_a_dead_phone_at_rest_stays_one_at_rest() -> None:
    samples = Samples(np.arange(6000) * 0.01, np.tile([0.0, 0.0, 9.8], (6000, 1)))
    kept, _ = fresh(samples, FaultSettings())
    assert make_grid(kept, GridSettings()).gaps == 0
    assert np.diff(kept.t_s).max() < 0.5


def test_a_poor_recording_convinces_less_and_never_more() -> None:
    confidence, weight = np.meshgrid(np.linspace(0, 1, 11), np.linspace(0.1, 1, 10))
    counted = discounted(confidence, weight)
    assert (counted <= confidence + 1e-12).all()
    np.testing.assert_allclose(counted[-1], confidence[-1])
    assert (np.diff(counted, axis=0) >= -1e-12).all()


def slowed(drives: list[Drive], seed: int) -> Iterator[Survey]:
    """The drives as phones of 5 to 25 Hz would record them, each of another device."""
    rng = np.random.default_rng(seed)
    for drive in drives:
        samples, hz = drive.trace.accelerometer, float(np.exp(rng.uniform(*np.log((5.0, 25.0)))))
        at = np.unique(np.searchsorted(samples.t_s, np.arange(samples.t_s[0], samples.t_s[-1], 1.0 / hz)))
        thin = Samples(samples.t_s[at], samples.xyz[at])
        yield survey(
            replace(drive.trace, trip_id=f"slow {drive.trace.trip_id}", device=f"slow {drive.trace.device}", accelerometer=thin)
        )


def test_slow_phones_beside_good_ones_are_no_noise(town: City, town_drives: list[Drive], town_surveys: list[Survey]) -> None:
    good = town_surveys[:12]
    both = good + list(slowed(town_drives[12:], 1))
    alone, together = placed(good, town), placed(both, town)
    assert together.precision >= alone.precision - 1e-9
    assert together.recall >= alone.recall - 0.02


def placed(surveys: list[Survey], town: City) -> Figures:
    """Defects of confidence 0.5 against the town's; what spans the road stands once a direction."""
    found = find_defects(surveys)
    found = found[found.confidence >= 0.5]
    true = town.defects
    both = np.isnan(true.heading)
    index = np.r_[np.arange(len(true)), np.flatnonzero(both)]
    heading = np.r_[np.where(both, true.street_heading, true.heading), (true.street_heading[both] + 180.0) % 360.0]
    return match_defects(
        (found.latitude, found.longitude, found.heading), (true.latitude[index], true.longitude[index], heading)
    )[0]
