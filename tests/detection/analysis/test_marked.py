"""Scores of trips with marks."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from detection import UnreadableRecording
from detection.analysis import MarkedTrip, leave_one_out, marked_trips, read_marks, score, study
from detection.recording import trace_to_json
from detection.scoring import Figures, match_jolts
from detection.simulator import Drive


@pytest.fixture(scope="module")
def marked(town_drives: list[Drive]) -> list[MarkedTrip]:
    return [MarkedTrip(study(drive.trace), drive.truth.t_s[drive.truth.felt == 1]) for drive in town_drives[:8]]


def test_scores_are_those_of_matching_one_to_one(marked: list[MarkedTrip]) -> None:
    scores = score(marked, 1.0)
    for figures, one in zip(scores.figures(), marked, strict=True):
        assert figures == match_jolts(one.trip.jolts.t_s, one.marks_s, 1.0)[0]
    assert scores.to_frame().F1.tolist() == [figures.f1 for figures in scores.figures()]


def test_the_summary_has_the_figures_over_all_trips_their_interval_and_chance(marked: list[MarkedTrip]) -> None:
    scores = score(marked, 1.0)
    summary = scores.summary()
    whole = sum(scores.figures(), Figures())
    assert summary.value.tolist() == [whole.precision, whole.recall, whole.f1]
    assert (summary.low <= summary.value).all()
    assert (summary.value <= summary.high).all()
    assert (summary.chance < summary.low).all(), "the simulator's jolts are found far more often than by chance"


def test_a_threshold_is_learnt_on_the_other_trips_only(marked: list[MarkedTrip]) -> None:
    before = leave_one_out(marked)
    spoilt = [replace(marked[0], marks_s=np.arange(0.0, 120.0, 0.5)), *marked[1:]]
    after = leave_one_out(spoilt)
    assert after.threshold[0] == before.threshold[0], "its own marks must not matter"
    assert after.marked[0] == 240
    surest = [replace(m, marks_s=m.trip.survey.evidence.t_s[m.trip.survey.evidence.confidence > 0.9]) for m in marked[1:]]
    assert leave_one_out([marked[0], *surest]).threshold[0] > before.threshold[0] + 0.1, "those of the others must"


def test_one_trip_alone_has_nobody_to_learn_from(marked: list[MarkedTrip]) -> None:
    with pytest.raises(ValueError, match="give two or more"):
        leave_one_out(marked[:1])


def test_marks_are_found_beside_their_recording(marked: list[MarkedTrip], tmp_path: Path) -> None:
    for number, one in enumerate(marked[:2]):
        (tmp_path / f"drive{number}_sensors.json").write_text(json.dumps(trace_to_json(one.trip.trace)))
    (tmp_path / "drive0_marks.csv").write_text("t\n30.5\n20\n")
    start = marked[1].trip.trace.started_at_s
    (tmp_path / "drive1_potholes.csv").write_text(f"timestamp\n{start + 12.5:.3f}\n")
    (tmp_path / "drive2_marks.csv").write_text("t\n1\n")  # of a recording that is not there
    found = marked_trips(tmp_path)
    assert [one.trip.trip_id for one in found] == [one.trip.trip_id for one in marked[:2]]
    assert found[0].marks_s.tolist() == [20.0, 30.5]
    assert found[1].marks_s == pytest.approx([12.5], abs=1e-3)


def test_marks_that_cannot_be_placed_are_refused_with_a_way_out(marked: list[MarkedTrip], tmp_path: Path) -> None:
    trip, path = marked[0].trip, tmp_path / "x_marks.csv"
    path.write_text("when\n5\n")
    with pytest.raises(UnreadableRecording, match="name one t or timestamp"):
        read_marks(path, trip)
    path.write_text("timestamp\n5\n")
    with pytest.raises(UnreadableRecording, match="give t, s from its start"):
        read_marks(path, replace(trip, trace=replace(trip.trace, started_at=None)))


def test_real_marks_give_the_figures_of_the_benchmark(shared_data: Path) -> None:
    scores = score(marked_trips(shared_data / "pittsburgh"))
    assert scores.marked.tolist() == [13, 22, 21]
    assert 0.4 < scores.summary().value["F1"] < 0.8
    assert scores.summary().chance["F1"] < 0.2
