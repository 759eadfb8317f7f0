"""One request to the server and its answer, by the standard library; every way in which a network fails is `Unreachable`."""

from __future__ import annotations

import contextlib
import json
import math
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any, TypeGuard
from urllib.parse import urlsplit

from mobile_app.certificates import trusted

MOST_ANSWER_BYTES = 1 << 20  # more is not one of our answers
LONGEST_WAIT_S = 86_400.0  # no server may silence a phone for longer than a day


class Unreachable(Exception):
    """No whole answer came back; `str(error)` says why in plain words."""


@dataclass(frozen=True)
class Answer:
    """status: of HTTP. fields: the JSON object, {} where there is none. retry_after_s: as the server asked, None if not."""

    status: int
    fields: dict[str, Any] = field(default_factory=dict)
    retry_after_s: float | None = None

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

    def ask(self, method: str, path: str, body: bytes = b"", content_type: str | None = None) -> Answer:
        """Sends the request and reads the whole answer. A kept connection that broke is opened once more. Raises Unreachable."""
        reused = self._http.sock is not None
        try:
            return self._once(method, path, body, content_type)
        except Unreachable:
            if not reused:
                raise
        return self._once(method, path, body, content_type)

    def close(self) -> None:
        self._http.close()

    def _once(self, method: str, path: str, body: bytes, content_type: str | None) -> Answer:
        headers = self._headers | ({"Content-Type": content_type} if content_type else {})
        try:
            with self._cut_off_at_deadline() as cut_off:
                try:
                    self._http.request(method, self._prefix + path, body, headers)
                except (BrokenPipeError, ConnectionResetError):
                    if self._http.sock is None:
                        raise  # else it may have answered before it had read all
                answer = self._read(self._http.getresponse())
            if cut_off.is_set():
                raise TimeoutError
        except (OSError, HTTPException) as error:
            self.close()
            raise Unreachable(_in_words(self._where, error)) from error
        return answer

    def _read(self, response: HTTPResponse) -> Answer:
        data = response.read(MOST_ANSWER_BYTES + 1)
        if response.length:  # http.client does not mind when a bounded read meets the end too early
            raise HTTPException("the answer broke off")
        if len(data) > MOST_ANSWER_BYTES:
            self.close()
        return Answer(response.status, _json_object(data), self._retry_after_s(response.getheader("Retry-After")))

    def _retry_after_s(self, text: str | None) -> float | None:
        """Seconds, or until an HTTP date by the wall clock."""
        if text is None:
            return None
        try:
            if text.strip().isascii() and text.strip().isdigit():
                wait_s = float(text)
            else:
                at = parsedate_to_datetime(text)
                wait_s = (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - self._wall_clock()
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
