"""GET /v1/live: server-sent events that say where defects changed, so that a map asks for those places again.

Every server process looks into the database once a second while anybody listens; so it does not matter which process or worker
changed something.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from ingest.api.access import AStore
from ingest.api.answers import problems
from ingest.api.problems import Problem
from ingest.store import Store, live
from ingest.store.live import Event

router = APIRouter(tags=["roads"])

MEDIA_TYPE = "text/event-stream"
MOST = 500  # listeners of one server process: each costs a connection and 10 kB
LOOK_S = 1.0  # between two looks: defects are estimated every two seconds at most
BEAT_S = 15.0  # without an event; proxies close what is silent for a minute
RETRY_MS = 3000  # a browser comes back after so long
LONGEST_S = 3600.0
_LAST_EVENT = {
    "name": "Last-Event-ID",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "maxLength": 20},
    "description": "`id` of the last event that was seen, as browsers send it by themselves",
}


class Live:
    """The last events, as one server process knows them; looked for by whoever listens, at most once in a while for all."""

    def __init__(self, store: Store) -> None:
        self.listeners = 0
        self.head = 0
        self._store, self._events = store, deque[Event](maxlen=live.KEPT)
        self._looked, self._turn = float("-inf"), asyncio.Lock()

    async def look(self) -> None:
        """Learn what is new, unless somebody did just now."""
        async with self._turn:
            if time.monotonic() - self._looked < LOOK_S:
                return
            self.head, new = await run_in_threadpool(self._read, self._events[-1].number if self._events else 0)
            self._events.extend(new)
            self._looked = time.monotonic()

    def after(self, number: int) -> list[Event] | None:
        """Events after this one; None where some of them are known no longer, or it is none of ours."""
        if number == self.head:
            return []
        oldest = self._events[0].number if self._events else self.head + 1
        return [event for event in self._events if event.number > number] if oldest - 1 <= number <= self.head else None

    def _read(self, number: int) -> tuple[int, list[Event]]:
        with self._store.database.read() as session:
            return live.head(session), live.since(session, number)


@router.get(
    "/v1/live",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "Events `defects` and `reset`",
            "content": {MEDIA_TYPE: {"schema": {"type": "string"}}},
        },
        **problems("field.range"),
    },
    openapi_extra={"parameters": [_LAST_EVENT]},
    summary="Where defects change, as it happens",
)
async def listen(
    request: Request,
    store: AStore,
    seconds: Annotated[float, Query(ge=0, le=LONGEST_S, description="ends after so long; browsers then come back")] = 600.0,
) -> StreamingResponse:
    """`event: defects` with `data: {"boxes": [[west, south, east, north], …]}` where what anyone may see changed: ask for these
    places again. `event: reset`: what was missed is known no more, ask for everything. Problem busy: enough listen already."""
    state: Live = request.app.state.live
    if state.listeners >= MOST:
        raise Problem("busy", "as many listen as one server bears; ask for the list from time to time instead", retry_after_s=60)
    given = request.headers.get("last-event-id", "")
    last = int(given) if given.isascii() and given.isdecimal() and len(given) < 18 else None
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}  # nginx would keep events until it has enough
    return StreamingResponse(_events(state, last, seconds), headers=headers, media_type=MEDIA_TYPE)


async def _events(state: Live, last: int | None, seconds: float) -> AsyncIterator[str]:
    state.listeners += 1
    try:
        ends_at = time.monotonic() + seconds
        await state.look()
        seen = state.head if last is None else last
        yield f"retry: {RETRY_MS}\nid: {seen}\n\n"
        beaten = time.monotonic()
        while True:
            new = state.after(seen)
            for text in [_written("reset", state.head, {})] if new is None else _all_written(new):
                beaten = time.monotonic()
                yield text
            seen = state.head if new is None else new[-1].number if new else seen
            if time.monotonic() - beaten > BEAT_S:
                beaten = time.monotonic()
                yield ": still here\n\n"
            if time.monotonic() >= ends_at:
                return
            await asyncio.sleep(min(LOOK_S, max(ends_at - time.monotonic(), 0.0)))
            await state.look()
    finally:
        state.listeners -= 1


def _all_written(events: list[Event]) -> list[str]:
    return [_written("defects", event.number, {"boxes": event.boxes}) for event in events]


def _written(name: str, number: int, data: dict[str, Any]) -> str:
    return f"event: {name}\nid: {number}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n"
