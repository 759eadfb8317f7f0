"""Whether the last server ended cleanly, and whether another serves the same folder now.

A file that is there while a server runs: one that was killed leaves it, so that the next start knows since when
something may be torn. A lock on it tells a lone server from one beside others.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_NAME = "running.json"


@dataclass(frozen=True)
class Start:
    """killed_since: when the server was started that never ended, s since 1970, None after a clean end. alone: no other does."""

    killed_since: float | None
    alone: bool


@contextlib.contextmanager
def running(data: Path, now: float) -> Iterator[Start]:
    """Held while serving from this folder; leaving it says that all ended well, an exception that it did not."""
    with (data / "running.lock").open("a") as lock:
        alone = _lock(lock.fileno(), fcntl.LOCK_EX)
        killed_since = _since(data) if alone else None
        if alone:
            _write(data, now if killed_since is None else min(killed_since, now))
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield Start(killed_since, alone)
        if _lock(lock.fileno(), fcntl.LOCK_EX):  # the last one out
            (data / _NAME).unlink(missing_ok=True)
            _sync(data)


def checked(data: Path, now: float) -> None:
    """What an earlier kill may have torn was looked at: only what comes from now on is to be, next time."""
    _write(data, now)


def is_served(data: Path) -> bool:
    """Whether a server works on this folder now."""
    with contextlib.suppress(FileNotFoundError), (data / "running.lock").open() as lock:
        return not _lock(lock.fileno(), fcntl.LOCK_EX)
    return False


def _lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _since(data: Path) -> float | None:
    try:
        return float(json.loads((data / _NAME).read_text())["since"])
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        return 0.0  # torn itself: everything may be


def _write(data: Path, since: float) -> None:
    new = data / f"{_NAME}.new"
    with new.open("w") as file:
        json.dump({"since": since, "pid": os.getpid()}, file)
        file.flush()
        os.fsync(file.fileno())
    new.rename(data / _NAME)
    _sync(data)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
