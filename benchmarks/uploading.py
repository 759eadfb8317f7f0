"""Phones for load tests: raw sockets in one process without threads, so that the server is what is measured.

Each phone has a device, a trip and one connection, and sends its next chunk when the last is answered and its time has
come. Makes no claim about what is stored: it keeps what was acknowledged, for others to compare.
"""

from __future__ import annotations

import contextlib
import heapq
import json
import random
import selectors
import socket
import struct
import time
import uuid
import zlib
from dataclasses import dataclass, field
from http.client import HTTPConnection

from mobile_app import wire

_HEAD = (
    "PUT /v1/trips/{trip}/chunks/{number} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
    "Content-Type: " + wire.MEDIA_TYPE + "\r\nContent-Length: {length}\r\n\r\n"
)


def minute(seed: int = 1) -> bytes:
    """A chunk of a minute at 100 Hz, six axes of sensor noise, with a fix a second: some 46 kB."""
    dice, t = random.Random(seed), [i / 100 for i in range(6000)]
    motion, turning = ({"t": t, **{axis: [dice.gauss(0, sigma) for _ in t] for axis in "xyz"}} for sigma in (0.4, 0.05))
    place = {name: [12.0] * 60 for name in ("latitude", "longitude", "speed", "bearing", "accuracy")}
    fixes = {"t": [float(i) for i in range(60)], **place}
    return wire.encode(str(uuid.uuid4()), 0, 1_777_878_720_000_000, motion, turning, fixes)


def relabelled(chunk: bytes, trip: uuid.UUID, number: int) -> bytes:
    """The chunk under another trip and number, its checksum right again (docs/wire-format.md): encoding is not measured."""
    changed = chunk[:6] + trip.bytes + struct.pack("<I", number) + chunk[26:-4]
    return changed + struct.pack("<I", zlib.crc32(changed))


def enrol(port: int, phones: int) -> list[str]:
    """Tokens of so many new devices."""
    http = HTTPConnection("127.0.0.1", port)
    tokens = []
    for _ in range(phones):
        http.request("POST", "/v1/devices")
        tokens.append(json.loads(http.getresponse().read())["token"])
    return tokens


@dataclass
class Load:
    """What came of it. times_ms: of answers, sorted; statuses: how many of each.

    acknowledged: (trip, number) → sha256 of the answer.
    """

    seconds: float = 0.0
    times_ms: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    acknowledged: dict[tuple[str, int], str] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Acknowledged chunks a second."""
        return len(self.acknowledged) / self.seconds

    def within_ms(self, share: float) -> float:
        """So long at most took this share of the answers."""
        return self.times_ms[min(int(len(self.times_ms) * share), len(self.times_ms) - 1)]


class _Phone:
    def __init__(self, port: int, token: str, template: bytes) -> None:
        self.token, self.template, self.port = token, template, port
        self.trip, self.number = uuid.uuid4(), -1
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setblocking(False)
        self.out, self.held, self.begun = memoryview(b""), b"", 0.0

    def next(self) -> None:
        self.number += 1
        body = relabelled(self.template, self.trip, self.number)
        head = _HEAD.format(trip=self.trip, number=self.number, token=self.token, length=len(body))
        self.out, self.held, self.begun = memoryview(head.encode() + body), b"", time.perf_counter()

    def send(self) -> bool:
        """Whether all is sent."""
        with contextlib.suppress(BlockingIOError):
            self.out = self.out[self.socket.send(self.out) :]
        return not self.out

    def receive(self) -> tuple[int, bytes] | None:
        """Status and body once the whole answer is here."""
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError(f"the server closed the connection of trip {self.trip}")
        self.held += data
        head, end, body = self.held.partition(b"\r\n\r\n")
        if not end:
            return None
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        return (int(head[9:12]), body) if len(body) >= length else None


def upload(port: int, tokens: list[str], template: bytes, seconds: float, per_s: float | None = None) -> Load:
    """So many phones at once, for so long. per_s: chunks a second of all together, None as fast as they are answered."""
    load, phones = Load(), [_Phone(port, token, template) for token in tokens]
    ready = selectors.DefaultSelector()
    begin = time.perf_counter()
    every = len(phones) / per_s if per_s else 0.0
    due = [(begin + (index / per_s if per_s else 0.0), index) for index in range(len(phones))]
    waiting = 0
    while due or waiting:
        now = time.perf_counter()
        while due and due[0][0] <= now:
            at, index = heapq.heappop(due)
            if now - begin >= seconds:
                continue
            phones[index].next()
            phones[index].begun = at if per_s else phones[index].begun  # what the phone waits for its turn counts too
            ready.register(phones[index].socket, selectors.EVENT_WRITE, (index, at))
            waiting += 1
        for key, events in ready.select(max(0.0, min(due[0][0] - now, 0.5)) if due else 0.5):
            index, at = key.data
            phone = phones[index]
            if events & selectors.EVENT_WRITE:
                if phone.send():
                    ready.modify(phone.socket, selectors.EVENT_READ, key.data)
            elif (answer := phone.receive()) is not None:
                ready.unregister(phone.socket)
                waiting -= 1
                _note(load, phone, *answer)
                heapq.heappush(due, (at + every if per_s else 0.0, index))
    load.seconds = time.perf_counter() - begin
    load.times_ms.sort()
    for phone in phones:
        phone.socket.close()
    return load


def _note(load: Load, phone: _Phone, status: int, body: bytes) -> None:
    load.times_ms.append((time.perf_counter() - phone.begun) * 1000)
    load.statuses[status] = load.statuses.get(status, 0) + 1
    if status == 201:
        load.acknowledged[str(phone.trip), phone.number] = json.loads(body)["sha256"]
