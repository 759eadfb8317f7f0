"""Every pass of a defect side by side."""

from __future__ import annotations

import numpy as np
import pytest

from detection import Defects, find_defects
from detection.analysis import Trip, passes_through, study
from detection.calibration import level_of
from detection.geo import LocalMetres
from detection.simulator import Drive


@pytest.fixture(scope="module")
def trips(town_drives: list[Drive]) -> list[Trip]:
    return [study(drive.trace) for drive in town_drives]


@pytest.fixture(scope="module")
def defects(trips: list[Trip]) -> Defects:
    return find_defects([trip.survey for trip in trips])


def test_every_hit_of_a_defect_is_one_of_its_trips_jolts(trips: list[Trip], defects: Defects) -> None:
    by_name = {trip.trip_id: trip for trip in trips}
    row = int(np.argmax(defects.hits))
    table = passes_through(defects, row, trips).hits.passes
    assert len(table) >= 3
    plane = LocalMetres(float(defects.latitude[row]), float(defects.longitude[row]))
    for i in range(len(table)):
        jolts = by_name[table.trip[i]].survey.evidence
        jolt = jolts[np.argmin(np.abs(jolts.t_s - table.t_s[i]), keepdims=True)]
        assert jolt.t_s[0] == pytest.approx(table.t_s[i], abs=0.011)  # the time is read off every 20 ms
        assert (jolt.confidence[0], jolt.severity[0], jolt.kind[0]) == (table.hit[i], table.severity[i], table.kind[i])
        assert table.level_mps2[i] == level_of(jolt)[0]
        gap_m = np.hypot(*plane.to_xy(jolt.latitude_deg, jolt.longitude_deg))[0]
        assert np.hypot(table.jolt_along_m[i], table.jolt_across_m[i]) == pytest.approx(gap_m, abs=0.3)


def test_hits_and_silent_passes_are_all_passes(trips: list[Trip], defects: Defects) -> None:
    for row in range(min(len(defects), 6)):
        waves = passes_through(defects, row, trips)
        assert len(waves.hits.passes) + len(waves.silent.passes) == len(waves.passes)
        assert abs(len(waves.hits.passes) - defects.hits[row]) <= 1  # a jolt between two defects counts for the nearer one
        assert np.isnan(waves.silent.passes.severity).all()
        assert np.isfinite(waves.passes.speed_mps).all()


def test_the_shock_stands_at_the_defect_in_every_hit(trips: list[Trip], defects: Defects) -> None:
    waves = passes_through(defects, int(np.argmax(defects.hits)), trips).hits
    for wave, table in zip(waves.vertical_mps2, waves.passes.speed_mps, strict=True):
        near = np.abs(waves.along_m) < 0.3 * table + 3.5  # 0.3 s of ringing, and a wheelbase
        loud = np.nanmax(np.abs(wave[near]))
        assert loud >= 0.9 * np.nanmax(np.abs(wave[np.abs(waves.along_m) < 10.0]))


def test_a_waveform_at_constant_speed_is_the_band_read_along_the_road(trips: list[Trip], defects: Defects) -> None:
    waves = passes_through(defects, int(np.argmax(defects.hits)), trips, reach_m=5.0)
    by_name = {trip.trip_id: trip for trip in trips}
    assert (waves.along_m[0], waves.along_m[-1], len(waves.along_m)) == (-5.0, 5.0, 101)
    for wave, trip_id, t_s in zip(waves.vertical_mps2, waves.passes.trip, waves.passes.t_s, strict=True):
        stages = by_name[trip_id].stages
        assert stages is not None
        assert wave[50] == pytest.approx(np.interp(t_s, stages.grid.t_s, stages.banded), abs=0.15)


def test_passes_of_one_device_lie_together_in_order_of_time(trips: list[Trip], defects: Defects) -> None:
    table = passes_through(defects, int(np.argmax(defects.passes)), trips).passes
    keys = list(zip(table.device, table.time_s, strict=True))
    assert keys == sorted(keys)


def test_a_defect_that_nobody_passed_has_no_waveforms(trips: list[Trip], defects: Defects) -> None:
    waves = passes_through(defects, 0, [])
    assert len(waves.passes) == 0
    assert waves.vertical_mps2.shape == (0, len(waves.along_m))
