"""What a crew does on the map, in a real browser: signing in by a link, saying what is to be done, signing out."""

from __future__ import annotations

import httpx
from crews_city import City, opened
from town_server import TownServer
from visit import Visitor

NASTY = "<img src=x onerror=\"document.title='owned'\"> deep\nsecond line"


def test_a_link_signs_in_at_the_press_of_a_button_and_a_change_is_kept(city: City, visit: Visitor) -> None:
    visitor = visit(f"{city.address}sign-in.html#{city.link}")
    visitor.page.wait_for_timeout(300)  # looking alone uses nothing up
    visitor.page.get_by_role("button", name="Sign in").click()
    visitor.page.wait_for_url(city.address)
    visitor.drawn()
    assert "Signed in as anna (crew)." in visitor.page.locator("#session").inner_text()
    assert city.link not in visitor.page.evaluate("location.href + document.cookie")
    visitor.page.evaluate("(id) => { location.hash = `#defect=${id}`; }", city.defect)
    panel = visitor.page.locator("#detail")
    panel.get_by_label("Note for the crew").fill(NASTY)
    panel.get_by_role("button", name="Confirm", exact=True).click()
    visitor.until(lambda: "Saved." in panel.inner_text(), "the change is acknowledged")
    assert panel.get_by_role("button", name="Confirm", exact=True).count() == 0  # what may follow now
    assert panel.get_by_role("button", name="Schedule").count() == 1
    trail = panel.locator(".trail").inner_text()
    assert "anna" in trail
    assert "confirmed" in trail
    assert NASTY in trail
    assert panel.locator("img").count() == 0
    visitor.page.keyboard.press("Escape")
    visitor.page.get_by_role("button", name="Sign out").click()
    visitor.until("document.querySelector('#session').hidden && !!window.cahotMap && cahotMap.loaded()")
    visitor.page.evaluate("(id) => { location.hash = `#defect=${id}`; }", city.defect)
    visitor.until("document.querySelector('#session').hidden && !!document.querySelector('#detail .trail')")
    assert "confirmed" in panel.locator(".trail").inner_text()
    assert "anna" not in panel.inner_text()
    assert panel.locator(".triage").count() == 0


def test_a_used_link_says_what_to_do(city: City, visit: Visitor) -> None:
    httpx.post(f"{city.address}v1/session", json={"link": city.link})
    visitor = visit(f"{city.address}sign-in.html#{city.link}", forgive=True)  # the browser itself tells of a refused request
    visitor.page.get_by_role("button", name="Sign in").click()
    visitor.page.get_by_role("alert").wait_for()
    assert "ask for a new one" in visitor.page.get_by_role("alert").inner_text()


def test_what_is_being_written_stays_when_somebody_else_changes_the_defect(city: City, visit: Visitor) -> None:
    visitor = opened(city, visit)
    note = visitor.page.get_by_label("Note for the crew")
    note.fill("half a sen")
    city.other_says(status="scheduled")
    visitor.until(lambda: "scheduled" in " ".join(visitor.page.locator("#detail .trail").all_inner_texts()), "the news arrive")
    assert note.input_value() == "half a sen"
    assert visitor.page.evaluate("document.activeElement.tagName") == "TEXTAREA"


def test_of_two_at_once_the_second_is_told_and_loses_no_words(city: City, visit: Visitor) -> None:
    visitor = opened(city, visit, forgive=True)
    visitor.page.route("**/v1/defects?**", lambda route: None)  # no news by themselves from now on
    visitor.page.get_by_label("Note for the crew").fill("not worth it")
    city.other_says(status="scheduled", note="on Monday")
    visitor.page.get_by_role("button", name="Dismiss").click()
    visitor.page.get_by_role("button", name="Not a defect").click()
    panel = visitor.page.locator("#detail")
    visitor.until(lambda: "ben set it to scheduled" in panel.inner_text(), "the conflict is told")
    visitor.until(lambda: "on Monday" in panel.inner_text(), "and the other's words are shown")
    assert panel.get_by_label("Note for the crew").input_value() == "not worth it"
    panel.get_by_role("button", name="Save mine all the same").click()
    visitor.until(lambda: "Saved." in panel.inner_text(), "now that it is known, it is possible")


def test_a_visitor_is_offered_nothing_to_change(town_server: TownServer, visit: Visitor) -> None:
    visitor = visit(f"{town_server.url}#defect=d0003").drawn()
    visitor.page.locator("#detail .chart").wait_for()
    assert visitor.page.locator("#detail textarea, #detail [data-status]").count() == 0
    assert not visitor.page.locator("#session").is_visible()


def test_what_the_passes_say_of_a_repair_stands_above_what_is_to_be_done(town_server: TownServer, visit: Visitor) -> None:
    one = town_server.details["d0003"]
    counts = {"silent_passes": 11, "silent_devices": 6, "hits": 0}
    one["repair"] = {"verdict": "seems_repaired", **counts, "since": "2026-05-04T08:00:00Z"}
    visitor = visit(f"{town_server.url}?lang=en#defect=d0003").drawn()
    verdict = visitor.page.locator("#detail .verdict")
    verdict.wait_for()
    assert "Seems repaired" in verdict.inner_text()
    assert "11 silent passes by 6 cars since 4 May 2026" in verdict.inner_text()
    one["repair"] = {"verdict": "holds", **counts, "repaired_at": "2026-05-04T08:00:00Z"}
    other = visit(f"{town_server.url}?lang=fr#defect=d0003").drawn_in("à jour")
    other.page.locator("#detail .verdict").wait_for()
    assert other.page.locator("#detail .verdict").inner_text().startswith("La réparation tient : 11 passages silencieux")
