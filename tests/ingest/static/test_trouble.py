"""What the page says when there is nothing to show, in words that a person can act on."""

from __future__ import annotations

from town_server import TownServer
from visit import Visitor

NO_WEBGL = """;
  const give = HTMLCanvasElement.prototype.getContext;
  HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
    return kind.startsWith('webgl') ? null : give.call(this, kind, ...rest);
  };
"""


def test_a_town_without_trips_says_what_it_waits_for(town_server: TownServer, visit: Visitor) -> None:
    town_server.defects = {**town_server.defects, "features": [], "k": 5}
    town_server.tracks = {**town_server.tracks, "features": []}
    visitor = visit(town_server.url).drawn()
    notice = visitor.page.locator("#notice")
    assert "No defects yet" in notice.inner_text()
    assert "5 different cars" in notice.inner_text()


def test_streets_without_defects_are_not_an_empty_page(town_server: TownServer, visit: Visitor) -> None:
    town_server.defects = {**town_server.defects, "features": []}
    visitor = visit(town_server.url).drawn()
    assert visitor.status().startswith("0 defects")
    assert not visitor.page.locator("#notice").is_visible()


def test_a_server_that_goes_away_is_said_and_what_was_seen_stays(town_server: TownServer, visit: Visitor) -> None:
    visitor = visit(town_server.url, forgive=True).drawn()  # Chromium itself writes failed requests to the console
    visitor.page.context.set_offline(True)
    visitor.until(lambda: "No answer from the server since" in visitor.status(), "the line says so")
    assert len(visitor.shown()) == 38
    visitor.page.context.set_offline(False)
    visitor.until(lambda: visitor.status().startswith("38 defects"), "the line recovers")


def test_a_refusal_is_told_in_the_servers_own_words(town_server: TownServer, visit: Visitor) -> None:
    visitor = visit(town_server.url, forgive=True).drawn()
    town_server.failing = True
    visitor.until(lambda: "The database is busy; try again in 5 s." in visitor.status(), "the line quotes the detail")


def test_a_link_to_a_defect_that_is_gone_says_so(town_server: TownServer, visit: Visitor) -> None:
    visitor = visit(f"{town_server.url}#defect=no-such", forgive=True).drawn()
    note = visitor.page.locator("#detail .note")
    note.wait_for()
    assert note.inner_text().startswith("This defect is no longer listed.")


def test_a_browser_without_webgl_is_told_what_is_missing(town_server: TownServer, visit: Visitor) -> None:
    visitor = visit(town_server.url, before=NO_WEBGL, forgive=True)
    visitor.page.locator("#notice h2").wait_for()
    assert "WebGL" in visitor.page.locator("#notice").inner_text()
