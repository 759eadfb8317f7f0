"""Nobody is shut out: axe-core finds no violation, on any state of the page, at desk and phone, by day and by night."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from crews_city import City, opened
from town_server import TownServer
from visit import PHONE, Visit, Visitor

axe = pytest.importorskip("axe_playwright_python.sync_playwright")


def violations(visitor: Visit) -> list[dict[str, Any]]:
    """What axe-core finds now: rule, and the elements it is about."""
    found = axe.Axe().run(visitor.page).response["violations"]
    return [{"rule": one["id"], "of": [node["html"][:160] for node in one["nodes"]][:3]} for one in found]


def none_found(visitor: Visit) -> None:
    found = violations(visitor)
    assert found == [], json.dumps(found, indent=1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_map_and_a_defect_have_no_violation(scheme: str, town_server: TownServer, visit: Visitor) -> None:
    visitor = visit(town_server.url, color_scheme=scheme).drawn()
    none_found(visitor)
    visitor.page.evaluate("document.querySelector('#legend').open = true")
    none_found(visitor)
    visitor.page.get_by_role("button", name="Choose a street").click()
    none_found(visitor)
    visitor.page.keyboard.press("Escape")
    visitor.page.locator("#map-buttons .icon-button").last.click()
    none_found(visitor)
    visitor.page.evaluate("location.hash = 'defect=d0003'")
    visitor.page.locator("#detail .chart").wait_for()
    none_found(visitor)


def test_the_sheets_of_a_phone_have_no_violation(town_server: TownServer, visit: Visitor) -> None:
    visitor = visit(town_server.url, viewport=PHONE, has_touch=True, is_mobile=True).drawn()
    none_found(visitor)
    visitor.page.locator("#side .handle").tap()
    none_found(visitor)
    visitor.page.evaluate("location.hash = 'defect=d0003'")
    visitor.page.locator("#detail .chart").wait_for()
    none_found(visitor)


def test_what_crews_and_reporters_use_has_no_violation(city: City, visit: Visitor) -> None:
    visitor = opened(city, visit)
    panel = visitor.page.locator("#detail")
    for name in ("Dismiss", "Assign …", "Same as …", "Split …"):
        panel.get_by_role("button", name=name, exact=True).click()
        none_found(visitor)
    visitor.page.keyboard.press("Escape")
    visitor.page.keyboard.press("Escape")
    visitor.page.locator(".row-mark input").first.check()
    none_found(visitor)
    visitor.page.get_by_role("tab", name="Work list").click()
    none_found(visitor)
    visitor.page.get_by_role("button", name="Report a defect").click()
    none_found(visitor)
    visitor.page.get_by_role("button", name="Middle of the map").click()
    none_found(visitor)


def test_the_sign_in_page_has_no_violation(city: City, visit: Visitor) -> None:
    visitor = visit(f"{city.address}sign-in.html#{city.link}")
    visitor.page.get_by_role("button", name="Sign in").wait_for()
    none_found(visitor)
    visitor.page.evaluate("document.querySelector('main').append(Object.assign(new Image(), {src: 'icon.svg'}))")
    assert [one["rule"] for one in violations(visitor)] == ["image-alt"]  # it does look


def test_every_module_is_named_for_loading_at_once() -> None:
    """One after the other, as each is found to import the next, would cost a phone a second."""
    static = Path(__file__).parents[3] / "ingest" / "static"
    page = (static / "index.html").read_text()
    own = {path.name for path in (static / "js").glob("*.js")} - {"main.js", "sign_in.js"}
    assert {name for name in own if f'rel="modulepreload" href="js/{name}"' not in page} == set()
