"""What a crew does with defects, each within three presses from the map, against the real server; and what anyone reports."""

from __future__ import annotations

import json
from typing import Any

import httpx
import town
from crews_city import City, opened
from visit import PHONE, Visit, Visitor

DEFECTS = {feature["properties"]["id"]: feature for feature in town.defects()["features"]}


def told(city: City, id_: str) -> dict[str, Any]:
    """The defect as another user reads it."""
    answer = httpx.get(
        f"{city.address}v1/defects/{id_}", headers={"Authorization": f"Bearer {city.token}"}, follow_redirects=True
    )
    return dict(answer.json())


def as_crew(city: City, visit: Visitor, **options: Any) -> Visit:
    """The map, for Anna, who is signed in."""
    visitor = visit(city.address, **options)
    visitor.page.context.add_cookies([{"name": "cahot", "value": city.session, "url": city.address, "httpOnly": True}])
    visitor.page.reload()
    visitor.drawn().page.get_by_role("tab", name="Work list").wait_for()
    return visitor


def press(visitor: Visit, *names: str) -> None:
    for name in names:
        visitor.page.locator("#detail").get_by_role("button", name=name, exact=True).click()


def test_a_status_is_set_and_taken_back_where_it_was_said(city: City, visit: Visitor) -> None:
    visitor = opened(city, visit)
    press(visitor, "Schedule")
    visitor.until(lambda: told(city, city.defect)["properties"]["status"] == "scheduled", "the server knows")
    visitor.page.locator("#toasts").get_by_role("button", name="Undo").click()
    visitor.until(lambda: told(city, city.defect)["properties"]["status"] == "new", "it is taken back")
    visitor.until(lambda: "took it back" in visitor.page.locator("#detail .trail").inner_text(), "the trail says so")


def test_a_manhole_is_dismissed_as_what_it_is(city: City, visit: Visitor) -> None:
    visitor = opened(city, visit)
    press(visitor, "Dismiss", "Manhole or grating")
    visitor.until(lambda: told(city, city.defect)["known_as"] == "casting", "the server knows")
    visitor.until(lambda: "known as manhole" in visitor.page.locator("#detail .facts").inner_text(), "the panel says so")


def test_a_defect_is_assigned_to_oneself_or_another(city: City, visit: Visitor) -> None:
    visitor = opened(city, visit)
    press(visitor, "Assign …", "Mine (anna)")
    visitor.until(lambda: told(city, city.defect)["assignee"] == "anna", "it is Anna's")
    press(visitor, "Assign …")
    visitor.page.get_by_label("Name of a person or crew").fill("night shift")
    visitor.page.keyboard.press("Enter")
    visitor.until(lambda: told(city, city.defect)["assignee"] == "night shift", "it is another's")


def test_one_is_split_into_two_and_the_two_are_joined_again(city: City, visit: Visitor) -> None:
    longitude, latitude = DEFECTS[city.defect]["geometry"]["coordinates"]
    places = [{"latitude": latitude + shift, "longitude": longitude} for shift in (0.0, 0.00008)]
    headers = {"Authorization": f"Bearer {city.token}"}
    answer = httpx.post(f"{city.address}v1/defects/{city.defect}/split", json={"places": places}, headers=headers)
    assert answer.status_code == 200, answer.text
    visitor = opened(city, visit)
    visitor.until("document.querySelectorAll('#detail .triage').length === 1")
    press(visitor, "Same as …")
    visitor.page.locator("#detail .other").first.click()
    visitor.until(lambda: len(told(city, city.defect)["merged"]) == 1, "they are one")
    visitor.until(lambda: "Counts for" in visitor.page.locator("#detail").inner_text(), "the panel says so")


def test_splitting_what_does_not_part_tells_why(city: City, visit: Visitor) -> None:
    visitor = opened(city, visit, forgive=True)  # the browser itself tells of a refused request
    press(visitor, "Split …", "side by side")
    visitor.until(lambda: "do not part" in visitor.page.locator("#detail").inner_text(), "in the server's own words")


def test_many_are_changed_at_once_and_taken_back_together(city: City, visit: Visitor) -> None:
    visitor = as_crew(city, visit)
    visitor.page.locator("#search").fill("pothole")
    visitor.until("document.querySelector('#shown').textContent.startsWith('18 of')")
    visitor.page.get_by_role("button", name="Choose all shown").click()
    visitor.page.locator("#bulk").get_by_role("button", name="Confirm").click()
    potholes = [id_ for id_, feature in DEFECTS.items() if feature["properties"]["kind"] == "pothole"]
    visitor.until(lambda: told(city, potholes[-1])["properties"]["status"] == "confirmed", "the server knows")
    visitor.page.locator("#toasts").get_by_role("button", name="Undo").click()
    visitor.until(lambda: told(city, potholes[-1])["properties"]["status"] == "new", "taken back")


def test_a_tour_is_planned_shown_printed_and_taken_along(city: City, visit: Visitor) -> None:
    visitor = as_crew(city, visit)
    visitor.page.get_by_role("tab", name="Work list").click()
    visitor.page.get_by_label("Stops").fill("6")
    visitor.page.get_by_label("Crews").fill("2")
    visitor.page.get_by_role("button", name="Plan the tour").click()
    visitor.page.locator(".crew li").first.wait_for()
    assert visitor.page.locator(".crew li").count() == 6
    visitor.until("cahotMap.loaded() && cahotMap.queryRenderedFeatures({layers: ['tour']}).length > 0")
    with visitor.page.expect_download() as gpx:
        visitor.page.get_by_role("link", name="GPX", exact=True).click()
    assert "<rtept" in gpx.value.path().read_text()
    with visitor.page.expect_download() as geojson:
        visitor.page.get_by_role("link", name="GeoJSON").click()
    assert len(json.loads(geojson.value.path().read_text())["crews"]) == 2
    visitor.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert visitor.page.locator("#print tbody tr").count() == 6
    visitor.page.emulate_media(media="print")
    assert visitor.page.locator("#print img").is_visible()
    assert not visitor.page.locator("#map").is_visible()
    visitor.page.emulate_media(media="screen")
    visitor.page.locator(".stop").first.click()
    visitor.page.locator("#detail .triage").wait_for()


def test_a_tour_of_chosen_defects_stops_at_these(city: City, visit: Visitor) -> None:
    visitor = as_crew(city, visit)
    for box in visitor.page.locator(".row-mark input").all()[:3]:
        box.check()
    visitor.page.get_by_role("button", name="Plan a tour").click()
    assert "3 defects chosen" in visitor.page.locator("#tour").inner_text()
    visitor.page.get_by_role("button", name="Plan the tour").click()
    visitor.page.locator(".crew li").first.wait_for()
    assert visitor.page.locator(".crew li").count() == 3


def test_anyone_reports_and_reads_what_became_of_it(city: City, visit: Visitor) -> None:
    visitor = visit(city.address, viewport=PHONE, has_touch=True, is_mobile=True).drawn()
    visitor.page.get_by_role("button", name="Report a defect").tap()
    visitor.page.touchscreen.tap(200, 300)
    dialog = visitor.page.locator("#report")
    dialog.get_by_label("Rough stretch").check()
    dialog.get_by_label("A word about it").fill("since the winter")
    dialog.get_by_role("button", name="Send the report").tap()
    visitor.until("document.querySelector('#toasts').textContent.startsWith('Thank you')")
    reports = httpx.get(f"{city.address}v1/reports", headers={"Authorization": f"Bearer {city.token}"}).json()["features"]
    assert [one["properties"]["note"] for one in reports] == ["since the winter"]
    visitor.page.get_by_role("button", name="Report a defect").tap()
    visitor.page.get_by_role("button", name="Middle of the map").tap()
    visitor.until(lambda: "Rough stretch" in dialog.locator(".my-reports").inner_text(), "the reporter reads what became of it")


def test_layers_are_kept_in_the_address_and_drawn(city: City, visit: Visitor) -> None:
    visitor = visit(f"{city.address}#layers=streets,coverage").drawn()
    visitor.until("cahotMap.loaded() && cahotMap.queryRenderedFeatures({layers: ['coverage']}).length > 0")
    visitor.page.get_by_role("button", name="What the map shows").click()
    visitor.page.get_by_role("checkbox", name="How rough they are").check()
    assert "layers=streets,roughness,coverage" in visitor.page.url
    assert "roughness" in json.dumps(visitor.page.evaluate("cahotMap.getPaintProperty('street', 'line-color')"))
