"""Figures on other people's recordings: no judged vehicle teaches its judge, and nothing counts a crossing's samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks import crossing_classes, pittsburgh_places, real_kinds, real_rows
from benchmarks.bootstrap import total
from benchmarks.potholelab import Road, load_potholelab
from benchmarks.real_rows import SECOND, Rows
from benchmarks.train import real_rows as rows_for_training
from detection.features import FEATURES


def road(clips: list[tuple[str, str, int, str | None]]) -> Road:
    """A road of (clip, vehicle, samples, kind of mark or None); each sample's vertical tells its clip."""
    clip = np.repeat(np.arange(len(clips)), [c[2] for c in clips])
    marked = np.array([i for i, c in enumerate(clips) if c[3]], np.intp)
    upright = np.zeros((len(clip), 3))
    upright[:, 2] = 100.0 * clip + np.concatenate([np.arange(c[2]) for c in clips])
    ids, vehicles = (np.array([c[i] for c in clips], np.str_) for i in (0, 1))
    return Road(
        "P0", np.arange(len(clip)) / 50.0, upright, np.full(len(clip), 8.0),
        np.searchsorted(clip, marked) / 50.0, (np.searchsorted(clip, marked, side="right") - 1) / 50.0,
        np.array([c[3] for c in clips if c[3]], np.str_), marked, clip, ids, vehicles, vehicles,
    )  # fmt: skip


def rows(code: list[int], clip_id: list[str], seed: int = 0) -> Rows:
    table = np.random.default_rng(seed).normal(np.array(code)[:, None], 0.3, (len(code), len(FEATURES)))
    return Rows(table, np.array(code), np.array(clip_id), np.zeros(len(code), int), np.arange(len(code)) + 0.5)


def test_a_vehicle_cut_out_leaves_no_sample_and_the_marks_of_the_others_stay_on_theirs() -> None:
    whole = road(
        [("a", "van", 50, None), ("b", "car", 30, "pothole"), ("c", "van", 20, "speed_bump"), ("d", "car", 40, "metal_bumps")]
    )
    cut = whole.without(["van"])
    assert cut.clip_id.tolist() == ["b", "d"]
    assert len(cut.t_s) == 70
    np.testing.assert_array_equal(cut.upright[:, 2], whole.upright[np.isin(whole.clip, [1, 3]), 2])
    assert cut.marks == [(0.0, 29 / 50.0, "pothole"), (30 / 50.0, 69 / 50.0, "metal_bumps")]
    assert cut.mark_clip.tolist() == [0, 1]
    assert whole.without(["bicycle"]).marks == whole.marks


def test_a_clip_spliced_in_often_weighs_as_the_root_of_that() -> None:
    weight = real_rows.clip_weights(rows([0] * 5, ["a", "a", "a", "a", "b"]))
    assert weight.mean() == pytest.approx(1.0)
    assert weight[:4].sum() == pytest.approx(2.0 * weight[4])


def test_real_rows_have_their_share_of_the_weight() -> None:
    held = rows([0, 1, 2], ["a", "a", "b"])
    table, weight = real_rows.together(np.zeros((97, len(FEATURES))), held, share=0.3)
    assert table.shape == (100, len(FEATURES))
    assert weight.mean() == pytest.approx(1.0)
    assert weight[97:].sum() == pytest.approx(30.0)


def test_without_recordings_the_simulator_teaches_alone_and_that_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in (None, tmp_path):
        held = rows_for_training(folder)
        assert len(held) == 0
        assert "simulator only" in capsys.readouterr().out
        table, weight = real_rows.together(np.ones((4, len(FEATURES))), held)
        assert len(table) == 4
        np.testing.assert_array_equal(weight, 1.0)


def kinds_by(*told: Sequence[Road] | Rows) -> np.ndarray:
    """What both judges together say of the peaks asked."""
    trees, form = real_kinds.chances(*told)
    return real_kinds.said(trees + form[0])


def marked_rows() -> Rows:
    """Marks of three kinds, a column of which no phone had."""
    code = [1, 2, 3] * 40 + [0, SECOND]
    held = rows(code, [f"clip {i}" for i in range(len(code))])
    held.table[:, 4] = np.nan
    return held


def shaking(held: Rows, seed: int) -> Road:
    """A road that swings faster the higher the code of the peak there."""
    rng = np.random.default_rng(seed)
    one = road([("a", "van", 50 * len(held) + 50, None)])
    hz = np.repeat(2.0 + 3.0 * held.code, 50)
    up = np.r_[3.0 * np.sin(2 * np.pi * hz * np.arange(len(hz)) / 50.0), np.zeros(50)] + rng.normal(0, 0.3, len(hz) + 50)
    one.upright[:, 2] = 9.81 + up
    return one


def test_kinds_are_told_by_marks_and_a_sensor_that_nobody_had_is_no_obstacle() -> None:
    asked = [1, 2, 3] * 20
    marked, other = marked_rows(), rows(asked, [f"other {i}" for i in range(60)], seed=1)
    said = kinds_by([shaking(marked, 2)], marked, [shaking(other, 3)], other)
    assert np.mean(said == asked) > 0.9


def test_the_form_alone_tells_kinds_where_the_features_say_nothing() -> None:
    asked = [1, 2, 3] * 10
    marked, other = marked_rows(), rows(asked, [f"other {i}" for i in range(30)], seed=1)
    said = kinds_by(
        [shaking(marked, 2)], replace(marked, table=np.zeros_like(marked.table)),
        [shaking(other, 3)], replace(other, table=np.zeros_like(other.table)),
    )  # fmt: skip
    assert np.mean(said == asked) > 0.9


def test_features_of_a_crossing_do_not_grow_with_its_length() -> None:
    rng = np.random.default_rng(3)
    short, long = rng.normal(0, 1, 20000), rng.normal(0, 1, 80000)
    rocket = crossing_classes.Rocket.drawn([short, long])
    np.testing.assert_allclose(rocket.shares(short), rocket.shares(long), atol=0.1)
    np.testing.assert_allclose(crossing_classes.scales(short), crossing_classes.scales(long), atol=0.25)


def test_an_answer_is_the_kernel_laid_on_the_series() -> None:
    series = np.random.default_rng(0).normal(size=61)
    for dilation in (1, 7):
        answers = crossing_classes.answer(series, dilation)
        naive = [
            [sum(w * series[i + k * dilation] for k, w in enumerate(kernel)) for i in range(61 - 8 * dilation)]
            for kernel in crossing_classes.KERNELS
        ]
        np.testing.assert_allclose(answers, naive, atol=1e-12)


def test_a_crossing_is_cut_around_its_shock_and_a_short_one_is_left() -> None:
    series = np.zeros(300)
    series[290] = 5.0
    assert len(crossing_classes.cut(series, 96)) == 96
    assert crossing_classes.cut(series, 96)[86] == 5.0
    assert crossing_classes.cut(series, 400) is series


def test_stretches_of_a_crossing_lie_within_it_and_are_never_too_short() -> None:
    series = [np.arange(float(n)) for n in (61, 96, 300)]
    whole, *parts = crossing_classes.parts_of(series)
    assert whole == series
    for part in parts:
        for one, stretch in zip(series, part, strict=True):
            assert max(61, int(0.6 * len(one))) <= len(stretch) <= max(61, 0.9 * len(one))
            np.testing.assert_array_equal(np.diff(stretch), 1.0)


def test_marks_that_lie_together_are_one_place_and_each_place_is_found_once() -> None:
    marks = [np.array([[0.0, 0.0], [100.0, 0.0]]), np.array([[6.0, 0.0]])]
    true = pittsburgh_places.marked_places(marks)
    np.testing.assert_allclose(np.sort(true[:, 0]), [3.0, 100.0])
    found = np.array([[4.0, 0.0], [5.0, 1.0], [60.0, 0.0]])
    figures = total(pittsburgh_places.parts(found, true))
    assert (figures.found, figures.true, figures.matched) == (3, 2, 1)


def test_the_threshold_of_one_half_of_the_loop_is_read_off_the_other() -> None:
    true = np.c_[np.r_[np.arange(5) * 100.0, np.arange(5) * 100.0 + 1000.0], np.zeros(10)]
    found = np.r_[true, true + np.array([40.0, 0.0])]
    confidence = np.r_[np.full(10, 0.8), np.full(10, 0.2)]
    figures = total(pittsburgh_places.learnt(found, confidence, true))
    assert (figures.found, figures.matched) == (10, 10)


def test_real_peaks_carry_the_clip_they_lie_in_and_each_mark_at_most_one_right_peak(shared_data: Path) -> None:
    roads = load_potholelab(shared_data / "potholelab")[:2]
    held = real_rows.potholelab_rows(roads)
    for number, one in enumerate(roads):
        own = held.road == number
        assert (held.code[own] > 0).sum() <= len(one.marks)
        assert (held.code[own] > 0).sum() >= 0.9 * len(one.marks)
        sample = np.searchsorted(one.t_s, held.t_s[own])
        np.testing.assert_array_equal(one.clip_id[one.clip[sample]], held.clip_id[own])
    cut = real_rows.potholelab_rows([one.without([str(roads[0].vehicle[0])]) for one in roads])
    gone = {str(c) for one in roads for c, v in zip(one.clip_id, one.vehicle, strict=True) if v == roads[0].vehicle[0]}
    assert not gone & set(cut.clip_id.tolist())
