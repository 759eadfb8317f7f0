"""The strip of Live: what is in sight, that it flows, which shocks are marked."""

from __future__ import annotations

from array import array

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobile_app.ring import RATE_HZ
from mobile_app.ui import strip

SAMPLES = st.lists(st.floats(-30, 30, width=32), max_size=200)


@given(SAMPLES)
def test_peaks_are_those_of_an_obvious_loop(values) -> None:
    assert strip.peaks(np.array(values, np.float32)).tolist() == _naive_peaks(values)


def _naive_peaks(values: list[float]) -> list[int]:
    groups: list[list[int]] = []
    for at, value in enumerate(values):
        if abs(value) >= strip.JOLT_MPS2:
            if groups and at - groups[-1][-1] <= strip.APART_S * RATE_HZ:
                groups[-1].append(at)
            else:
                groups.append([at])
    return [max(group, key=lambda at: (abs(values[at]), -at)) for group in groups]


def test_both_axles_over_one_hole_are_one_mark() -> None:
    values = np.zeros(300, np.float32)
    values[100], values[110], values[200] = 6.0, -7.0, 5.0
    assert strip.peaks(values).tolist() == [110, 200]


def test_what_is_shown_flows_evenly_while_samples_come_in_bursts() -> None:
    flow, steps, count = strip.Flow(), [], 0
    for frame in range(600):  # 20 s at 30 frames/s, a burst of 10 samples every 6 frames
        count += 10 if frame % 6 == 0 else 0
        before = flow.shown
        steps.append(flow.advance(count + 1000, 1 / 30) - before)
    settled = np.array(steps[120:])
    assert settled.mean() == pytest.approx(RATE_HZ / 30, rel=0.02)
    assert settled.min() > 0.6 * RATE_HZ / 30
    assert settled.max() < 1.4 * RATE_HZ / 30


def test_after_a_stall_or_with_a_new_recorder_it_jumps_and_never_runs_ahead() -> None:
    flow = strip.Flow(shown=100.0)
    assert flow.advance(10_000, 1 / 30) == 10_000 - strip.BEHIND_S * RATE_HZ
    assert flow.advance(20, 1 / 30) == 0.0
    for _ in range(100):
        assert flow.advance(20, 1 / 30) <= 20


@given(count=st.integers(0, 10_000), ahead=st.integers(0, 100), held=st.integers(0, 3000))
def test_in_sight_is_the_last_span_from_left_to_right(count, ahead, held) -> None:
    held = min(held, count)
    seen = strip.in_sight(array("f", range(count - held, count)), count, float(max(count - ahead, 0)))
    assert len(seen.x) == len(seen.values) <= strip.SPAN_S * RATE_HZ + 2
    assert (np.diff(seen.x) > 0).all()
    if len(seen.x):
        assert seen.x[-1] <= 1.0 + 1e-6
        assert seen.values[-1] == min(count - 1, max(count - ahead, 0))


def test_a_sample_that_is_no_number_is_drawn_as_rest() -> None:
    seen = strip.in_sight(array("f", [1.0, float("nan"), float("inf"), 2.0]), 4, 4.0)
    assert seen.values.tolist() == [1.0, 0.0, 0.0, 2.0]


def test_the_range_widens_at_once_and_narrows_late() -> None:
    assert strip.range_of(np.array([9.0]), 4.0) == 10.0
    assert strip.range_of(np.array([4.0]), 10.0) == 10.0
    assert strip.range_of(np.array([3.0]), 10.0) == 4.0
    assert strip.range_of(np.array([1e9]), 4.0) == 40.0
    assert strip.range_of(np.array([]), 4.0) == 4.0


def test_the_line_is_as_thick_as_it_should_be_and_soft_at_its_edges() -> None:
    x, y = np.arange(50, dtype=np.float32), np.zeros(50, np.float32)
    rows = strip.line_vertices(x, y, 2.0).reshape(-1, 4)
    assert set(np.round(rows[0::2, 1] - rows[1::2, 1], 5)) == {4.0}  # 2 px, and one more on each side
    alpha = np.frombuffer(strip.edge_alpha(2.0), np.uint8).reshape(-1, 4)[:, 3]
    assert alpha[0] == 0
    assert alpha[len(alpha) // 2] == 255
    assert (np.diff(alpha[: len(alpha) // 2].astype(int)) >= 0).all()
