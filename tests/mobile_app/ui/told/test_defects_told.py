"""The offline copy of the city's defects, read with care and told in words."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mobile_app.ui import words
from mobile_app.ui.map import sprites
from mobile_app.ui.told import defects
from mobile_app.ui.told.defects import Defect, card, on_map, read


def feature(**properties):
    told = {"id": "d1", "kind": "pothole", "severity": 3.5, "confidence": 0.95, "hits": 8, "passes": 10, "devices": 4}
    told |= {"heading": 92.0, "status": "new", **properties}
    return {"type": "Feature", "id": told["id"], "geometry": {"type": "Point", "coordinates": [7.75, 48.58]}, "properties": told}


def test_a_defect_is_read_as_the_server_gives_it():
    assert read({"features": [feature()]}) == (Defect("d1", 48.58, 7.75, "pothole", 3.5, 0.95, 8, 10, 4, 92.0, "new"),)


def test_one_that_cannot_be_read_never_loses_the_rest():
    broken = [
        None,
        {},
        {"geometry": None},
        feature(severity="NaN"),
        feature(severity=None),
        {**feature(), "geometry": {"coordinates": [7]}},
    ]
    broken += [{**feature(), "geometry": {"coordinates": [7.0, 99.0]}}, feature(hits=float("inf"))]
    assert [one.id for one in read({"features": [*broken, feature(id="good")]})] == ["good"]


odd = st.none() | st.booleans() | st.floats() | st.text(max_size=3)
names = st.sampled_from(["severity", "hits", "heading", "kind", "confidence"])
odd_features = st.fixed_dictionaries(
    {"id": odd, "geometry": odd | st.fixed_dictionaries({"coordinates": st.lists(odd, max_size=3)})},
    optional={"properties": odd | st.dictionaries(names, odd, max_size=3)},
)


@settings(max_examples=60)
@given(odd | st.lists(odd | odd_features, max_size=4))
def test_no_file_whatever_is_in_it_stops_the_map(found):
    assert all(abs(one.latitude) <= 90 for one in read({"features": found}))


def test_what_is_repaired_or_set_aside_is_not_on_the_map():
    found = read({"features": [feature(id=status, status=status) for status in defects.STATUSES]})
    assert {one.id for one in found} == {"new", "confirmed", "scheduled", "reopened"}


def test_the_harder_the_larger_and_doubtful_ones_are_hollow():
    shown = on_map([Defect("a", 48.0, 7.0, "rough", severity=1.0), Defect("b", 48.0, 7.1, "rough", severity=5.0, confidence=0.4)])
    assert shown.size[0] < shown.size[1]
    assert [sprites.PICTURES[one][1] for one in shown.picture] == [False, True]
    assert shown.keys == ("a", "b")


def test_a_kind_of_a_newer_server_looks_and_is_called_unclear():
    new = Defect("a", 48.0, 7.0, "sinkhole")
    assert sprites.PICTURES[on_map([new]).picture[0]] == sprites.PICTURES[sprites.number_of("defect", "unknown")]
    assert card(new).title == "Unclear"


def test_a_card_says_how_hard_where_to_how_often_and_how_sure():
    told = card(read({"features": [feature()]})[0])
    assert told.title == "Pothole"
    assert told.lines == ("Hard, eastbound", "8 of 10 passes felt it", "Found, not yet looked at by the city", "Sure to be there")


@pytest.mark.parametrize(
    ("heading", "says"), [(0.0, "northbound"), (359.0, "northbound"), (23.0, "north-eastbound"), (270.0, "westbound")]
)
def test_the_direction_is_the_nearest_of_eight(heading, says):
    assert card(Defect("a", 48.0, 7.0, heading=heading)).lines[0].endswith(says)


@pytest.mark.parametrize("language", words.LANGUAGES)
@pytest.mark.parametrize("severity", [0.0, 1.49, 1.5, 4.0, math.inf])
def test_every_card_has_words_in_every_language(language, severity):
    words.use(language)
    for status in [*defects.STATUSES, "new word"]:
        told = card(Defect("a", 48.0, 7.0, "joint", severity if severity < math.inf else 99.0, 0.7, 1, 1, 1, None, status))
        assert all(told.lines)
        assert "{" not in json.dumps(told.lines)
