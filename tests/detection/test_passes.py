"""Passes of known defects with their times, and what a street jolts by chance."""

from __future__ import annotations

from dataclasses import replace

import naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from street_drives import MARIENPLATZ, drive

from detection import Defects, Survey
from detection.geo import LocalMetres
from detection.passes import DefectPasses, chance_rates, passes_of
from detection.settings import DefectSettings

RULES = DefectSettings()
DAY_S = 86_400.0


def holes(*stations: float, heading: float = 90.0, confidence: float = 1.0, across_m: float = 0.0) -> Defects:
    """Defects so many metres from the western end of the street of `street_drives`."""
    x = np.array(stations) - 300.0
    latitude, longitude = LocalMetres(*MARIENPLATZ).to_degrees(x, np.full(len(x), across_m))
    same = {name: np.ones(len(x)) for name in Defects.empty().columns()} | {"id": [f"h{k}" for k in range(len(x))]}
    given_ = {"latitude": latitude, "longitude": longitude, "heading": np.full(len(x), heading)}
    return Defects.from_columns(same | given_ | {"confidence": np.full(len(x), confidence)})


def test_passes_come_in_order_of_defect_and_time_with_the_severity_of_their_hits() -> None:
    trips = [
        drive("late", hits=[300.0], device="a", started_at_s=3 * DAY_S),
        drive("first", device="b", started_at_s=DAY_S),
        drive("between", hits=[100.0, 302.0], device="a", started_at_s=2 * DAY_S, confidence=0.6),
    ]
    made = passes_of(holes(300.0, 100.0), trips)
    assert made.defect.tolist() == [0, 0, 0, 1, 1, 1]
    assert (made.time_s[:3] // DAY_S).tolist() == [1, 2, 3]
    assert made.hit.tolist() == pytest.approx([0.0, 0.6, 0.8, 0.0, 0.6, 0.0])
    assert np.isnan(made.severity).tolist() == [True, False, False, True, False, True]
    assert made.device[1] == made.device[2] != made.device[0]
    assert passes_of(holes(300.0, 100.0), trips[::-1]).to_frame().equals(made.to_frame())


def test_a_jolt_between_two_defects_counts_for_the_nearer_one() -> None:
    made = passes_of(holes(300.0, 312.0), [drive("a", hits=[309.0])])
    assert made.hit.tolist() == pytest.approx([0.0, 0.8])


def test_the_other_direction_passes_another_defect() -> None:
    back = drive("back", hits=[300.0], heading=270.0)
    assert len(passes_of(holes(300.0), [back])) == 0
    assert len(passes_of(holes(300.0, heading=np.nan), [back])) == 1


def test_who_could_not_notice_did_not_pass_and_who_has_no_clock_comes_last() -> None:
    blind = drive("blind", started_at_s=0.0)
    blind = replace(blind, track=replace(blind.track, weight=np.zeros(len(blind.track))))
    made = passes_of(holes(300.0), [blind, drive("no clock"), drive("clock", started_at_s=0.0)])
    assert np.isnan(made.time_s).tolist() == [False, True]


def test_none_passed_gives_none() -> None:
    assert len(passes_of(holes(300.0), [])) == len(passes_of(Defects.empty(), [drive("a", hits=[300.0])])) == 0
    assert isinstance(passes_of(Defects.empty(), []), DefectPasses)
    assert chance_rates(Defects.empty(), []).tolist() == []


@given(st.integers(0, 2**32))
@settings(max_examples=12)
def test_passes_are_those_of_a_loop_over_trips(seed: int) -> None:
    rng = np.random.default_rng(seed)
    trips = [
        drive(
            f"t{k}",
            hits=rng.choice([100.0, 150.0, 300.0, 480.0], rng.integers(0, 4), replace=False),
            heading=float(rng.choice([0.0, 90.0, 270.0])),
            off_m=tuple(rng.normal(0, 4, 2)),
            laps=int(rng.integers(1, 3)),
            started_at_s=float(k * DAY_S),
        )
        for k in range(6)
    ]
    found = holes(105.0, 300.0, 478.0)
    made = passes_of(found, trips)
    expected = sorted(row for trip in trips for row in naive_passes(found, trip))
    assert list(zip(made.defect, made.time_s // DAY_S, made.hit, strict=True)) == [pytest.approx(row) for row in expected]


def naive_passes(found: Defects, trip: Survey) -> list[tuple[int, float, float]]:
    """(defect, day, hit) of one trip: its points and jolts in reach, a pause starts another pass."""
    near: dict[int, list[tuple[float, float]]] = {k: [] for k in range(len(found))}
    places = list(zip(found.latitude, found.longitude, strict=True))
    for rows, reach, hits in (
        (trip.track, RULES.pass_reach_m, np.zeros(len(trip.track))),
        (trip.evidence, RULES.hit_reach_m, trip.evidence.confidence),
    ):
        for i in range(len(rows)):
            gaps = {k: naive.distance_m((rows.latitude_deg[i], rows.longitude_deg[i]), place) for k, place in enumerate(places)}
            ahead = abs((rows.heading_deg[i] - 90.0 + 180.0) % 360.0 - 180.0) <= RULES.max_turn_deg
            within = {k: gap for k, gap in gaps.items() if gap <= reach and ahead}
            chosen = [min(within, key=within.__getitem__)] if within and rows is trip.evidence else list(within)
            for k in chosen:
                near[k].append((float(rows.t_s[i]), float(hits[i])))
    out = []
    for k, seen in near.items():
        last = -np.inf
        for t_s, hit in sorted(seen):
            if t_s - last > RULES.pass_apart_s:
                out.append([k, trip.started_at_s // DAY_S, 0.0])
            out[-1][2] = max(out[-1][2], hit)
            last = t_s
    return [(k, day, hit) for k, day, hit in out]


def test_jolts_that_no_defect_explains_are_the_streets_chance_rate() -> None:
    noisy = [drive(f"n{k}", hits=[150.0, 220.0, 300.0, 390.0, 460.0]) for k in range(10)]
    quiet = [drive(f"q{k}", hits=[300.0]) for k in range(10)]
    rates = [float(chance_rates(holes(300.0), trips)[0]) for trips in (noisy, quiet)]
    assert rates[1] == RULES.chance_range[0], "the defect's own jolts are not chance"
    per_window = 4 * 0.8 / (340.0 / 28.0)  # four strays of confidence 0.8 on 400 m less 60 m around the hole
    assert rates[0] == pytest.approx(per_window, rel=0.1)


def test_a_defect_that_is_hardly_believed_explains_nothing() -> None:
    trips = [drive(f"q{k}", hits=[300.0]) for k in range(10)]
    assert chance_rates(holes(300.0, confidence=0.2), trips)[0] > chance_rates(holes(300.0), trips)[0]


def test_a_place_that_was_hardly_driven_takes_the_rate_of_all_streets() -> None:
    """One jolting pass of a side street, a hundred quiet ones of the main street."""
    main = [drive(f"m{k}") for k in range(100)]
    side = drive("side", hits=[300.0], heading=0.0)
    there = holes(300.0, heading=0.0, across_m=100.0)
    assert chance_rates(there, [*main, side])[0] < chance_rates(there, [side])[0]
