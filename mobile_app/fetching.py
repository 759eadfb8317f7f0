"""What the screens show without a network: defects of the squares that this phone's trips were seen in, and what they brought.

Asking for defects tells the server where somebody is interested. So it is asked without the token, for whole squares of 10 km of
one grid, and for those alone that trips it has already been sent lie in: it learns nothing that it was not told before.
"""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlencode

from mobile_app import durable
from mobile_app.connection import Connection
from mobile_app.credentials import Credentials
from mobile_app.diary import Diary, Entry
from mobile_app.home import Home
from mobile_app.privacy import Cell, cell_of
from mobile_app.privacy.cells import METRES_PER_DEGREE, middle_of

SQUARE_M = 10_000.0  # twenty private cells wide: a square says which town
MOST_SQUARES = 24  # of the newest trips: a long way across the country is not fetched whole
MOST_PAGES = 5  # of 1000 defects, of one square
LEAST_CONFIDENCE = 0.5  # what is less probable than not is not worth a dot on a phone
EVERY_S = 6 * 3600.0  # defects change with every few trips of a city, screens are looked at now and then


def is_due(home: Home, now_s: float) -> bool:
    """Whether it is time to fetch again, or there is a square that was never fetched."""
    held = durable.read_json(home.defects) or {}
    at_s = held.get("fetched_at_s", 0.0)
    if not (type(at_s) in (int, float) and 0 <= now_s - at_s < EVERY_S):
        return True
    known = {tuple(square["cell"]) for square in held.get("squares", ())}
    return not {tuple(cell) for cell in squares(Diary(home.diary).entries())} <= known


def squares(entries: list[Entry]) -> list[Cell]:
    """Squares that the paths which left the phone lie in, newest trip first."""
    found: dict[Cell, None] = {}
    for entry in entries:
        for piece in entry.path:
            for latitude, longitude in piece:
                found.setdefault(cell_of(latitude, longitude, SQUARE_M))
    return list(found)[:MOST_SQUARES]


def bounds(cell: Cell) -> tuple[float, float, float, float]:
    """West, south, east, north of a square, degrees."""
    latitude, longitude = middle_of(cell)
    high, wide = cell.size_m / METRES_PER_DEGREE, longitude / (cell.column + 0.5)  # degrees of a row, of a column here
    return (
        max(longitude - wide / 2, -180.0),
        max(latitude - high / 2, -90.0),
        min(longitude + wide / 2, 180.0),
        min(latitude + high / 2, 90.0),
    )


def fetch(home: Home, credentials: Credentials, now_s: float | None = None, **options: Any) -> None:
    """Brings the defects of all squares up to date, as far as it gets. Raises Unreachable; what was there stays."""
    now_s = time.time() if now_s is None else now_s
    if not is_due(home, now_s):
        return
    held = durable.read_json(home.defects) or {}
    before = {tuple(square["cell"]): square for square in held.get("squares", ())}
    connection = Connection(credentials.server_url, **options)  # no token: what anyone may read
    try:
        now = [_square(connection, cell, before.get(tuple(cell), {}), now_s) for cell in squares(Diary(home.diary).entries())]
    finally:
        connection.close()
    features = {feature["id"]: feature for square in now for feature in square.pop("features")}
    _write(home, now, list(features.values()), held, now_s)


def keep_contribution(home: Home, answer: dict[str, Any], now_s: float) -> None:
    """The server's answer to `GET /v1/me`, with when it was given."""
    durable.write_json(home.contribution, {**answer, "fetched_at_s": now_s})


def _write(home: Home, now: list[dict[str, Any]], fresh: list[Any], held: dict[str, Any], now_s: float) -> None:
    """Features of squares that did not answer, or had not changed, are those from before."""
    unchanged = {tuple(square["cell"]) for square in now if not square.pop("changed")}
    kept = [feature for feature in held.get("features", ()) if tuple(_cell(feature)) in unchanged]
    features = {feature["id"]: feature for feature in [*kept, *fresh]}
    oldest_s = min((square["at_s"] for square in now), default=now_s)
    told = {"type": "FeatureCollection", "fetched_at_s": oldest_s, "squares": now, "features": list(features.values())}
    durable.write_json(home.defects, told)


def _square(connection: Connection, cell: Cell, before: dict[str, Any], now_s: float) -> dict[str, Any]:
    """One square: its etag, when it was last heard of, and its features where they have changed."""
    features: list[Any] = []
    etag, cursor = str(before.get("etag", "")), ""
    for page in range(MOST_PAGES):
        query = {"bbox": ",".join(f"{edge:.6f}" for edge in bounds(cell)), "min_confidence": LEAST_CONFIDENCE, "limit": 1000}
        answer = connection.ask("GET", f"/v1/defects?{urlencode(query | ({'cursor': cursor} if cursor else {}))}", unless=etag)
        if page == 0 and answer.status == 304:
            return {"cell": cell, "etag": etag, "at_s": now_s, "changed": False, "features": []}
        if answer.status != 200 or answer.fields.get("type") != "FeatureCollection":
            return {
                "cell": cell,
                "etag": before.get("etag", ""),
                "at_s": before.get("at_s", 0.0),
                "changed": False,
                "features": [],
            }
        features += answer.fields["features"]
        cursor = answer.fields.get("next") or ""
        etag = "" if cursor or page else answer.etag  # a first page that is the same says nothing of a second
        if not cursor:
            break
    return {"cell": cell, "etag": etag, "at_s": now_s, "changed": True, "features": features}


def _cell(feature: dict[str, Any]) -> Cell:
    longitude, latitude = feature["geometry"]["coordinates"]
    return cell_of(latitude, longitude, SQUARE_M)
