"""Traces kept as sent: one file a chunk, on the disk before its row is committed.

Names follow only from a validated trip id, a number and a digest. Knows nothing of what is inside.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path

_FOLDERS_REMEMBERED = 10_000  # trips under way at once; forgetting one costs two fsyncs


class DamagedObject(Exception):
    """A stored chunk is missing or its bytes are not those that were acknowledged."""

    def __init__(self, trip_id: str, number: int, why: str) -> None:
        super().__init__(f"chunk {number} of trip {trip_id} {why}")


class Objects:
    """The folder of traces: `<first two of trip>/<trip>/<number>-<sha256>`; temporary files in `incoming/`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._incoming = folder / "incoming"
        self._incoming.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._durable_folders: set[Path] = set()

    def put(self, trip_id: str, number: int, data: bytes, sha256: str) -> None:
        """Store the bytes under their sha256 (hex) so that they survive a power cut. OSError when the disk refuses."""
        target = self.path(trip_id, number, sha256)
        self._make_folder(target.parent)
        temporary = self._incoming / uuid.uuid4().hex
        with contextlib.ExitStack() as undo:
            undo.callback(temporary.unlink, missing_ok=True)
            with temporary.open("xb", buffering=0) as file:
                fcntl.flock(file, fcntl.LOCK_EX)  # held while alive: `sweep` of another process leaves the file alone
                _write_all(file.fileno(), data)
                os.fdatasync(file.fileno())
                temporary.rename(target)
            _sync_folder(target.parent)
            undo.pop_all()

    def get(self, trip_id: str, number: int, sha256: str) -> bytes:
        """The bytes as they were acknowledged. Raises DamagedObject."""
        try:
            data = self.path(trip_id, number, sha256).read_bytes()
        except FileNotFoundError:
            raise DamagedObject(trip_id, number, "is missing from the folder of traces") from None
        if hashlib.sha256(data).hexdigest() != sha256:
            raise DamagedObject(trip_id, number, "does not have the checksum it was stored with")
        return data

    def get_all(self, trip_id: str, chunks: Sequence[tuple[int, str]]) -> Iterator[bytes]:
        """The bytes of these (number, sha256), one after the other. Raises DamagedObject."""
        return (self.get(trip_id, number, sha256) for number, sha256 in chunks)

    def erase(self, trip_id: str) -> None:
        """Delete all chunks of a trip, stored or being stored."""
        folder = self._folder / trip_id[:2] / trip_id
        self._durable_folders.discard(folder)
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(folder)
            _sync_folder(folder.parent)

    def sweep(self) -> int:
        """Delete what writers that died left half-written; returns how many files that were."""
        swept = 0
        for file in self._incoming.iterdir():
            with contextlib.suppress(FileNotFoundError, BlockingIOError), file.open("rb") as leftover:
                fcntl.flock(leftover, fcntl.LOCK_EX | fcntl.LOCK_NB)
                file.unlink()
                swept += 1
        return swept

    def path(self, trip_id: str, number: int, sha256: str) -> Path:
        """Where such a chunk lies, whether or not it does."""
        return self._folder / trip_id[:2] / trip_id / f"{number}-{sha256}"

    def is_writable(self) -> bool:
        return os.access(self._incoming, os.W_OK | os.X_OK)

    def _make_folder(self, folder: Path) -> None:
        """That a folder exists does not say that it is on the disk: another thread may have made it just now."""
        if folder in self._durable_folders:
            return
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _sync_folder(folder.parent)
        _sync_folder(folder.parent.parent)
        if len(self._durable_folders) >= _FOLDERS_REMEMBERED:
            self._durable_folders.clear()
        self._durable_folders.add(folder)


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _sync_folder(folder: Path) -> None:
    """A renamed file survives a power cut only once its folder is on the disk too."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
