"""The audit log: who did what, when, chained by hashes so that no line can be changed, removed or cut off unnoticed.

The database refuses UPDATE and DELETE (migration 0003); `verify` finds what was done to it behind the database's back. Whoever
may write the tables freely can forge a whole new chain: keep the head that `cahot audit verify` prints somewhere else.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from ingest.store.schema import AuditEntry, AuditHead

OPERATOR, SYSTEM = "operator", "system"  # whoever has a shell on the server; the worker
_START = "0" * 64
_PART = 1000  # entries held at once while verifying


@dataclass(frozen=True)
class Deed:
    """Who does it, and by which request (None: not over HTTP)."""

    who: str
    request_id: str | None = None


@dataclass(frozen=True)
class Verified:
    """entries in the log, the hash it ends with, and what is wrong (None: nothing)."""

    entries: int
    head: str
    fault: str | None


def append(
    session: Session, now: float, deed: Deed, what: str, subject: str, before: str | None = None, after: str | None = None
) -> None:
    """One more line, in the transaction of the deed itself. Never a token, a note or a place."""
    session.flush()
    head = session.scalars(select(AuditHead).with_for_update()).one()  # writers on PostgreSQL take turns here
    texts = (_plain(deed.who, 80), _plain(what, 40), _plain(subject, 80), _plain(before), _plain(after))
    entry = AuditEntry(
        number=head.number + 1,
        at=now,
        **dict(zip(("who", "what", "subject", "before", "after"), texts, strict=True)),
        request_id=deed.request_id,
        previous=head.sha256,
    )
    entry.sha256 = digest_of(entry)
    session.add(entry)
    head.number, head.sha256 = entry.number, entry.sha256
    session.flush()


def digest_of(entry: AuditEntry) -> str:
    """The hash that the entry should carry."""
    told = [entry.number, entry.at, entry.who, entry.what, entry.subject, entry.before, entry.after, entry.request_id]
    return hashlib.sha256(json.dumps([*told, entry.previous]).encode()).hexdigest()


def entries(session: Session, after: int = 0) -> Iterator[AuditEntry]:
    """All of them in order."""
    while part := session.scalars(
        select(AuditEntry).where(AuditEntry.number > after).order_by(AuditEntry.number).limit(_PART)
    ).all():
        yield from part
        after = part[-1].number
        session.expunge_all()


def verify(session: Session, known_head: str | None = None) -> Verified:
    """Walk the whole chain. known_head: a hash printed earlier, which the log must still contain."""
    last, number, seen = _START, 0, known_head in (None, _START)
    for entry in entries(session):
        if entry.number != number + 1:
            return Verified(number, last, f"entries {number + 1} to {entry.number - 1} are gone")
        if entry.previous != last or entry.sha256 != digest_of(entry):
            return Verified(number, last, f"entry {entry.number} was changed")
        number, last = entry.number, entry.sha256
        seen = seen or last == known_head
    head = session.scalars(select(AuditHead)).one_or_none()
    if head is None or (head.number, head.sha256) != (number, last):
        wanted = "an unknown number of" if head is None else head.number
        return Verified(number, last, f"it ends at entry {number}, but {wanted} entries were written")
    return Verified(number, last, None if seen else "the head kept elsewhere is not in it: the log was written anew")


def pseudonym(device_id: str) -> str:
    """What the log calls a device: erasing the device must leave its id nowhere. It has 122 random bits: no way back."""
    return f"device:{hashlib.sha256(device_id.encode()).hexdigest()[:16]}"


def _plain(text: str | None, most: int = 2000) -> str | None:
    """In printable ASCII: no line break, no escape sequence, no direction mark reaches whoever reads the log."""
    if text is None:
        return None
    return "".join(c if " " <= c <= "~" else c.encode("unicode_escape", "backslashreplace").decode("ascii") for c in text)[:most]
