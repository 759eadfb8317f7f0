"""What the tests of roles share: users with tokens, and a city with defects that few and many have passed."""

from __future__ import annotations

import time
from typing import Any

import httpx
import numpy as np

from detection import KINDS, Defects
from ingest.store import Store, defects, users

RARE, COMMON = "rare", "common"  # passed by 2 devices and by 5
DAY_S = 86_400.0


def user(store: Store, name: str, role: str) -> str:
    """Adds one; returns a token of theirs."""
    with store.database.write() as session:
        held = users.named(session, name) or users.add(session, name, role, None, time.time())
        return users.give(session, held.id, users.TOKEN, time.time(), DAY_S)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def give_link(store: Store, name: str, lasts_s: float = DAY_S) -> str:
    """The secret of a sign-in link of a user that is there."""
    with store.database.write() as session:
        held = users.named(session, name)
        assert held is not None
        return users.give(session, held.id, users.LINK, time.time(), lasts_s)


def some_defects(**devices: int) -> Defects:
    """Defects 100 m apart, named by the keywords, passed by so many devices."""
    count = len(devices)
    columns: dict[str, Any] = {name: np.zeros(count) for name in Defects.empty().columns()}
    columns |= {"id": np.array(list(devices), object), "devices": np.array(list(devices.values()))}
    columns |= {"latitude": 48.1 + 0.001 * np.arange(count), "longitude": np.full(count, 11.5)}
    columns |= {"passes": columns["devices"] * 2, "hits": columns["devices"], "hit_rate": np.full(count, 0.5)}
    columns |= {"confidence": np.full(count, 0.95), "severity": np.full(count, 2.0), "radius": np.full(count, 1.0)}
    columns |= {
        "kind": np.full(count, KINDS.index("pothole")),
        "heading": np.full(count, 90.0),
        "first_seen": np.full(count, 1.75e9),
    }
    return Defects.from_columns(columns | {"last_seen": np.full(count, 1.77e9)})


def put_defects(store: Store, held: Defects | None = None) -> None:
    """In the place of all others, as the worker does it."""
    with store.database.write() as session:
        defects.replace(session, some_defects(rare=2, common=5) if held is None else held, [])


def defect(http: httpx.Client, token: str, name: str = COMMON) -> dict[str, Any]:
    answer = http.get(f"/v1/defects/{name}", headers=bearer(token))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def patch(http: httpx.Client, token: str, fields: Any, name: str = COMMON) -> httpx.Response:
    return http.patch(f"/v1/defects/{name}", json=fields, headers=bearer(token))
