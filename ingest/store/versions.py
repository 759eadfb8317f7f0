"""How often what is told of the roads has changed: whoever keeps answers knows by it whether they still hold."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ingest.store.schema import RoadsVersion


def bump(session: Session) -> None:
    """To be called in the transaction that changes defects, what was said of them, or streets."""
    session.execute(update(RoadsVersion).values(number=RoadsVersion.number + 1))


def current(session: Session) -> int:
    return session.scalars(select(RoadsVersion.number)).one()
