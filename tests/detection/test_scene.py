"""Surveys side by side in metres, wherever on earth they are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from street_drives import MARIENPLATZ, drive, one_scene

from detection.scene import batches, gather
from detection.settings import DefectSettings
from detection.tiles import tile_at

RULES = DefectSettings()


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
    scene = one_scene(gather(surveys))
    assert np.diff(scene.jolts.x_m) == pytest.approx(300.0, abs=0.1)
    assert scene.jolts.east.tolist() == pytest.approx([1.0, -1.0])
    assert scene.jolts.north.tolist() == pytest.approx([0.0, 0.0], abs=1e-9)
    assert np.diff(scene.points.xy[: len(surveys[0].track)], axis=0)[:, 0] == pytest.approx(10.0, abs=0.01)


def test_an_unknown_heading_is_no_direction() -> None:
    survey = drive("a", hits=[100.0])
    lost = replace(survey, evidence=replace(survey.evidence, heading_deg=np.array([np.nan])))
    scene = one_scene(gather([lost]))
    assert (scene.jolts.east[0], scene.jolts.north[0]) == (0.0, 0.0)


@pytest.mark.parametrize("most", [1, 30, 10**9])
def test_each_tile_is_in_one_batch_with_all_jolts_that_matter_to_it(most: int) -> None:
    surveys = [
        drive(f"{k}", hits=np.arange(50.0, 3000.0, 100.0).tolist(), length_m=3000.0, heading=h) for k, h in enumerate((60, 150))
    ]
    gathered = gather(surveys)
    globe_m = gathered.jolt_globe_m
    made = list(batches(gathered, RULES, most=most))
    tiles = np.concatenate([batch.tiles for batch in made])
    assert tiles.tolist() == np.unique(tile_at(globe_m)).tolist()
    assert 1 <= len(made) <= len(tiles)
    assert len(made) == {1: len(tiles), 10**9: 1}.get(most, len(made))
    for batch in made:
        mine = globe_m[np.isin(tile_at(globe_m), batch.tiles)]
        gap = np.linalg.norm(globe_m[:, None] - mine[None], axis=2).min(axis=1)
        assert set(np.flatnonzero(gap <= RULES.halo_m)) <= set(batch.jolts.tolist())
        assert (np.diff(batch.jolts) > 0).all(), "each once, in the order of trips"


def test_only_the_tiles_asked_for_are_batched() -> None:
    gathered = gather([drive(f"{k}", hits=[100.0, 900.0, 1900.0], length_m=2000.0) for k in range(2)])
    every = np.concatenate([batch.tiles for batch in batches(gathered, RULES)]).tolist()
    (alone,) = batches(gathered, RULES, {every[-1], 12345})
    assert alone.tiles.tolist() == every[-1:]
    assert set(alone.jolts.tolist()) <= set(range(len(gathered.jolts)))


def test_a_tile_that_is_only_passed_is_in_no_batch() -> None:
    gathered = gather([drive("a", hits=[10.0], length_m=5000.0)])
    (batch,) = batches(gathered, RULES)
    assert len(batch.tiles) == 1


@pytest.mark.parametrize("origin", [(0.0, 180.0), (65.0, 179.9999), (-17.0, -180.0), (89.9, 0.0), (0.0, 0.0)])
def test_the_date_line_the_pole_and_null_island_are_no_borders(origin: tuple[float, float]) -> None:
    surveys = [drive("a", hits=[50.0, 550.0], origin=origin), drive("b", hits=[50.0, 550.0], origin=origin)]
    scene = one_scene(gather(surveys))
    assert len(scene.jolts) == 4
    assert len(scene.points) == 120
    assert np.linalg.norm(scene.jolts.xy[1] - scene.jolts.xy[0]) == pytest.approx(500.0, rel=0.005)


def test_jolts_without_a_place_are_in_no_batch() -> None:
    survey = drive("a", hits=[100.0])
    unplaced = replace(survey.evidence, latitude_deg=np.array([np.nan]), longitude_deg=np.array([np.nan]))
    assert list(batches(gather([replace(survey, evidence=unplaced)]), RULES)) == []
    assert list(batches(gather([]), RULES)) == []


def test_a_tiles_plane_touches_the_globe_within_the_tile_and_gives_its_places_back() -> None:
    gathered = gather([drive("a", hits=[300.0])])
    scene = one_scene(gathered)
    assert np.abs(scene.jolts.xy).max() < 1000.0
    latitude, longitude = scene.plane.to_degrees(scene.jolts.x_m, scene.jolts.y_m)
    assert (latitude[0], longitude[0]) == (pytest.approx(MARIENPLATZ[0], abs=1e-8), pytest.approx(MARIENPLATZ[1], abs=1e-8))
