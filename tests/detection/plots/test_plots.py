"""Pictures: what they show is what was given, in every case a trip may be in."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from detection import Jolts, find_defects, plots
from detection.analysis import MarkedTrip, Trip, passes_through, score, study
from detection.calibration import calibrate
from detection.columns import KINDS
from detection.plots.style import KIND_COLOURS, KIND_MARKERS, broken
from detection.reliability import reliability
from detection.simulator import Drive
from detection.trace import Trace


@pytest.fixture(scope="module")
def trips(town_drives: list[Drive]) -> list[Trip]:
    return [study(drive.trace) for drive in town_drives]


@pytest.fixture(scope="module")
def shaken(trips: list[Trip]) -> Trip:
    return max(trips, key=lambda trip: len(trip.jolts))


@pytest.fixture
def axes() -> Axes:
    return Figure().add_subplot()


DRAWN: dict[str, Callable[[Axes, Trip], Axes]] = {
    "recorded": lambda axes, trip: plots.plot_recorded(axes, trip.trace),
    "upright": lambda axes, trip: plots.plot_upright(axes, trip.stages),
    "forward": lambda axes, trip: plots.plot_forward(axes, trip.stages),
    "band": lambda axes, trip: plots.plot_band(axes, trip.stages),
    "envelope": lambda axes, trip: plots.plot_envelope(axes, trip.stages),
    "score": lambda axes, trip: plots.plot_score(axes, trip.stages, trip.threshold),
    "speed": lambda axes, trip: plots.plot_speed(axes, trip.stages),
    "path": lambda axes, trip: plots.plot_path(axes, trip.stages, trip.jolts),
}


@pytest.mark.parametrize("stage", DRAWN)
def test_each_stage_is_drawn_by_a_function_of_its_own(stage: str, axes: Axes, shaken: Trip) -> None:
    assert DRAWN[stage](axes, shaken) is axes
    assert axes.has_data()
    assert axes.get_xlabel().endswith((", s", ", m"))
    assert axes.get_ylabel() == "score" or ", m" in axes.get_ylabel(), "an axis without a unit"


@pytest.mark.parametrize("stage", DRAWN)
def test_each_stage_can_be_drawn_without_fixes(stage: str, axes: Axes, shaken: Trip) -> None:
    blind = study(Trace("blind", shaken.trace.accelerometer, shaken.trace.fixes[:0]))
    DRAWN[stage](axes, blind)
    said = [text.get_text() for text in axes.texts]
    assert said == (["no location fixes"] if stage in ("forward", "speed", "path") else [])


def test_only_the_span_that_was_asked_for_is_drawn(axes: Axes, shaken: Trip) -> None:
    plots.plot_band(axes, shaken.stages, (20.0, 30.0))
    t_s = axes.lines[0].get_xdata()
    assert 20.0 <= t_s.min() < 20.1
    assert 29.9 < t_s.max() <= 30.0


def test_every_kind_has_a_colour_and_a_shape_of_its_own() -> None:
    for look in (KIND_COLOURS, KIND_MARKERS):
        assert list(look) == list(KINDS)
        assert len(set(look.values())) == len(KINDS)


def test_each_jolt_stands_at_its_time_in_the_colour_of_its_kind(axes: Axes, shaken: Trip) -> None:
    jolts = shaken.jolts
    plots.plot_jolts(axes, jolts, jolts.peak_mps2)
    shown = {tuple(spot) for marks in axes.collections for spot in np.asarray(marks.get_offsets())}
    assert shown == set(zip(jolts.t_s, jolts.peak_mps2, strict=True))
    for marks in axes.collections:
        first = np.flatnonzero(jolts.t_s == marks.get_offsets()[0][0])[0]
        assert tuple(marks.get_facecolor()[0]) == to_rgba(KIND_COLOURS[KINDS[jolts.kind[first]]])


def test_grey_covers_what_was_not_observed_and_nothing_else(axes: Axes, shaken: Trip) -> None:
    stages = shaken.stages
    assert stages is not None
    plots.shade_unobserved(axes, stages)
    spans = [(p.get_x(), p.get_x() + p.get_width()) for p in axes.patches if isinstance(p, Rectangle)]
    grey = np.array([any(first <= t <= end for first, end in spans) for t in stages.t_s])
    assert 0 < grey.sum() < len(grey)
    assert np.array_equal(grey, ~stages.allowed)


@given(st.lists(st.floats(0.1, 5.0), min_size=1, max_size=30), st.floats(0.5, 4.0))
def test_a_line_breaks_exactly_where_times_lie_further_apart(steps: list[float], gap_s: float) -> None:
    t_s = np.cumsum(steps)
    t_out, values = broken(t_s, np.ones(len(t_s)), gap_s)
    assert np.isnan(values).sum() == (np.diff(t_s) > gap_s).sum()
    assert np.array_equal(t_out[np.isfinite(values)], t_s)
    whole = np.flatnonzero(np.isfinite(values[:-1]) & np.isfinite(values[1:]))
    assert (t_out[whole + 1] - t_out[whole] <= gap_s).all()


def test_a_hole_in_the_recording_is_not_bridged_by_a_line(axes: Axes, shaken: Trip) -> None:
    t_s, xyz = shaken.trace.accelerometer.t_s, shaken.trace.accelerometer.xyz
    kept = (t_s < 50.0) | (t_s > 70.0)
    torn = study(Trace.build("torn", accelerometer=(t_s[kept], xyz[kept])))
    plots.plot_band(axes, torn.stages)
    drawn, values = axes.lines[0].get_data()
    across = np.flatnonzero(np.diff(drawn) > 5.0)
    assert len(across) == 1
    assert np.isnan(values[across[0] : across[0] + 2]).any()


@pytest.mark.parametrize("case", ["whole", "no fixes", "5 Hz", "no jolts"])
def test_a_trip_is_drawn_with_its_legends_beside_the_data(case: str, shaken: Trip) -> None:
    trace, jolts = shaken.trace, shaken.jolts
    if case == "no fixes":
        trace = Trace("blind", trace.accelerometer, trace.fixes[:0])
    if case == "5 Hz":
        slow = slice(None, None, round(trace.accelerometer.rate_hz / 5.0))
        trace = Trace.build("slow", accelerometer=(trace.accelerometer.t_s[slow].copy(), trace.accelerometer.xyz[slow].copy()))
    trip = study(trace)
    assert trip.stages is not None
    figure = plots.draw_trip(trip.stages, Jolts.empty() if case == "no jolts" else trip.jolts, "a trip")
    figure.draw_without_rendering()
    assert len(figure.axes) == 4
    assert len(jolts) > 0
    for axes in figure.axes:
        if legend := axes.get_legend():
            assert legend.get_window_extent().x0 >= axes.get_window_extent().x1
            assert legend.get_window_extent().x1 <= figure.bbox.x1
    assert figure._repr_png_().startswith(b"\x89PNG")


def test_a_defect_is_drawn_with_a_waveform_for_each_pass(trips: list[Trip]) -> None:
    defects = find_defects([trip.survey for trip in trips])
    row = int(np.argmax((defects.passes > defects.hits) * defects.hits))
    waves = passes_through(defects, row, trips)
    figure = plots.draw_defect(waves, float(defects.radius[row]))
    hits, silent, places = figure.axes
    for axes, part in ((hits, waves.hits), (silent, waves.silent)):
        assert len(axes.get_yticks()) == len(part.passes) > 0
        drawn = [line for line in axes.lines if len(line.get_xdata()) == len(waves.along_m)]
        assert len(drawn) == len(part.passes)
    spots = np.asarray(places.collections[0].get_offsets())
    assert np.array_equal(spots, np.c_[waves.hits.passes.jolt_across_m, waves.hits.passes.jolt_along_m])


def test_a_hundred_passes_are_thinned_and_the_sheet_says_so(axes: Axes) -> None:
    along = np.linspace(-5.0, 5.0, 11)
    plots.plot_passes(axes, along, np.ones((100, 11)), [str(i) for i in range(100)])
    labels = [tick.get_text() for tick in axes.get_yticklabels()]
    assert len(labels) == 24
    assert (labels[-1], labels[0]) == ("0", "99"), "the first on top"
    assert "24 of 100 shown" in [text.get_text() for text in axes.texts]


def test_reliability_is_drawn_with_counts_and_its_expected_error(axes: Axes) -> None:
    table = reliability(np.array([0.1, 0.3, 0.85, 0.95, 0.95]), np.array([False, False, True, True, True]))
    plots.plot_reliability(axes, table)
    assert [text.get_text() for text in axes.texts] == [*map(str, table.count), "how many:"]
    assert f"{table.expected_error:.3f}" in axes.get_legend().get_texts()[1].get_text()
    points = axes.containers[0].lines[0]
    assert np.array_equal(np.c_[points.get_data()], np.c_[table.said, table.real])


def test_gains_are_drawn_as_factors_with_the_strongest_device_on_top(axes: Axes, trips: list[Trip]) -> None:
    devices = calibrate([trip.survey for trip in trips]).devices
    plots.plot_gains(axes, devices)
    factors, rows = axes.containers[0].lines[0].get_data()
    assert np.array_equal(factors, np.sort(np.exp(devices.gain)))
    assert np.array_equal(rows, np.arange(len(devices)))


def test_severity_is_drawn_in_centimetres_with_its_rank_correlation(axes: Axes) -> None:
    size_m, kind = np.linspace(0.02, 0.1, 9), np.ones(9, np.int8)
    plots.plot_severity(axes, size_m, size_m * 50.0, kind)
    assert np.asarray(axes.collections[0].get_offsets())[:, 0] == pytest.approx(100.0 * size_m)
    assert axes.get_title() == "Spearman's ρ 1.00 [1.00, 1.00]"


def test_scores_are_drawn_with_interval_and_chance(axes: Axes, trips: list[Trip], town_drives: list[Drive]) -> None:
    marked = [MarkedTrip(t, d.truth.t_s[d.truth.felt == 1]) for t, d in zip(trips[:6], town_drives, strict=False)]
    summary = score(marked).summary()
    plots.plot_scores(axes, summary)
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["precision", "recall", "F1"]
    drawn = {line.get_label(): line.get_xdata() for line in axes.lines}
    assert np.array_equal(drawn["chance"], summary.chance)


def test_marks_and_what_was_found_are_told_apart(axes: Axes) -> None:
    matched = np.array([True, False, False])
    plots.plot_marks(axes, np.array([1.0, 5.0, 9.0]), np.array([0.9, 0.8, 0.6]), np.array([1.2, 7.0]), matched)
    names = axes.get_legend_handles_labels()[1]
    assert names == ["marked (2)", "found, matched (1)", "found, not marked (2)"]


def test_spread_of_hits_is_told_as_a_factor(axes: Axes) -> None:
    told = {"plain": np.exp(np.array([1.0, -1.0])), "calibrated": np.ones(2)}
    plots.plot_spread(axes, told, np.array(["a", "b"], object))
    assert [text.get_text() for text in axes.texts] == ["calibrated:\nspread × 1.00", "plain:\nspread × 2.72"]
