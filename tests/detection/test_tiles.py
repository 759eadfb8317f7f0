"""Tiles: a grid without seams, and maps that grow trip by trip to what all trips at once would give."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from street_drives import MARIENPLATZ, drive, one_scene

from detection import Defects, Survey, find_defects
from detection.cluster import Modes, find_modes
from detection.defect_map import UNCALIBRATED, DefectMap, tiles_touched, update
from detection.estimate import find_defects_in
from detection.evidence import chance_of_trips
from detection.geo import LocalMetres, on_globe
from detection.look import LEAST_WEIGHT, looks
from detection.scene import Gathered, batches, gather
from detection.settings import DefectSettings
from detection.tiles import TILE_M, middle_of, tile_at, tile_of, tiles_within
from detection.trust import calibrated

RULES = DefectSettings()
latitudes, longitudes = st.floats(-90.0, 90.0), st.floats(-180.0, 180.0)
EDGES = [(10.0, 180.0), (-60.0, -180.0), (0.0, 0.0), (89.95, 30.0), (-89.99, 0.0), MARIENPLATZ]


def same(one: Defects, other: Defects) -> None:
    pd.testing.assert_frame_equal(one.to_frame(), other.to_frame(), check_exact=True)


@given(latitudes, longitudes)
def test_a_place_lies_in_the_cube_that_its_tile_names(latitude: float, longitude: float) -> None:
    (tile,) = tile_of(np.array([latitude]), np.array([longitude])).tolist()
    assert 0 < tile < 2**63
    gap = on_globe(np.array([latitude]), np.array([longitude]))[0] - middle_of(tile)
    assert np.abs(gap).max() <= TILE_M / 2


def test_the_date_line_is_written_either_way() -> None:
    assert tile_of(np.array([52.0]), np.array([180.0])) == tile_of(np.array([52.0]), np.array([-180.0]))
    assert tile_of(np.array([90.0]), np.array([0.0])) == tile_of(np.array([90.0]), np.array([77.0]))


@given(latitudes, longitudes)
@settings(max_examples=30)
def test_tiles_are_patches_no_larger_than_a_cube_is_wide(latitude: float, longitude: float) -> None:
    plane = LocalMetres(latitude, longitude)
    side = np.arange(-3.0 * TILE_M, 3.0 * TILE_M, TILE_M / 20)
    x, y = (axis.ravel() for axis in np.meshgrid(side, side))
    _, points = np.unique(tile_of(*plane.to_degrees(x, y)), return_counts=True)
    assert points.max() <= 1.8 * 20**2  # √3: a cube cut across its corners, and a border of points
    assert 36 <= len(points) <= 110


@given(st.sampled_from(EDGES), st.integers(0, 2**32), st.floats(1.0, 400.0))
@settings(max_examples=30)
def test_the_tiles_within_reach_are_those_of_the_box_around_a_place(place: tuple[float, float], seed: int, reach: float) -> None:
    rng = np.random.default_rng(seed)
    globe = on_globe(*(np.array([v]) for v in place)) + rng.uniform(-1500, 1500, (20, 3))
    row, tile, own = tiles_within(globe, reach)
    assert (tile[own] == tile_at(globe)[row[own]]).all()
    assert own.sum() == 20
    for i in range(20):
        steps = np.linspace(-reach, reach, 3)
        box = np.array([(a, b, c) for a in steps for b in steps for c in steps])
        assert sorted(tile[row == i]) == sorted(set(tile_at(globe[i] + box).tolist()))


def at_an_edge(origin: tuple[float, float]) -> tuple[float, float]:
    """A place within a centimetre of a border between two tiles, some 3 km at most north-east of the origin."""
    plane = LocalMetres(*origin)

    def tile(gone: float) -> int:
        latitude, longitude = plane.to_degrees(np.array([gone]), np.array([gone]))
        return int(tile_of(latitude, longitude)[0])

    low, high = 0.0, next(gone for gone in np.arange(100.0, 3000.0, 100.0) if tile(gone) != tile(0.0))
    while high - low > 0.005:
        middle = (low + high) / 2
        low, high = (middle, high) if tile(middle) == tile(0.0) else (low, middle)
    latitude, longitude = plane.to_degrees(np.array([low]), np.array([low]))
    return float(latitude[0]), float(longitude[0])


@pytest.mark.parametrize("origin", [(48.137, 11.575), (10.0, 179.999), (-60.0, -179.9999), (85.0, 179.999), (0.001, 0.001)])
@pytest.mark.parametrize("heading", [0.0, 60.0, 90.0])
def test_a_defect_on_a_tile_edge_is_one_defect(origin: tuple[float, float], heading: float) -> None:
    rng = np.random.default_rng(1)
    errors = [tuple(rng.normal(0, 3, 2)) for _ in range(12)]
    edge = at_an_edge(origin)

    def street(at: tuple[float, float]) -> list[Survey]:
        return [
            drive(f"t{k}", hits=[300.0] * (k < 9), device=f"d{k}", off_m=errors[k], heading=heading, origin=at) for k in range(12)
        ]

    surveys = street(edge)
    assert len({tile for s in surveys for tile in tile_of(s.evidence.latitude_deg, s.evidence.longitude_deg).tolist()}) > 1
    found, inland = find_defects(surveys), find_defects(street(MARIENPLATZ))
    assert len(found) == len(inland) == 1
    assert (found.hits[0], found.passes[0], found.devices[0]) == (9, 12, 12)
    assert found.confidence == pytest.approx(inland.confidence, abs=1e-6)
    assert np.hypot(*LocalMetres(*edge).to_xy(found.latitude, found.longitude)) < 4.0


def streets(seed: int, count: int, origin: tuple[float, float] = MARIENPLATZ, things: int = 25) -> list[Survey]:
    """Trips along four streets of 2.5 km that cross several tiles, with so many things on each, felt six times in ten."""
    rng = np.random.default_rng(seed)
    places = [np.sort(rng.uniform(0, 2500.0, things)) for _ in range(4)]
    made = []
    for k in range(count):
        way = int(rng.integers(4))
        felt = places[way][rng.random(things) < 0.6] + rng.normal(0, 2.0)
        made.append(
            drive(
                f"t{k}",
                hits=np.r_[felt, rng.uniform(0, 2500.0, 4)].clip(0, 2490.0).tolist(),
                device=f"d{rng.integers(6)}",
                heading=(20.0, 110.0, 200.0, 290.0)[way],
                confidence=float(rng.uniform(0.2, 0.95)),
                off_m=tuple(rng.normal(0, 3, 2)),
                length_m=2500.0,
                started_at_s=1e9 + 3600.0 * k,
                origin=origin,
            )
        )
    return made


@given(st.integers(0, 2**32), st.sampled_from(EDGES))
@settings(max_examples=8, deadline=None)
def test_tiles_looked_at_one_by_one_are_those_looked_at_at_once(seed: int, origin: tuple[float, float]) -> None:
    """To the last bit, with the same jolts: cutting the land makes, moves and hides none."""
    gathered = gather(streets(seed, 12, origin, things=340))  # rough all along: chains of jolts that suppress each other
    chance = chance_of_trips(gathered, RULES)
    at_once = {look.scene.tile: look for look in looks(gathered, chance, RULES, most=10**9)}
    assert len(at_once) > 3
    assert len(list(batches(gathered, RULES, most=1))) == len(at_once)
    seen = 0
    for look in looks(gathered, chance, RULES, most=1):
        other = at_once.pop(look.scene.tile)
        np.testing.assert_array_equal(look.scene.jolts.index, other.scene.jolts.index)
        np.testing.assert_array_equal(look.own, other.own)
        for part in ("candidates", "passes", "evidence", "near"):
            for field in fields(getattr(look, part)):
                np.testing.assert_array_equal(*(getattr(getattr(one, part), field.name) for one in (look, other)))
        seen += int(look.own.sum())
    assert not at_once
    assert seen == len(every_mode(gathered)) > 200


def every_mode(gathered: Gathered) -> Modes:
    """Of all jolts, whatever tiles they lie on."""
    jolts = one_scene(gathered).jolts
    weight = np.maximum(gathered.jolts.confidence[jolts.index], LEAST_WEIGHT)
    return find_modes(jolts.globe_m, np.c_[jolts.east, jolts.north], weight, RULES)


TOWN = streets(11, 14)


@given(st.lists(st.lists(st.integers(0, 13), max_size=5), max_size=5))
@settings(max_examples=8, deadline=None)
def test_a_map_that_grew_is_the_map_of_all_its_trips(arrivals: list[list[int]]) -> None:
    known = DefectMap()
    for batch in arrivals:
        known = update(known, [TOWN[i] for i in batch])
    same(
        known.defects, find_defects([TOWN[i] for i in sorted({i for batch in arrivals for i in batch})], calibration=UNCALIBRATED)
    )


@given(st.permutations(range(14)), st.integers(0, 13))
@settings(max_examples=5, deadline=None)
def test_trips_that_leave_take_with_them_what_they_said(order: list[int], leaving: int) -> None:
    known = update(DefectMap(), TOWN)
    known = update(known, gone=[f"t{i}" for i in order[:leaving]])
    same(known.defects, find_defects([TOWN[i] for i in order[leaving:]], calibration=UNCALIBRATED))


def test_a_map_keeps_the_calibration_it_began_with() -> None:
    fleet = calibrated(TOWN)
    known = update(update(DefectMap(fleet), TOWN[:5]), TOWN[5:])
    same(known.defects, find_defects(TOWN))
    assert known.calibration is fleet


def test_a_survey_made_anew_takes_the_place_of_the_old_one() -> None:
    elsewhere = replace(drive("t3", hits=[200.0], origin=(48.3, 11.9)), device="d9")
    known = update(update(DefectMap(), TOWN), [elsewhere])
    same(known.defects, find_defects([*TOWN[:3], elsewhere, *TOWN[4:]], calibration=UNCALIBRATED))


def test_the_old_map_stays_what_it_was() -> None:
    before = update(DefectMap(), TOWN[:7])
    held = before.defects.to_frame()
    update(before, TOWN[7:], gone=["t0"])
    same(before.defects, find_defects(TOWN[:7], calibration=UNCALIBRATED))
    pd.testing.assert_frame_equal(before.defects.to_frame(), held)


def test_only_touched_tiles_are_estimated_again() -> None:
    before = update(DefectMap(), TOWN)
    short = drive("new", hits=[20.0], length_m=40.0, heading=20.0)
    after = update(before, [short])
    touched = tiles_touched(short)
    assert 0 < len(touched & set(before.defects_by_tile)) < len(before.defects_by_tile)
    for tile in set(before.defects_by_tile) - touched:
        assert after.defects_by_tile[tile] is before.defects_by_tile[tile]


def test_a_tile_asked_for_alone_needs_only_the_trips_that_touch_it() -> None:
    everything = find_defects_in(None, TOWN, UNCALIBRATED)
    for tile, expected in everything.items():
        near = [survey for survey in TOWN if tile in tiles_touched(survey)]
        same(find_defects_in({tile}, near[::-1], UNCALIBRATED)[tile], expected)


def test_a_trip_without_places_touches_nothing() -> None:
    lost = drive("a", hits=[300.0])
    nowhere = np.full(1, np.nan)
    unplaced = replace(lost, evidence=replace(lost.evidence, latitude_deg=nowhere, longitude_deg=nowhere), track=lost.track[:0])
    assert tiles_touched(unplaced) == frozenset()
    assert len(update(DefectMap(), [unplaced]).defects) == 0
