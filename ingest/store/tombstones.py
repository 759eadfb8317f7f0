"""What was erased must not come back: keyed hashes of erased trips and tokens, and nothing else of them.

The key lies in the data folder, for its owner only. Without it nobody can tell from the table whether a trip was there, so it
goes with the data wherever that is served from.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from ingest.store.schema import Tombstone

DAY_S = 86_400.0
KEY_FILE = "tombstone.key"


class Erased(Exception):
    """The trip, or the device whose token it is, was erased: the same to whoever asks."""


class Tombstones:
    """key: 32 random bytes. name: of the key, tells nothing of it."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self.name = hashlib.sha256(b"name of " + key).hexdigest()[:16]

    def add_trips(self, session: Session, trip_ids: Iterable[str], now: float) -> None:
        """These trips were erased."""
        for trip_id in trip_ids:
            self._add(session, "trip", trip_id, now)

    def add_token(self, session: Session, token_sha256: str, now: float) -> None:
        """The device with this token was erased."""
        self._add(session, "token", token_sha256, now)

    def has_trip(self, session: Session, trip_id: str) -> bool:
        return self._has(session, "trip", trip_id)

    def has_token(self, session: Session, token_sha256: str) -> bool:
        return self._has(session, "token", token_sha256)

    def written_by_another_key(self, session: Session) -> bool:
        """Whether the table holds some that this key cannot recognise."""
        return session.scalar(select(Tombstone.hash).where(Tombstone.key_name != self.name).limit(1)) is not None

    def _add(self, session: Session, sort: str, what: str, now: float) -> None:
        session.merge(Tombstone(hash=self._hash(sort, what), key_name=self.name, made_on=now // DAY_S * DAY_S))

    def _has(self, session: Session, sort: str, what: str) -> bool:
        return session.get(Tombstone, self._hash(sort, what)) is not None

    def _hash(self, sort: str, what: str) -> str:
        return hmac.new(self._key, f"{sort} {what}".encode(), hashlib.sha256).hexdigest()


def open_tombstones(folder: Path) -> Tombstones:
    """With the key in the folder, made on first use: whole, for its owner only, on the disk on return."""
    path = folder / KEY_FILE
    with contextlib.suppress(FileExistsError):
        if not path.exists():
            _write_new(path, secrets.token_bytes(32))
    return Tombstones(path.read_bytes())


def _write_new(path: Path, key: bytes) -> None:
    """A link, not a rename: of two processes that start at once, the first one's key stays."""
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, key)
        os.fsync(handle)
        os.link(temporary, path)
    finally:
        os.close(handle)
        temporary.unlink()
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
