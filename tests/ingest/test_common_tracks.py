"""Streets drawn from passes: where enough devices drove, in their middle, and nowhere else."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from detection import Defects, Jolts, Survey, Track
from detection.geo import LocalMetres
from ingest.common_tracks import draw_common_tracks, draw_streets
from ingest.history import DAY_S, count_days

PLANE = LocalMetres(48.1, 11.5)


def drive(
    name: str, device: str, x_m: np.ndarray, y_m: np.ndarray, *, jolts_at: tuple[float, ...] = (), start: float = 0.0
) -> Survey:
    """A trip along the points at 10 m/s, with jolts at those times."""
    t_s = np.arange(len(x_m), dtype=float)
    latitude, longitude = PLANE.to_degrees(x_m, y_m)
    heading = np.degrees(np.arctan2(np.gradient(x_m), np.gradient(y_m))) % 360
    ones = np.ones(len(x_m))
    track = Track(t_s, latitude, longitude, heading, 10 * ones, 0.5 * ones, ones)
    at = np.searchsorted(t_s, jolts_at)
    columns = {field: np.ones(len(at)) for field in Jolts.empty().columns()}
    columns |= {"t_s": t_s[at], "latitude_deg": latitude[at], "longitude_deg": longitude[at], "heading_deg": heading[at]}
    return Survey(name, device, start, Jolts.from_columns(columns), track)


def street(device: str, name: str = "", *, seed: int = 0, length: int = 60, back: bool = False) -> Survey:
    """600 m due east with 3 m of error, or the same way back."""
    noise = np.random.default_rng([seed, *device.encode()]).normal(0, 3, (2, length))
    x = 10.0 * np.arange(length) + noise[0] / 3
    return drive(name or device, device, x[::-1] if back else x, noise[1])


def drawn(rows: list[dict]) -> np.ndarray:
    places = np.concatenate([json.loads(row["line"]) for row in rows])
    return np.c_[PLANE.to_xy(places[:, 1], places[:, 0])]


def test_a_street_driven_by_three_devices_is_drawn_in_their_middle():
    rows = draw_common_tracks([street("a"), street("b", back=True), street("c"), street("d", back=True)], 3)
    xy = drawn(rows)
    assert np.abs(xy[:, 1]).max() < 5.0
    assert xy[:, 0].min() < 30
    assert xy[:, 0].max() > 560
    assert {row["devices"] for row in rows} <= {3, 4}
    assert all(row["roughness"] == pytest.approx(0.5) for row in rows)


def test_one_device_driving_often_shows_nothing():
    assert draw_common_tracks([street("a", f"trip{n}", seed=n) for n in range(20)] + [street("b")], 3) == []


def test_a_lone_drive_off_the_common_street_stays_hidden():
    common = [street(device) for device in "abcd"]
    home = drive("home", "a", np.full(40, 300.0), 10.0 * np.arange(40))
    xy = drawn(draw_common_tracks([*common, home], 3))
    assert xy[:, 1].max() < 15.0


def test_nothing_is_drawn_across_a_gap():
    def with_gap(device: str) -> Survey:
        x = 10.0 * np.r_[np.arange(20), np.arange(40, 60)]
        return drive(device, device, x, np.zeros(40))

    xy = drawn(draw_common_tracks([with_gap(device) for device in "abc"], 3))
    assert not ((xy[:, 0] > 220) & (xy[:, 0] < 370)).any()


def test_the_order_of_surveys_does_not_matter_and_none_gives_none():
    some = [street(device, back=device in "bd") for device in "abcdef"]
    assert draw_common_tracks(some, 3) == draw_common_tracks(some[::-1], 3)
    assert draw_common_tracks([], 3) == []
    assert draw_common_tracks([Survey("a", "a", 0.0, Jolts.empty(), Track.empty())], 1) == []
    assert draw_common_tracks([drive("standing", "a", np.zeros(9), np.zeros(9))], 1) == []


def hole(x_m: float, heading: float = 90.0) -> Defects:
    latitude, longitude = PLANE.to_degrees(np.array([x_m]), np.array([0.0]))
    columns = {name: [1] for name in Defects.empty().columns()}
    return Defects.from_columns(columns | {"id": ["hole"], "latitude": latitude, "longitude": longitude, "heading": [heading]})


def test_the_history_counts_passes_and_hits_in_the_defects_direction_a_day():
    east = 10.0 * np.arange(40)
    days = [
        *(drive(f"first{d}", d, east, np.zeros(40), jolts_at=(20.0,)) for d in "abc"),
        *(drive(f"second{d}", d, east, np.zeros(40), start=DAY_S + 3600) for d in "abc"),
        *(drive(f"back{d}", d, east[::-1], np.zeros(40), start=DAY_S) for d in "abc"),
    ]
    assert count_days(hole(200.0), days, 3) == [
        {"defect_id": "hole", "day": 0.0, "passes": 3, "hits": 3, "devices": 3},
        {"defect_id": "hole", "day": DAY_S, "passes": 3, "hits": 0, "devices": 3},
    ]
    (both,) = [row for row in count_days(hole(200.0, np.nan), days, 3) if row["day"] == DAY_S]
    assert both["passes"] == 6


def test_days_with_few_devices_are_counted_with_others_so_that_nobody_is_singled_out():
    east = 10.0 * np.arange(40)
    trips = [drive(f"{d}{day}", d, east, np.zeros(40), start=day * DAY_S) for day, d in enumerate("ababcabcd")]
    rows = count_days(hole(200.0), trips, 3)
    assert sum(row["passes"] for row in rows) == len(trips)
    assert all(row["devices"] >= 3 for row in rows)
    assert [row["day"] / DAY_S for row in rows] == [4, 8]
    assert count_days(hole(200.0), trips[:4], 3) == []


def test_who_drove_a_street_first_is_told_how_much_of_it_whatever_the_order_of_the_surveys():
    def at(survey: Survey, start: float) -> Survey:
        return replace(survey, started_at_s=start)

    whole = [at(street(device), start) for device, start in (("b", 20.0), ("c", 30.0), ("d", 40.0))]
    begun = at(street("a", length=30), 10.0)  # the western half, before all others
    streets = draw_streets([*whole, begun], 3)
    assert set(streets.first_m) == {"a", "b"}
    assert streets.first_m["a"] == pytest.approx(290, abs=50)  # nodes lie some 10 m apart, and a lone trip misses one or two
    assert sum(streets.first_m.values()) == pytest.approx(590, abs=40)
    assert draw_streets([begun, *whole[::-1]], 3).first_m == streets.first_m
    assert draw_streets([begun, whole[0]], 3).first_m == {}  # nobody learns of streets that are not drawn
