"""One request to the server and its answer, by the standard library; every way in which a network fails is `Unreachable`."""

from __future__ import annotations

import contextlib
import json
import math
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import IO, Any, TypeGuard
from urllib.parse import urlsplit

from mobile_app.certificates import trusted

MOST_ANSWER_BYTES = 1 << 20  # more is not one of our answers
PIECE_BYTES = 1 << 16  # of a longer body at a time
LONGEST_WAIT_S = 86_400.0  # no server may silence a phone for longer than a day


class Unreachable(Exception):
    """No whole answer came back; `str(error)` says why in plain words. certificate: whether the server's was not accepted."""

    certificate = False


@dataclass(frozen=True)
class Answer:
    """status: of HTTP. fields: the JSON object, {} where there is none. retry_after_s: as the server asked, None if not.

    etag: names this version of what was asked for, "" where it has no name. date_s: the server's clock, s since 1970, None if
    it did not say.
    """

    status: int
    fields: dict[str, Any] = field(default_factory=dict)
    retry_after_s: float | None = None
    etag: str = ""
    date_s: float | None = None

    @property
    def code(self) -> str:
        """The problem's code; empty where the answer is not from a Cahot server but from something before it."""
        return str(self.fields.get("code", ""))

    @property
    def words(self) -> str:
        """What the server said, for a person."""
        return str(self.fields.get("detail") or f"HTTP status {self.status}")[:300]


class Connection:
    """A connection that is kept open between requests. timeout_s: of silence. deadline_s: of a whole request, however it drips.

    Raises ValueError where server_url is no address.
    """

    def __init__(
        self,
        server_url: str,
        token: str | None = None,
        *,
        timeout_s: float = 30.0,
        deadline_s: float = 120.0,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        parts = urlsplit(server_url)
        if parts.scheme not in ("http", "https") or not _is_host(parts.hostname):
            raise ValueError(f"{server_url!r} is not a server's address; write it as https://cahot.example.org")
        self._http = (
            HTTPSConnection(parts.hostname, parts.port, timeout=timeout_s, context=trusted())
            if parts.scheme == "https"
            else HTTPConnection(parts.hostname, parts.port, timeout=timeout_s)
        )
        self._where, self._prefix = parts.netloc.rpartition("@")[2], parts.path.rstrip("/")
        self._headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        self._deadline_s, self._wall_clock = deadline_s, wall_clock

    def ask(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        content_type: str | None = None,
        *,
        unless: str = "",
        into: IO[bytes] | None = None,
    ) -> Answer:
        """Sends the request and reads the whole answer. A kept connection that broke is opened once more. Raises Unreachable.

        unless: the etag that is here already; then 304. into: takes the body of a success, however long, instead of `fields`;
        what a broken connection left in it is gone by the next try.
        """
        headers = ({"Content-Type": content_type} if content_type else {}) | ({"If-None-Match": unless} if unless else {})
        reused = self._http.sock is not None
        try:
            return self._once(method, path, body, headers, into)
        except Unreachable:
            if not reused:
                raise
        return self._once(method, path, body, headers, into)

    def close(self) -> None:
        self._http.close()

    def _once(self, method: str, path: str, body: bytes, headers: dict[str, str], into: IO[bytes] | None) -> Answer:
        headers = self._headers | headers
        try:
            with self._cut_off_at_deadline() as cut_off:
                try:
                    self._http.request(method, self._prefix + path, body, headers)
                except (BrokenPipeError, ConnectionResetError):
                    if self._http.sock is None:
                        raise  # else it may have answered before it had read all
                answer = self._read(self._http.getresponse(), into)
            if cut_off.is_set():
                raise TimeoutError
        except (OSError, HTTPException) as error:
            self.close()
            unreachable = Unreachable(_in_words(self._where, error))
            unreachable.certificate = isinstance(error, ssl.SSLCertVerificationError)
            raise unreachable from error
        return answer

    def _read(self, response: HTTPResponse, into: IO[bytes] | None) -> Answer:
        data = b""
        if into is not None and response.status == 200:
            into.seek(0)
            into.truncate()
            while piece := response.read(PIECE_BYTES):
                into.write(piece)
        else:
            data = response.read(MOST_ANSWER_BYTES + 1)
        if response.length:  # http.client does not mind when a bounded read meets the end too early
            raise HTTPException("the answer broke off")
        if len(data) > MOST_ANSWER_BYTES:
            self.close()
        told = response.getheader
        wait_s = self._retry_after_s(told("Retry-After"))
        return Answer(response.status, _json_object(data), wait_s, told("ETag") or "", _instant_s(told("Date")))

    def _retry_after_s(self, text: str | None) -> float | None:
        """Seconds, or until an HTTP date by the wall clock."""
        if text is None:
            return None
        try:
            if text.strip().isascii() and text.strip().isdigit():
                wait_s = float(text)
            else:
                wait_s = _seconds_of_date(text) - self._wall_clock()
        except (ValueError, OverflowError):
            return None
        return min(max(wait_s, 0.0), LONGEST_WAIT_S) if math.isfinite(wait_s) else LONGEST_WAIT_S

    @contextlib.contextmanager
    def _cut_off_at_deadline(self) -> Iterator[threading.Event]:
        """Shuts the socket down from another thread: a server that drips one byte now and then never runs into timeout_s."""
        fired = threading.Event()

        def shut_down() -> None:
            fired.set()
            with contextlib.suppress(OSError, AttributeError):
                self._http.sock.shutdown(socket.SHUT_RDWR)

        timer = threading.Timer(self._deadline_s, shut_down)
        timer.daemon = True
        timer.start()
        try:
            yield fired
        finally:
            timer.cancel()


def _seconds_of_date(text: str) -> float:
    """Raises ValueError, OverflowError."""
    at = parsedate_to_datetime(text)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def _instant_s(text: str | None) -> float | None:
    try:
        return _seconds_of_date(text) if text else None
    except (ValueError, OverflowError):
        return None


def _is_host(name: str | None) -> TypeGuard[str]:
    try:
        return bool(name and name.encode("idna"))
    except UnicodeError:
        return False


def _json_object(data: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) else {}


def _in_words(where: str, error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"{where} does not answer in time"
    if isinstance(error, ConnectionRefusedError):
        return f"nobody listens at {where}"
    if isinstance(error, socket.gaierror):
        return f"{where} is not found: no network, or a wrong address"
    return f"the connection to {where} broke ({error or type(error).__name__})"
