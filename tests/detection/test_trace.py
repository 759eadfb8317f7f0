"""The trace: what a phone wrote is put in order once, counted, and then holds."""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from detection import CahotError, InvalidTrace, Samples, Trace
from detection.simulator import Drive

dirty = st.floats(width=32) | st.sampled_from([0.0, 1.0, -1.0, 9.81, 1e300, -1e300, np.nan, np.inf])


@st.composite
def dirty_columns(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    n = draw(st.integers(0, 30))
    return draw(hnp.arrays(float, n, elements=dirty)), draw(hnp.arrays(float, (n, 3), elements=dirty))


def build(t: object, xyz: object, **more: object) -> Trace:
    return Trace.build("t1", accelerometer=(t, xyz), **more)


@given(dirty_columns())
def test_whatever_a_phone_wrote_becomes_a_sound_trace_with_the_rest_counted(columns: tuple[np.ndarray, np.ndarray]) -> None:
    t, xyz = columns
    trace = build(t, xyz)
    sound = np.isfinite(t) & (np.abs(xyz) <= 1000.0).all(axis=1)
    assert trace.accelerometer.t_s.tolist() == sorted(set(t[sound].tolist()))
    dropped = trace.provenance.dropped
    lost = sum(dropped.get(f"accelerometer {reason}", 0) for reason in ("not a number", "out of range", "repeated stamp"))
    assert len(trace.accelerometer) + lost == len(t)


@given(st.integers(0, 2**32))
@settings(max_examples=10)
def test_the_order_in_which_samples_arrive_does_not_matter(town_drives: list[Drive], seed: int) -> None:
    samples = town_drives[0].trace.accelerometer
    order = np.random.default_rng(seed).permutation(len(samples))
    again = build(samples.t_s[order], samples.xyz[order])
    assert np.array_equal(again.accelerometer.t_s, samples.t_s)
    assert np.array_equal(again.accelerometer.xyz, samples.xyz)


def test_of_equal_stamps_the_first_sample_stays() -> None:
    trace = build([0.0, 0.1, 0.1, 0.2], [[0, 0, k] for k in range(4)])
    assert trace.accelerometer.xyz[:, 2].tolist() == [0.0, 1.0, 3.0]
    assert trace.provenance.dropped == {"accelerometer repeated stamp": 1}


def test_the_callers_columns_stay_his_own() -> None:
    t, xyz = np.arange(3.0), np.ones((3, 3))
    place = {name: np.arange(3.0) for name in ("t", "latitude", "longitude", "speed", "bearing", "accuracy")}
    build(t, xyz, location=place)
    t[0], xyz[0, 0], place["latitude"][0] = -1.0, 2.0, 5.0  # raises where they were frozen


def test_a_trace_cannot_be_changed() -> None:
    trace = build(np.arange(3.0), np.ones((3, 3)))
    with pytest.raises(ValueError, match="read-only"):
        trace.accelerometer.xyz[0, 0] = 1.0
    with pytest.raises(FrozenInstanceError):
        trace.trip_id = "other"  # type: ignore[misc]


def test_the_rate_is_what_was_achieved_whatever_was_asked_for() -> None:
    t = np.sort(np.r_[np.arange(0, 10, 0.02), 30.0])  # asked for 100 Hz, got 50, and one late straggler
    assert build(t, np.ones((len(t), 3))).accelerometer.rate_hz == pytest.approx(50.0)
    assert build([1.0], np.ones((1, 3))).accelerometer.rate_hz == 0.0


def test_fixes_off_the_globe_or_faster_than_any_car_are_dropped_and_counted() -> None:
    place = {"t": [0, 1, 2, 3, 4], "latitude": [48, 91, 48, 48, np.nan], "longitude": [11, 11, 181, 11, 11]}
    trace = build([0.0], np.ones((1, 3)), location=place | {"speed": [10, 10, 10, 151, 10]})
    assert trace.fixes.t_s.tolist() == [0.0]
    assert trace.provenance.dropped == {"fix out of range": 4}


def test_minus_one_means_that_the_phone_did_not_know() -> None:
    place = {"t": [0.0], "latitude": [48.0], "longitude": [11.0], "speed": [-1.0], "bearing": [-1.0], "accuracy": [-1.0]}
    fixes = build([0.0], np.ones((1, 3)), location=place).fixes
    assert np.isnan([fixes.speed_mps, fixes.bearing_deg, fixes.accuracy_m]).all()


def test_a_bearing_of_360_degrees_is_north() -> None:
    place = {"t": [0.0, 1.0], "latitude": [48.0, 48.0], "longitude": [11.0, 11.0], "bearing": [360.0, 725.0]}
    assert build([0.0], np.ones((1, 3)), location=place).fixes.bearing_deg.tolist() == [0.0, 5.0]


@pytest.mark.parametrize(
    ("t", "xyz"), [([0.0], [[1, 2]]), ([0.0, 1.0], [[1, 2, 3]]), ([0.0], [1, 2, 3]), (0.0, [[1, 2, 3]]), ([], [[1, 2, 3]])]
)
def test_columns_that_do_not_fit_are_refused_by_name_with_a_remedy(t: object, xyz: object) -> None:
    with pytest.raises(InvalidTrace, match=r"accelerometer=.*give \(n,\) times and \(n, 3\) values"):
        build(t, xyz)


@pytest.mark.parametrize(
    ("location", "field"),
    [
        ({"t": [0, 1], "latitude": [48], "longitude": [11, 11]}, "location.latitude"),
        ({"t": [0], "latitude": [48], "longitude": [11], "speed": [1, 2]}, "location.speed"),
        ({"latitude": [48], "longitude": [11]}, "location.t"),
        ({"t": [0], "latitude": ["N48"], "longitude": [11]}, "location.latitude"),
    ],
)
def test_location_columns_that_do_not_fit_are_refused_by_name(location: dict[str, list], field: str) -> None:
    with pytest.raises(InvalidTrace, match=field):
        build([0.0], np.ones((1, 3)), location=location)


def test_text_among_the_samples_is_refused_and_no_traceback() -> None:
    with pytest.raises(InvalidTrace, match=r"accelerometer.*not a number"):
        build(["0.0"], [["a", "b", "c"]])


@pytest.mark.parametrize("started_at", [1e300, 1.7e18, -1e15])
def test_a_start_in_the_wrong_unit_is_refused_and_says_which_unit_is_meant(started_at: float) -> None:
    with pytest.raises(InvalidTrace, match=r"started_at.*seconds since 1970"):
        build([0.0], np.ones((1, 3)), started_at=started_at)


@pytest.mark.parametrize("seconds", [1_780_000_000, 1_780_000_000.0, np.float64(1.78e9), np.int64(1_780_000_000)])
def test_a_start_may_be_any_number_of_seconds(seconds: float) -> None:
    assert build([0.0], np.ones((1, 3)), started_at=seconds).started_at_s == 1_780_000_000.0


def test_a_recording_without_a_clock_has_no_start() -> None:
    assert np.isnan(build([0.0], np.ones((1, 3)), started_at=np.nan).started_at_s)
    assert np.isnan(build([0.0], np.ones((1, 3))).started_at_s)


def test_a_start_without_a_time_zone_is_refused() -> None:
    with pytest.raises(InvalidTrace, match="no time zone"):
        build([0.0], np.ones((1, 3)), started_at=datetime(2026, 5, 4, 7, 12))
    assert build([0.0], np.ones((1, 3)), started_at=datetime(2026, 5, 4, tzinfo=UTC)).started_at_s == 1_777_852_800.0


def test_a_trip_without_a_name_is_refused() -> None:
    with pytest.raises(InvalidTrace, match="trip_id"):
        Trace.build("", accelerometer=([], np.empty((0, 3))))


@pytest.mark.parametrize("t", [[0.0, 0.0], [1.0, 0.0], [0.0, np.nan]])
def test_samples_put_together_by_hand_hold_the_same_invariants(t: list[float]) -> None:
    with pytest.raises(InvalidTrace, match=r"t_s=.*use Trace\.build"):
        Samples(np.array(t), np.ones((2, 3)))


def test_every_error_of_a_trace_is_one_line() -> None:
    with pytest.raises(CahotError) as raised:
        build([0.0, 1.0], [[1, 2, 3]])
    assert "\n" not in str(raised.value)


def test_a_trace_crosses_to_another_process_unchanged(town_drives: list[Drive]) -> None:
    trace = town_drives[0].trace
    again = pickle.loads(pickle.dumps(trace))
    assert (again.trip_id, again.device, again.started_at) == (trace.trip_id, trace.device, trace.started_at)
    assert np.array_equal(again.accelerometer.xyz, trace.accelerometer.xyz)
    assert np.array_equal(again.fixes.latitude_deg, trace.fixes.latitude_deg)
    assert again.provenance == trace.provenance
