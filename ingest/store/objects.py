"""Traces kept as sent: one file a chunk, on the disk before its row is committed.

Names follow only from a validated trip id, a number and a digest. Knows nothing of what is inside.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from ingest.store.disk import Disk, OpenFile, is_full

_FOLDERS_REMEMBERED = 10_000  # trips under way at once; forgetting one costs two fsyncs
_SYNCS_AT_ONCE = 16  # a journal commits what waits together: 16 syncs side by side take little longer than one

_UNSURE = "a sync of this folder failed before; look at the disk and start the server anew"

Item = TypeVar("Item")


class DamagedObject(Exception):
    """A stored chunk is missing or its bytes are not those that were acknowledged."""

    def __init__(self, trip_id: str, number: int, sha256: str, why: str) -> None:
        self.trip_id, self.number, self.sha256, self.why = trip_id, number, sha256, why
        super().__init__(f"chunk {number} of trip {trip_id} {why}")


@dataclass(frozen=True, eq=False, slots=True)
class Piece:
    """One chunk to be stored. sha256: of its bytes, in hex."""

    trip_id: str
    number: int
    data: bytes
    sha256: str


class Objects:
    """The folder of traces: `<first two of trip>/<trip>/<number>-<sha256>`; also `incoming/`, `quarantine/`."""

    def __init__(self, folder: Path, disk: Disk | None = None) -> None:
        self.folder = folder
        self._disk = disk or Disk()
        self._incoming = f"{folder}/incoming"
        self._quarantine = f"{folder}/quarantine"
        self._disk.make_folders(self._incoming)
        self._durable_folders: set[str] = set()
        self._unsure_folders: set[str] = set()
        self._syncing = ThreadPoolExecutor(_SYNCS_AT_ONCE, "cahot-sync")

    def put(self, trip_id: str, number: int, data: bytes, sha256: str) -> None:
        """Store the bytes under their sha256 (hex) so that they survive a power cut. OSError when the disk refuses."""
        (error,) = self.put_all([Piece(trip_id, number, data, sha256)])
        if error is not None:
            raise error

    def put_all(self, pieces: Sequence[Piece]) -> list[OSError | None]:
        """Store several, so that they share the disk's commits; for each, the error if it is not stored.

        What failed leaves no file. No failed sync is tried again, as the second would succeed whatever was lost: of a file,
        another is written; a folder takes nothing more until the server is started anew.
        """
        folders = {piece: f"{self.folder}/{piece.trip_id[:2]}/{piece.trip_id}" for piece in pieces}
        unmade = self._make_folders({*folders.values()})
        errors = {piece: unmade[folder] for piece, folder in folders.items() if folder in unmade}
        files: dict[Piece, OpenFile] = {}

        def write(piece: Piece) -> None:
            files[piece] = self._disk.create(f"{self._incoming}/{uuid.uuid4().hex}")
            self._disk.write(files[piece], piece.data)
            self._disk.sync_file(files[piece])

        errors |= self._together(write, _all_but(errors, pieces))
        for piece in _all_but(errors, pieces):
            with _noting(errors, piece):
                self._disk.rename(files[piece].path, f"{folders[piece]}/{piece.number}-{piece.sha256}")
        unsynced = self._together(self._sync_folder, {folders[piece] for piece in _all_but(errors, pieces)})
        errors |= {piece: unsynced[folder] for piece, folder in folders.items() if folder in unsynced}
        for piece, file in files.items():
            self._disk.close(file)
            if piece in errors:  # once renamed it stays, a file that no row names: the same bytes may have been stored before
                with contextlib.suppress(OSError):
                    self._disk.remove(file.path)
        return [errors.get(piece) for piece in pieces]

    def get(self, trip_id: str, number: int, sha256: str) -> bytes:
        """The bytes as they were acknowledged. Raises DamagedObject."""
        try:
            data = self._disk.read(str(self.path(trip_id, number, sha256)))
        except FileNotFoundError:
            raise DamagedObject(trip_id, number, sha256, "is missing from the folder of traces") from None
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            raise DamagedObject(trip_id, number, sha256, "lies where the disk cannot read") from error
        if hashlib.sha256(data).hexdigest() != sha256:
            raise DamagedObject(trip_id, number, sha256, "does not have the checksum it was stored with")
        return data

    def get_all(self, trip_id: str, chunks: Sequence[tuple[int, str]]) -> Iterator[bytes]:
        """The bytes of these (number, sha256), one after the other. Raises DamagedObject."""
        return (self.get(trip_id, number, sha256) for number, sha256 in chunks)

    def erase(self, trip_id: str) -> None:
        """Delete all chunks of a trip, stored, being stored or set aside."""
        stored = f"{self.folder}/{trip_id[:2]}/{trip_id}"
        self._durable_folders.discard(stored)
        for folder in (stored, f"{self._quarantine}/{trip_id}"):
            if self._disk.remove_folder(folder):
                self._disk.sync_folder(os.path.dirname(folder))

    def set_aside(self, trip_id: str, number: int, sha256: str, reason: str, now: float) -> None:
        """Move a chunk into `quarantine/`, if it is there, with a JSON file beside it that says why."""
        aside = f"{self._quarantine}/{trip_id}"
        self._disk.make_folders(aside)
        told = {"trip_id": trip_id, "chunk": number, "sha256": sha256, "reason": reason, "found_at": now}
        note = self._disk.create(f"{self._incoming}/{uuid.uuid4().hex}")
        try:
            self._disk.write(note, json.dumps(told).encode())
            self._disk.sync_file(note)
        finally:
            self._disk.close(note)
        self._disk.rename(note.path, f"{aside}/{number}-{sha256}.json")
        with contextlib.suppress(FileNotFoundError):
            self._disk.rename(str(self.path(trip_id, number, sha256)), f"{aside}/{number}-{sha256}")
            self._disk.sync_folder(f"{self.folder}/{trip_id[:2]}/{trip_id}")
        for folder in (aside, self._quarantine, str(self.folder)):
            self._disk.sync_folder(folder)

    def trips(self, changed_since: float = 0.0) -> Iterator[str]:
        """Trips that have a folder whose list of chunks changed since then (s since 1970)."""
        for shard in sorted(self._disk.names(str(self.folder))):
            if len(shard) == 2:
                folder = f"{self.folder}/{shard}"
                for name in sorted(self._disk.names(folder)):
                    if changed_since <= 0 or self._disk.changed_at(f"{folder}/{name}") >= changed_since:
                        yield name

    def chunks(self, trip_id: str) -> dict[tuple[int, str], float]:
        """(number, sha256) of all files of a trip, rows or not → when each was written (s since 1970)."""
        folder = f"{self.folder}/{trip_id[:2]}/{trip_id}"
        found = {}
        for name in self._disk.names(folder):
            number, _, sha256 = name.partition("-")
            if number.isdecimal():
                found[int(number), sha256] = self._disk.changed_at(f"{folder}/{name}")
        return found

    def keep_only(self, trip_id: str, kept: Collection[tuple[int, str]]) -> int:
        """Delete all chunks of a trip but these (number, sha256), also those set aside; returns how many files that were."""
        folder, names = f"{self.folder}/{trip_id[:2]}/{trip_id}", {f"{number}-{sha256}" for number, sha256 in kept}
        gone = [name for name in self._disk.names(folder) if name not in names]
        for name in gone:
            self._disk.remove(f"{folder}/{name}")
        if gone:
            self._disk.sync_folder(folder)
        aside = f"{self._quarantine}/{trip_id}"
        found = len(gone) + sum(1 for _ in self._disk.names(aside))
        if self._disk.remove_folder(aside):
            self._disk.sync_folder(self._quarantine)
        return found

    def sweep(self) -> int:
        """Delete what writers that died left half-written; returns how many files that were."""
        swept = 0
        for name in list(self._disk.names(self._incoming)):
            file = f"{self._incoming}/{name}"
            if self._disk.is_abandoned(file):
                self._disk.remove(file)
                swept += 1
        return swept

    def path(self, trip_id: str, number: int, sha256: str) -> Path:
        """Where such a chunk lies, whether or not it does."""
        return self.folder / trip_id[:2] / trip_id / f"{number}-{sha256}"

    def is_writable(self) -> bool:
        """False also once a folder could not be synced: the operator is to look at the disk and start anew."""
        return not self._unsure_folders and os.access(self._incoming, os.W_OK | os.X_OK)

    def _together(self, act: Callable[[Item], None], items: Collection[Item]) -> dict[Item, OSError]:
        """Act on all, side by side; the errors."""
        errors: dict[Item, OSError] = {}
        left = iter(list(items))

        def some() -> None:
            for item in left:  # the threads share the iterator: a list's hands out each item once
                with _noting(errors, item):
                    act(item)

        others = [self._syncing.submit(some) for _ in range(min(len(items), _SYNCS_AT_ONCE) - 1)]
        some()
        for other in others:
            other.result()
        return errors

    def _make_folders(self, folders: set[str]) -> dict[str, OSError]:
        """That a folder exists does not say that it is on the disk: another process may have made it just now."""
        if self._unsure_folders:
            errors = {folder: OSError(errno.EIO, _UNSURE, folder) for folder in folders if self._unsure_folders & _above(folder)}
        else:
            errors = {}
        new = [folder for folder in folders if folder not in self._durable_folders and folder not in errors]
        for folder in new:
            with _noting(errors, folder):
                self._disk.make_folders(folder)
        unsynced = self._together(self._sync_folder, {above for folder in new for above in _above(folder) - {folder}})
        for folder in _all_but(errors, new):
            if failed := unsynced.keys() & _above(folder):
                errors[folder] = unsynced[failed.pop()]
            else:
                self._durable_folders.add(folder)
        if len(self._durable_folders) >= _FOLDERS_REMEMBERED:
            self._durable_folders.clear()
        return errors

    def _sync_folder(self, folder: str) -> None:
        try:
            self._disk.sync_folder(folder)
        except OSError as error:
            if not is_full(error):
                self._unsure_folders.add(folder)
            raise


def _above(folder: str) -> set[str]:
    """A trip's folder and the two that lead to it."""
    parent = os.path.dirname(folder)
    return {folder, parent, os.path.dirname(parent)}


def _all_but(errors: Mapping[Item, OSError], items: Iterable[Item]) -> list[Item]:
    return [item for item in items if item not in errors]


@contextlib.contextmanager
def _noting(errors: dict[Item, OSError], item: Item) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        errors[item] = error
