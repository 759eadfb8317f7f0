"""What workers do, and what they make of trips before any defect is told of."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ingest.store.schema.base import Base


class Job(Base):
    """Work waiting or under way: `survey:<trip id>`, or the one `estimate`.

    revision counts the requests for it; lease is the random name of the worker's claim, good until lease_until;
    rank 0 is done before rank 1, however old that is.
    """

    __tablename__ = "jobs"
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    trip_id: Mapped[str | None] = mapped_column(ForeignKey("trips.id", ondelete="CASCADE"), index=True)
    due_at: Mapped[float] = mapped_column(index=True)
    revision: Mapped[int]
    attempts: Mapped[int]
    lease: Mapped[str | None] = mapped_column(String(32))
    lease_until: Mapped[float | None]
    error: Mapped[str | None] = mapped_column(Text)
    rank: Mapped[int] = mapped_column(server_default="0")
    __table_args__ = (Index("ix_jobs_order", "rank", "due_at", "name"),)


class SurveyRow(Base):
    """What one trip tells about the road; `arrays` is the packed `detection.Survey`, `shape` names its columns."""

    __tablename__ = "surveys"
    trip_id: Mapped[str] = mapped_column(ForeignKey("trips.id", ondelete="CASCADE"), primary_key=True)
    shape: Mapped[str] = mapped_column(String(64))
    jolts: Mapped[int]
    driven_m: Mapped[float]
    driven_s: Mapped[float]
    surveyed_at: Mapped[float]
    arrays: Mapped[bytes]


class SurveyTile(Base):
    """A tile whose defects, histories or assets a trip can matter to (`detection.tiles`)."""

    __tablename__ = "survey_tiles"
    trip_id: Mapped[str] = mapped_column(ForeignKey("trips.id", ondelete="CASCADE"), primary_key=True)
    tile: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    __table_args__ = (Index("ix_survey_tiles_tile", "tile"),)


class StaleTile(Base):
    """A tile to be estimated again, a row for each reason: rows are only added and deleted, so that no two writers meet."""

    __tablename__ = "stale_tiles"
    id: Mapped[int] = mapped_column(primary_key=True)
    tile: Mapped[int] = mapped_column(BigInteger)


class CalibrationRow(Base):
    """The one row of the calibration that all defects are told by. arrays: packed, NULL where there is none that counts.

    surveys: how many it was made from, since: surveys stored after that; expiries: how often it was declared void.
    """

    __tablename__ = "calibrations"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    shape: Mapped[str] = mapped_column(String(64))
    arrays: Mapped[bytes | None]
    surveys: Mapped[int]
    since: Mapped[int]
    made_at: Mapped[float]
    expiries: Mapped[int]


class WorkerRow(Base):
    """What a worker did since it started: all counters only grow. `id` is random, of one process."""

    __tablename__ = "workers"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    started_at: Mapped[float]
    seen_at: Mapped[float]
    trips: Mapped[int]
    rejected: Mapped[int]
    driven_s: Mapped[float]
    survey_cpu_s: Mapped[float]
    estimates: Mapped[int]
    estimate_s: Mapped[float]
