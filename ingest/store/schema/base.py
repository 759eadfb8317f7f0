"""What all tables share."""

from __future__ import annotations

from sqlalchemy import Double, LargeBinary
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    type_annotation_map = {float: Double, bytes: LargeBinary}  # noqa: RUF012  (SQLAlchemy reads it so)
