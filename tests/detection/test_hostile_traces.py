"""Whatever a phone sends: a sensible survey or an error a person can act on, in time and memory that follow the samples."""

from __future__ import annotations

import time
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from detection import CahotError, Survey, Trace, find_defects, survey
from detection.simulator import Drive

odd = st.sampled_from([np.nan, np.inf, -np.inf, 0.0, -1.0, 1e-300, 1e300, 1e12, 90.0, -90.0, 180.0, 361.0])


@st.composite
def recordings(draw: st.DrawFn) -> dict[str, object]:
    """Ten seconds to a minute at some rate, then damaged: values, times, order, units and columns that lie."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    rate = draw(st.sampled_from([1.0, 4.0, 20.0, 100.0, 500.0]))
    n = int(rate * draw(st.sampled_from([0.0, 0.1, 10.0, 60.0])))
    t = np.arange(n) / rate * draw(st.sampled_from([1.0, 1.0, 1e-3, 1e3])) + draw(st.sampled_from([0.0, -100.0, 1.7e9]))
    xyz = rng.normal((0.0, 0.0, draw(st.sampled_from([9.81, 0.0, 1.0, -9.81]))), draw(st.sampled_from([0.0, 0.5, 40.0])), (n, 3))
    m = int(n / rate)
    fixes = {"t": t[:: max(1, int(rate))][:m].copy()}
    fixes |= {"latitude": 48.0 + np.arange(len(fixes["t"])) * 1e-4, "longitude": np.full(len(fixes["t"]), 11.0)}
    fixes |= {name: rng.uniform(0, 30, len(fixes["t"])) for name in ("speed", "bearing", "accuracy")}
    columns = [t, xyz[:, 0], xyz[:, 2], *fixes.values()]
    for column in draw(st.lists(st.sampled_from(range(len(columns))), max_size=4)):
        spoilt = columns[column]
        if len(spoilt):
            share = draw(st.sampled_from([1, 5, len(spoilt)]))
            spoilt[rng.integers(0, len(spoilt), share)] = draw(odd)
    if draw(st.booleans()):
        rng.shuffle(t)
    gyroscope = draw(st.sampled_from(["none", "same", "late"]))
    turn = (t + (1e6 if gyroscope == "late" else 0.0), rng.normal(0, 0.3, (n, 3)))
    return {"accelerometer": (t, xyz), "location": fixes, "gyroscope": None if gyroscope == "none" else turn}


def surveyed(**columns: object) -> Survey | None:
    """The survey, or None where the columns were refused, in one line."""
    try:
        return survey(Trace.build("t", **columns))  # type: ignore[arg-type]
    except CahotError as error:
        if "\n" in str(error):
            raise
        return None


def check(found: Survey) -> None:
    assert np.isfinite(found.evidence.t_s).all()
    for table in (found.evidence, found.track):
        placed = np.isfinite(table.latitude_deg)
        assert (np.abs(table.latitude_deg[placed]) <= 90.0).all()
        assert (np.abs(table.longitude_deg[placed]) <= 180.0).all()
    assert np.isfinite(found.evidence.severity).all()
    assert ((found.evidence.confidence >= 0) & (found.evidence.confidence <= 1)).all()
    assert np.isfinite(found.track.latitude_deg).all()
    assert ((found.track.weight >= 0) & (found.track.weight <= 1)).all()


@given(recordings(), st.booleans())
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@pytest.mark.filterwarnings("ignore:overflow")
def test_no_recording_raises_anything_but_an_error_for_people(recording: dict[str, object], gravity: bool) -> None:
    found = surveyed(gravity_included=gravity, **recording)
    if found is None:
        return
    check(found)
    defects = find_defects([found, replace(found, trip_id="again"), replace(found, trip_id="third")])
    assert np.isfinite(defects.latitude).all()
    assert ((defects.confidence >= 0) & (defects.confidence <= 1)).all()


@given(hnp.arrays(float, st.integers(0, 40), elements=st.floats() | odd), st.data())
@settings(max_examples=60)
@pytest.mark.filterwarnings("ignore:overflow")
def test_no_columns_raise_anything_but_an_error_for_people(t: np.ndarray, data: st.DataObject) -> None:
    xyz = data.draw(hnp.arrays(float, (len(t), 3), elements=st.floats() | odd))
    fixes = {n: data.draw(hnp.arrays(float, len(t), elements=st.floats() | odd)) for n in ("latitude", "longitude", "speed")}
    found = surveyed(accelerometer=(t, xyz), gyroscope=(t, xyz), location={"t": t} | fixes)
    if found is not None:
        check(found)


@pytest.mark.parametrize("seconds", [0.0, 0.01, 4.9])
def test_less_than_a_few_seconds_is_an_empty_survey(town_drives: list[Drive], seconds: float) -> None:
    kept = town_drives[0].trace.accelerometer
    first = kept.t_s <= kept.t_s[0] + seconds
    short = replace(town_drives[0].trace, accelerometer=type(kept)(kept.t_s[first].copy(), kept.xyz[first].copy()))
    found = survey(short)
    assert (len(found.evidence), len(found.track)) == (0, 0)
    assert find_defects([found]).columns()["id"].tolist() == []


def test_a_parked_phone_surveys_nothing() -> None:
    t = np.arange(0, 600, 0.01)
    xyz = np.random.default_rng(1).normal((0, 0, 9.81), 0.02, (len(t), 3))
    rng = np.random.default_rng(2)
    place = {"t": np.arange(600.0), "latitude": 48 + rng.normal(0, 1e-5, 600), "longitude": 11 + rng.normal(0, 1e-5, 600)}
    found = survey(Trace.build("parked", accelerometer=(t, xyz), location=place | {"speed": np.zeros(600)}))
    assert (len(found.evidence), len(found.track), found.notes["driven_m"]) == (0, 0, 0.0) or found.notes["driven_m"] < 5.0
    assert len(found.jolts) == 0


@pytest.mark.parametrize("fixes", [0, 1])
def test_jolts_without_fixes_have_no_place_and_make_no_defects(town_drives: list[Drive], fixes: int) -> None:
    found = [survey(replace(d.trace, fixes=d.trace.fixes[:fixes])) for d in town_drives[:4]]
    assert sum(len(s.jolts) for s in found) > 0, "shocks are there all the same"
    assert all(np.isnan(s.evidence.latitude_deg).all() for s in found)
    assert len(find_defects(found)) == 0


def test_a_sensor_that_is_stuck_jolts_nowhere(town_drives: list[Drive]) -> None:
    kept = town_drives[4].trace.accelerometer
    stuck = replace(town_drives[4].trace, accelerometer=replace(kept, xyz=np.tile(kept.xyz[0], (len(kept), 1))))
    assert len(survey(stuck).evidence) == 0


def test_one_wild_sample_costs_no_more_than_its_own_second(town_drives: list[Drive]) -> None:
    trace = town_drives[4].trace
    xyz = trace.accelerometer.xyz.copy()
    xyz[4000] = 1e250
    spoilt = Trace.build("t", accelerometer=(trace.accelerometer.t_s, xyz))
    assert spoilt.provenance.dropped == {"accelerometer out of range": 1}
    whole = replace(trace, accelerometer=spoilt.accelerometer, provenance=spoilt.provenance)
    assert survey(whole).jolts.t_s == pytest.approx(survey(trace).jolts.t_s, abs=0.1)


def test_a_clock_that_jumps_leaves_both_halves_usable(town_drives: list[Drive]) -> None:
    """Set by the network in mid-trip, fifty years on: accelerometer, gyroscope and fixes alike."""
    trace = next(d.trace for d in town_drives if d.trace.gyroscope is not None)

    def jumped(t: np.ndarray) -> np.ndarray:
        return np.where(t < 60.0, t, t + 1.6e9)

    later = replace(
        trace,
        accelerometer=replace(trace.accelerometer, t_s=jumped(trace.accelerometer.t_s)),
        gyroscope=replace(trace.gyroscope, t_s=jumped(trace.gyroscope.t_s)),  # type: ignore[union-attr, type-var]
        fixes=replace(trace.fixes, t_s=jumped(trace.fixes.t_s)),
    )
    found, plain = survey(later), survey(trace)
    assert found.notes["driven_m"] == pytest.approx(plain.notes["driven_m"], rel=0.05)
    assert found.notes["gaps"] == plain.notes["gaps"] + 1


def a_day(hours: int, observed_s: float) -> Trace:
    """A drive of `observed_s` in each of so many hours, and silence between them."""
    t = np.concatenate([k * 3600.0 + np.arange(0.0, observed_s, 0.02) for k in range(hours)])
    xyz = np.random.default_rng(1).normal((0.0, 0.0, 9.81), 0.3, (len(t), 3))
    fix_t = np.concatenate([k * 3600.0 + np.arange(0.0, observed_s) for k in range(hours)])
    place = {"t": fix_t, "latitude": 48.0 + np.arange(len(fix_t)) * 1e-4, "longitude": np.full(len(fix_t), 11.0)}
    return Trace.build("day", accelerometer=(t, xyz), gyroscope=(t, np.zeros_like(xyz)), location=place)


def test_a_day_with_pauses_costs_what_was_observed_not_the_day() -> None:
    dense, sparse = a_day(1, 24 * 100.0), a_day(24, 100.0)
    assert len(dense.accelerometer) == len(sparse.accelerometer)
    peaks, seconds = [], []
    for trace in (dense, sparse):
        began = time.process_time()
        tracemalloc.start()
        found = survey(trace)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        seconds.append(time.process_time() - began)
    assert found.notes["gaps"] == 23
    assert peaks[1] < 1.3 * peaks[0]
    assert seconds[1] < 3.0 * seconds[0] + 0.2
    assert peaks[1] < 60 * 8 * 3 * len(sparse.accelerometer)  # bytes: some dozen copies of the samples at most
