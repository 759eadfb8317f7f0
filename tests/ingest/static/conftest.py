"""A town served over HTTP, and Debian's Chromium to look at it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import town
from crews_city import City
from town_server import TownServer
from visit import DESK, Visit, Visitor

from ingest.settings import Settings

CHROMIUM = Path("/usr/bin/chromium")
_ARGUMENTS = [
    *("--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"),  # software rendering
    *("--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"),
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api")
    if not CHROMIUM.exists():
        pytest.skip(f"no browser at {CHROMIUM}: apt-get install chromium")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=str(CHROMIUM), args=_ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def town_server() -> Iterator[TownServer]:
    """38 defects on 17 streets; a test may change what it answers."""
    server = _town()
    yield server
    server.close()


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    """A real server and two users of its crew, Anna and Ben."""
    from test_real_server import serving  # here: it imports this module's names

    settings = Settings(tmp_path)
    with serving(settings) as address:
        yield City(address, settings)


@pytest.fixture(scope="session")
def _shared(browser: Any) -> Iterator[tuple[Visit, str]]:
    server = _town()
    context = browser.new_context(viewport=DESK, reduced_motion="reduce")
    made = Visit(context, server.url).drawn()
    view = made.page.evaluate("[cahotMap.getZoom(), cahotMap.getCenter().lat, cahotMap.getCenter().lng].join('/')")
    yield made, f"#map={view}"
    context.close()
    server.close()


@pytest.fixture
def visitor(_shared: tuple[Visit, str]) -> Iterator[Visit]:
    """The town's page, open already and as at first: for tests that only look and click. Opening takes seconds."""
    made, first_view = _shared
    made.page.evaluate("(hash) => { location.hash = hash; }", first_view)  # without a filter: all of them are taken away
    made.page.evaluate("document.querySelector('#legend').open = true")
    made.page.locator("#detail").wait_for(state="hidden")
    yield made.drawn()
    assert made.complaints == []


def _town() -> TownServer:
    defects = town.defects()
    details = {feature["properties"]["id"]: town.with_history(feature) for feature in defects["features"]}
    return TownServer(town.tracks(), defects, details)


@pytest.fixture
def visit(browser: Any) -> Iterator[Visitor]:
    """visit(url, viewport=…, before=script, **context) opens the page; at the end nothing may have been complained of."""
    contexts, visits = [], []

    def open_page(url: str, viewport: dict[str, int] = DESK, before: str = "", forgive: bool = False, **options: Any) -> Visit:
        contexts.append(browser.new_context(viewport=viewport, reduced_motion="reduce", **options))
        made = Visit(contexts[-1], url, before)
        if not forgive:
            visits.append(made)
        return made

    yield open_page
    for context in contexts:
        context.close()
    assert [complaint for made in visits for complaint in made.complaints] == []
