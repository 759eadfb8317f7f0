"""Surveys side by side in metres, wherever on earth they are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from street_drives import drive

from detection.geo import LocalMetres
from detection.scene import gather, scenes
from detection.settings import DefectSettings

REGION_M = DefectSettings().region_m


def test_trips_of_one_device_share_a_code_and_trips_without_one_are_devices_of_their_own() -> None:
    gathered = gather([drive("a", device="x"), drive("b", device="y"), drive("c", device="x"), drive("d"), drive("e")])
    codes = gathered.device_of_trip.tolist()
    assert codes[0] == codes[2]
    assert len(set(codes)) == 4


def test_every_jolt_and_track_point_keeps_the_trip_it_came_from() -> None:
    surveys = [drive("a", hits=[100]), drive("b"), drive("c", hits=[200, 300])]
    gathered = gather(surveys)
    assert gathered.jolt_trip.tolist() == [0, 2, 2]
    assert np.bincount(gathered.point_trip).tolist() == [len(s.track) for s in surveys]


def test_rows_are_in_metres_and_headings_unit_vectors() -> None:
    surveys = [drive("a", hits=[100.0]), drive("b", hits=[400.0], heading=270.0)]
    (scene,) = scenes(gather(surveys), REGION_M)
    assert np.diff(scene.jolts.x_m) == pytest.approx(300.0, abs=0.1)
    assert scene.jolts.east.tolist() == pytest.approx([1.0, -1.0])
    assert scene.jolts.north.tolist() == pytest.approx([0.0, 0.0], abs=1e-9)
    assert np.diff(scene.points.xy[: len(surveys[0].track)], axis=0)[:, 0] == pytest.approx(10.0, abs=0.01)


def test_an_unknown_heading_is_no_direction() -> None:
    survey = drive("a", hits=[100.0])
    lost = replace(survey, evidence=replace(survey.evidence, heading_deg=np.array([np.nan])))
    (scene,) = scenes(gather([lost]), REGION_M)
    assert (scene.jolts.east[0], scene.jolts.north[0]) == (0.0, 0.0)


def test_two_cities_are_two_scenes_and_two_suburbs_one() -> None:
    sydney, munich, suburb = (-33.87, 151.2), (48.137, 11.575), (48.2, 11.6)
    surveys = [drive(f"{k}", hits=[100.0], origin=place) for k, place in enumerate((sydney, munich, suburb))]
    made = list(scenes(gather(surveys), REGION_M))
    assert sorted(len(scene.jolts) for scene in made) == [1, 2]
    assert sum(len(scene.points) for scene in made) == sum(len(s.track) for s in surveys)
    for scene in made:
        assert np.abs(scene.points.xy).max() < 50_000.0, "track points of another city in this plane"


@pytest.mark.parametrize("origin", [(0.0, 180.0), (65.0, 179.9999), (-17.0, -180.0), (89.9, 0.0), (0.0, 0.0)])
def test_the_date_line_the_pole_and_null_island_are_no_borders(origin: tuple[float, float]) -> None:
    surveys = [drive("a", hits=[50.0, 550.0], origin=origin), drive("b", hits=[50.0, 550.0], origin=origin)]
    (scene,) = scenes(gather(surveys), REGION_M)
    assert len(scene.jolts) == 4
    assert len(scene.points) == 120
    assert np.linalg.norm(scene.jolts.xy[1] - scene.jolts.xy[0]) == pytest.approx(500.0, rel=0.005)


def test_jolts_without_a_place_are_in_no_scene() -> None:
    survey = drive("a", hits=[100.0])
    unplaced = replace(survey.evidence, latitude_deg=np.array([np.nan]), longitude_deg=np.array([np.nan]))
    assert list(scenes(gather([replace(survey, evidence=unplaced)]), REGION_M)) == []
    assert list(scenes(gather([]), REGION_M)) == []


def test_the_plane_of_a_scene_is_centred_on_its_jolts() -> None:
    (scene,) = scenes(gather([drive("a", hits=[100.0, 500.0])]), REGION_M)
    assert isinstance(scene.plane, LocalMetres)
    assert scene.jolts.xy.mean(axis=0) == pytest.approx([0.0, 0.0], abs=0.01)
