"""Other systems that are told."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ingest.store.schema.base import Base


class Webhook(Base):
    """Where an operator wants to be told; secret signs what is sent. events: names by blanks, "" for all."""

    __tablename__ = "webhooks"
    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    url: Mapped[str] = mapped_column(Text)
    secret: Mapped[str] = mapped_column(String(64))
    events: Mapped[str] = mapped_column(Text)
    created_at: Mapped[float]


class WebhookMessage(Base):
    """Something to be told to one webhook, written with what it tells of, deleted once it has arrived.

    due_at: when it is tried next, NULL once it has failed too often. error: why it did not arrive the last time.
    """

    __tablename__ = "webhook_messages"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    webhook_id: Mapped[str] = mapped_column(ForeignKey("webhooks.id", ondelete="CASCADE"), index=True)
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[float]
    due_at: Mapped[float | None] = mapped_column(index=True)
    attempts: Mapped[int]
    error: Mapped[str | None] = mapped_column(Text)


class Open311Push(Base):
    """A defect that was pushed to another system's Open311 endpoint, or is about to be.

    service_request_id: what the endpoint calls it, NULL while no answer has been kept. closed_at: when it was seen closed there.
    """

    __tablename__ = "open311_pushes"
    endpoint: Mapped[str] = mapped_column(String(200), primary_key=True)
    defect_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    asked_at: Mapped[float]
    service_request_id: Mapped[str | None] = mapped_column(String(200))
    closed_at: Mapped[float | None]
