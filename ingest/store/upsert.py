"""INSERT … ON CONFLICT, which both databases have and SQLAlchemy spells for each by itself."""

from __future__ import annotations

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Session

Insert = postgresql.Insert | sqlite.Insert


def insert_or(session: Session, table: type[DeclarativeBase]) -> Insert:
    """To be followed by `on_conflict_do_nothing` or `on_conflict_do_update`: safe however many do it at once."""
    make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    return make(table)
