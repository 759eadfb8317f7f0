"""One visit of the map page in a real browser, which remembers everything that should not happen."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Error, Page

PATIENCE_S = 30  # software rendering on a busy machine
DESK = {"width": 960, "height": 640}  # the layout of large screens, in few pixels: they are drawn without a graphics card
PHONE = {"width": 390, "height": 844}
_TELL_VIOLATIONS = (
    "addEventListener('securitypolicyviolation', (e) => console.error(`CSP ${e.violatedDirective} ${e.blockedURI}`))"
)


class Visit:
    """`page` of a fresh context; `complaints`: console errors and warnings, CSP violations, requests to other hosts."""

    def __init__(self, context: BrowserContext, url: str, before: str = "") -> None:
        self.complaints: list[str] = []
        self.page: Page = context.new_page()
        self.page.set_default_timeout(PATIENCE_S * 1000)
        self.page.add_init_script(_TELL_VIOLATIONS + before)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda m: self.complaints.append(m.text) if m.type in ("error", "warning") else None)
        self._host = urlsplit(url).netloc
        self.page.on("request", lambda request: self._note(request.url))
        self.page.goto(url)

    def until(self, expression: str | Callable[[], bool], what: str = "") -> None:
        """Wait until JavaScript or Python says true; the page's own policy forbids Playwright's waiting inside the page."""
        end = time.monotonic() + PATIENCE_S
        while not (self._is_true(expression) if isinstance(expression, str) else expression()):
            assert time.monotonic() < end, f"never came true: {what or expression}; status line: {self.status()!r}"
            self.page.wait_for_timeout(100)

    def _is_true(self, expression: str) -> bool:
        """False also where the page is just being left for the next."""
        try:
            return bool(self.page.evaluate(expression))
        except Error as error:
            if "navigation" not in str(error):
                raise
            return False

    def drawn(self) -> Visit:
        """Wait until data has come and the map has drawn it and stands still."""
        return self.drawn_in("updated|More than")

    def drawn_in(self, words: str) -> Visit:
        """The same where the status line says it in other words."""
        self.until(f"!!window.cahotMap?.cahotReady && /{words}/.test(document.querySelector('#status').textContent)")
        self.until("cahotMap.loaded() && !cahotMap.isMoving()")
        self.page.wait_for_timeout(150)
        return self

    def status(self) -> str:
        return self.page.locator("#status").text_content() or ""

    def shown(self) -> set[str]:
        """Ids of the defects that are drawn now."""
        self.until("cahotMap.loaded() && !cahotMap.isMoving()")
        found = self.page.evaluate("cahotMap.queryRenderedFeatures({layers: ['defects']}).map((f) => f.properties.id)")
        return set(found)

    def click_defect(self, feature: dict[str, Any]) -> None:
        at = self.page.evaluate("(place) => cahotMap.project(place)", feature["geometry"]["coordinates"])
        self.page.mouse.click(at["x"], at["y"])

    def _note(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob") and parts.netloc != self._host:
            self.complaints.append(f"request to {url}")


Visitor = Callable[..., Visit]  # the fixture `visit`: opens an address, with options of the browser
