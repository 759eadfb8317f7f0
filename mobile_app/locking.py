"""Only one recorder a phone: a lock that the system gives back when its process dies, however it dies."""

from __future__ import annotations

import os
import sys
from pathlib import Path


class AlreadyRuns(Exception):
    """Another recorder has the folder; `str(error)` is one line."""


class Lock:
    """Held until `release` or the end of the process. Raises AlreadyRuns."""

    def __init__(self, path: Path) -> None:
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(self._handle)
        except OSError:
            os.close(self._handle)
            raise AlreadyRuns(
                f"{path}: another recorder is running in this folder; stop it first, or choose another --home"
            ) from None

    def release(self) -> None:
        os.close(self._handle)


if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
