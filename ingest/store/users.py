"""People of the city and their scripts: roles, and the links, sessions and tokens that open their door. No passwords.

Functions on an open transaction; every secret is kept as a hash only (`ingest.store.devices.digest`).
"""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from ingest.store.devices import digest
from ingest.store.schema import User, UserKey

ROLES = ("crew", "analyst", "admin")
FIRST_ADMIN = "admin"
LINK, SESSION, TOKEN = "link", "session", "token"
PREFIX = {LINK: "cahotlink_", SESSION: "cahotsession_", TOKEN: "cahotuser_"}  # so that a secret found somewhere tells what it is


class NameTaken(Exception):
    """A user of this name is there already."""


@dataclass(frozen=True)
class Person:
    """Who a secret belongs to; until: when it ends, s since 1970."""

    user_id: str
    name: str
    role: str
    until: float


def add(session: Session, name: str, role: str, email: str | None, now: float) -> User:
    """A new user. Raises NameTaken."""
    if named(session, name) is not None:
        raise NameTaken
    user = User(id=str(uuid.uuid4()), name=name, role=role, email=email, created_at=now)
    session.add(user)
    session.flush()
    return user


def named(session: Session, name: str) -> User | None:
    return session.scalars(select(User).where(User.name == name)).one_or_none()


def known(session: Session) -> list[User]:
    """All of them, by name."""
    return list(session.scalars(select(User).order_by(User.name)))


def remove(session: Session, user: User) -> None:
    """The user and everything that opened their door; what they did stays told."""
    session.execute(delete(User).where(User.id == user.id))


def change_role(session: Session, user: User, role: str) -> None:
    """Another role; sessions and tokens go, as they were given for the one before."""
    shut_out(session, user)
    user.role = role


def shut_out(session: Session, user: User) -> None:
    """No link, session or token of the user opens anything any more."""
    session.execute(delete(UserKey).where(UserKey.user_id == user.id))


def give(session: Session, user_id: str, sort: str, now: float, lasts_s: float) -> str:
    """A new secret of this sort; a new link voids the one before. Those that have run out are forgotten on the way."""
    session.execute(delete(UserKey).where(UserKey.expires_at <= now))
    if sort == LINK:
        session.execute(delete(UserKey).where(UserKey.user_id == user_id, UserKey.sort == LINK))
    secret = PREFIX[sort] + secrets.token_urlsafe(32)
    session.add(UserKey(sha256=digest(secret), user_id=user_id, sort=sort, created_at=now, expires_at=now + lasts_s))
    session.flush()
    return secret


def holder(session: Session, secret: str, sort: str, now: float) -> Person | None:
    """Whose secret of this sort it is; None for unknown, used and expired ones."""
    columns = (User.id, User.name, User.role, UserKey.expires_at)
    mine = (UserKey.sha256 == digest(secret), UserKey.sort == sort, UserKey.expires_at > now)
    row = session.execute(select(*columns).join(User, User.id == UserKey.user_id).where(*mine)).one_or_none()
    return None if row is None else Person(*row)


def take_back(session: Session, secret: str, sort: str) -> bool:
    """The secret opens nothing any more; False where it did not before, so that of two at once one wins."""
    gone = session.execute(delete(UserKey).where(UserKey.sha256 == digest(secret), UserKey.sort == sort))
    return bool(gone.rowcount)  # type: ignore[attr-defined]


def note_sign_in(session: Session, user_id: str, now: float) -> None:
    session.execute(update(User).where(User.id == user_id).values(signed_in_at=now))


def first_admin(session: Session, now: float) -> User | None:
    """Who is to be let in when an installation starts: an administrator, while none has ever signed in."""
    admins = [user for user in known(session) if user.role == "admin"]
    if any(user.signed_in_at is not None for user in admins):
        return None
    if admins:
        return admins[0]
    taken = named(session, FIRST_ADMIN) is not None
    return add(session, f"{FIRST_ADMIN}-{secrets.token_hex(2)}" if taken else FIRST_ADMIN, "admin", None, now)
