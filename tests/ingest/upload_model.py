"""What a server must answer to uploads in any order, told by a dictionary: the model that the tests hold the real one to."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import httpx
import zstandard
from callers import Phone, make_chunk

CODINGS = {None: lambda data: data, "gzip": gzip.compress, "zstd": zstandard.compress}


class Model:
    """stored: (trip, number) -> bytes; owner: trip -> phone; finished: trip -> chunks. Each call asks, and compares."""

    def __init__(self) -> None:
        self.stored: dict[tuple[str, int], bytes] = {}
        self.owner: dict[str, str] = {}
        self.finished: dict[str, int] = {}

    def put(self, phone: Phone, trip: str, number: int, variant: int, coding: str | None) -> None:
        """Send a chunk; `variant` gives other bytes under the same number."""
        data = make_chunk(trip, number, height=variant)
        headers = {"Content_Encoding": coding} if coding else {}
        answer = phone.put(trip, number, CODINGS[coding](data), **headers)
        expected = self._put(phone, trip, number, data)
        assert (answer.status_code, answer.json().get("code")) == expected, answer.text
        if answer.status_code in (200, 201):
            echoed = {"chunk": number, "sha256": hashlib.sha256(data).hexdigest(), "duplicate": answer.status_code == 200}
            assert answer.json() == {"trip_id": trip, **echoed}

    def _put(self, phone: Phone, trip: str, number: int, data: bytes) -> tuple[int, str | None]:
        if self.owner.get(trip, phone.token) != phone.token:
            return 404, "not_found"
        held = self.stored.get((trip, number))
        if held is not None:
            return (200, None) if held == data else (409, "chunk.conflict")
        if trip in self.finished:
            return 409, "trip.closed"
        self.owner[trip], self.stored[trip, number] = phone.token, data
        return 201, None

    def finish(self, phone: Phone, trip: str, chunks: int) -> None:
        """Say that the trip has so many chunks, be it too early, too late or wrong."""
        answer = phone.finish(trip, chunks)
        assert (answer.status_code, answer.json().get("code")) == self._finish(phone, trip, chunks), answer.text
        if answer.json().get("code") == "trip.incomplete":
            assert answer.json()["missing"] == [n for n in range(chunks) if (trip, n) not in self.stored]

    def _finish(self, phone: Phone, trip: str, chunks: int) -> tuple[int, str | None]:
        if self.owner.get(trip) != phone.token:
            return 404, "not_found"
        if trip in self.finished:
            return (202, None) if self.finished[trip] == chunks else (409, "trip.closed")
        numbers = self.numbers(trip)
        if max(numbers) >= chunks:
            return 422, "field.range"
        if len(numbers) < chunks:
            return 409, "trip.incomplete"
        self.finished[trip] = chunks
        return 202, None

    def ask(self, phone: Phone, trip: str) -> None:
        """The state of a trip."""
        answer = phone.trip(trip)
        if self.owner.get(trip) != phone.token:
            assert answer.status_code == 404
            return
        told = answer.json()
        assert (told["chunks"], told["expected"]) == (len(self.numbers(trip)), self.finished.get(trip))
        assert (told["state"] == "receiving") == (trip not in self.finished)

    def numbers(self, trip: str) -> list[int]:
        return [number for of, number in self.stored if of == trip]

    def compare(self, traces: Path, phones: list[Phone]) -> None:
        """Stored exactly once: on the disk lies what was acknowledged and nothing else, and the rows say the same."""
        files = {path: path.read_bytes() for path in traces.rglob("*") if path.is_file()}
        on_disk = sorted((path.parent.name, int(path.name.partition("-")[0]), held) for path, held in files.items())
        assert on_disk == sorted((*key, data) for key, data in self.stored.items())
        for trip in self.owner:
            for phone in phones:
                self.ask(phone, trip)


def enrol(http: httpx.Client, count: int) -> list[Phone]:
    return [Phone.enrol(http) for _ in range(count)]
