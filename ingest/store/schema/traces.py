"""Devices, their trips, and the bytes that are kept or kept no longer."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ingest.store.schema.base import Base

TRIP_STATES = ("receiving", "queued", "processed", "rejected")


class Device(Base):
    """One phone. Its token is kept as a hash only; the one before it stays good until `previous_until`.

    last_used: the beginning of the day (UTC); revoked_at: since then no token of it opens anything.
    """

    __tablename__ = "devices"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[float]
    previous_sha256: Mapped[str | None] = mapped_column(String(64), index=True)
    previous_until: Mapped[float | None]
    last_used: Mapped[float | None]
    revoked_at: Mapped[float | None]


class Trip(Base):
    """One drive of one device; `chunks` is the number it was finished with.

    cut: `wanted` where the server must withhold its ends before anything is kept, `done` once it has, NULL otherwise.
    traces_deleted_at: when its chunks were deleted for their age.
    """

    __tablename__ = "trips"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    device_id: Mapped[str] = mapped_column(ForeignKey("devices.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[float]
    finished_at: Mapped[float | None]
    chunks: Mapped[int | None]
    reason: Mapped[str | None] = mapped_column(Text)
    cut: Mapped[str | None] = mapped_column(String(16))
    traces_deleted_at: Mapped[float | None]


class Chunk(Base):
    """One acknowledged chunk; its bytes lie in the object folder under a name that follows from this row."""

    __tablename__ = "chunks"
    trip_id: Mapped[str] = mapped_column(ForeignKey("trips.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    received_at: Mapped[float]


class QuarantinedChunk(Base):
    """One acknowledged chunk whose bytes were found damaged or missing; what is left of them lies in the folder's quarantine."""

    __tablename__ = "quarantined_chunks"
    trip_id: Mapped[str] = mapped_column(ForeignKey("trips.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    found_at: Mapped[float]


class ChunkGone(Base):
    """A chunk that was acknowledged and whose bytes are kept no longer: what it was known by, so that a repeat is known."""

    __tablename__ = "chunks_gone"
    trip_id: Mapped[str] = mapped_column(ForeignKey("trips.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sha256: Mapped[str] = mapped_column(String(64))


class Tombstone(Base):
    """Something erased must not come back: hash = HMAC-SHA256 of what it was, by the key of that name; made_on: the day."""

    __tablename__ = "tombstones"
    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    key_name: Mapped[str] = mapped_column(String(16))
    made_on: Mapped[float]


class DeviceCell(Base):
    """A cell in which the server withheld an end of a device's trip: ends beside it are taken for the same."""

    __tablename__ = "device_cells"
    device_id: Mapped[str] = mapped_column(ForeignKey("devices.id", ondelete="CASCADE"), primary_key=True)
    size_m: Mapped[float] = mapped_column(primary_key=True)
    row: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    column: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class DeviceFirst(Base):
    """How many metres of the streets that are drawn a device was the first to drive."""

    __tablename__ = "device_firsts"
    device_id: Mapped[str] = mapped_column(ForeignKey("devices.id", ondelete="CASCADE"), primary_key=True)
    metres: Mapped[float]


class PushPart(Base):
    """A session of a pushing app, or what came of it after a silence: a trip to be, under its id.

    session: UUID made from the device and the app's name of the session. closing_at: no message is added from then on;
    closed_at: its trip is stored and its messages are erased. lease as of a job; reason: why nothing was made of it.
    """

    __tablename__ = "push_parts"
    trip_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    device_id: Mapped[str] = mapped_column(ForeignKey("devices.id", ondelete="CASCADE"), index=True)
    session: Mapped[str] = mapped_column(String(36))
    number: Mapped[int]
    last_at: Mapped[float]
    messages: Mapped[int]
    bytes_held: Mapped[int]
    closing_at: Mapped[float | None]
    closed_at: Mapped[float | None]
    attempts: Mapped[int]
    lease: Mapped[str | None] = mapped_column(String(32))
    lease_until: Mapped[float | None]
    reason: Mapped[str | None] = mapped_column(Text)
    __table_args__ = (
        Index("ix_push_parts_session", "session", "number", unique=True),
        Index("ix_push_parts_closed", "closed_at", "last_at"),
    )


class PushMessage(Base):
    """One acknowledged message; `body` holds its readings until their trip is made, the rest stays as a receipt."""

    __tablename__ = "push_messages"
    session: Mapped[str] = mapped_column(String(36), primary_key=True)
    message_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    trip_id: Mapped[str] = mapped_column(ForeignKey("push_parts.trip_id", ondelete="CASCADE"), index=True)
    received_at: Mapped[float]
    body: Mapped[bytes | None]


class Fingerprint(Base):
    """When and where a processed trip was seen first and last (NULL unknown), and the times of its strongest shocks, packed."""

    __tablename__ = "fingerprints"
    trip_id: Mapped[str] = mapped_column(ForeignKey("trips.id", ondelete="CASCADE"), primary_key=True)
    begin_s: Mapped[float | None]
    end_s: Mapped[float | None]
    begin_latitude: Mapped[float | None]
    begin_longitude: Mapped[float | None]
    end_latitude: Mapped[float | None]
    end_longitude: Mapped[float | None]
    peaks: Mapped[bytes]


class FingerprintMark(Base):
    """What a copy of a trip would be looked up by (`detection.fingerprint`)."""

    __tablename__ = "fingerprint_marks"
    trip_id: Mapped[str] = mapped_column(ForeignKey("fingerprints.trip_id", ondelete="CASCADE"), primary_key=True)
    mark: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    __table_args__ = (Index("ix_fingerprint_marks_mark", "mark"),)
