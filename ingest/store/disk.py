"""The few calls by which traces reach a disk, one method each: what a power cut may take lies between them.

A file's bytes survive once `sync_file` returned, its name once `sync_folder` did. Tests put a modelled disk in this
place that loses everything else (tests/ingest/crash_disk.py).
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from typing import NamedTuple


class OpenFile(NamedTuple):
    """A file being written, and its path."""

    descriptor: int
    path: str


class Disk:
    """A real one. Every method raises OSError where the disk refuses."""

    def make_folders(self, path: str) -> None:
        os.makedirs(path, mode=0o700, exist_ok=True)

    def create(self, path: str) -> OpenFile:
        """A new file, locked as long as it is open: `is_abandoned` tells the living from the dead."""
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        return OpenFile(descriptor, path)

    def write(self, file: OpenFile, data: bytes) -> None:
        """All of the bytes; a write that is cut short is gone on with."""
        view = memoryview(data)
        while view:
            view = view[os.write(file.descriptor, view) :]

    def sync_file(self, file: OpenFile) -> None:
        os.fdatasync(file.descriptor)

    def close(self, file: OpenFile) -> None:
        os.close(file.descriptor)

    def rename(self, path: str, target: str) -> None:
        os.rename(path, target)

    def sync_folder(self, path: str) -> None:
        """A renamed file survives a power cut only once its folder is on the disk too."""
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def read(self, path: str) -> bytes:
        with open(path, "rb") as file:
            return file.read()

    def names(self, path: str) -> Iterator[str]:
        """Names in a folder, in no order; none where there is no folder."""
        with contextlib.suppress(FileNotFoundError), os.scandir(path) as entries:
            yield from (entry.name for entry in entries)

    def changed_at(self, path: str) -> float:
        """Seconds since 1970; 0 of what is no longer there."""
        try:
            return os.stat(path).st_mtime
        except FileNotFoundError:
            return 0.0

    def is_abandoned(self, path: str) -> bool:
        """Whether the process that wrote this file is gone."""
        try:
            with open(path, "rb") as leftover:
                fcntl.flock(leftover, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (FileNotFoundError, BlockingIOError):
            return False
        return True

    def remove(self, path: str) -> None:
        """Delete a file; one that is not there is nothing to complain of."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)

    def remove_folder(self, path: str) -> bool:
        """Delete a folder with all that is in it; False where there is none."""
        try:
            shutil.rmtree(path)
        except FileNotFoundError:
            return False
        return True


def is_full(error: BaseException) -> bool:
    """Whether space was what was missing: it comes back. All else (EIO before all) may have lost what was written."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
