"""Trips with all that is known of them."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from detection import SamplingRateTooLow, Trace, survey
from detection.analysis import read_trips, study, trip_table
from detection.recording import trace_to_json
from detection.simulator import Drive


@pytest.fixture
def folder(tmp_path: Path, town_drives: list[Drive]) -> Path:
    for number, drive in enumerate(town_drives[:3]):
        (tmp_path / f"trip{number}.json").write_text(json.dumps(trace_to_json(drive.trace)))
    return tmp_path


def test_a_studied_trip_holds_the_same_survey_as_any_other_way(town_drives: list[Drive]) -> None:
    trip, alone = study(town_drives[0].trace), survey(town_drives[0].trace)
    pd.testing.assert_frame_equal(trip.survey.evidence.to_frame(), alone.evidence.to_frame())
    pd.testing.assert_frame_equal(trip.survey.track.to_frame(), alone.track.to_frame())
    assert trip.survey.notes == alone.notes
    assert trip.stages is not None


def test_a_folder_gives_its_trips_and_a_line_for_what_is_broken(folder: Path) -> None:
    (folder / "broken.csv").write_text("a,b\n1,2\n")
    with pytest.warns(UserWarning, match=r"broken\.csv") as told:
        trips = read_trips(folder)
    assert len(trips) == 3
    assert len(told) == 1


def test_reading_stops_after_so_many_trips(folder: Path) -> None:
    assert len(read_trips(folder, at_most=2)) == 2
    assert read_trips([folder / "trip1.json"], at_most=0) == []


def test_a_phone_that_is_too_slow_is_told_and_left_out(folder: Path, town_drives: list[Drive]) -> None:
    samples = town_drives[0].trace.accelerometer
    step = round(samples.rate_hz)
    slow = Trace.build("slow", accelerometer=(samples.t_s[::step].copy(), samples.xyz[::step].copy()), started_at=0.0)
    (folder / "a_slow.json").write_text(json.dumps(trace_to_json(slow)))
    with pytest.raises(SamplingRateTooLow):
        study(slow)
    with pytest.warns(UserWarning, match="samples a second"):
        assert len(read_trips(folder)) == 3


def test_the_table_of_trips_has_a_row_for_each(town_drives: list[Drive]) -> None:
    trips = [study(drive.trace) for drive in town_drives[:3]]
    table = trip_table(trips)
    assert table.trip_id.tolist() == [drive.trace.trip_id for drive in town_drives[:3]]
    assert table.jolts.tolist() == [len(trip.jolts) for trip in trips]
    assert table.driven_m.tolist() == [trip.survey.notes["driven_m"] for trip in trips]
    assert table.started_at.dtype.kind == "M"
    assert list(trip_table([]).columns) == ["trip_id", "device", "started_at", "duration_s", "jolts"]
