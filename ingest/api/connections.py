"""Connections before a request is whole, and after its answer is: uvicorn waits for ever for what does not come.

A connection that says nothing, or sends its head or body too slowly, or does not read, is closed. When there are too many,
the one that has waited longest for its own next request makes room: whoever holds connections open keeps nobody out.
Builds on uvicorn's httptools protocol, whose inside may change with a release: uvicorn is pinned, and the tests use sockets.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import ClassVar

from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from ingest.api.buckets import network_of
from ingest.api.problems import Problem
from ingest.settings import Connections


def protocol(limits: Connections) -> type[asyncio.Protocol]:
    """The protocol class of one server, as uvicorn's `http` setting takes it."""
    return type("Patient", (Patient,), {"limits": limits, "waiting": {}, "of_address": defaultdict(dict)})


class Patient(HttpToolsProtocol):
    """One connection. `waiting` and `of_address` are shared by all: dicts as ordered sets, longest waiting first.

    `waiting` holds those without a whole request, `of_address` all connections of each address but the trusted ones.
    """

    limits: ClassVar[Connections]
    waiting: ClassVar[dict[Patient, None]]
    of_address: ClassVar[defaultdict[str, dict[Patient, None]]]

    _receiving: asyncio.TimerHandle | None = None  # runs while a request is due
    _sending: asyncio.TimerHandle | None = None  # runs while the other side does not read
    _address: str | None = None
    _unread = 0  # bytes since the last that the app gets to see
    _running: RequestResponseCycle | None = None
    _in_head = True
    _refused = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        address = self.client[0] if self.client else None
        self._address = None if address is None or address in self.limits.trusted else network_of(address)
        self._wait()
        self._expect_within(self.limits.head_s)
        if self._address is not None and len(self.of_address[self._address]) > self.limits.per_address > 0:
            _make_room(self.of_address[self._address])
        if len(self.connections) > self.limits.most:
            _make_room(self.waiting)

    def connection_lost(self, exc: Exception | None) -> None:
        self._be_served()
        self._stop_sending_timer()
        if self._address is not None:
            self.of_address[self._address].pop(self, None)
            if not self.of_address[self._address]:
                del self.of_address[self._address]
        self._tell_app()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        self._unread += len(data)
        if self._receiving is None:  # the first bytes after an answer
            self._expect_within(self.limits.head_s)
        super().data_received(data)
        if self._unread > self.limits.head_bytes:
            self._refuse_head()

    def on_headers_complete(self) -> None:
        if self._refused:
            return
        self._in_head, self._unread = False, 0
        if len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers) > self.limits.head_bytes:
            self._refuse_head()
        elif self.parser.get_http_version() == "1.1" and sum(name == b"host" for name, _ in self.headers) != 1:
            self._refuse("head.malformed", "an HTTP/1.1 request has one Host header; send it")
        else:
            self._expect_within(self.limits.body_s)
            super().on_headers_complete()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def on_body(self, body: bytes) -> None:
        self._unread = 0
        if not self._refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        if self._refused:
            return
        self._be_served()
        self._in_head, self._unread = True, 0
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if not self.pipeline:
            self._wait()  # idle: uvicorn's keep-alive timer closes it, or whoever needs its place

    def send_400_response(self, msg: str) -> None:
        """uvicorn's answer to what is not HTTP, as a problem."""
        self._refuse("head.malformed", "this is not HTTP/1.1, or it gives the length of its body twice; mend the client")

    def pause_writing(self) -> None:
        super().pause_writing()
        self._look_whether_read(self.transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        super().resume_writing()
        self._stop_sending_timer()

    def _wait(self) -> None:
        """It stands last in the line of those that may be closed when room is needed, unless it stands there already."""
        if self not in self.waiting:
            self.waiting[self] = None
            if self._address is not None:
                self.of_address[self._address].pop(self, None)
                self.of_address[self._address][self] = None

    def _expect_within(self, seconds: float) -> None:
        self._wait()
        if self._receiving is not None:
            self._receiving.cancel()
        self._receiving = self.loop.call_later(seconds, self._too_slow)

    def _be_served(self) -> None:
        """Nothing more is expected of it, and it is closed for nobody."""
        self.waiting.pop(self, None)
        if self._receiving is not None:
            self._receiving.cancel()
            self._receiving = None

    def _too_slow(self) -> None:
        self._refuse("body.slow", "the request did not come whole in time; send it again over a better network")

    def _refuse_head(self) -> None:
        self._refuse("head.too_large", f"request line and headers are above {self.limits.head_bytes} bytes; send fewer")

    def _refuse(self, code: str, detail: str) -> None:
        """Answer, unless an answer was begun or nothing was asked, and close; an app that reads the body sees it end."""
        is_answered = self.cycle is not None and self.cycle.response_started and not self._in_head
        is_silent = self._in_head and not self._unread
        self._refused = True
        self._be_served()
        if self.transport.is_closing():
            return
        if not is_answered and not is_silent:
            self.transport.write(_written(Problem(code, detail)))
        self._tell_app()
        self.transport.close()

    def _cut_off(self) -> None:
        self._be_served()
        self._tell_app()
        self.transport.abort()

    def _tell_app(self) -> None:
        """Its request is over: it reads an end and writes into nothing. `cycle` is the newest of several sent at once."""
        for cycle in (self.cycle, self._running):
            if cycle is not None and not cycle.response_complete:
                cycle.disconnected = True
                cycle.message_event.set()

    def _look_whether_read(self, unsent: int) -> None:
        """Again and again while the answer does not fit into the network: at least some of it must get through."""
        now = self.transport.get_write_buffer_size()
        if self._sending is not None and now > unsent - self.limits.read_bytes:
            self._cut_off()
        else:
            self._sending = self.loop.call_later(self.limits.read_s, self._look_whether_read, now)

    def _stop_sending_timer(self) -> None:
        if self._sending is not None:
            self._sending.cancel()
            self._sending = None


def _make_room(held: dict[Patient, None]) -> None:
    """Close the one that waits longest; when all are being served, nobody: they end by themselves."""
    longest = next((one for one in held if one in one.waiting), None)
    if longest is not None:
        longest._cut_off()


def _written(problem: Problem) -> bytes:
    answer = problem.response()
    answer.headers["connection"] = "close"
    head = b"".join(b"%s: %s\r\n" % pair for pair in answer.raw_headers)
    return b"HTTP/1.1 %d %s\r\n%s\r\n%s" % (answer.status_code, problem.title.encode(), head, bytes(answer.body))
