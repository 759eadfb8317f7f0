"""Webhooks of the operator, and the outbox of what they are to be told.

A message is written in the transaction of what it tells of, so that the one is never without the other. Sending is
`ingest.delivering`'s.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import CursorResult, delete, func, select, update
from sqlalchemy.orm import Session

from detection import STATUSES, Defects
from ingest.store.places import in_parts
from ingest.store.schema import Defect, Webhook, WebhookMessage

EVENTS = ("defect.created", *(f"defect.{status}" for status in STATUSES))  # defect.new: taken back to it by somebody


@dataclass(frozen=True)
class Held:
    """A message that is the caller's to send until its lease ends."""

    id: str
    url: str
    secret: str
    body: str
    attempts: int
    due_at: float


@dataclass(frozen=True)
class Standing:
    """A webhook and what waits for it; failed: given up. error: the last one."""

    webhook: Webhook
    waiting: int
    failed: int
    error: str | None


def add(session: Session, url: str, events: Collection[str], now: float) -> Webhook:
    """A new one, with a secret of its own. events: of EVENTS, none for all."""
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    held = Webhook(id=secrets.token_hex(4), url=url, secret=secret, events=" ".join(events), created_at=now)
    session.add(held)
    session.flush()
    return held


def remove(session: Session, webhook_id: str) -> bool:
    """With all that waits for it; False when there is none of this id."""
    session.execute(delete(WebhookMessage).where(WebhookMessage.webhook_id == webhook_id))
    gone = cast(CursorResult[Any], session.execute(delete(Webhook).where(Webhook.id == webhook_id)))
    return gone.rowcount > 0


def standings(session: Session) -> list[Standing]:
    """All of them, oldest first."""
    found = []
    for webhook in session.scalars(select(Webhook).order_by(Webhook.created_at, Webhook.id)):
        mine = select(WebhookMessage).where(WebhookMessage.webhook_id == webhook.id).order_by(WebhookMessage.created_at.desc())
        held = session.scalars(mine).all()
        errors = [message.error for message in held if message.error]
        failed = sum(message.due_at is None for message in held)
        found.append(Standing(webhook, len(held) - failed, failed, errors[0] if errors else None))
    return found


def tell(session: Session, event: str, defect_ids: Collection[str], now: float, **told: Any) -> None:
    """Put it into the outbox of each webhook that wants it, a message a defect."""
    wanting = [one for one in session.scalars(select(Webhook)) if not one.events or event in one.events.split()]
    if not wanting:
        return
    columns = (Defect.id, Defect.kind, Defect.latitude, Defect.longitude, Defect.severity, Defect.confidence)
    rows = [
        row for part in in_parts(defect_ids) for row in session.execute(select(*columns).where(Defect.id.in_(part))).mappings()
    ]
    for row in rows:
        data = {**row, "latitude": round(row["latitude"], 6), "longitude": round(row["longitude"], 6), **told}
        at = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        body = json.dumps({"type": event, "timestamp": at, "data": data}, separators=(",", ":"))
        for webhook in wanting:
            message = WebhookMessage(id=f"msg_{secrets.token_hex(16)}", webhook_id=webhook.id, body=body, created_at=now)
            message.due_at, message.attempts = now, 0
            session.add(message)
    session.flush()


def tell_created(session: Session, old: Defects, found: Defects, k: int, now: float) -> None:
    """Defects that at least k devices have passed now, and that were not there, or of fewer devices, before."""
    before = set(old[old.devices >= k].id.tolist())
    fresh = [name for name in found[found.devices >= k].id.tolist() if name not in before]
    if fresh:
        tell(session, "defect.created", fresh, now)


def is_due(session: Session, now: float) -> bool:
    """Whether `claim` might find one: asked without taking the writers' turn."""
    return session.scalar(select(WebhookMessage.id).where(WebhookMessage.due_at <= now).limit(1)) is not None


def claim(session: Session, now: float, lease_s: float) -> Held | None:
    """The message due longest, nobody else's for so long; None when there is none."""
    due = select(WebhookMessage).where(WebhookMessage.due_at <= now).order_by(WebhookMessage.due_at, WebhookMessage.id)
    message = session.scalar(due.limit(1).with_for_update(skip_locked=True))
    if message is None:
        return None
    webhook = session.get_one(Webhook, message.webhook_id)
    message.attempts, message.due_at = message.attempts + 1, now + lease_s
    return Held(message.id, webhook.url, webhook.secret, message.body, message.attempts, message.due_at)


def arrived(session: Session, held: Held) -> None:
    session.execute(delete(WebhookMessage).where(WebhookMessage.id == held.id))


def failed(session: Session, held: Held, error: str, due_at: float | None) -> None:
    """To be tried again then, None: never; unless its lease ended and another has it."""
    mine = (WebhookMessage.id == held.id, WebhookMessage.due_at == held.due_at)
    session.execute(update(WebhookMessage).where(*mine).values(error=error[:500], due_at=due_at))


def retry(session: Session, now: float) -> int:
    """Try everything again that was given up; returns how many."""
    gave_up = session.scalar(select(func.count()).select_from(WebhookMessage).where(WebhookMessage.due_at.is_(None))) or 0
    session.execute(update(WebhookMessage).where(WebhookMessage.due_at.is_(None)).values(due_at=now, attempts=0))
    return gave_up


def forget(session: Session, before: float) -> None:
    """Delete what was given up and is older: it tells of places that may have been erased since."""
    session.execute(delete(WebhookMessage).where(WebhookMessage.due_at.is_(None), WebhookMessage.created_at < before))
