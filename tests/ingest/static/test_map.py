"""What a visitor of the map sees and can do, in a real browser with a strict content security policy."""

from __future__ import annotations

import town
from town_server import TownServer
from visit import PHONE, Visit, Visitor

DEFECTS = {feature["properties"]["id"]: feature for feature in town.defects()["features"]}


def alone(kind: str) -> dict:
    """A defect of a kind with no other within a click's reach."""
    places = {id_: feature["geometry"]["coordinates"] for id_, feature in DEFECTS.items()}
    for id_, feature in DEFECTS.items():
        x, y = places[id_]
        crowded = any(abs(x - a) + abs(y - b) < 0.001 for other, (a, b) in places.items() if other != id_)
        if feature["properties"]["kind"] == kind and not crowded:
            return feature
    raise AssertionError(f"every {kind} of the town has neighbours")


def test_the_map_shows_every_defect_and_says_how_many(visitor: Visit) -> None:
    assert visitor.shown() == set(DEFECTS)
    assert visitor.status().startswith("38 defects on 27.8 km")
    assert visitor.page.locator(".kind:has([data-kind=pothole]) .number").inner_text() == "18"


def test_every_page_of_a_long_answer_is_fetched(town_server: TownServer, visit: Visitor) -> None:
    town_server.page_size = 15
    visitor = visit(town_server.url).drawn()
    assert len(visitor.shown()) == 38
    assert all("bbox=-180" in path for path in town_server.asked if "bbox" in path)


def test_a_click_on_a_defect_tells_its_history(visitor: Visit) -> None:
    feature = alone("joint")
    properties = feature["properties"]
    visitor.click_defect(feature)
    detail = visitor.page.locator("#detail")
    detail.locator(".chart").wait_for()
    assert detail.locator("h2").inner_text() == "Joint"
    felt = f"{properties['hits']} of {properties['passes']} passes by {properties['devices']} cars felt it."
    assert felt in detail.inner_text()
    days = town.with_history(feature)["history"]
    assert detail.locator(".chart-hits").count() == sum(day["hits"] > 0 for day in days)
    longitude, latitude = feature["geometry"]["coordinates"]
    assert detail.locator("a.button").get_attribute("href") == f"geo:{latitude:.6f},{longitude:.6f}"
    assert f"defect={properties['id']}" in visitor.page.url


def test_the_selected_defect_has_its_radius_and_its_direction_on_the_map(visitor: Visit) -> None:
    feature = alone("joint")
    visitor.page.evaluate("(id) => { location.hash = `#defect=${id}`; }", feature["properties"]["id"])
    visitor.page.locator("#detail .chart").wait_for()
    visitor.until("cahotMap.loaded() && !cahotMap.isMoving() && cahotMap.getZoom() > 17")
    layers = visitor.page.evaluate(
        "cahotMap.queryRenderedFeatures({layers: ['radius', 'approach', 'selected-icon']}).map((f) => f.layer.id)"
    )
    assert sorted(set(layers)) == ["approach", "radius", "selected-icon"]
    assert feature["properties"]["id"] not in visitor.shown()  # drawn once, by the layers of the selection


def test_escape_closes_the_panel_and_forgets_the_address(town_server: TownServer, visit: Visitor) -> None:
    visitor = visit(f"{town_server.url}#defect=d0003").drawn()
    visitor.page.locator("#detail .chart").wait_for()
    visitor.page.keyboard.press("Escape")
    visitor.page.locator("#detail").wait_for(state="hidden")
    assert "defect" not in visitor.page.url


def test_the_keyboard_alone_reaches_a_defect(visitor: Visit) -> None:
    visitor.page.get_by_role("button", name="Next defect").focus()
    visitor.page.keyboard.press("Enter")
    visitor.page.locator("#detail .chart").wait_for()
    first = max(DEFECTS.values(), key=lambda feature: feature["properties"]["priority"])
    assert f"defect={first['properties']['id']}" in visitor.page.url
    assert visitor.page.evaluate("document.activeElement.id") == "detail-title"
    visitor.page.keyboard.press("Escape")
    visitor.until("document.activeElement.getAttribute('aria-label') === 'Next defect'")


def test_stepping_in_the_panel_goes_by_priority_and_keeps_the_button(visitor: Visit) -> None:
    order = sorted(DEFECTS, key=lambda id_: -DEFECTS[id_]["properties"]["priority"])
    visitor.page.evaluate("(id) => { location.hash = `#defect=${id}`; }", order[0])
    visitor.page.locator("#detail .chart").wait_for()
    for following in order[1:3]:
        visitor.page.locator("#detail").get_by_role("button", name="Next defect").press("Enter")
        visitor.until(f"location.hash.includes('defect={following}')")
    visitor.page.locator("#detail .chart").wait_for()
    assert visitor.page.evaluate("document.activeElement.closest('#detail') && document.activeElement.title") == "Next defect"


def test_switching_a_kind_off_hides_its_defects(visitor: Visit) -> None:
    visitor.page.get_by_role("checkbox", name="Pothole").uncheck()
    left = {id_ for id_, feature in DEFECTS.items() if feature["properties"]["kind"] != "pothole"}
    visitor.until(lambda: visitor.shown() == left, "only other kinds are drawn")
    assert visitor.page.locator("#shown").inner_text() == "20 of 38 shown"


def test_asking_for_more_confidence_hides_the_doubtful(visitor: Visit) -> None:
    visitor.page.locator("#least").fill("80")
    left = {id_ for id_, feature in DEFECTS.items() if feature["properties"]["confidence"] >= 0.8}
    assert 0 < len(left) < 38
    visitor.until(lambda: visitor.shown() == left, "only the surer ones are drawn")


def test_new_defects_appear_by_themselves(town_server: TownServer, visit: Visitor) -> None:
    everything = town_server.defects
    town_server.defects = {**everything, "features": everything["features"][:5]}
    visitor = visit(town_server.url).drawn()
    assert len(visitor.shown()) == 5
    town_server.defects = everything
    visitor.until(lambda: visitor.status().startswith("38 defects"), "the line counts the new ones")
    visitor.until(lambda: len(visitor.shown()) == 38, "the new ones are drawn")


def test_where_there_is_too_much_for_one_look_the_view_is_asked_for(town_server: TownServer, visit: Visitor) -> None:
    town_server.page_size = 10  # more than three pages
    visitor = visit(town_server.url).drawn()
    visitor.until(lambda: "bbox=-180" not in town_server.asked[-1], "the box of the view is asked for")
    visitor.until(lambda: len(visitor.shown()) == 38, "the view is fetched wholly")


def test_moving_the_map_writes_the_address(town_server: TownServer, visit: Visitor) -> None:
    visitor = visit(town_server.url).drawn()
    visitor.page.mouse.move(600, 350)
    visitor.page.mouse.wheel(0, -600)
    visitor.until("location.hash.startsWith('#map=')")


def test_a_link_to_a_place_opens_there(town_server: TownServer, visit: Visitor) -> None:
    visitor = visit(f"{town_server.url}#map=16.50/47.05000/8.31000").drawn()
    assert visitor.page.evaluate("cahotMap.getZoom()") == 16.5
    assert abs(visitor.page.evaluate("cahotMap.getCenter().lat") - 47.05) < 1e-4


def test_the_phone_has_a_sheet_and_never_scrolls_sideways(town_server: TownServer, visit: Visitor) -> None:
    visitor = visit(town_server.url, viewport=PHONE, has_touch=True, is_mobile=True).drawn()
    assert not visitor.page.locator("#least").is_visible()  # the legend waits until it is asked for
    assert visitor.page.locator("#search").is_visible()
    visitor.page.locator("#side .handle").tap()
    visitor.page.get_by_role("button", name="Next defect").tap()
    visitor.page.locator("#detail .chart").wait_for()
    box = visitor.page.locator("#detail").bounding_box()
    assert box is not None
    assert (box["x"], box["width"]) == (0, PHONE["width"])
    assert box["y"] > PHONE["height"] * 0.4
    assert box["y"] + box["height"] == PHONE["height"]
    assert visitor.page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_a_configured_background_takes_the_place_of_the_drawn_streets(town_server: TownServer, visit: Visitor) -> None:
    town_server.config["tiles"] = f"{town_server.url}tile/{{z}}/{{x}}/{{y}}.png"
    town_server.config["attribution"] = "Survey office"
    visitor = visit(town_server.url).drawn()
    assert any(path.startswith("/tile/") for path in town_server.asked)
    assert visitor.page.evaluate("cahotMap.getLayoutProperty('street', 'visibility')") == "none"
    assert len(visitor.shown()) == 38
    assert "Survey office" in visitor.page.locator(".maplibregl-ctrl-attrib").inner_text()


def test_night_colours_come_without_reloading(town_server: TownServer, visit: Visitor) -> None:
    visitor = visit(town_server.url, color_scheme="light").drawn()
    ground = "cahotMap.getPaintProperty('ground', 'background-color')"
    day = visitor.page.evaluate(ground)
    visitor.page.emulate_media(color_scheme="dark")
    visitor.until(lambda: visitor.page.evaluate(ground) != day, "the ground is dark")
    assert len(visitor.shown()) == 38


def test_a_defect_without_direction_says_so(visitor: Visit) -> None:
    hump = next(id_ for id_, feature in DEFECTS.items() if feature["properties"]["heading"] is None)
    visitor.page.evaluate("(id) => { location.hash = `#defect=${id}`; }", hump)
    visitor.page.locator("#detail .chart").wait_for()
    assert "both ways, or not known" in visitor.page.locator("#detail").inner_text()


def test_words_from_data_are_never_html(town_server: TownServer, visit: Visitor) -> None:
    nasty = "<img src=x onerror=\"document.title='owned'\">"
    feature = town.with_history(alone("joint"))
    feature["properties"] = {**feature["properties"], "kind": nasty, "status": nasty}
    town_server.details[feature["properties"]["id"]] = feature
    visitor = visit(f"{town_server.url}#defect={feature['properties']['id']}").drawn()
    visitor.page.locator("#detail .chart").wait_for()
    assert nasty in visitor.page.locator("#detail").inner_text()
    assert visitor.page.locator("#detail img").count() == 0
    assert visitor.page.title() == "Cahot · road defects"
