"""A real server with the town's defects, and the secrets of two users of its crew."""

from __future__ import annotations

import time
from collections.abc import Callable

import httpx
import town
from visit import Visit

from ingest.settings import Settings
from ingest.store import open_store, users

DAY_S = 86_400.0


class City:
    """A real server with the town's defects, and the secrets of two users of its crew."""

    def __init__(self, address: str, settings: Settings) -> None:
        self.address = address
        store = open_store(settings)
        with store.database.write() as session:
            anna, ben = (users.add(session, name, "crew", None, time.time()) for name in ("anna", "ben"))
            self.link = users.give(session, anna.id, users.LINK, time.time(), DAY_S)
            self.session = users.give(session, anna.id, users.SESSION, time.time(), DAY_S)
            self.token = users.give(session, ben.id, users.TOKEN, time.time(), DAY_S)
        store.database.close()
        self.defect = town.defects()["features"][0]["id"]

    def other_says(self, **fields: str) -> None:
        """Ben changes the defect from elsewhere."""
        headers = {"Authorization": f"Bearer {self.token}"}
        assert httpx.patch(f"{self.address}v1/defects/{self.defect}", json=fields, headers=headers).status_code == 200


def opened(city: City, visit: Callable[..., Visit], **options: bool) -> Visit:
    """The defect's panel, for Anna, who is signed in."""
    visitor = visit(f"{city.address}#defect={city.defect}", **options)
    visitor.page.context.add_cookies([{"name": "cahot", "value": city.session, "url": city.address, "httpOnly": True}])
    visitor.page.reload()
    visitor.drawn().page.locator("#detail .triage").wait_for()
    return visitor
