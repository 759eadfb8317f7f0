"""Copies of an installation that are taken while it serves, and the way back.

The rows are copied first (SQLite's own online backup: a consistent instant), then each file that the copied rows name:
what was acknowledged at that instant is in the copy, whatever comes or is erased meanwhile. A manifest with the digest
of every file is written last: without it a copy is not one.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from detection.errors import CahotError
from ingest.settings import Settings
from ingest.store import open_objects, open_store
from ingest.store.objects import DamagedObject

MANIFEST, DATABASE, _TRACES = "backup.json", "cahot.sqlite", "traces/"
FORMAT = 1
_SKIPPED = ("running.json", "running.lock")
_PAGES = 512  # copied at a time: 2 MB, between which the server writes


class BackupUnusable(CahotError):
    """A copy cannot be made, or not be restored. One line with what to do."""


@dataclass(frozen=True)
class Told:
    """What a copy holds. missing: chunks whose file was damaged or gone already, one line each."""

    chunks: int
    size: int
    missing: tuple[str, ...] = ()


def back_up(settings: Settings, target: Path, on_step: Callable[[int, int], None] = lambda done, of: None) -> Told:
    """Copy the installation into a new folder, or a file where the name ends in .tar. Raises BackupUnusable, OSError.

    On one file system the chunks are linked, which takes no space. Nothing stays of a copy that was cut off but a folder
    without manifest.
    """
    if settings.database and not settings.database.startswith("sqlite"):
        remedy = "pg_dump it, then copy the folder of traces (docs/operations.md): in this order each row has its file"
        raise BackupUnusable(f"the rows are in PostgreSQL; {remedy}")
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        raise BackupUnusable(f"{target}: is there already; name a new file or an empty folder")
    if target.suffix == ".tar":
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".cahot-backup-") as folder:
            told = _copy(settings, Path(folder), on_step)
            _pack(Path(folder), target)
        return told
    return _copy(settings, target, on_step)


def restore(source: Path, settings: Settings, on_step: Callable[[int, int], None] = lambda done, of: None) -> Told:
    """Put a copy into an empty data folder, after each file was checked against the manifest. Raises BackupUnusable."""
    if settings.data.exists() and any(settings.data.iterdir()):
        raise BackupUnusable(f"{settings.data}: is not empty; restore into a new folder, then serve from that")
    if not source.exists():
        raise BackupUnusable(f"{source}: is not there; name the folder or .tar that `cahot backup` wrote")
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _staged(settings.data) as staging, _opened(source, staging) as copy:
        manifest = _manifest(copy, source)
        chunks, size = [name for name in manifest if name.startswith(_TRACES)], 0
        for done, (name, sha256) in enumerate(manifest.items()):
            data = _checked(copy / name, sha256, source)
            size += len(data) if name.startswith(_TRACES) else 0
            if not (settings.objects and name.startswith(_TRACES)):
                _write_below(staging / "data", name, data)
            on_step(done + 1, len(manifest))
        if settings.objects:
            _fill_bucket(settings, copy, chunks)
        for path in (staging / "data").iterdir():
            path.rename(settings.data / path.name)
        _sync(settings.data)
    store = open_store(settings)
    store.database.close()
    return Told(len(chunks), size)


def _copy(settings: Settings, target: Path, on_step: Callable[[int, int], None]) -> Told:
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    digests: dict[str, str] = {}
    _copy_rows(settings, target / DATABASE)
    digests[DATABASE] = _digest(target / DATABASE)
    with contextlib.closing(sqlite3.connect(target / DATABASE)) as rows:
        chunks = rows.execute("SELECT trip_id, number, sha256 FROM chunks ORDER BY trip_id, number").fetchall()
    missing, size = [], 0
    fetch = _from_bucket(settings) if settings.objects else partial(_link, settings.data)
    for done, (trip_id, number, sha256) in enumerate(chunks):
        name = f"{_TRACES}{trip_id[:2]}/{trip_id}/{number}-{sha256}"
        try:
            size += fetch(name, target)
            digests[name] = sha256
        except (OSError, ValueError, DamagedObject) as error:
            missing.append(f"chunk {number} of trip {trip_id}: {error}")
        on_step(done + 1, len(chunks))
    digests |= _copy_others(settings.data, target)
    manifest = {"format": FORMAT, "made_at": time.time(), "files": digests}
    _write(target / MANIFEST, json.dumps(manifest, indent=0).encode())
    return Told(len(chunks) - len(missing), size, tuple(missing))


def _copy_rows(settings: Settings, target: Path) -> None:
    """SQLite's backup of a database that others write; begun anew by itself when they do."""
    path = settings.database.removeprefix("sqlite:///") or str(settings.data / DATABASE)
    if not Path(path).exists():
        raise BackupUnusable(f"{path}: no installation is there; name its folder by --data")
    with contextlib.closing(sqlite3.connect(path, timeout=30)) as source, contextlib.closing(sqlite3.connect(target)) as copy:
        source.execute("BEGIN")  # one instant, whatever is written meanwhile
        source.execute("SELECT 1 FROM alembic_version").fetchone()
        source.backup(copy, pages=_PAGES)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, nothing beside it
    target.chmod(0o600)
    _sync(target)


def _copy_others(data: Path, target: Path) -> dict[str, str]:
    """Small files beside the rows, such as secrets: without them the copy would not be the same installation."""
    digests = {}
    for path in sorted(data.iterdir()):
        if path.is_file() and path.name not in _SKIPPED and not path.name.startswith(DATABASE):
            _write(target / path.name, path.read_bytes())
            digests[path.name] = _digest(target / path.name)
    return digests


def _link(data: Path, name: str, target: Path) -> int:
    """A second name of the same bytes, or a copy elsewhere; returns their count. ValueError where they are damaged."""
    path, copy = data / name, target / name
    copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if _digest(path) != _named(name)[2]:
        raise ValueError("its bytes are not those that were acknowledged; cahot doctor tells more")
    try:
        os.link(path, copy)
    except OSError:
        shutil.copyfile(path, copy)
        copy.chmod(0o600)
        _sync(copy)
    return copy.stat().st_size


def _from_bucket(settings: Settings) -> Callable[[str, Path], int]:
    """Copies out of the object store, which checks the digests."""
    objects = open_objects(settings)

    def fetch(name: str, target: Path) -> int:
        data = objects.get(*_named(name))
        _write_below(target, name, data)
        return len(data)

    return fetch


def _fill_bucket(settings: Settings, copy: Path, chunks: Sequence[str]) -> None:
    objects = open_objects(settings)
    for name in chunks:
        trip_id, number, sha256 = _named(name)
        objects.put(trip_id, number, (copy / name).read_bytes(), sha256)


def _named(name: str) -> tuple[str, int, str]:
    """Trip, number and digest of a chunk's name."""
    trip_id, _, last = name.rpartition("/")
    number, _, sha256 = last.partition("-")
    return trip_id.rpartition("/")[2], int(number), sha256


def _checked(path: Path, sha256: str, source: Path) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BackupUnusable(f"{source}: {path.name} cannot be read ({error.strerror}); use an older backup") from error
    if hashlib.sha256(data).hexdigest() != sha256:
        raise BackupUnusable(f"{source}: {path.name} is damaged; use an older backup")
    return data


def _write_below(folder: Path, name: str, data: bytes) -> None:
    """Always a copy: what is served must not share its bytes with the backup."""
    (folder / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write(folder / name, data)


def _manifest(copy: Path, source: Path) -> dict[str, str]:
    try:
        manifest = json.loads((copy / MANIFEST).read_bytes())
        files, written_by = dict(manifest["files"]), manifest["format"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BackupUnusable(f"{source}: has no whole {MANIFEST}: it was cut off or is no backup; use another") from error
    if written_by != FORMAT:
        raise BackupUnusable(f"{source}: is of format {written_by}, this Cahot reads {FORMAT}; use the Cahot that wrote it")
    if any(name.startswith("/") or ".." in Path(name).parts for name in files):
        raise BackupUnusable(f"{source}: names files outside of itself; it is no backup of Cahot's")
    return files


@contextlib.contextmanager
def _opened(source: Path, staging: Path) -> Iterator[Path]:
    if source.is_dir():
        yield source
        return
    unpacked = staging / "unpacked"
    try:
        with tarfile.open(source) as packed:
            packed.extractall(unpacked, filter="data")
    except (tarfile.TarError, OSError) as error:
        raise BackupUnusable(f"{source}: cannot be unpacked ({error}); use an older backup") from error
    yield unpacked


@contextlib.contextmanager
def _staged(data: Path) -> Iterator[Path]:
    """A folder inside `data` that is gone afterwards: a restore that fails leaves the place empty."""
    staging = data / ".restoring"
    staging.mkdir(mode=0o700)
    (staging / "data").mkdir(mode=0o700)
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _pack(folder: Path, target: Path) -> None:
    partly = target.with_name(f"{target.name}.part")
    with tarfile.open(partly, "w") as packed:
        for path in sorted(folder.iterdir()):
            packed.add(path, arcname=path.name)
    partly.chmod(0o600)
    _sync(partly)
    partly.rename(target)
    _sync(target.parent)


def _write(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
