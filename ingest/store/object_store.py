"""Where chunks are kept as sent, by the name that follows from trip, number and digest: a folder, or a bucket of an S3 store.

What whoever keeps objects promises: `put` returns only when the bytes survive a power cut, and never changes what another
stored under the same name, which would be the same bytes.
"""

from __future__ import annotations

import errno
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from detection.errors import CahotError

if TYPE_CHECKING:
    from ingest.store.objects import Piece


class ObjectStore(Protocol):
    """Chunks of trips: written once, read, and erased with their trip. Safe to share between threads."""

    def put(self, trip_id: str, number: int, data: bytes, sha256: str) -> None:
        """Store the bytes under their sha256 (hex), durably. OSError when they are not."""

    def put_all(self, pieces: Sequence[Piece]) -> list[OSError | None]:
        """Store several at once, one of a trip; for each, the error if it is not stored."""

    def get(self, trip_id: str, number: int, sha256: str) -> bytes:
        """The bytes as they were acknowledged. Raises DamagedObject, StoreAway."""

    def get_all(self, trip_id: str, chunks: Sequence[tuple[int, str]]) -> Iterator[bytes]:
        """The bytes of these (number, sha256), one after the other, a few of them read ahead. Raises as `get`."""

    def erase(self, trip_id: str) -> None:
        """Delete all chunks of a trip, stored, being stored or set aside. Raises OSError."""

    def set_aside(self, trip_id: str, number: int, sha256: str, reason: str, now: float) -> None:
        """Move a chunk into the quarantine, if it is there, with a JSON object beside it that says why. Raises OSError."""

    def trips(self, changed_since: float = 0.0) -> Iterator[str]:
        """Trips of which something is there that came since then (s since 1970)."""

    def chunks(self, trip_id: str) -> dict[tuple[int, str], float]:
        """(number, sha256) of all that is there of a trip, rows or not → when it was written (s since 1970)."""

    def keep_only(self, trip_id: str, kept: Collection[tuple[int, str]]) -> int:
        """Delete all chunks of a trip but these (number, sha256), also those set aside; returns how many that were."""

    def sweep(self) -> int:
        """Delete what writers that died left half-written; returns how many files that were."""

    def is_writable(self) -> bool:
        """Whether a chunk that came now could be stored, as far as can be told without one."""


class StoreAway(OSError):
    """The object store does not answer, or refuses: nothing is known of the object, and asking again later may help."""

    def __init__(self, what: str) -> None:
        super().__init__(errno.EIO, what)

    def __str__(self) -> str:
        return f"object store: {self.strerror}"


class ObjectsUnusable(CahotError):
    """The place named by --objects cannot be used."""

    def __init__(self, url: str, why: str, remedy: str) -> None:
        self.url, self.why, self.remedy = url, why, remedy
        super().__init__(f"objects {url}: {why}; {remedy}")
