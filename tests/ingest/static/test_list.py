"""The list beside the map: order, filters, search, links, keys; a row for what is in sight and no more."""

from __future__ import annotations

from pathlib import Path

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


def test_every_field_of_a_defect_has_a_place_on_the_page() -> None:
    """What `GET /v1/defects/{id}` tells, by the code that writes it, is read somewhere in the page's modules."""
    static = Path(__file__).parents[3] / "ingest" / "static" / "js"
    code = "\n".join(path.read_text() for path in static.rglob("*.js"))
    assert {name for name in fields() if name not in code} == set()


def fields() -> set[str]:
    from ingest.api import defects as answers  # here: the browser's tests run without the server's modules otherwise

    told = set(DEFECTS["d0000"]["properties"]) | {"history", "weeks", "version", "priority_terms", "kinds", "repaired"}
    source = Path(answers.__file__ or "").read_text()
    beside = {"changes", "repair", "next", "undo", "assignee", "known_as", "merged", "reports"}
    assert all(f'"{name}"' in source for name in beside | (told - set(DEFECTS["d0000"]["properties"])))
    return told | beside
