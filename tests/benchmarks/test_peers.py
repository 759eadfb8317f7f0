"""The field's detectors do what their papers say, and the comparison looks at no fold that it judges."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.peers import forest, seismic, smooth, thresholds
from benchmarks.peers.catalogue import PEERS
from benchmarks.peers.found import Found, Marks, counted, strongest
from benchmarks.peers.nericell import nericell, z_sus
from benchmarks.peers.patrol import pothole_patrol
from benchmarks.peers.signal import Signal
from benchmarks.peers.tuning import Task, best, left_out, tabulate
from detection.scoring import match_jolts

RATE_HZ = 100.0


def drive(vertical: np.ndarray, speed_mps: float = 12.0, lateral: np.ndarray | None = None, rate_hz: float = RATE_HZ) -> Signal:
    n = len(vertical)
    lateral = np.zeros(n) if lateral is None else lateral
    return Signal(
        np.arange(n) / rate_hz,
        vertical,
        np.stack([np.zeros(n), lateral]),
        lateral,
        np.full(n, speed_mps),
        rate_hz,
        np.ones(n, bool),
    )


def shaken(seconds: float = 30.0, seed: int = 0) -> np.ndarray:
    """Quiet road with one shock of 12 Hz in the middle."""
    t = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    shock = 6.0 * np.exp(-(((t - seconds / 2) / 0.1) ** 2)) * np.cos(2 * np.pi * 12 * (t - seconds / 2))
    return np.random.default_rng(seed).normal(0, 0.2, len(t)) + shock


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)
def test_every_peer_scores_a_shock_highest(peer) -> None:
    vertical = shaken()
    for variant in peer.variants:
        signal = drive(vertical, speed_mps=5.0, lateral=1.1 * vertical)
        found = strongest(signal, variant(signal))
        assert found.t_s[np.argmax(found.score)] == pytest.approx(15.0, abs=0.3)


def test_stdev_is_the_standard_deviation_of_its_window() -> None:
    signal = drive(shaken())
    values = thresholds.stdev_z(signal, 0.25)
    for i in (100, 1500, 2222):
        assert values[i] == pytest.approx(np.std(signal.vertical[i - 12 : i + 13]), rel=0.05)


def test_g_zero_is_one_g_in_free_fall_and_nothing_at_rest() -> None:
    values = thresholds.g_zero(drive(np.array([0.0, 0.0, -9.80665, 0.0, 4.0])))
    np.testing.assert_allclose(values, [0.0, 0.0, 9.80665, 0.0, -4.0], atol=1e-9)


def test_z_sus_wants_a_dip_that_lasts_and_z_peak_serves_the_fast() -> None:
    vertical = np.zeros(620)
    vertical[100] = -5.0  # 3 ms at 310 Hz
    vertical[300:307] = -5.0  # 22 ms
    vertical[500] = 6.0
    slow, fast = drive(vertical, 5.0, rate_hz=310.0), drive(vertical, 15.0, rate_hz=310.0)
    assert z_sus(slow)[95:106].max() == 0.0
    assert nericell(slow, 1.0)[295:312].max() == 5.0
    assert nericell(slow, 1.0)[495:506].max() == 0.0
    assert nericell(fast, 1.5)[500] == pytest.approx(4.0)
    assert nericell(fast, 1.5)[300:307].max() < 0.0


def test_pothole_patrol_rejects_standing_turning_both_sided_and_what_speed_explains() -> None:
    vertical = shaken()
    one_sided = drive(vertical, 10.0, lateral=0.5 * vertical)
    peak = pothole_patrol(one_sided, 0.25, 0.2)[1480:1520].max()
    assert peak > 4.0
    assert pothole_patrol(replace(one_sided, speed_mps=np.full(3000, 0.5)), 0.25, 0.2).max() == 0.0
    assert pothole_patrol(replace(one_sided, lateral=0.1 * vertical), 0.25, 0.2)[1500] == 0.0
    assert pothole_patrol(one_sided, 0.25, 1.0).max() == 0.0
    leaning = 5.0 * np.sin(2 * np.pi * 0.1 * one_sided.t_s)
    assert pothole_patrol(drive(leaning, 10.0, lateral=leaning), 0.0, 0.0).max() < 0.5


def test_averages_of_sta_lta_are_the_recursion_of_allen() -> None:
    x = np.abs(shaken(2.0))
    slow = np.empty_like(x)
    last = float(np.median(x))
    for i, value in enumerate(x):
        last += (value - last) / 30
        slow[i] = last
    np.testing.assert_allclose(seismic.averaged(x, 30), slow)


def test_found_times_are_spaced_the_highest_first() -> None:
    vertical = np.zeros(3000)
    vertical[[1000, 1040, 1110]] = 3.0, 5.0, 4.0
    found = strongest(drive(vertical), np.abs(vertical))
    np.testing.assert_allclose(found.t_s, [10.4, 11.1])
    np.testing.assert_allclose(strongest(drive(vertical, 5.0), np.abs(vertical)).t_s, [10.4])  # 5 m are a second now


@given(
    st.lists(st.floats(0, 30), max_size=12, unique=True).map(sorted),
    st.lists(st.floats(0, 30), max_size=12, unique=True).map(sorted),
)
def test_marks_without_length_are_counted_as_jolts_are_matched(found_s: list[float], true_s: list[float]) -> None:
    found, true = np.array(found_s), np.array(true_s)
    marks = Marks(true, true, np.array([0.0, 15.0]), np.array([1, 0]))
    counts = counted(Found(found, np.ones(len(found))), marks, 0.5, 2)
    figures, _ = match_jolts(found, true, 0.5)
    assert counts.sum(axis=0).tolist() == [figures.found, figures.true, figures.matched]
    assert counts[1, 1] == (true < 15.0).sum()


def test_a_time_inside_a_long_mark_is_right_and_a_second_one_is_false() -> None:
    marks = Marks(np.array([10.0]), np.array([12.0]), np.array([0.0]), np.array([0]))
    assert counted(Found(np.array([10.2, 11.9]), np.ones(2)), marks, 0.5, 1).tolist() == [[2, 1, 1]]
    assert counted(Found(np.array([12.6]), np.ones(1)), marks, 0.5, 1).tolist() == [[1, 1, 0]]


def test_the_fold_left_out_has_no_say_in_its_own_threshold() -> None:
    rng = np.random.default_rng(1)
    marks = [Marks(t, t, np.zeros(1), np.array([i])) for i, t in enumerate(np.sort(rng.uniform(0, 600, (4, 30)), axis=1))]
    found = []
    for mark in marks:
        t = np.sort(np.r_[mark.start_s, rng.uniform(0, 600, 60)])
        found.append(Found(t, rng.normal(np.isin(t, mark.start_s) * 2.0, 1.0)))
    task = Task("made up", marks, np.arange(4), 1.0)
    table, _ = tabulate([found], task)
    judged = left_out(table, task.fold)
    upset = table.copy()
    upset[:, :, 0, 2] = rng.permuted(upset[:, :, 0, 2], axis=1)  # the first trip's matches, shuffled over its thresholds
    chosen = best(table[:, :, 1:].sum(axis=2))
    np.testing.assert_array_equal(judged[0], table[chosen][0])
    np.testing.assert_array_equal(left_out(upset, task.fold)[0], upset[chosen][0])
    f1 = 2 * judged[:, 2].sum() / judged[:, :2].sum()
    assert 0.5 < f1 < 1.0


def test_forest_windows_reach_into_no_clip_of_another_fold() -> None:
    marks = Marks(np.array([4.5]), np.array([5.5]), np.array([0.0, 4.0, 6.0]), np.array([0, 1, 2]))
    centre_s = np.arange(0.5, 8.0, 0.1)
    pure = forest.pure(centre_s, marks, np.array([0, 1, 0]), np.array([True, False]))
    assert not pure[(centre_s > 3.51) & (centre_s < 6.49)].any()
    assert pure[(centre_s < 3.49) | (centre_s > 6.51)].all()
    np.testing.assert_array_equal(forest.labels(centre_s, marks, 0.5), (centre_s >= 4.0) & (centre_s <= 6.0))


def test_found_per_km_counts_each_whole_kilometre() -> None:
    signal = drive(np.zeros(30_000), speed_mps=10.0)  # 300 s, 3 km
    np.testing.assert_array_equal(smooth.per_km(signal, np.array([5.0, 50.0, 250.0])), [2.0, 0.0, 1.0])
