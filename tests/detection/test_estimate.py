"""Defects from the surveys of many trips: who counts as a witness, what passes say, and where it lies."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import DBSCAN
from street_drives import MARIENPLATZ, drive

from detection import Defects, Survey, find_defects
from detection.geo import LocalMetres
from detection.jolts import Jolts, Track
from detection.scoring import Figures, match_defects
from detection.simulator import City, defects_geojson

Places = tuple[np.ndarray, np.ndarray, np.ndarray]


def the_one(surveys: list[Survey]) -> Defects:
    found = find_defects(surveys)
    assert len(found) == 1
    return found


def test_one_vehicle_passing_often_is_one_witness() -> None:
    commuter = the_one([drive(f"c{k}", hits=[300.0], device="commuter", confidence=0.6) for k in range(40)])
    thrice = the_one([drive(f"s{k}", hits=[300.0], device=f"car {k}", confidence=0.6) for k in range(3)])
    assert commuter.devices[0] == 1
    assert (commuter.hits[0], commuter.passes[0]) == (40, 40)
    assert commuter.confidence[0] < thrice.confidence[0]
    assert commuter.radius[0] > thrice.radius[0], "forty errors of one receiver average out no better than one"


def test_a_device_that_feels_everything_is_outvoted_by_those_that_pass() -> None:
    """One loose phone holder, forty hits; ten other cars, no jolt."""
    loose = [drive(f"l{k}", hits=[300.0], device="loose holder", confidence=0.7) for k in range(40)]
    found = find_defects(loose + [drive(f"q{k}", device=f"quiet {k}") for k in range(10)])
    assert found.confidence.max(initial=0.0) < the_one(loose).confidence[0]
    assert found.confidence.max(initial=0.0) < 0.5


def test_passes_without_a_jolt_lower_the_confidence() -> None:
    witnesses = [drive(f"h{k}", hits=[300.0], device=f"d{k}") for k in range(3)]
    silent = [drive(f"s{k}", device=f"e{k}") for k in range(20)]
    sure = [find_defects(witnesses + silent[:n]).confidence.max(initial=0.0) for n in (0, 2, 5, 10, 20)]
    assert sure[0] > 0.9
    assert (np.diff(sure) < 0).all()
    assert sure[-1] < 0.5


def test_a_pass_that_could_not_notice_takes_nothing_away() -> None:
    witnesses = [drive(f"h{k}", hits=[300.0], device=f"d{k}") for k in range(3)]
    silent = [drive(f"s{k}", device=f"e{k}") for k in range(10)]
    blind = [replace(s, track=replace(s.track, weight=np.zeros(len(s.track)))) for s in silent]
    assert the_one(witnesses + blind).confidence == pytest.approx(the_one(witnesses).confidence, abs=0.02)
    assert (the_one(witnesses + blind).passes[0], the_one(witnesses + blind).devices[0]) == (3, 3)


def test_a_place_hit_by_count_alone_is_no_defect() -> None:
    """Five hits on a street that sixty cars pass, and five on one that six pass."""
    north = LocalMetres(*MARIENPLATZ).to_degrees(np.array([0.0]), np.array([500.0]))
    quiet_street = (float(north[0][0]), float(north[1][0]))
    busy = [drive(f"b{k}", hits=[300.0] * (k < 5), device=f"b{k}") for k in range(60)]
    quiet = [drive(f"q{k}", hits=[300.0] * (k < 5), device=f"q{k}", origin=quiet_street) for k in range(6)]
    found = find_defects(busy + quiet)
    sure = found[found.confidence >= 0.5]
    assert (sure.hits.tolist(), sure.passes.tolist()) == ([5], [6])
    assert sure.confidence[0] > 0.9
    assert sure.latitude[0] > MARIENPLATZ[0] + 0.002, "the quiet street"


def test_opposite_directions_are_two_defects() -> None:
    away = [drive(f"e{k}", hits=[300.0], device=f"d{k}") for k in range(4)]
    back = [drive(f"w{k}", hits=[300.0], heading=270.0, device=f"d{k}") for k in range(4)]
    found = find_defects(away + back)
    assert sorted(found.heading) == pytest.approx([90.0, 270.0], abs=1.0)
    assert found.passes.tolist() == [4, 4]
    assert len(set(found.id)) == 2


def test_a_hole_in_one_lane_is_not_held_against_the_other() -> None:
    away = [drive(f"e{k}", hits=[300.0], device=f"d{k}") for k in range(4)]
    back = [drive(f"w{k}", heading=270.0, device=f"f{k}") for k in range(30)]
    assert the_one(away + back).confidence == pytest.approx(the_one(away).confidence, abs=0.05)


def misplaced(passes: int, seed: int) -> tuple[float, float]:
    """Error and stated radius in m of one defect seen by so many cars whose fixes are 4 m off, each its own way."""
    rng = np.random.default_rng(seed)
    surveys = [drive(f"t{k}", hits=[300.0], device=f"d{k}", off_m=tuple(rng.normal(0, 4, 2))) for k in range(passes)]
    found = find_defects(surveys)[:1]
    x, y = LocalMetres(*MARIENPLATZ).to_xy(found.latitude, found.longitude)
    return float(np.hypot(x[0], y[0])), float(found.radius[0])


def test_the_position_error_shrinks_with_passes_and_the_radius_says_so() -> None:
    few, some, many = (np.array([misplaced(n, seed) for seed in range(20)]) for n in (2, 8, 32))
    for column in (0, 1):
        assert np.median(few[:, column]) > np.median(some[:, column]) > np.median(many[:, column])
    assert np.median(many[:, 0]) < 1.5
    for runs in (few, some, many):
        assert 0.5 < np.sqrt(np.mean((runs[:, 0] / runs[:, 1]) ** 2 / 2)) < 1.6  # radius is 1 σ along an axis


@given(st.permutations(range(24)))
@settings(max_examples=8)
def test_order_of_trips_does_not_matter(town_surveys: list[Survey], order: list[int]) -> None:
    given_order, shuffled = find_defects(town_surveys), find_defects([town_surveys[i] for i in order])
    pd.testing.assert_frame_equal(shuffled.to_frame(), given_order.to_frame())


def moved(surveys: list[Survey], town: City, origin: tuple[float, float]) -> list[Survey]:
    """The same scene metre by metre elsewhere on earth."""
    there = LocalMetres(*origin)

    def shift(table: Jolts | Track) -> Jolts | Track:
        placed = np.isfinite(table.latitude_deg)
        latitude, longitude = np.full(len(table), np.nan), np.full(len(table), np.nan)
        x, y = town.plane.to_xy(table.latitude_deg[placed], table.longitude_deg[placed])
        latitude[placed], longitude[placed] = there.to_degrees(x, y)
        return replace(table, latitude_deg=latitude, longitude_deg=longitude)

    return [replace(s, evidence=shift(s.evidence), track=shift(s.track)) for s in surveys]


ORIGINS = [(10.0, 179.999), (-60.0, -180.0), (60.0, 0.0), (72.0, 25.0), (85.0, 179.999)]


def gaps_of(places: np.ndarray) -> np.ndarray:
    return np.linalg.norm(places[:, None] - places[None], axis=2)


@pytest.mark.xfail(reason="confidence follows distances of neighbours, and the side cars drive on is told tile by tile")
@pytest.mark.parametrize("origin", ORIGINS)
def test_scene_across_the_date_line_and_near_the_pole_clusters_the_same(
    town: City, town_surveys: list[Survey], origin: tuple[float, float]
) -> None:
    here, there = find_defects(town_surveys), find_defects(moved(town_surveys, town, origin))
    assert len(there) == len(here)
    assert np.sort(there.confidence) == pytest.approx(np.sort(here.confidence), abs=1e-6)
    a = np.c_[town.plane.to_xy(here.latitude, here.longitude)]
    b = np.c_[LocalMetres(*origin).to_xy(there.latitude, there.longitude)]
    a, b = (place[np.lexsort((place[:, 1].round(1), place[:, 0].round(1)))] for place in (a, b))
    assert gaps_of(b) == pytest.approx(gaps_of(a), rel=0.005, abs=0.2)


@pytest.mark.parametrize("origin", ORIGINS)
def test_a_moved_scene_has_the_same_defects_but_for_a_lane_of_one(
    town: City, town_surveys: list[Survey], origin: tuple[float, float]
) -> None:
    """The move cuts tiles elsewhere: a hump that nobody met from the other end may lie a lane further."""
    here, there = find_defects(town_surveys), find_defects(moved(town_surveys, town, origin))
    assert len(there) == len(here)
    assert np.sort(there.confidence) == pytest.approx(np.sort(here.confidence), abs=2e-5)
    a = np.c_[town.plane.to_xy(here.latitude, here.longitude)]
    b = np.c_[LocalMetres(*origin).to_xy(there.latitude, there.longitude)]
    gaps = [np.sort(gaps_of(place), axis=None) for place in (a, b)]
    off = np.abs(gaps[1] - gaps[0])
    assert (off > 0.2 + 0.005 * gaps[0]).mean() <= 2.0 / len(a), "pairs with one of the defects"
    assert off.max() <= 3.5 + 0.2, "a lane"


def true_places(town: City) -> Places:
    features = defects_geojson(town.defects, each_direction=True)["features"]
    longitude, latitude = np.array([f["geometry"]["coordinates"] for f in features]).T
    return latitude, longitude, np.array([f["properties"]["heading"] for f in features], float)


def scored(found: Places, town: City) -> tuple[Figures, float]:
    figures, _, distance = match_defects(found, true_places(town))
    return figures, float(np.median(distance))


def test_most_defects_of_a_small_town_are_found_and_few_others(town: City, town_surveys: list[Survey]) -> None:
    """A guard against decay, not the figure to quote: 24 trips of two and a half minutes, about three passes a lane."""
    found = find_defects(town_surveys)
    sure = found[found.confidence >= 0.5]
    figures, median_m = scored((sure.latitude, sure.longitude, sure.heading), town)
    assert figures.precision >= 0.85
    assert figures.recall >= 0.6
    assert median_m <= 4.0


def test_exposure_beats_counting_clusters_on_precision(town: City, town_surveys: list[Survey]) -> None:
    """DBSCAN with eps 8 m over the same jolts, two of them a cluster: what one does without passes."""
    jolts = Jolts.concatenate([survey.jolts for survey in town_surveys])
    placed = jolts[np.isfinite(jolts.latitude_deg)]
    xy = np.c_[town.plane.to_xy(placed.latitude_deg, placed.longitude_deg)]
    label = DBSCAN(eps=8.0, min_samples=2).fit_predict(xy)
    centres = np.array([xy[label == k].mean(axis=0) for k in range(label.max() + 1)])
    latitude, longitude = town.plane.to_degrees(*centres.T)
    heading = np.array([placed.heading_deg[label == k][0] for k in range(label.max() + 1)])
    counted, _ = scored((latitude, longitude, heading), town)
    found = find_defects(town_surveys)
    sure = found[found.confidence >= 0.5]
    figures, _ = scored((sure.latitude, sure.longitude, sure.heading), town)
    assert figures.precision >= counted.precision
    assert figures.f1 > counted.f1


def test_confidence_is_worth_what_it_says(town: City, town_surveys: list[Survey]) -> None:
    found = find_defects(town_surveys)
    _, pairs, _ = match_defects((found.latitude, found.longitude, found.heading), true_places(town))
    real = np.isin(np.arange(len(found)), pairs[:, 0])
    assert np.mean(real[found.confidence > 0.8]) > 0.8
    assert found.confidence[real].mean() > found.confidence[~real].mean() + 0.2


def test_every_column_of_a_defect_is_in_its_range(town_surveys: list[Survey]) -> None:
    found = find_defects(town_surveys)
    assert (found.confidence >= 0.05).all()
    assert (found.confidence <= 1).all()
    assert (np.diff(found.confidence) <= 0).all(), "most certain first"
    assert ((found.hits >= 1) & (found.hits <= found.passes) & (found.devices <= found.passes)).all()
    assert found.hit_rate == pytest.approx(found.hits / found.passes)
    assert (found.first_seen <= found.last_seen).all()
    assert (found.radius >= 1.0).all()
    assert len(set(found.id)) == len(found)
    assert (found.status == 0).all()


def test_without_a_clock_nothing_is_said_of_when() -> None:
    dated, undated = [drive(f"{k}", hits=[300.0], started_at_s=1e9 + k) for k in range(2)], [drive("x", hits=[300.0])]
    assert np.isnan(the_one(undated).first_seen[0])
    assert the_one(dated + undated).first_seen[0] == pytest.approx(1e9 + 300 / 11.0)
    assert the_one(dated + undated).last_seen[0] == pytest.approx(1e9 + 1 + 300 / 11.0)


@pytest.mark.parametrize("surveys", [[], [drive("a")], [drive("a"), drive("b", heading=0.0)]])
def test_trips_without_jolts_know_no_defects(surveys: list[Survey]) -> None:
    assert len(find_defects(surveys)) == 0


def test_a_trip_without_a_track_still_counts_as_a_pass_where_it_jolted() -> None:
    lost = [replace(drive(f"{k}", hits=[300.0]), track=Track.empty()) for k in range(3)]
    assert (the_one(lost).hits[0], the_one(lost).passes[0]) == (3, 3)
