"""A phone's folder as the recorder leaves it after a drive, and everything in it that tells of a trip."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from pathlib import Path

from chunk_samples import STARTED_AT_US, encoded

from mobile_app.choices import Choices, save_choices
from mobile_app.diary import Diary, Entry, Jolt
from mobile_app.home import Home
from mobile_app.network import Link
from mobile_app.outbox import Outbox, relabelled
from mobile_app.sync import Sync


class Hangs:
    """A network that is what the test says. It may change while it is asked."""

    def __init__(self, link: Link = Link.UNMETERED) -> None:
        self.now = link

    def link(self) -> Link:
        return self.now


def phone(folder: Path, url: str, **decided: object) -> Home:
    """A phone whose person agreed to send to that city."""
    home = Home(folder / "phone")
    save_choices(home.choices, replace(Choices(server_url=url).agree(1.8e9), **decided))
    return home


def sync_of(home: Home, network: Hangs | None = None, **changes: object) -> Sync:
    outbox = changes.pop("outbox", None) or Outbox(home.outbox)
    options = {"timeout_s": 2.0, "deadline_s": 5.0}
    return Sync(home, network or Hangs(), outbox, options=options, **changes)


def a_trip(home: Home, chunks: int = 2, trip_id: str | None = None, finished: bool = True) -> str:
    """A released trip with its entry in the diary."""
    trip_id = trip_id or str(uuid.uuid4())
    outbox = Outbox(home.outbox)
    outbox.begin(trip_id, STARTED_AT_US)
    for number in range(chunks):
        outbox.add(trip_id, number, chunk(trip_id, number))
    path = (((48.1, 11.5), (48.101, 11.5)),)
    jolts = (Jolt(3.0, 48.1, 11.5, 2.0),)
    entry = Entry(trip_id, STARTED_AT_US / 1e6, STARTED_AT_US / 1e6 + 60, 1.0, 0.8, path, ((500.0, 1, 2),), jolts, chunks, 100)
    Diary(home.diary).write(entry)
    if finished:
        outbox.finish(trip_id, chunks)
    return trip_id


def chunk(trip_id: str, number: int) -> bytes:
    return relabelled(encoded(), trip_id, number)


def traces_of(folder: Path, *marks: str) -> list[str]:
    """Files below the folder whose name or bytes tell of one of the marks."""
    found = []
    for path in sorted(folder.rglob("*")):
        data = path.read_bytes() if path.is_file() else b""
        if any(mark in path.name or mark.encode() in data or _as_bytes(mark) in data for mark in marks):
            found.append(str(path.relative_to(folder)))
    return found


def _as_bytes(mark: str) -> bytes:
    """As a chunk's header holds the id of its trip."""
    try:
        return uuid.UUID(mark).bytes
    except ValueError:
        return json.dumps(mark).encode()
