"""From screen to screen and back; private places in words; what is agreed to."""

from __future__ import annotations

import hashlib
from dataclasses import astuple, replace

import pytest

from benchmarks.phone_home import DRIVING
from mobile_app.choices import CONSENT_VERSION
from mobile_app.privacy import cell_of
from mobile_app.status import Status
from mobile_app.ui.agreement import INTRODUCTION, SECTIONS
from mobile_app.ui.icons import ICONS
from mobile_app.ui.navigation import PLACES, TABS, Way
from mobile_app.ui.private import told

# of every text that was ever agreed to: who changes its meaning raises CONSENT_VERSION and adds a line here; who mends a
# comma replaces the line
AGREED_TO = {1: "9b2424baec5d4f31"}


def test_back_leads_where_one_came_from_and_at_last_out() -> None:
    way = Way().to("more").to("settings").to("consent")
    assert (way.here, way.tab) == ("consent", "more")
    names = []
    while way is not None:
        names.append(way.here)
        way = way.back()
    assert names == ["consent", "settings", "more", "home"]


def test_a_tab_begins_a_new_way() -> None:
    assert Way().to("more").to("settings").to("live").names == ("home", "live")
    assert Way().to("more").to("home").names == ("home",)
    assert Way().to("more").to("settings").to("settings").names == ("home", "more", "settings")


def test_every_place_has_an_icon_and_five_tabs_at_most_share_the_width() -> None:
    assert {place.icon for place in PLACES} <= set(ICONS)
    assert len(TABS) <= 5
    assert all(place.about for place in PLACES if place.listed)


def test_private_places_are_told_by_where_they_lie_from_here() -> None:
    size_m = 500.0
    cells = [
        cell_of(DRIVING.latitude, DRIVING.longitude, size_m),
        cell_of(DRIVING.latitude + 0.05, DRIVING.longitude, size_m),
        cell_of(DRIVING.latitude, DRIVING.longitude - 0.1, size_m),
    ]
    said = [one.said for one in told(cells, DRIVING)]
    assert said[0] == "1. Here"
    assert said[1].endswith("km to the north")
    assert said[2].endswith("km to the west")
    assert told(cells[:1], Status())[0].said.startswith("1. Around 48.5")


def test_a_place_across_the_date_line_is_near() -> None:
    cell = cell_of(0.0, -179.99, 500.0)
    (one,) = told([cell], replace(DRIVING, latitude=0.0, longitude=179.99))
    assert float(one.said.split()[1]) < 5
    assert one.said.endswith("east")


def test_another_text_of_the_agreement_is_another_version() -> None:
    text = repr((INTRODUCTION, [astuple(section) for section in SECTIONS]))
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    assert AGREED_TO.get(CONSENT_VERSION) == digest, "the text has changed: does its meaning? see AGREED_TO"


@pytest.mark.parametrize("word", ["sound", "contacts", "500 m", "server", "not anonymous", "Delete", "Pause"])
def test_the_agreement_says_what_must_be_said(word) -> None:
    assert word in " ".join([INTRODUCTION, *(section.text for section in SECTIONS)])
