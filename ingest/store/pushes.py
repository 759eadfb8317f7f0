"""Messages of pushing apps: kept from the acknowledgement until their session is silent and its trip is stored.

A session is cut into parts by silence: each part becomes a trip of its own. What comes after a part was closed begins the next,
so nothing is lost and no stored trip ever changes. Closed parts keep ids and digests of their messages as receipts, so
that a message that comes again is known, and no readings.
"""

from __future__ import annotations

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from ingest.settings import Push
from ingest.store.schema import PushMessage, PushPart

_NAMESPACE = uuid.UUID("2f0c2a8e-9a55-4a64-8f0e-0a6d0d0f5b57")  # random, once: sessions of pushing apps


class TooMuchHeld(Exception):
    """The device has more waiting than one device may."""

    def __init__(self, most: int) -> None:
        self.most = most
        super().__init__(f"more than {most} bytes of this device wait to be made into trips")


@dataclass(frozen=True)
class Held:
    """A part being closed here."""

    trip_id: str
    device_id: str
    attempts: int
    lease: str


def session_of(device_id: str, name: str) -> str:
    """The UUID of an app's session; its own name of it is not kept."""
    return str(uuid.uuid5(_NAMESPACE, f"{device_id} {hashlib.sha256(name.encode()).hexdigest()}"))


def trip_of(session_id: str, number: int) -> str:
    """The id of the trip that a part becomes."""
    return str(uuid.uuid5(uuid.UUID(session_id), str(number)))


def add(
    session: Session, device_id: str, of: str, message_id: int, sha256: str, body: bytes, now: float, rules: Push
) -> tuple[str, bool]:
    """Keep a message of session `of`; the id of the trip it will be in, and whether it is new. Raises TooMuchHeld."""
    known = session.get(PushMessage, (of, message_id, sha256))
    if known is not None:
        return known.trip_id, False
    if bytes_of(session, device_id) + len(body) > rules.device_bytes:
        raise TooMuchHeld(rules.device_bytes)
    part = _open_part(session, device_id, of, now)
    part.last_at, part.messages, part.bytes_held = now, part.messages + 1, part.bytes_held + len(body)
    session.flush()
    row = {"session": of, "message_id": message_id, "sha256": sha256, "trip_id": part.trip_id}
    session.add(PushMessage(**row, received_at=now, body=body))
    return part.trip_id, True


def bytes_of(session: Session, device_id: str) -> int:
    """What of a device waits."""
    return session.scalar(select(func.sum(PushPart.bytes_held)).where(PushPart.device_id == device_id)) or 0


def is_over(session: Session, now: float, rules: Push) -> bool:
    """Whether `claim` might find one: asked without taking the writers' turn."""
    return session.scalar(select(PushPart.trip_id).where(_due(now, rules)).limit(1)) is not None


def claim(session: Session, now: float, rules: Push) -> Held | None:
    """A part that is over, now leased to the caller and closed to messages; None when there is none."""
    due = select(PushPart).where(_due(now, rules)).order_by(PushPart.last_at, PushPart.trip_id).limit(1)
    part = session.scalar(due.with_for_update(skip_locked=True))
    if part is None:
        return None
    part.closing_at = part.closing_at or now
    part.attempts, part.lease, part.lease_until = part.attempts + 1, secrets.token_hex(16), now + rules.lease_s
    return Held(part.trip_id, part.device_id, part.attempts, part.lease)


def _due(now: float, rules: Push) -> ColumnElement[bool]:
    begun, silent = PushPart.closing_at.is_not(None), PushPart.last_at < now - rules.silence_s
    over = or_(begun, silent, PushPart.bytes_held >= rules.part_bytes)
    free = or_(PushPart.lease_until.is_(None), PushPart.lease_until < now)
    return and_(PushPart.closed_at.is_(None), PushPart.reason.is_(None), over, free)


def holds(session: Session, held: Held) -> bool:
    """Whether the part is still there and the caller's, asked inside the transaction that closes it."""
    mine = select(PushPart.lease).where(PushPart.trip_id == held.trip_id).with_for_update()
    return session.scalar(mine) == held.lease


def bodies(session: Session, trip_id: str) -> list[bytes]:
    """Readings of a part, in order of message."""
    query = select(PushMessage.body).where(PushMessage.trip_id == trip_id, PushMessage.body.is_not(None))
    return [body for body in session.scalars(query.order_by(PushMessage.message_id, PushMessage.sha256)) if body is not None]


def close(session: Session, held: Held, now: float, reason: str | None = None) -> None:
    """The part is a trip, or nothing for a reason: its readings are erased, its receipts stay for a while."""
    session.execute(update(PushMessage).where(PushMessage.trip_id == held.trip_id).values(body=None))
    done = {"closed_at": now, "bytes_held": 0, "lease": None, "lease_until": None, "reason": reason}
    session.execute(update(PushPart).where(PushPart.trip_id == held.trip_id).values(done))


def set_aside(session: Session, held: Held, reason: str) -> None:
    """It failed too often: its messages stay, nobody tries again by himself."""
    session.execute(update(PushPart).where(PushPart.trip_id == held.trip_id).values(reason=reason, lease=None, lease_until=None))


def set_aside_count(session: Session) -> int:
    """How many parts wait for an operator."""
    waiting = (PushPart.closed_at.is_(None), PushPart.reason.is_not(None))
    return session.scalar(select(func.count()).select_from(PushPart).where(*waiting)) or 0


def forget(session: Session, before: float) -> int:
    """Delete the receipts of parts closed before then; returns how many."""
    old = select(PushPart.trip_id).where(PushPart.closed_at < before)
    gone: CursorResult[Any] = session.connection().execute(delete(PushMessage).where(PushMessage.trip_id.in_(old)))
    return gone.rowcount


def _open_part(session: Session, device_id: str, of: str, now: float) -> PushPart:
    """The last part of the session if it still takes messages, else a new one."""
    last = session.scalar(
        select(PushPart).where(PushPart.session == of).order_by(PushPart.number.desc()).limit(1).with_for_update()
    )
    if last is not None and last.closing_at is None:
        return last
    number = 0 if last is None else last.number + 1
    part = PushPart(trip_id=trip_of(of, number), device_id=device_id, session=of, number=number, last_at=now)
    part.messages = part.bytes_held = part.attempts = 0
    session.add(part)
    return part
