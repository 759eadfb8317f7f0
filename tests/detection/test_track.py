"""The exposure of one trip: a point every ten metres driven, and how surely a jolt there would have been noticed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial import cKDTree

from detection import Samples, Survey, survey
from detection.geo import steps_m
from detection.settings import SurveySettings, TrackSettings
from detection.simulator import City, Drive


def test_points_lie_about_ten_metres_apart_where_the_trip_is_observed(town_surveys: list[Survey]) -> None:
    steps = np.concatenate([steps_m(s.track.latitude_deg, s.track.longitude_deg) for s in town_surveys])
    assert np.median(steps) == pytest.approx(10.0, abs=1.0)
    assert np.mean(steps < 20.0) > 0.98


def test_another_spacing_gives_as_many_points_more(town_drives: list[Drive]) -> None:
    fine = SurveySettings(track=TrackSettings(spacing_m=5.0))
    coarse, double = survey(town_drives[4].trace), survey(town_drives[4].trace, fine)
    assert len(double.track) == pytest.approx(2 * len(coarse.track), rel=0.05)


def test_the_track_is_as_long_as_the_drive(town_drives: list[Drive], town_surveys: list[Survey]) -> None:
    for drive, found in zip(town_drives, town_surveys, strict=True):
        if len(found.track) > 20:
            seen = (drive.path.t_s >= found.track.t_s[0]) & (drive.path.t_s <= found.track.t_s[-1])
            metres = drive.path.speed_mps[seen].sum()  # a value a second
            assert 10.0 * len(found.track) == pytest.approx(metres, rel=0.25, abs=50.0)


def test_the_track_runs_where_the_car_was(town: City, town_drives: list[Drive], town_surveys: list[Survey]) -> None:
    far = []
    for drive, found in zip(town_drives, town_surveys, strict=True):
        true = np.c_[town.plane.to_xy(drive.path.latitude_deg, drive.path.longitude_deg)]
        made = np.c_[town.plane.to_xy(found.track.latitude_deg, found.track.longitude_deg)]
        far += cKDTree(true).query(made)[0].tolist()
    assert np.median(far) < 8.0  # the true path is known once a second: up to 7 m between points
    assert np.quantile(far, 0.99) < 25.0


def test_while_a_hand_holds_the_phone_the_trip_observes_nothing(town_drives: list[Drive], town_surveys: list[Survey]) -> None:
    weights = []
    for drive, found in zip(town_drives, town_surveys, strict=True):
        for start, end in drive.handled_s:
            weights += found.track.weight[(found.track.t_s > start + 0.5) & (found.track.t_s < end - 0.5)].tolist()
    assert len(weights) > 20, "the fixed drives hold no handling"
    assert np.mean(np.array(weights) == 0.0) > 0.85


def test_a_crawling_car_observes_less_than_one_that_drives(town_surveys: list[Survey]) -> None:
    compared = 0
    for found in town_surveys:
        crawling = found.track.weight[(found.track.weight > 0) & (found.track.speed_mps < 4.0)]
        if len(crawling):
            compared += 1
            assert crawling.max() < found.track.weight[found.track.speed_mps > 6.0].max()
    assert compared > 3


def test_a_slow_phone_observes_less_than_a_fast_one(town_drives: list[Drive]) -> None:
    samples = town_drives[4].trace.accelerometer
    step = max(1, round(samples.rate_hz / 12.0))
    sparse = Samples(samples.t_s[::step].copy(), samples.xyz[::step].copy())
    slow = survey(replace(town_drives[4].trace, accelerometer=sparse))
    assert 0 < slow.track.weight.max() < 0.7 * survey(town_drives[4].trace).track.weight.max()


def test_a_trip_without_fixes_has_no_track(town_drives: list[Drive]) -> None:
    trace = town_drives[0].trace
    assert len(survey(replace(trace, fixes=trace.fixes[:0])).track) == 0
    assert len(survey(replace(trace, fixes=trace.fixes[:1])).track) == 0
