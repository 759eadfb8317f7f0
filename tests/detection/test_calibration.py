"""Calibration across the fleet: the same severity from any car and phone, and how sure that is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from street_drives import drive

from detection import Jolts, Survey, find_defects
from detection.calibration import DEFAULT, SORTS, Calibration, CalibrationState, calibrate, level_of, uncalibrated
from detection.estimate import find_defects_and_severities
from detection.gains import Cells, solve_gains
from detection.measure import severity
from detection.places import place_codes
from detection.settings import SurveySettings

PRIOR = np.r_[DEFAULT.road_exponent, DEFAULT.jolt_exponent]


def rolled(trip: str, device: str | None, gain: float, seed: int, *, exponent: float = 0.7, noise: float = 0.1, **kw) -> Survey:
    """A trip along the street at changing speed in a car of this log gain; the street's own level differs by place."""
    rng = np.random.default_rng(seed)
    bare = drive(trip, device=device, **kw)
    track = bare.track
    speed = np.repeat(rng.uniform(7.0, 15.0, -(-len(track) // 6)), 6)[: len(track)]
    place = place_codes(track.latitude_deg, track.longitude_deg, track.heading_deg, DEFAULT.cell_m)
    log = gain + exponent * np.log(speed / DEFAULT.reference_mps) + 0.4 * np.sin(place % 1000) + rng.normal(0, noise, len(place))
    return replace(bare, track=replace(track, roughness_mps2=0.4 * np.exp(log), speed_mps=speed))


def fleet(gains: list[float], trips: int = 3, **kw) -> list[Survey]:
    return [rolled(f"{d}-{k}", f"d{d}", gain, 100 * d + k, **kw) for d, gain in enumerate(gains) for k in range(trips)]


def struck(survey: Survey, level: float, gain: float, exponent: float = 0.0) -> Survey:
    """The jolts of the trip as a thing of this level at 40 km/h shakes a car of this gain."""
    jolts = survey.evidence
    shaken = level * np.exp(gain) * (jolts.speed_mps / DEFAULT.reference_mps) ** exponent
    return replace(survey, evidence=replace(jolts, severity=severity(shaken, jolts.speed_mps, SurveySettings())))


@st.composite
def cell_tables(draw: st.DrawFn) -> tuple[Cells, int, int]:
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    devices, places, rows = draw(st.integers(1, 6)), draw(st.integers(1, 12)), draw(st.integers(1, 60))
    sort_of_place = rng.integers(SORTS, size=places)
    place = rng.integers(places, size=rows)
    x, y = rng.normal(0, 0.3, rows), rng.normal(0, 0.5, rows)
    return (
        Cells(rng.integers(devices, size=rows), place, sort_of_place[place], np.ones(rows), x, y, x * x, x * y, y * y),
        devices,
        places,
    )


@settings(max_examples=40, deadline=None)
@given(cell_tables())
def test_the_solution_is_that_of_dense_least_squares(table: tuple[Cells, int, int]) -> None:
    cells, devices, places = table
    got = solve_gains(cells, devices, places, PRIOR, replace(DEFAULT, huber=1e9))
    expected, _ = dense(cells, devices, places, got.sigma)
    np.testing.assert_allclose(got.device, expected[:devices], atol=2e-4)
    np.testing.assert_allclose(got.device_exponent, expected[devices : 2 * devices], atol=2e-4)
    np.testing.assert_allclose(got.exponent, expected[2 * devices : 2 * devices + SORTS], atol=2e-4)


def test_standard_errors_are_those_of_the_full_inverse_where_all_drive_the_same_streets() -> None:
    state = CalibrationState.of(fleet([0.3, -0.2, 0.0, 0.5, -0.4, 0.1], trips=1))
    places, place = np.unique(state.code, return_inverse=True)
    cells = Cells(state.device, place, state.code % SORTS, *state.sums)
    got = solve_gains(cells, 6, len(places), PRIOR, replace(DEFAULT, huber=1e9))
    _, covariance = dense(cells, 6, len(places), got.sigma)
    np.testing.assert_allclose(got.device_se, np.sqrt(np.diag(covariance))[:6], rtol=0.1)


@settings(max_examples=15, deadline=None)
@given(st.permutations(range(9)), st.integers(1, 8))
def test_trips_added_one_by_one_in_any_order_give_the_batch_solution(order: list[int], cut: int) -> None:
    surveys = fleet([0.4, -0.3, 0.1])
    state = CalibrationState()
    for index in order[:cut]:
        state = state.add(surveys[index])
    grown = state.merge(CalibrationState.of([surveys[i] for i in order[cut:]])).calibration()
    batch = calibrate(surveys)
    assert list(grown.devices.device) == list(batch.devices.device)
    for name in ("gain", "gain_se", "exponent", "exponent_se", "passes"):
        np.testing.assert_allclose(getattr(grown.devices, name), getattr(batch.devices, name), atol=1e-6)
    np.testing.assert_allclose(grown.exponent, batch.exponent, atol=1e-6)
    np.testing.assert_allclose(grown.sigma, batch.sigma, atol=1e-6)


def test_an_erased_device_leaves_no_trace() -> None:
    surveys = fleet([0.4, -0.3, 0.1])
    left = CalibrationState.of(surveys).without("d1").calibration()
    never = calibrate([survey for survey in surveys if survey.device != "d1"])
    np.testing.assert_array_equal(left.devices.gain, never.devices.gain)
    assert list(left.devices.device) == ["d0", "d2"]


def test_gains_and_the_speed_exponent_are_found_again() -> None:
    true = [0.6, -0.5, 0.2, 0.0, -0.3]
    found = calibrate(fleet(true, exponent=0.9))
    np.testing.assert_allclose(found.devices.gain - found.devices.gain.mean(), np.array(true) - np.mean(true), atol=0.04)
    assert found.exponent[0] == pytest.approx(0.9, abs=0.05)
    assert found.sigma[0] == pytest.approx(0.1, abs=0.06)


def test_a_device_whose_level_grows_faster_with_speed_has_an_exponent_of_its_own() -> None:
    usual = [rolled(f"u{k}", f"u{k % 4}", 0.0, k, exponent=0.5) for k in range(16)]
    steep = [rolled(f"s{k}", "steep", 0.0, 50 + k, exponent=0.8) for k in range(6)]
    table = calibrate(usual + steep).devices.to_frame().set_index("device")
    assert table.exponent["steep"] == table.exponent.max()
    assert 0.1 < table.exponent["steep"] - table.exponent["u0"] < 0.32, "shrunk towards the fleet, not beyond what was seen"


def test_a_lone_device_gets_the_prior_and_a_wide_interval() -> None:
    alone = calibrate(fleet([0.8]))
    assert alone.devices.gain[0] == pytest.approx(0.0, abs=1e-9)
    assert alone.devices.gain_se[0] == pytest.approx(DEFAULT.device_sigma)
    among = calibrate(fleet([0.8, -0.8, 0.1, -0.1, 0.0, 0.2, 0.3, -0.5]))
    speed, level = np.array([11.0]), np.array([2.0])
    wide = alone.severity(level, speed, np.array(["d0"], object))
    narrow = among.severity(level, speed, np.array(["d0"], object))
    never_seen = among.severity(level, speed, np.array(["new"], object))
    assert np.log(wide.high / wide.low) > 1.3 * np.log(narrow.high / narrow.low)
    np.testing.assert_allclose(np.log(never_seen.high / never_seen.low), np.log(wide.high / wide.low), rtol=0.1)
    assert never_seen.severity[0] == pytest.approx(level[0] / DEFAULT.felt_mps2, rel=0.02)


def test_two_fleets_that_never_met_are_each_held_by_the_prior_alone() -> None:
    elsewhere = (50.0, 8.0)
    far = [rolled(f"f{k}", f"f{k % 2}", (0.5, 0.3)[k % 2], k, origin=elsewhere) for k in range(6)]
    table = calibrate(fleet([-0.5, -0.3]) + far).devices.to_frame().set_index("device")
    assert table.gain["f0"] - table.gain["f1"] == pytest.approx(0.2, abs=0.04)
    assert table.gain[["f0", "f1"]].mean() == pytest.approx(0.0, abs=0.02), "no street tells which fleet is the louder"
    assert table.gain_se["f0"] == pytest.approx(DEFAULT.device_sigma / np.sqrt(2), rel=0.1)


def test_passes_spoiled_by_a_hand_do_not_move_the_gains() -> None:
    surveys = fleet([0.2, -0.2, 0.0, 0.1])
    track = surveys[0].track
    shaken = np.where(np.arange(len(track)) < 15, 12.0, 1.0) * track.roughness_mps2
    spoiled = [replace(surveys[0], track=replace(track, roughness_mps2=shaken)), *surveys[1:]]
    np.testing.assert_allclose(calibrate(spoiled).devices.gain, calibrate(surveys).devices.gain, atol=0.06)


def test_one_device_one_vote_however_often_it_passes_a_place() -> None:
    once = fleet([0.0, 0.3, -0.3], trips=1)
    often = once + [rolled(f"again{k}", "d0", 0.0, k) for k in range(30)]
    alone, weighed = (CalibrationState.of(surveys) for surveys in (once, often))
    assert len(alone.code) == len(weighed.code), "repeated passes are summed, not stored"
    gains = weighed.calibration().devices.gain
    assert gains[1] - gains[2] == pytest.approx(0.6, abs=0.08)


@given(st.lists(st.tuples(st.floats(0.05, 20.0), st.floats(0.5, 40.0) | st.just(np.nan)), min_size=1, max_size=20))
def test_level_of_is_the_inverse_of_severity(rows: list[tuple[float, float]]) -> None:
    level, speed = np.array(rows).T
    jolts = drive("t", hits=list(np.linspace(100, 500, len(rows)))).evidence
    jolts = replace(jolts, severity=severity(level, speed, SurveySettings()), speed_mps=speed)
    np.testing.assert_allclose(level_of(jolts), level, rtol=1e-9)


def test_one_hole_has_one_severity_whichever_cars_pass() -> None:
    """Two fleets of which one shows everything twice as hard; the street tells."""
    gains = [np.log(2.0), np.log(0.5)] * 4

    def over_hole(which: int, offset: int) -> list[Survey]:
        return [
            struck(rolled(f"{which}h{d}", f"d{d}", gain, d + offset, hits=[300.0]), 2.0, gain)
            for d, gain in enumerate(gains)
            if d % 2 == which
        ]

    known = calibrate(fleet(gains))  # all on the same street
    loud, quiet = (find_defects(over_hole(which, 7), calibration=known) for which in (0, 1))
    assert len(loud) == len(quiet) == 1
    assert loud.severity[0] == pytest.approx(quiet.severity[0], rel=0.1)
    raw = [np.exp(np.mean([np.log(s.evidence.severity[0]) for s in over_hole(which, 7)])) for which in (0, 1)]
    assert raw[0] / raw[1] == pytest.approx(4.0, rel=1e-6)


def test_defects_keep_their_order_with_intervals_that_narrow_with_witnesses() -> None:
    def of(count: int) -> tuple[float, float, float]:
        surveys = [struck(rolled(f"h{d}", f"d{d}", 0.0, d, hits=[300.0]), 2.0, 0.0) for d in range(count)]
        defects, severities = find_defects_and_severities(surveys)
        np.testing.assert_array_equal(defects.severity, severities.severity)
        return float(severities.low[0]), float(severities.severity[0]), float(severities.high[0])

    few, many = of(2), of(12)
    assert few[0] < few[1] < few[2]
    assert many[2] / many[0] < 0.8 * few[2] / few[0]


def test_a_wheel_that_brushes_a_hole_lowers_its_severity_less_than_one_that_meets_it_raises_it() -> None:
    """Fused from the hits of many cars: half as hard twice as often is not half as severe."""
    known = calibrate(fleet([0.0] * 6))
    met, brushed = np.full(6, 4.0), np.r_[np.full(3, 4.0), np.full(3, 2.0)]
    owner, speed, kind = np.zeros(6, np.int64), np.full(6, 11.0), np.full(6, 1, np.int8)
    device = np.array([f"d{k}" for k in range(6)], object)
    whole, part = (known.fused(owner, 1, level, speed, device, kind).severity[0] for level in (met, brushed))
    assert np.sqrt(0.5) * 1.05 < part / whole < 1.0


def test_hits_of_one_device_narrow_less_than_hits_of_many() -> None:
    known = calibrate(fleet([0.1, -0.1, 0.0, 0.2, -0.2, 0.05]))
    owner, level, speed, kind = np.zeros(6, np.int64), np.full(6, 3.0), np.full(6, 11.0), np.full(6, 1, np.int8)
    one = known.fused(owner, 1, level, speed, np.full(6, "d0", object), kind)
    many = known.fused(owner, 1, level, speed, np.array([f"d{k}" for k in range(6)], object), kind)
    assert one.severity[0] == pytest.approx(many.severity[0], rel=0.3)
    assert np.log(one.high / one.low)[0] > 1.2 * np.log(many.high / many.low)[0]


def test_places_are_cells_of_the_same_width_everywhere_and_directions_apart() -> None:
    for latitude in (0.0, 48.1, -33.9, 69.6):
        step_deg = np.degrees(1.0 / 6_371_008.8) / np.cos(np.radians(latitude))
        longitude = -179.9 + np.arange(2500) * step_deg  # a metre each
        code = place_codes(np.full(2500, latitude), longitude, np.zeros(2500), 25.0)
        assert len(np.unique(code)) == pytest.approx(100, abs=2)
    both = place_codes(np.full(3, 48.1), np.full(3, 11.5), np.array([10.0, 190.0, 100.0]), 25.0)
    assert len(set(both.tolist())) == 3


def test_nothing_driven_is_an_empty_calibration_that_still_answers() -> None:
    nothing = calibrate([])
    assert len(nothing.devices) == 0
    told = nothing.severity(np.array([1.0]), np.array([np.nan]), np.array(["any"], object))
    assert told.severity[0] == pytest.approx(1.0 / DEFAULT.felt_mps2)
    parked = replace(drive("p", device="d"), track=drive("p").track[:0], evidence=Jolts.empty())
    assert len(calibrate([parked]).devices) == 0


def test_halves_of_a_simulated_fleets_trips_agree_on_its_gains(town_surveys: list[Survey]) -> None:
    halves = [calibrate(town_surveys[k::2]).devices.to_frame().set_index("device").gain for k in (0, 1)]
    both = halves[0].to_frame("a").join(halves[1].to_frame("b"), how="inner")
    assert len(both) >= 5
    assert both.a.corr(both.b) > 0.9
    assert 0.15 < both.a.std() < 0.7


def test_a_track_told_by_two_devices_is_one_roughness() -> None:
    surveys = fleet([0.5, -0.5, 0.0], noise=0.0)
    known: Calibration = calibrate(surveys)
    loud, quiet = (known.roughness(surveys[i].track, surveys[i].device or "") for i in (0, 3))
    np.testing.assert_allclose(np.log(loud), np.log(quiet), atol=0.1)


def dense(cells: Cells, devices: int, places: int, sigma: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Slow twin, without Huber, cells of one pass: one column an unknown; solution and covariance at this noise."""
    rows = np.arange(len(cells))
    design = np.zeros((len(cells), 2 * devices + SORTS + places))
    design[rows, cells.device] = design[rows, 2 * devices + SORTS + cells.place] = 1.0
    design[rows, devices + cells.device] = design[rows, 2 * devices + cells.sort] = cells.x
    sd = np.r_[np.full(devices, 0.35), np.full(devices, 0.15), np.full(SORTS, 0.3), np.full(places, 1e4)]
    mean = np.r_[np.zeros(2 * devices), PRIOR, np.zeros(places)]
    scaled = design / sigma[cells.sort, None] ** 2
    covariance = np.linalg.inv(scaled.T @ design + np.diag(sd**-2.0))
    return covariance @ (scaled.T @ cells.y + mean / sd**2), covariance


def test_without_calibration_severity_is_what_the_trip_alone_says(town_surveys: list[Survey]) -> None:
    jolts = Jolts.concatenate([survey.evidence for survey in town_surveys])
    plain = uncalibrated().severity(level_of(jolts), jolts.speed_mps, np.full(len(jolts), "any", object), jolts.kind)
    slow = jolts.speed_mps < DEFAULT.min_speed_mps  # where calibration takes a higher speed than the trip's own rule
    assert plain.severity[~slow] == pytest.approx(jolts.severity[~slow])


def test_exponents_are_a_table_with_the_sorts_by_name(town_surveys: list[Survey]) -> None:
    known = calibrate(town_surveys)
    table = known.sorts.to_frame().set_index("sort")
    assert list(table.index) == ["road", "unknown", "pothole", "speed_bump", "joint", "rough"]
    assert table.exponent.tolist() == known.exponent.tolist()
    assert len(table) == SORTS
