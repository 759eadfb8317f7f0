"""Priority and its terms: each can only raise it, and the other ranking does not ask who takes part."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detection import KINDS, Defects, find_defects
from detection.passes import passes_of, usual_speeds
from detection.priority import DEFAULT, Terms, class_of, combined, prioritised, terms_of
from tests.detection.street_drives import drive

DAY_S = 86_400.0
FIGURES = {
    "confidence": st.floats(0, 1),
    "severity": st.floats(0, 20),
    "hit_rate": st.floats(0, 1),
    "devices": st.integers(1, 1000),
    "days": st.floats(30, 1000),
    "passes_per_day": st.floats(0, 1000),
    "growth_per_year": st.floats(-3, 3),
    "growth_low": st.floats(-3, 3),
    "speed_mps": st.floats(1, 50),
    "mend": st.floats(0, 1),
}


def of(**figures: float) -> Terms:
    return combined(**{name: np.array([value]) for name, value in figures.items()})


@given(figures=st.fixed_dictionaries(FIGURES), name=st.sampled_from(sorted(FIGURES)), data=st.data())
def test_no_term_that_rises_lowers_the_priority(figures: dict[str, float], name: str, data: st.DataObject) -> None:
    more = data.draw(FIGURES[name])
    low, high = sorted((figures[name], more))
    before, after = of(**figures | {name: low}), of(**figures | {name: high})
    assert after.priority[0] >= before.priority[0]
    assert after.equity[0] >= before.equity[0]


@given(figures=st.fixed_dictionaries(FIGURES))
def test_priority_is_the_product_of_the_terms_that_are_told(figures: dict[str, float]) -> None:
    made = of(**figures)
    product = made.confidence * made.mend * made.severity * made.exposure * made.growth * made.road_class
    assert made.priority[0] == pytest.approx(product[0], abs=1e-8)
    assert made.equity[0] == pytest.approx(
        (made.mend * made.severity * made.hit_rate * made.traffic_share * made.road_class)[0], abs=1e-8
    )


@given(figures=st.fixed_dictionaries(FIGURES), times=st.integers(2, 50))
def test_the_equity_view_is_the_same_however_many_take_part(figures: dict[str, float], times: int) -> None:
    more = figures | {
        "devices": figures["devices"] * times,
        "passes_per_day": figures["passes_per_day"] * times,
        "confidence": 1.0,
    }
    assert of(**more).equity[0] == of(**figures).equity[0]
    assert of(**more).priority[0] >= of(**figures).priority[0]


def seen_by(devices: int) -> tuple[Defects, list]:
    trips = [
        drive(f"t{number:02d}", hits=[300.0], device=f"d{number:02d}", started_at_s=1e9 + number % 4 * DAY_S)
        for number in range(devices)
    ]
    found = find_defects(trips)
    return found[found.confidence >= found.confidence.max()], trips


def test_a_street_with_few_participants_ranks_as_one_with_many_in_the_equity_view() -> None:
    few, many = (
        (found, terms_of(found, passes_of(found, trips), usual_speeds(found, trips))) for found, trips in map(seen_by, (4, 12))
    )
    (here, of_few), (there, of_many) = few, many
    level = of_many.equity * here.severity / there.severity  # the fleets are calibrated each by itself
    assert of_few.equity == pytest.approx(level, rel=1e-6)
    assert of_few.priority[0] < of_many.priority[0]


def test_three_passes_on_one_day_are_not_three_a_day() -> None:
    found, trips = seen_by(3)
    made = terms_of(found, passes_of(found, trips), usual_speeds(found, trips))
    assert made.days[0] == DEFAULT.least_days
    assert made.passes_per_day[0] == pytest.approx(found.passes[0] / DEFAULT.least_days)


def test_what_nothing_is_known_of_counts_as_an_ordinary_street_that_does_not_grow() -> None:
    made = of(
        confidence=1.0,
        severity=1.0,
        hit_rate=1.0,
        devices=1,
        days=30.0,
        passes_per_day=1.0,
        growth_per_year=np.nan,
        growth_low=np.nan,
        speed_mps=np.nan,
        mend=1.0,
    )
    assert (made.growth[0], made.road_class[0], made.traffic_share[0]) == (1.0, 1.0, 1.0)
    assert class_of(float("nan")) is None


def test_what_is_built_to_be_felt_comes_after_what_broke() -> None:
    found, trips = seen_by(6)
    passes, speeds = passes_of(found, trips), usual_speeds(found, trips)
    priority = {}
    for code, kind in enumerate(KINDS):
        made = terms_of(replace(found, kind=np.full(len(found), code)), passes, speeds)
        priority[kind] = (float(made.priority[0]), float(made.equity[0]))
    assert priority["pothole"] == priority["rough"] == priority["unknown"] > priority["joint"] > priority["speed_bump"] > (0, 0)


def test_faster_roads_are_higher_classes() -> None:
    assert [class_of(kmh / 3.6) for kmh in (20, 35, 50, 70, 110)] == ["yard", "side_street", "street", "main_road", "fast_road"]


def test_the_order_of_trips_changes_nothing() -> None:
    found, trips = seen_by(6)
    forward, backward = prioritised(found, trips), prioritised(found, trips[::-1])
    assert forward.priority.tolist() == backward.priority.tolist()
    assert replace(forward, priority=found.priority).columns().keys() == found.columns().keys()
