"""Files that survive a power cut: written whole or not at all, and known to be on the disk when the call returns."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TEMPORARY = ".tmp"
ABANDONED_S = 60.0  # a temporary file this old belongs to a writer that was killed; writing one takes milliseconds


def write_whole(path: Path, data: bytes) -> None:
    """The file with these bytes: temporary file, fsync, rename, fsync of the folder. Raises OSError, leaving what was."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}{TEMPORARY}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        try:
            write_all(handle, data, 0)
            os.fsync(handle)
        finally:
            os.close(handle)
        os.replace(temporary, path)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    sync_folder(path.parent)


def write_json(path: Path, fields: dict[str, Any]) -> None:
    write_whole(path, json.dumps(fields).encode() + b"\n")


def read_json(path: Path) -> dict[str, Any] | None:
    """The object in the file; None where there is no such file or it is damaged."""
    try:
        fields = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return fields if isinstance(fields, dict) else None


def append_line(path: Path, fields: dict[str, Any]) -> None:
    """One more line of JSON, on the disk on return. A line torn by a power cut is closed off, not continued."""
    fresh = not path.exists()
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        size = os.fstat(handle).st_size
        torn = size and os.pread(handle, 1, size - 1) != b"\n"
        write_all(handle, (b"\n" if torn else b"") + json.dumps(fields).encode() + b"\n", size)
        os.fsync(handle)
    finally:
        os.close(handle)
    if fresh:
        sync_folder(path.parent)


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of all whole lines."""
    try:
        lines = path.read_bytes().splitlines()
    except OSError:
        return
    for line in lines:
        with contextlib.suppress(ValueError):
            fields = json.loads(line)
            if isinstance(fields, dict):
                yield fields


def write_all(handle: int, data: bytes, at: int) -> None:
    """All the bytes at the offset: a disk that fills up may take only some of them at a time."""
    view = memoryview(data)
    while view:
        written = os.pwrite(handle, view, at)
        view, at = view[written:], at + written


def sync_folder(folder: Path) -> None:
    """Makes creations, renames and deletions in the folder durable; Windows knows no such thing."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(folder: Path) -> None:
    """The folder, for its owner only, durable; its parents likewise."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
        sync_folder(folder.parent)


def sweep_foreign(folder: Path) -> None:
    """Removes temporary files of all other processes in the folder and below: where no other may be writing."""
    for path in folder.rglob(f".*{TEMPORARY}"):
        if not path.name.endswith(f".{os.getpid()}{TEMPORARY}"):
            path.unlink(missing_ok=True)


def sweep_abandoned(folder: Path, now_s: float | None = None) -> int:
    """Removes temporary files that a killed writer left in the folder; says how many."""
    now_s = time.time() if now_s is None else now_s
    swept = 0
    for path in folder.glob(f".*{TEMPORARY}"):
        with contextlib.suppress(OSError):
            if abs(now_s - path.stat().st_mtime) > ABANDONED_S:  # abs: the wall clock may have been set back
                path.unlink()
                swept += 1
    return swept
