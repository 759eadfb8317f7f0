"""The list beside the map: order, filters, search, links, keys; a row for what is in sight and no more."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import town
from town_server import TownServer
from visit import Visit, Visitor

DEFECTS = {feature["properties"]["id"]: feature for feature in town.defects()["features"]}


def rows(visitor: Visit) -> list[str]:
    return visitor.page.locator(".row [data-part=open]").evaluate_all(
        """(buttons) => { const at = (button) => button.closest('.row').ariaRowIndex;
        return buttons.sort((a, b) => at(a) - at(b)).map((b) => b.dataset.id); }"""
    )


def test_the_most_urgent_stands_first_and_any_order_can_be_chosen(town_server: TownServer, visit: Visitor) -> None:
    visitor = visit(town_server.url).drawn()
    assert rows(visitor)[0] == max(DEFECTS, key=lambda id_: DEFECTS[id_]["properties"]["priority"])
    visitor.page.locator("#sort").select_option("severity")
    assert rows(visitor)[0] == max(DEFECTS, key=lambda id_: DEFECTS[id_]["properties"]["severity"])
    assert "sort=severity" in visitor.page.url


def test_arrow_keys_walk_the_list_and_return_opens(town_server: TownServer, visit: Visitor) -> None:
    visitor = visit(town_server.url).drawn()
    order = sorted(DEFECTS, key=lambda id_: -DEFECTS[id_]["properties"]["priority"])
    visitor.page.locator(".row [tabindex='0']").focus()
    for _ in range(20):
        visitor.page.keyboard.press("ArrowDown")
    assert visitor.page.evaluate("document.activeElement.dataset.id") == order[20]
    visitor.page.keyboard.press("End")
    assert visitor.page.evaluate("document.activeElement.dataset.id") == order[-1]
    visitor.page.keyboard.press("Enter")
    visitor.until(f"location.hash.includes('defect={order[-1]}')")


def test_a_long_list_has_rows_for_what_is_in_sight_only(town_server: TownServer, visit: Visitor) -> None:
    town_server.defects = town.defects(1500)
    visitor = visit(town_server.url).drawn()
    assert visitor.page.locator(".list-rows").get_attribute("aria-rowcount") == "1500"
    assert visitor.page.locator(".row").count() < 40
    visitor.page.locator(".list-rows").evaluate("(list) => { list.scrollTop = list.scrollHeight; }")
    visitor.until("[...document.querySelectorAll('.row')].some((row) => row.ariaRowIndex === '1500')")
    assert visitor.page.locator(".row").count() < 40


def test_a_link_says_what_is_filtered_and_list_and_map_agree(town_server: TownServer, visit: Visitor) -> None:
    visitor = visit(f"{town_server.url}#kind=pothole,joint&severity=2").drawn()
    left = {
        id_
        for id_, feature in DEFECTS.items()
        if feature["properties"]["kind"] in ("pothole", "joint") and feature["properties"]["severity"] >= 2
    }
    assert 0 < len(left) < 38
    visitor.until(lambda: visitor.shown() == left, "the map shows what the link says")
    assert visitor.page.locator("#shown").inner_text() == f"{len(left)} of 38 shown"
    visitor.page.evaluate("document.querySelector('#legend').open = true")
    assert not visitor.page.get_by_role("checkbox", name="Rough stretch").is_checked()
    visitor.page.get_by_role("button", name="Show everything").click()
    visitor.until(lambda: len(visitor.shown()) == 38, "everything is shown again")
    assert "kind=" not in visitor.page.url


def test_an_age_and_a_status_hide_what_they_exclude(town_server: TownServer, visit: Visitor) -> None:
    visitor = visit(f"{town_server.url}#age=last7").drawn()
    assert visitor.page.locator("#shown").inner_text() == "0 of 38 shown"
    visitor.page.evaluate("location.hash = 'age=old90'")
    visitor.until("document.querySelector('#shown').textContent === '38 shown'")
    visitor.page.evaluate("location.hash = 'status=repaired'")
    visitor.until("document.querySelector('#shown').textContent === '0 of 38 shown'")


def test_a_search_finds_a_reference_and_goes_to_a_place(town_server: TownServer, visit: Visitor) -> None:
    visitor = visit(town_server.url).drawn()
    search = visitor.page.locator("#search")
    search.fill("d0007")
    visitor.until("document.querySelector('#shown').textContent === '1 of 38 shown'")
    search.press("Enter")
    visitor.until("location.hash.includes('defect=d0007')")
    visitor.page.keyboard.press("Escape")
    search.fill("47.0521, 8.3123")
    search.press("Enter")
    visitor.until("Math.abs(cahotMap.getCenter().lat - 47.0521) < 1e-3 && Math.abs(cahotMap.getCenter().lng - 8.3123) < 1e-3")
    visitor.until("document.querySelector('#shown').textContent === '38 shown'")


def test_an_area_drawn_by_hand_filters_and_can_be_sent(town_server: TownServer, visit: Visitor) -> None:
    visitor = visit(town_server.url).drawn()
    visitor.page.evaluate("document.querySelector('#legend').open = true")
    visitor.page.get_by_role("button", name="Draw an area").click()
    corners = [(470, 150), (800, 150), (800, 420), (470, 420)]
    for x, y in corners:
        visitor.page.mouse.click(x, y)
    ring = [visitor.page.evaluate("([x, y]) => cahotMap.unproject([x, y]).toArray()", [x, y]) for x, y in corners]
    visitor.page.get_by_role("button", name="Done").click()
    (west, north), (east, south) = ring[0], ring[2]
    places = {id_: feature["geometry"]["coordinates"] for id_, feature in DEFECTS.items()}
    left = {id_ for id_, (x, y) in places.items() if west < x < east and south < y < north}
    assert 0 < len(left) < 38
    visitor.until(lambda: visitor.shown() == left, "only what lies in the area")
    assert visitor.page.locator("#detail").is_hidden()  # the clicks were corners
    other = visit(visitor.page.url).drawn()
    assert other.shown() == left
    assert other.page.locator("#shown").inner_text() == f"{len(left)} of 38 shown"


def on_street(line: list[list[float]]) -> set[str]:
    """Those within 15 m of a line, by a plain look at every metre of it."""
    scale = np.array([111_320 * np.cos(np.radians(town.LATITUDE)), 111_320])
    corners = np.array(line) * scale
    along = np.concatenate([np.linspace(a, b, 200) for a, b in pairwise(corners)])
    places = {id_: np.array(feature["geometry"]["coordinates"]) * scale for id_, feature in DEFECTS.items()}
    return {id_ for id_, place in places.items() if np.hypot(*(along - place).T).min() <= 15}


def press(visitor: Visit, place: list[float]) -> None:
    x, y = visitor.page.evaluate("(place) => { const at = cahotMap.project(place); return [at.x, at.y]; }", place)
    visitor.page.mouse.click(x, y)


@pytest.mark.parametrize("corners", [37, 5])
def test_a_street_is_chosen_by_a_press_and_goes_straight_on_over_its_pieces(
    town_server: TownServer, visit: Visitor, corners: int
) -> None:
    whole = town.tracks()["features"][11]
    line = whole["geometry"]["coordinates"]
    left = on_street(line)
    assert 1 < len(left) < 20
    town_server.tracks = {**town.tracks(), "features": pieces(town.tracks()["features"], corners)}
    visitor = visit(town_server.url).drawn()
    visitor.page.evaluate("document.querySelector('#legend').open = true")
    visitor.page.get_by_role("button", name="Choose a street").click()
    press(visitor, line[20])
    visitor.until(lambda: visitor.shown() == left, "only what lies on the street")
    assert visitor.page.locator("#mode").is_hidden()
    assert visitor.page.locator("#detail").is_hidden()
    other = visit(visitor.page.url).drawn()
    assert other.shown() == left
    other.page.evaluate("document.querySelector('#legend').open = true")
    drawn = "cahotMap.queryRenderedFeatures({layers: ['along']}).length"
    assert other.page.evaluate(drawn) > 0
    other.page.get_by_role("button", name="All streets" if corners == 5 else "Show everything").click()
    other.until(lambda: len(other.shown()) == 38, "everything is shown again")
    other.until(f"{drawn} === 0", "and no street is marked any more")
    assert "street=" not in other.page.url


def pieces(streets: list[dict[str, Any]], corners: int) -> list[dict[str, Any]]:
    """The streets as lines of at most so many corners each, every other one drawn backwards, as the server may tell them."""
    lines = [feature["geometry"]["coordinates"] for feature in streets]
    cut = [line[at : at + corners] for line in lines for at in range(0, len(line) - 1, corners - 1)]
    geometries = [{"type": "LineString", "coordinates": piece[:: 1 if i % 2 else -1]} for i, piece in enumerate(cut)]
    return [{"type": "Feature", "geometry": each, "properties": {"passes": 9, "roughness": 0.6}} for each in geometries]


def test_a_street_ends_where_it_turns_and_none_is_where_none_was_driven(town_server: TownServer, visit: Visitor) -> None:
    north, across = (town.tracks()["features"][i]["geometry"]["coordinates"] for i in (4, 12))
    bend = [[*north[:18], across[18]], across[18:]]
    town_server.tracks = {
        **town.tracks(),
        "features": [
            {"type": "Feature", "geometry": {"type": "LineString", "coordinates": each}, "properties": {"passes": 9}}
            for each in bend
        ],
    }
    visitor = visit(town_server.url).drawn()
    visitor.page.evaluate("document.querySelector('#legend').open = true")
    visitor.page.get_by_role("button", name="Choose a street").click()
    press(visitor, [town.LONGITUDE - 0.006, town.LATITUDE + 0.004])
    visitor.until("document.querySelector('#mode').textContent.includes('No street is known there')")
    press(visitor, north[9])
    visitor.until("location.hash.includes('street=')")
    chosen = visitor.page.evaluate(
        "new URLSearchParams(location.hash.slice(1)).get('street').split(';').map((p) => p.split(',').map(Number))"
    )
    assert sorted([chosen[0], chosen[-1]]) == sorted([[round(x, 5) for x in bend[0][at]] for at in (0, -1)])


def test_the_street_of_a_defect_and_of_the_middle_need_no_press_on_the_map(town_server: TownServer, visit: Visitor) -> None:
    one = sorted(DEFECTS)[5]
    visitor = visit(f"{town_server.url}#defect={one}").drawn()
    visitor.page.get_by_role("button", name="Along this street").click()
    visitor.until("location.hash.includes('street=') && !location.hash.includes('defect=')")
    visitor.until(lambda: one in visitor.shown() and len(visitor.shown()) < 20, "what lies beside it")
    visitor.page.evaluate("document.querySelector('#legend').open = true")
    visitor.page.get_by_role("button", name="All streets").click()
    visitor.page.evaluate("(place) => cahotMap.jumpTo({center: place})", DEFECTS[one]["geometry"]["coordinates"])
    visitor.page.get_by_role("button", name="Choose a street").press("Enter")
    visitor.page.get_by_role("button", name="The one in the middle").press("Enter")
    visitor.until("location.hash.includes('street=')")


def test_every_field_of_a_defect_has_a_place_on_the_page() -> None:
    """What `GET /v1/defects/{id}` tells, by the code that writes it, is read somewhere in the page's modules."""
    static = Path(__file__).parents[3] / "ingest" / "static" / "js"
    code = "\n".join(path.read_text() for path in static.rglob("*.js"))
    assert {name for name in fields() if name not in code} == set()


def fields() -> set[str]:
    from ingest.api import defects as answers  # here: the browser's tests run without the server's modules otherwise

    told = set(DEFECTS["d0000"]["properties"]) | {"history", "weeks", "version", "priority_terms", "kinds", "size", "repaired"}
    source = Path(answers.__file__ or "").read_text()
    beside = {"changes", "repair", "next", "undo", "assignee", "known_as", "merged", "reports"}
    assert all(f'"{name}"' in source for name in beside | (told - set(DEFECTS["d0000"]["properties"])))
    return told | beside
