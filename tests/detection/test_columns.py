"""Structures of arrays: what every table of the core can do."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from detection import Defects, Jolts, Survey, Track, find_defects, find_manoeuvres
from detection.calibration import calibrate
from detection.columns import KINDS
from detection.life import lives
from detection.passes import passes_of
from detection.simulator import City, Drive, simulate_drive
from detection.stages import follow


@pytest.fixture(scope="module")
def jolts(town_surveys: list[Survey]) -> Jolts:
    return Jolts.concatenate([survey.evidence for survey in town_surveys])


def test_one_mask_cuts_every_column(jolts: Jolts) -> None:
    strong = jolts[jolts.score > 3.0]
    assert 0 < len(strong) < len(jolts)
    for name, column in strong.columns().items():
        assert np.array_equal(column, jolts.columns()[name][jolts.score > 3.0], equal_nan=True)


def test_columns_of_different_length_make_no_table(jolts: Jolts) -> None:
    with pytest.raises(ValueError, match="Jolts: columns differ in length"):
        replace(jolts, t_s=jolts.t_s[:-1])


def test_a_table_cannot_be_changed(jolts: Jolts) -> None:
    with pytest.raises(ValueError, match="read-only"):
        jolts.severity[0] = 100.0


def test_a_frame_is_a_copy_at_the_border(jolts: Jolts) -> None:
    frame = jolts.to_frame()
    assert list(frame.columns) == list(jolts.columns())
    frame.loc[0, "severity"] = 100.0
    assert jolts.severity[0] < 100.0


def test_a_table_survives_frame_and_back(jolts: Jolts) -> None:
    again = Jolts.from_columns(jolts.to_frame())
    pd.testing.assert_frame_equal(again.to_frame(), jolts.to_frame())


@pytest.mark.parametrize("table", [Jolts, Track, Defects])
def test_an_empty_table_has_the_types_of_a_full_one(table: type, town_surveys: list[Survey]) -> None:
    full = {Jolts: town_surveys[0].evidence, Track: town_surveys[0].track, Defects: find_defects(town_surveys)}[table]
    assert len(table.empty()) == len(table.concatenate([])) == 0
    assert [c.dtype for c in table.empty().columns().values()] == [c.dtype for c in full.columns().values()]


def test_parts_joined_and_cut_again_are_the_parts(jolts: Jolts, town_surveys: list[Survey]) -> None:
    first = town_surveys[0].evidence
    assert np.array_equal(jolts[: len(first)].t_s, first.t_s)
    assert len(jolts) == sum(len(survey.evidence) for survey in town_surveys)


def test_a_survey_crosses_to_another_process_unchanged(town_surveys: list[Survey]) -> None:
    for survey in town_surveys[:3]:
        again = pickle.loads(pickle.dumps(survey))
        assert (again.trip_id, again.device, again.notes) == (survey.trip_id, survey.device, survey.notes)
        pd.testing.assert_frame_equal(again.evidence.to_frame(), survey.evidence.to_frame())
        pd.testing.assert_frame_equal(again.track.to_frame(), survey.track.to_frame())


def test_codes_become_words_in_a_frame(jolts: Jolts) -> None:
    words = jolts.to_frame().kind
    assert words.tolist() == [KINDS[code] for code in jolts.kind]
    assert list(words.cat.categories) == list(KINDS), "in the order of the codes, so that sorting does not depend on the alphabet"


def test_words_become_codes_again_and_unknown_words_are_refused(jolts: Jolts) -> None:
    columns = jolts.columns() | {"kind": np.array(["pothole"] * len(jolts))}
    assert (Jolts.from_columns(columns).kind == KINDS.index("pothole")).all()
    with pytest.raises(ValueError, match="tuple"):
        Jolts.from_columns(columns | {"kind": np.array(["hole"] * len(jolts))})


def test_every_table_survives_frame_and_back(town: City, town_drives: list[Drive], town_surveys: list[Survey]) -> None:
    defects, calibration = find_defects(town_surveys), calibrate(town_surveys)
    passes = passes_of(defects, town_surveys)
    drive = simulate_drive(town, 0, 5, devices=1, duration_s=(120.0, 121.0), sudden_per_hour=120.0)
    tables = [
        defects,
        passes,
        town_surveys[0].track,
        lives(passes, np.full(len(defects), np.nan), np.full(len(defects), 0.05)),
        find_manoeuvres(drive.trace),
        drive.manoeuvres,
        drive.truth,
        drive.path,
        town.defects,
        calibration.devices,
        calibration.sorts,
    ]
    for table in tables:
        frame = table.to_frame()
        assert len(frame) == len(table) > 0, type(table).__name__
        pd.testing.assert_frame_equal(type(table).from_columns(frame).to_frame(), frame)


def test_words_of_each_table_are_its_own(town: City, town_surveys: list[Survey]) -> None:
    drive = simulate_drive(town, 0, 5, devices=1, duration_s=(120.0, 121.0), sudden_per_hour=120.0)
    assert set(find_manoeuvres(drive.trace).to_frame().kind) <= {"hard_stop", "swerve"}
    assert set(drive.manoeuvres.to_frame().kind) <= {"hard_stop", "swerve"}
    assert set(find_defects(town_surveys).to_frame().status) == {"new"}
    assert set(town.defects.to_frame().kind) <= set(KINDS)


def test_stages_samples_and_fixes_are_tables_too(town_drives: list[Drive]) -> None:
    trace = town_drives[0].trace
    stages = follow(trace)
    assert stages is not None
    frame = stages.to_frame()
    assert np.array_equal(np.flatnonzero(frame.peak), stages.peaks)
    assert np.array_equal(frame.level_mps2, stages.level)
    frame.loc[0, "score"] = 99.0
    assert stages.score[0] != 99.0
    assert np.array_equal(trace.accelerometer.to_frame()[["x", "y", "z"]], trace.accelerometer.xyz)
    assert np.array_equal(trace.fixes.to_frame().latitude_deg, trace.fixes.latitude_deg)


def test_kinds_are_the_words_of_the_interface() -> None:
    assert set(KINDS) == {"pothole", "speed_bump", "joint", "rough", "unknown"}
    assert KINDS[0] == "unknown", "zeros must mean that nothing is known"
