"""The phone's outbox: chunks on disk until the server has said that it keeps them.

One folder a trip, named by its UUID:
    trip.json        when the trip started
    <n>.chunk        waits to be sent; written whole or not at all
    <n>.open         the part still being recorded (`recorder`)
    ended.json       that the recording has ended and when the car came to stand, until that is in finished.json
    <n>.part         a part of a trip whose ends are to be withheld, once it has ended (`withholding`)
    finished.json    how many chunks the trip has
    receipts.jsonl   what was sent: number, bytes, sha256, when
    stuck.json       why the trip cannot be closed, where that is so
Beside them places.json and private.json (`places`), refused/<trip>/<n>.chunk and .json, which the server did not want, and
sent.jsonl, the trips that are done with their receipts; sender.json, the device as which they are sent.
The recorder adds and the uploader removes, in one process or in two. Not responsible for sending.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import re
import shutil
import time
import uuid
import zlib
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mobile_app import durable
from mobile_app.privacy import Ends
from mobile_app.wire.layout import CHECKSUM, HEADER, MAGIC, check_number, check_trip_id

_CHUNK = re.compile(r"(0|[1-9]\d{0,5})\.chunk")
_FORGOTTEN = ".forgotten-"
_LEAST_BYTES = HEADER.size + CHECKSUM.size


class OutboxError(Exception):
    """A chunk cannot be taken in or let go; `str(error)` is one line fit to be shown."""

    def __init__(self, trip_id: str, number: int, why: str, remedy: str) -> None:
        self.trip_id, self.number, self.why, self.remedy = trip_id, number, why, remedy
        super().__init__(f"trip {trip_id}, chunk {number}: {why}; {remedy}")


@dataclass(frozen=True)
class TripState:
    """One trip in the outbox. finished: its count of chunks, None while it is recorded. stuck: why it cannot be closed.

    continues: the trip that it is the rest of (`Outbox.go_on_as`).
    """

    trip_id: str
    started_at_us: int
    pending: tuple[int, ...]
    sent: tuple[int, ...]
    finished: int | None
    stuck: str | None
    pending_bytes: int
    sent_bytes: int
    continues: str | None = None


class Outbox:
    """The outbox in a folder, made if missing. swept, torn: files left by a kill that opening it put away."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        durable.make_folder(self.folder)
        self.swept = self.torn = 0
        for half_deleted in self.folder.glob(f"{_FORGOTTEN}*"):
            shutil.rmtree(half_deleted, ignore_errors=True)
        for path in [self.folder, *self._trip_folders()]:
            self.swept += durable.sweep_abandoned(path)
        for trip in self._trip_folders():
            for number in _numbers(trip):
                path = trip / f"{number}.chunk"
                if _size(path) < _LEAST_BYTES and path.exists():  # it may just have been sent and deleted
                    self.refuse(trip.name, number, "was cut off on this phone")
                    self.torn += 1

    def begin(self, trip_id: str, started_at_us: int, ends: Ends | None = None) -> None:
        """Opens a trip; again with the same start is nothing new. Raises OutboxError for another start.

        ends: nothing of the trip may be sent before it has ended and its ends were withheld by these rules (`withholding`).
        """
        known = self.started_at_us(trip_id)
        if known is None:
            durable.make_folder(self.trip_folder(trip_id))
            fields = {"started_at_us": started_at_us} | ({"ends": asdict(ends)} if ends else {})
            durable.write_json(self.trip_folder(trip_id) / "trip.json", fields)
        elif known != started_at_us:
            raise OutboxError(trip_id, 0, "the trip has started at another instant", "begin a new trip")

    def add(self, trip_id: str, number: int, data: bytes) -> Path:
        """Keeps a chunk until it is acknowledged; on the disk on return. Raises OutboxError where the number is taken."""
        path = self.chunk_path(trip_id, number)
        if self.knows(trip_id, number) and not (path.exists() and path.read_bytes() == data):
            raise OutboxError(trip_id, number, "the number is taken by other samples", "go on with the next number")
        durable.make_folder(path.parent)
        durable.write_whole(path, data)
        return path

    def ends(self, trip_id: str) -> Ends | None:
        """By which rules the ends of the trip are to be withheld; None where it is sent whole."""
        fields = durable.read_json(self.trip_folder(trip_id) / "trip.json") or {}
        return Ends(**fields["ends"]) if "ends" in fields else None

    def set_ended(self, trip_id: str, until_s: float | None) -> None:
        """Nothing will be recorded of the trip any more; what came after until_s (s from its start) is not part of it."""
        durable.write_json(self.trip_folder(trip_id) / "ended.json", {"until_s": until_s})

    def ended_until_s(self, trip_id: str) -> float | None:
        """When a trip came to stand whose recording has ended: infinite where nobody said, None where it has not ended."""
        fields = durable.read_json(self.trip_folder(trip_id) / "ended.json")
        if fields is None:
            return None
        until_s = fields.get("until_s")
        return math.inf if until_s is None else float(until_s)

    def finish(self, trip_id: str, chunks: int) -> None:
        """No chunk will be added any more. A trip without chunks is dropped."""
        if chunks == 0:
            self.forget(trip_id)
        else:
            durable.write_json(self.trip_folder(trip_id) / "finished.json", {"chunks": chunks})

    def trips(self) -> list[TripState]:
        """All trips that are not yet done, oldest first."""
        states = [self._state(folder) for folder in self._trip_folders()]
        return sorted(states, key=lambda state: (state.started_at_us, state.trip_id))

    def trip(self, trip_id: str) -> TripState:
        return self._state(self.trip_folder(trip_id))

    def pending(self) -> Iterator[tuple[str, int]]:
        """Trip and number of each chunk that waits, oldest trip first, in order of numbers."""
        for state in self.trips():
            for number in state.pending:
                yield state.trip_id, number

    def read(self, trip_id: str, number: int) -> bytes | None:
        """The bytes to send; None where they are gone or damaged: damaged ones are put aside and never block what follows."""
        try:
            data = self.chunk_path(trip_id, number).read_bytes()
        except FileNotFoundError:
            return None
        if is_whole(data):
            return data
        self.refuse(trip_id, number, "was damaged on this phone: its checksum does not match")
        return None

    def acknowledge(self, trip_id: str, number: int, sha256: str) -> None:
        """Deletes a chunk that the server keeps, and only if it echoes the right digest. Raises OutboxError if it does not."""
        path = self.chunk_path(trip_id, number)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return  # acknowledged before
        if hashlib.sha256(data).hexdigest() != sha256:
            raise OutboxError(trip_id, number, f"the server echoed the digest {sha256[:64]!r} of other bytes", "it is sent again")
        receipt = {"number": number, "bytes": len(data), "sha256": sha256, "at_s": round(time.time(), 1)}
        durable.append_line(path.parent / "receipts.jsonl", receipt)
        path.unlink()
        durable.sync_folder(path.parent)

    def refuse(self, trip_id: str, number: int, reason: str) -> None:
        """Puts a chunk aside with the reason; it stays on the phone and is not sent again."""
        aside = self.folder / "refused" / trip_id
        durable.make_folder(aside)
        durable.write_json(aside / f"{number}.json", {"trip_id": trip_id, "number": number, "reason": reason})
        with contextlib.suppress(FileNotFoundError):  # deleted meanwhile by the person
            self.chunk_path(trip_id, number).replace(aside / f"{number}.chunk")
        durable.sync_folder(aside)
        durable.sync_folder(self.trip_folder(trip_id))

    def refused(self) -> list[dict[str, Any]]:
        """trip_id, number and reason of each chunk put aside."""
        found = [durable.read_json(path.with_suffix(".json")) for path in sorted(self.folder.glob("refused/*/*.chunk"))]
        return [fields for fields in found if fields is not None]

    def try_again(self) -> int:
        """Puts all that was refused or stuck back into the queue, as after an update of app or server; says how many chunks."""
        refused = [fields for fields in self.refused() if self.started_at_us(fields["trip_id"]) is not None]
        for fields in refused:
            aside = self.folder / "refused" / fields["trip_id"] / f"{fields['number']}.chunk"
            aside.replace(self.chunk_path(fields["trip_id"], fields["number"]))
            durable.sync_folder(self.trip_folder(fields["trip_id"]))
        for folder in self._trip_folders():
            (folder / "stuck.json").unlink(missing_ok=True)
        return len(refused)

    def close(self, trip_id: str) -> None:
        """The server has all of the trip: only the line in `sent` remains, and what was refused."""
        state = self._state(self.trip_folder(trip_id))
        fields = {"trip_id": trip_id, "started_at_us": state.started_at_us, "chunks": len(state.sent), "bytes": state.sent_bytes}
        fields |= {"continues": state.continues} if state.continues else {}
        fields["receipts"] = list(durable.read_lines(self.trip_folder(trip_id) / "receipts.jsonl"))
        durable.append_line(self.folder / "sent.jsonl", fields)
        self._delete(self.trip_folder(trip_id))

    def sent(self) -> list[dict[str, Any]]:
        """trip_id, started_at_us, chunks, bytes and receipts of each trip that is done, oldest first."""
        return list({fields["trip_id"]: fields for fields in durable.read_lines(self.folder / "sent.jsonl")}.values())

    def receipts(self, trip_id: str) -> list[dict[str, Any]]:
        """number, bytes, sha256 and at_s (s since 1970) of each chunk the server said it keeps, also after the trip is done."""
        own = [state.trip_id for state in self.trips() if trip_id in (state.trip_id, state.continues)]
        lines = [line for one in own for line in durable.read_lines(self.trip_folder(one) / "receipts.jsonl")]
        for done in self.sent():
            if trip_id in (done["trip_id"], done.get("continues")):
                lines += done.get("receipts", [])
        return lines

    def forget_sent(self, trip_ids: Collection[str] | None = None) -> None:
        """Strikes trips that are done from the list; None: all. Only for the process that sends: it alone adds lines."""
        path = self.folder / "sent.jsonl"
        lines = list(durable.read_lines(path))
        kept = [line for line in lines if trip_ids is not None and line.get("trip_id") not in trip_ids]
        if len(kept) < len(lines):
            durable.write_whole(path, b"".join(json.dumps(line).encode() + b"\n" for line in kept))

    def go_on_as(self, device_id: str) -> None:
        """From now on another device sends, to which the server does not show what the one before sent of a trip: what is left of
        such trips goes on as trips of their own, numbered from 0. Again for the same device: nothing. May be cut off anywhere.
        """
        told = self.folder / "sender.json"
        before = (durable.read_json(told) or {}).get("device_id")
        if before not in (None, device_id):
            for state in self.trips():
                if state.sent and state.finished is not None:
                    self._split(state, str(uuid.uuid5(uuid.UUID(state.trip_id), device_id)))
        if before != device_id:
            durable.write_json(told, {"device_id": device_id})

    def _split(self, state: TripState, new_id: str) -> None:
        old = durable.read_json(self.trip_folder(state.trip_id) / "trip.json") or {}
        durable.make_folder(self.trip_folder(new_id))
        fields = {"started_at_us": state.started_at_us, "continues": old.get("continues", state.trip_id)}
        whole = [data for number in state.pending if (data := self.read(state.trip_id, number)) is not None]
        for number, data in enumerate(whole):
            durable.write_whole(self.chunk_path(new_id, number), relabelled(data, new_id, number))
        if whole:
            durable.write_json(self.trip_folder(new_id) / "finished.json", {"chunks": len(whole)})
            durable.write_json(self.trip_folder(new_id) / "trip.json", fields)  # the last: from now on it is a trip
        self.close(state.trip_id)

    def set_stuck(self, trip_id: str, why: str) -> None:
        """Notes why the trip cannot be closed, so that it is shown and not asked for again."""
        durable.write_json(self.trip_folder(trip_id) / "stuck.json", {"why": why})

    def forget(self, trip_id: str) -> None:
        """Deletes all that is here of a trip, what was refused of it, too."""
        self._delete(self.folder / "refused" / check_trip_id(trip_id))
        self._delete(self.trip_folder(trip_id))

    def knows(self, trip_id: str, number: int) -> bool:
        """Whether there is or was a chunk of this number: waiting, sent or refused."""
        aside = self.folder / "refused" / trip_id / f"{number}.chunk"
        return self.chunk_path(trip_id, number).exists() or aside.exists() or number in self._receipts(self.trip_folder(trip_id))

    def next_number(self, trip_id: str) -> int:
        """One above the highest number that was ever used."""
        folder = self.trip_folder(trip_id)
        used = [
            *_numbers(folder),
            *(int(path.stem) for path in folder.glob("*.part")),
            *_numbers(self.folder / "refused" / trip_id),
            *self._receipts(folder),
        ]
        return max(used, default=-1) + 1

    def started_at_us(self, trip_id: str) -> int | None:
        fields = durable.read_json(self.trip_folder(trip_id) / "trip.json")
        return None if fields is None else fields.get("started_at_us")

    def is_finished(self, trip_id: str) -> bool:
        return (self.trip_folder(trip_id) / "finished.json").exists()

    def trip_folder(self, trip_id: str) -> Path:
        return self.folder / check_trip_id(trip_id)

    def chunk_path(self, trip_id: str, number: int) -> Path:
        return self.trip_folder(trip_id) / f"{check_number(number)}.chunk"

    def _delete(self, folder: Path) -> None:
        """At once by a rename; should a kill interrupt the rest, the next opening deletes it."""
        grave = self.folder / f"{_FORGOTTEN}{folder.parent.name}-{folder.name}"
        shutil.rmtree(grave, ignore_errors=True)
        with contextlib.suppress(FileNotFoundError):
            folder.rename(grave)
            durable.sync_folder(self.folder)
            shutil.rmtree(grave, ignore_errors=True)

    def _trip_folders(self) -> list[Path]:
        """Folders of trips that were begun; the name alone is not enough, a kill may have left it empty."""
        return [path.parent for path in sorted(self.folder.glob("*-*-*-*-*/trip.json"))]

    def _state(self, folder: Path) -> TripState:
        receipts = self._receipts(folder)
        finished, stuck = durable.read_json(folder / "finished.json"), durable.read_json(folder / "stuck.json")
        # until it has ended, nobody knows what of it must be withheld
        pending = [] if finished is None and self.ends(folder.name) else sorted(_numbers(folder))
        return TripState(
            folder.name,
            self.started_at_us(folder.name) or 0,
            tuple(pending),
            tuple(sorted(receipts)),
            finished["chunks"] if finished else None,
            stuck["why"] if stuck else None,
            sum(_size(folder / f"{number}.chunk") for number in pending),
            sum(receipts.values()),
            (durable.read_json(folder / "trip.json") or {}).get("continues"),
        )

    def _receipts(self, folder: Path) -> dict[int, int]:
        """Bytes sent, by number of chunk."""
        return {line["number"]: line["bytes"] for line in durable.read_lines(folder / "receipts.jsonl")}


def is_whole(data: bytes) -> bool:
    """Whether these are the bytes of a chunk as it was written, by its checksum."""
    if len(data) < _LEAST_BYTES or data[:4] != MAGIC:
        return False
    return CHECKSUM.pack(zlib.crc32(memoryview(data)[: -CHECKSUM.size])) == data[-CHECKSUM.size :]


def relabelled(data: bytes, trip_id: str, number: int) -> bytes:
    """The whole chunk `data` as that chunk of that trip (docs/wire-format.md); its samples are not touched."""
    magic, version, flags, _, _, started_at_us, length = HEADER.unpack_from(data)
    head = HEADER.pack(magic, version, flags, uuid.UUID(trip_id).bytes, number, started_at_us, length)
    content = head + data[HEADER.size : -CHECKSUM.size]
    return content + CHECKSUM.pack(zlib.crc32(content))


def continuations(folder: Path, trip_id: str) -> list[str]:
    """Trips that are the rest of this one, in the outbox in this folder or sent from it."""
    waiting = [(path.parent.name, durable.read_json(path) or {}) for path in sorted(folder.glob("*-*-*-*-*/trip.json"))]
    done = [(str(line.get("trip_id")), line) for line in durable.read_lines(folder / "sent.jsonl")]
    return sorted({name for name, told in [*waiting, *done] if told.get("continues") == trip_id})


def _numbers(folder: Path) -> list[int]:
    return [int(match[1]) for path in folder.glob("*.chunk") if (match := _CHUNK.fullmatch(path.name))]


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # sent and deleted meanwhile
        return 0
