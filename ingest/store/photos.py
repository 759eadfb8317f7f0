"""Photos that crews took of a defect: rows by its id, beside the estimates, which replace each other.

A photo stays with the id that it was taken of. What was merged shows its photos with the defect that it counts for, and has them
again when it is parted; of a split one they stay with the half that keeps the id (docs/decisions/0020-photos.md).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from ingest.store import audit, joined
from ingest.store.audit import Deed
from ingest.store.schema import DefectPhoto

MOST = 6  # of a defect: from afar, from near, before, after, and two more; a tool of crews, not an album


class TooManyPhotos(Exception):
    """The defect has as many as it may have."""

    def __init__(self) -> None:
        self.most = MOST
        super().__init__(f"the defect has {MOST} photos")


class NoPhoto(Exception):
    """The defect has no such photo."""


@dataclass(frozen=True)
class NewPhoto:
    """jpeg, small: what is kept; width and height of the large one in pixels. sha256: of what was sent,
    by which it is known again. by: a user's name.
    """

    jpeg: bytes
    small: bytes
    width: int
    height: int
    sha256: str
    by: str


@dataclass(frozen=True)
class Photo:
    """What is told of one besides its bytes. at: s since 1970, when it was added."""

    id: str
    at: float
    by: str
    width: int
    height: int


_TOLD = (DefectPhoto.id, DefectPhoto.at, DefectPhoto.by, DefectPhoto.width, DefectPhoto.height)


def add(session: Session, defect_id: str, new: NewPhoto, deed: Deed, now: float) -> tuple[Photo, bool]:
    """Keeps it; whether it is new: the same bytes again are the same photo. The caller knows that the defect stands for itself.

    Raises TooManyPhotos.
    """
    shown = joined.family(session, defect_id)
    same = select(*_TOLD).where(DefectPhoto.defect_id.in_(shown), DefectPhoto.sha256 == new.sha256)
    if (held := session.execute(same).first()) is not None:
        return Photo(*held), False
    if (session.scalar(select(func.count()).where(DefectPhoto.defect_id.in_(shown))) or 0) >= MOST:
        raise TooManyPhotos
    row = DefectPhoto(id=secrets.token_hex(8), defect_id=defect_id, at=now, by=new.by, sha256=new.sha256)
    row.width, row.height, row.small, row.jpeg = new.width, new.height, new.small, new.jpeg
    session.add(row)
    audit.append(session, now, deed, "defect.photo", defect_id, None, f"{row.id}, sha256 {new.sha256[:32]}")
    return Photo(row.id, now, new.by, new.width, new.height), True


def listed(session: Session, defect_id: str) -> list[Photo]:
    """Those shown with a defect, the oldest first; their bytes stay where they are."""
    mine = select(*_TOLD).where(DefectPhoto.defect_id.in_(joined.family(session, defect_id)))
    return [Photo(*row) for row in session.execute(mine.order_by(DefectPhoto.at, DefectPhoto.id))]


def read(session: Session, defect_id: str, photo_id: str, small: bool) -> bytes:
    """The JPEG, large or small. Also while no estimate holds the defect. Raises NoPhoto."""
    _owner(session, defect_id, photo_id)
    wanted = DefectPhoto.small if small else DefectPhoto.jpeg
    return session.scalars(select(wanted).where(DefectPhoto.id == photo_id)).one()


def remove(session: Session, defect_id: str, photo_id: str, deed: Deed, now: float) -> None:
    """For ever: who is seen on it may have asked for that. Raises NoPhoto."""
    owner = _owner(session, defect_id, photo_id)
    session.execute(delete(DefectPhoto).where(DefectPhoto.id == photo_id))
    audit.append(session, now, deed, "defect.photo_deleted", owner, photo_id, None)


def move(session: Session, defect_id: str, to: str) -> None:
    """All photos of a defect that is no more are the other one's; of the same photo of both, one."""
    theirs = select(DefectPhoto.sha256).where(DefectPhoto.defect_id == to)
    session.execute(delete(DefectPhoto).where(DefectPhoto.defect_id == defect_id, DefectPhoto.sha256.in_(theirs)))
    session.execute(update(DefectPhoto).where(DefectPhoto.defect_id == defect_id).values(defect_id=to))


def _owner(session: Session, defect_id: str, photo_id: str) -> str:
    """The id that the photo is kept under; asked by any id that it is, or was, shown with."""
    away = joined.target(session, defect_id)
    shown = joined.family(session, away.into if away else defect_id)
    owner = session.scalar(select(DefectPhoto.defect_id).where(DefectPhoto.id == photo_id, DefectPhoto.defect_id.in_(shown)))
    if owner is None:
        raise NoPhoto(photo_id)
    return owner
