"""Around every request: an id, the time it took, what came of it; for metrics and for the log. Never its address or body."""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ingest import logs

log = logging.getLogger("cahot.requests")

Count = Callable[[str, str, int, float, int], None]  # route, method, status, seconds, bytes of the body
HEADER = b"x-request-id"
_GIVEN = re.compile(rb"^[A-Za-z0-9._-]{8,64}$")  # a proxy's id is taken over if it is harmless
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
NO_ROUTE = "none"  # what strangers ask for is not counted by its name: the table of counters would grow without end
CUT_OFF = 499  # the client left before an answer


class Observed:
    """Outermost of all: what an inner layer answers, and that none did, is seen here."""

    def __init__(self, app: ASGIApp, count: Count) -> None:
        self._app, self._count = app, count

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        asked = _id_of(scope)
        status, received, begun = CUT_OFF, 0, time.perf_counter()

        async def receiving() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            return message

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", []), (HEADER, asked.encode())]
            await send(message)

        token = logs.request_id.set(asked)
        try:
            await self._app(scope, receiving, sending)
        except BaseException:
            status = status if status >= 500 else CUT_OFF
            raise
        finally:
            self._tell(scope, status, time.perf_counter() - begun, received)
            logs.request_id.reset(token)

    def _tell(self, scope: Scope, status: int, seconds: float, received: int) -> None:
        route = getattr(scope.get("route"), "path", "") or NO_ROUTE
        method = scope["method"] if scope["method"] in METHODS else "other"
        self._count(route, method, status, seconds, received)
        level = logging.ERROR if status in (500, 503, 507) else logging.INFO
        if log.isEnabledFor(level):
            told = {"method": method, "route": route, "status": status, "ms": round(seconds * 1e3, 1), "bytes": received}
            log.log(level, "%s %s answered %d", method, route, status, extra=told)


def _id_of(scope: Scope) -> str:
    given = next((value for name, value in scope["headers"] if name == HEADER), b"")
    return given.decode() if _GIVEN.match(given) else secrets.token_hex(8)
