"""Devices and what opens their door: tokens as hashes, rotated with an overlap, revoked; codes to enrol with.

Functions on an open transaction. What a device drove is `ingest.store.trips`.
"""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import and_, bindparam, delete, func, or_, select, update
from sqlalchemy.orm import Session

from ingest.store.schema import Device, EnrolmentCode, Trip

DAY_S = 86_400.0
CODE_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: none is taken for another
CODE_LENGTH = 16  # 80 random bits: typed from a letter, and not to be guessed from its hash either
_READ_AS = str.maketrans("OIL", "011", "- \t")

# each upload runs this: built once, as building costs more than asking
_OF_TOKEN = select(Device.id, Device.last_used).where(
    Device.revoked_at.is_(None),
    or_(
        Device.token_sha256 == bindparam("sha256"),
        and_(Device.previous_sha256 == bindparam("sha256"), Device.previous_until > bindparam("now")),
    ),
)
_OF_DIGESTS = select(Device.token_sha256, Device.previous_sha256, Device.previous_until, Device.id).where(
    Device.revoked_at.is_(None),
    or_(
        Device.token_sha256.in_(bindparam("sha256", expanding=True)),
        Device.previous_sha256.in_(bindparam("sha256", expanding=True)),
    ),
)


@dataclass(frozen=True)
class Known:
    """One device for an operator; days are the beginning of a day, s since 1970 UTC."""

    device_id: str
    created_at: float
    last_used: float | None
    revoked_at: float | None
    trips: int


def digest(token: str) -> str:
    """What is kept of a secret: it has so many random bits that its hash cannot be guessed back, nor compared in parts."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def enrol(session: Session, now: float) -> tuple[str, str]:
    """A new device: its id and its secret token, which is kept nowhere but with the phone."""
    device_id, token = str(uuid.uuid4()), _new_token()
    session.add(Device(id=device_id, token_sha256=digest(token), created_at=now, last_used=day_of(now)))
    return device_id, token


def of_token(session: Session, token: str, now: float) -> tuple[str, float | None] | None:
    """The id of the device whose token it is, and the day of its last use; None for unknown, replaced and revoked ones."""
    found = session.execute(_OF_TOKEN, {"sha256": digest(token), "now": now}).one_or_none()
    return None if found is None else (found.id, found.last_used)


def of_digests(session: Session, sha256: Collection[str], now: float) -> dict[str, str]:
    """The ids of the devices whose tokens have these digests, by digest; replaced and revoked ones open nothing."""
    held = dict[str, str]()
    for token, previous, until, device_id in session.execute(_OF_DIGESTS, {"sha256": list(sha256)}):
        held[token] = device_id
        if previous is not None and until is not None and until > now:
            held[previous] = device_id
    return held


def note_use(session: Session, device_id: str, now: float) -> None:
    """It was used today; when exactly is nobody's business."""
    session.execute(update(Device).where(Device.id == device_id).values(last_used=day_of(now)))


def rotate(session: Session, device_id: str, now: float, overlap_s: float) -> str:
    """A new token; the one before stays good for `overlap_s`, should the answer get lost. One older still is void at once."""
    token = _new_token()
    values = {"previous_sha256": Device.token_sha256, "previous_until": now + overlap_s, "token_sha256": digest(token)}
    session.execute(update(Device).where(Device.id == device_id).values(values))
    return token


def revoke(session: Session, device_id: str, now: float) -> bool:
    """No token of it opens anything from now on; what it sent stays. False where there is no such device."""
    device = session.get(Device, device_id, with_for_update=True)
    if device is None:
        return False
    device.revoked_at = device.revoked_at or now
    return True


def known(session: Session) -> list[Known]:
    """All of them, oldest first."""
    driven = select(func.count()).where(Trip.device_id == Device.id).scalar_subquery()
    columns = (Device.id, Device.created_at, Device.last_used, Device.revoked_at, driven)
    return [Known(*row) for row in session.execute(select(*columns).order_by(Device.created_at, Device.id))]


def day_of(now: float) -> float:
    return now // DAY_S * DAY_S


def add_code(session: Session, now: float, uses: int, lasts_s: float) -> str:
    """A new enrolment code, in groups of four; codes that have run out are forgotten on the way."""
    session.execute(delete(EnrolmentCode).where(or_(EnrolmentCode.expires_at <= now, EnrolmentCode.uses_left <= 0)))
    code = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
    session.add(EnrolmentCode(sha256=digest(code), created_at=now, expires_at=now + lasts_s, uses_left=uses))
    return "-".join(code[at : at + 4] for at in range(0, CODE_LENGTH, 4))


def use_code(session: Session, code: str, now: float) -> bool:
    """Whether the code was good; then one use less is left. Found by its hash, so that no time tells how nearly it was right."""
    held = EnrolmentCode
    mine = (held.sha256 == digest(code.upper().translate(_READ_AS)), held.expires_at > now, held.uses_left > 0)
    found = session.scalars(select(held).where(*mine).with_for_update()).one_or_none()
    if found is None:
        return False
    found.uses_left -= 1
    return True


def _new_token() -> str:
    return "cahot_" + secrets.token_urlsafe(32)
