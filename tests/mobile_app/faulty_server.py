"""A real HTTP server on a real socket that keeps chunks as INTERFACE.md says, and fails as it is told to."""

from __future__ import annotations

import contextlib
import hashlib
import json
import random
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Fault = Callable[["Handler"], bool]  # plays its trick; True when the request is over with that
TOKEN = "cahot_secret"


class FaultyServer:
    """Use as a context. faults: one for each coming request, None for none. store: (trip, number) -> bytes."""

    def __init__(self) -> None:
        self.faults: deque[Fault | None] = deque()
        self.store: dict[tuple[str, int], bytes] = {}
        self.finished: dict[str, int] = {}
        self.deleted: set[str] = set()
        self.requests: list[tuple[str, str]] = []
        self.doubled: list[tuple[str, int]] = []
        self.enrolment_code: str | None = None
        self.reports: dict[str, dict[str, Any]] = {}
        self.date_s: float | None = None  # its clock, where it is not the right one
        self._lock = threading.Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"of": self}))
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_port}"

    def __enter__(self) -> FaultyServer:
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    def put(self, trip: str, number: int, data: bytes) -> tuple[int, dict[str, Any]]:
        with self._lock:
            if trip in self.deleted:
                return problem(410, "trip.deleted", "the trip was deleted")
            kept = self.store.get((trip, number))
            if kept is not None and kept != data:
                return problem(409, "chunk.conflict", "other bytes are stored under this number")
            self.store[trip, number] = data
            sha256 = hashlib.sha256(data).hexdigest()
            body = {"trip_id": trip, "chunk": number, "sha256": sha256, "duplicate": kept is not None}
            return (200 if kept is not None else 201), body

    def finish(self, trip: str, chunks: int) -> tuple[int, dict[str, Any]]:
        with self._lock:
            if trip in self.deleted:
                return problem(410, "trip.deleted", "the trip was deleted")
            missing = [n for n in range(chunks) if (trip, n) not in self.store]
            if missing:
                return problem(409, "trip.incomplete", "chunks are missing", missing=missing)
            self.finished[trip] = chunks
            return 202, {"trip_id": trip, "state": "queued"}

    def delete(self, path: str) -> tuple[int, dict[str, Any]]:
        """Of one trip, or of the only device: all of them."""
        with self._lock:
            trips = {path.split("/")[3]} if path.startswith("/v1/trips/") else {of for of, _ in self.store} | {"everything"}
            if "everything" not in trips and not any(of in trips for of, _ in self.store):
                return problem(404, "not_found", "no trip has this id")
            self.deleted |= trips
            self.store = {chunk: data for chunk, data in self.store.items() if chunk[0] not in trips}
            return 204, {}

    def take_report(self, report: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        with self._lock:
            known = report["report_id"] in self.reports
            self.reports[report["report_id"]] = report
            return (200 if known else 201), {"report_id": report["report_id"], "duplicate": known}


class Handler(BaseHTTPRequestHandler):
    """One request; `of` is the FaultyServer."""

    of: FaultyServer
    protocol_version = "HTTP/1.1"

    def do_PUT(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def do_GET(self) -> None:
        self._handle()

    def do_DELETE(self) -> None:
        self._handle()

    def date_time_string(self, timestamp: float | None = None) -> str:
        return super().date_time_string(self.of.date_s if timestamp is None else timestamp)

    def _handle(self) -> None:
        self.of.requests.append((self.command, self.path))
        fault = self.of.faults.popleft() if self.of.faults else None
        if fault is None or not fault(self):
            self.reply(*self.outcome())

    def outcome(self) -> tuple[int, dict[str, Any]]:
        """Does what was asked; status and body of the answer."""
        data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = self.path.split("/")
        if self.path == "/v1/devices":
            asked = json.loads(data)["code"] if data else None
            if asked != self.of.enrolment_code:
                return problem(403, "auth.code", "this city asks for an enrolment code")
            return 201, {"device_id": "d-1", "token": TOKEN}
        if self.headers.get("Authorization") != f"Bearer {TOKEN}" and not self.path.startswith("/v1/defects"):
            return problem(401, "auth.invalid", "the token is not known")
        if self.command == "GET":
            nothing = {"km": 0.0} if self.path == "/v1/me" else {"type": "FeatureCollection", "features": [], "next": None}
            return 200, nothing
        if self.command == "DELETE":
            return self.of.delete(self.path)
        if parts[2] == "reports":
            return self.of.take_report(json.loads(data))
        if parts[4] == "chunks":
            return self.of.put(parts[3], int(parts[5]), data)
        return self.of.finish(parts[3], json.loads(data)["chunks"])

    def reply(self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json" if status < 400 else "application/problem+json")
        if status != 204:
            self.send_header("Content-Length", str(len(data)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(b"" if status == 204 else data)

    def log_message(self, *_: object) -> None:
        """Tests stay silent."""


def problem(status: int, code: str, detail: str, **extra: Any) -> tuple[int, dict[str, Any]]:
    return status, {"status": status, "code": code, "detail": detail, **extra}


def answers(status: int, code: str = "", detail: str = "", headers: dict[str, str] | None = None, **extra: Any) -> Fault:
    """Answers so without doing anything; without a code, as something that is not our server would."""

    def fault(handler: Handler) -> bool:
        handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        body = problem(status, code, detail, **extra)[1] if code else {}
        handler.reply(status, body, headers)
        return True

    return fault


def drops_the_request(handler: Handler) -> bool:
    """Closes before it has read anything."""
    _hang_up(handler)
    return True


def drops_the_answer(handler: Handler) -> bool:
    """Does what was asked, and closes."""
    handler.outcome()
    _hang_up(handler)
    return True


def cuts_the_answer(handler: Handler) -> bool:
    """Does what was asked, and closes in the middle of the body of the answer."""
    status, body = handler.outcome()
    data = json.dumps(body).encode()
    handler.wfile.write(f"HTTP/1.1 {status} OK\r\nContent-Length: {len(data)}\r\n\r\n".encode() + data[: len(data) // 2])
    _hang_up(handler)
    return True


def stalls(seconds: float) -> Fault:
    """Does what was asked, and answers nothing for so long."""

    def fault(handler: Handler) -> bool:
        handler.outcome()
        time.sleep(seconds)
        _hang_up(handler)
        return True

    return fault


def drips(handler: Handler) -> bool:
    """Answers a byte at a time, for ever."""
    handler.outcome()
    try:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Drip: ")
        while True:
            handler.wfile.write(b"a")
            time.sleep(0.02)
    except OSError:
        handler.close_connection = True
    return True


def a_sign_in_page(handler: Handler) -> bool:
    """What a hotel's network answers to everything."""
    handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
    page = b"<html>Welcome! Please sign in.</html>"
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(page) + page)
    return True


def any_fault(rng: random.Random) -> Fault:
    status = rng.choice([408, 425, 429, 500, 502, 503, 504, 507])
    choices = [
        answers(status, "busy", "later"),
        answers(503),
        drops_the_request,
        drops_the_answer,
        cuts_the_answer,
        a_sign_in_page,
    ]
    return rng.choice(choices)


def _hang_up(handler: Handler) -> None:
    handler.close_connection = True
    with contextlib.suppress(OSError):
        handler.connection.shutdown(socket.SHUT_RDWR)
