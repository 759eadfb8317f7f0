"""Who may come in, and what was done: never with a secret in the clear, the log never changed."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ingest.store.schema.base import Base


class EnrolmentCode(Base):
    """Lets so many devices enrol; kept as a hash, and not remembered with the devices: it may have been handed to a person."""

    __tablename__ = "enrolment_codes"
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    created_at: Mapped[float]
    expires_at: Mapped[float]
    uses_left: Mapped[int]


class User(Base):
    """A person of the city, or a script: role is one of crew, analyst, admin."""

    __tablename__ = "users"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    role: Mapped[str] = mapped_column(String(16))
    email: Mapped[str | None] = mapped_column(String(254))
    created_at: Mapped[float]
    signed_in_at: Mapped[float | None]


class UserKey(Base):
    """What opens a user's door, as a hash: sort is `link` (once), `session` (a cookie) or `token` (of a script)."""

    __tablename__ = "user_keys"
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    sort: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[float]
    expires_at: Mapped[float]


class AuditEntry(Base):
    """One line of the audit log, chained to the one before by its hash; the database refuses to change or delete it."""

    __tablename__ = "audit_log"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[float]
    who: Mapped[str] = mapped_column(String(80))
    what: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(80))
    before: Mapped[str | None] = mapped_column(Text)
    after: Mapped[str | None] = mapped_column(Text)
    request_id: Mapped[str | None] = mapped_column(String(36))
    previous: Mapped[str] = mapped_column(String(64))
    sha256: Mapped[str] = mapped_column(String(64))


class AuditHead(Base):
    """The one row that says how long the audit log is and with what hash it ends."""

    __tablename__ = "audit_head"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
