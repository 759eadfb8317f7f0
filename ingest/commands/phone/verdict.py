"""What the server made of the trips, asked for as the phone itself: the rows at the end of `cahot phone --no-window`."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pandas as pd

from ingest.commands.screen import UnusableInput, show
from mobile_app.connection import Answer, Connection
from mobile_app.credentials import UnusableCredentials, load_credentials
from mobile_app.diary import Entry
from mobile_app.home import Home

PATIENCE_S = 120.0
LOOK_S = 0.5


def show_verdict(home: Home, trips: Sequence[Entry]) -> None:
    """Prints a line each trip, once the server has looked at it. Raises UnusableInput where it does not answer."""
    rows = []
    for entry in reversed(trips):
        row: dict[str, object] = {"trip": entry.trip_id, "km": round(entry.km, 2), "km sent": round(entry.sent_km, 2)}
        row |= {"samples sent": entry.samples, "chunks": entry.chunks}
        told = _processed(home, entry.trip_id).fields if entry.chunks else {"state": "nothing may be sent"}
        rows.append(row | {"server": told.get("state"), "jolts": told.get("jolts"), "why": told.get("reason") or ""})
    show(pd.DataFrame(rows), left=("trip",))


def _processed(home: Home, trip_id: str) -> Answer:
    """The server's answer once the trip is neither received nor queued any more."""
    try:
        known = load_credentials(home.credentials)
    except UnusableCredentials as error:
        raise UnusableInput(str(error)) from error
    connection, until = Connection(known.server_url, known.token), time.monotonic() + PATIENCE_S
    try:
        while True:
            answer = connection.ask("GET", f"/v1/trips/{trip_id}")
            if answer.fields.get("state") not in ("receiving", "queued") or time.monotonic() > until:
                return answer
            time.sleep(LOOK_S)
    finally:
        connection.close()
