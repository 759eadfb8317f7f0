"""What people say of defects, and what is said to those who listen."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ingest.store.schema.base import Base


class DefectMark(Base):
    """What was last said about a defect, by its id: no estimate touches it, so none can lose it. Outweighs `Defect.status`.

    version counts the changes. repaired_at: when it was last marked so, NULL where it is not. The rest is what the passes
    since the repair say (`detection.life`): verdict, the counts behind it, and when they were counted. assignee: whose work it
    is, a name of somebody or of a crew.
    """

    __tablename__ = "defect_marks"
    defect_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    status: Mapped[str] = mapped_column(String(16))
    version: Mapped[int]
    repaired_at: Mapped[float | None]
    verdict: Mapped[str | None] = mapped_column(String(16))
    silent_passes: Mapped[int | None]
    silent_devices: Mapped[int | None]
    hits: Mapped[int | None]
    judged_at: Mapped[float | None]
    assignee: Mapped[str | None] = mapped_column(String(64))


class DefectChange(Base):
    """One change of a mark: who said what, when. `by` is a user's name or `system`.

    what: status (also a mere note), assign, merge, split or undo. told: JSON, what an undo needs to know and people may read.
    """

    __tablename__ = "defect_changes"
    defect_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[float]
    by: Mapped[str] = mapped_column(String(64))
    before: Mapped[str] = mapped_column(String(16))
    status: Mapped[str] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(Text)
    what: Mapped[str] = mapped_column(String(16), server_default="status")
    told: Mapped[str | None] = mapped_column(Text)


class MergedDefect(Base):
    """Two that are one: `id` is shown no more and leads to `into`, which counts the passes of both.

    It is estimated as before, so that it keeps its id at its place, and so that parting them again loses nothing.
    devices: how many had passed it, for who may know that it was there.
    """

    __tablename__ = "merged_defects"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    into: Mapped[str] = mapped_column(String(64), index=True)
    at: Mapped[float]
    by: Mapped[str] = mapped_column(String(64))
    latitude: Mapped[float]
    longitude: Mapped[float]
    heading: Mapped[float | None]
    devices: Mapped[int]


class PinnedDefect(Base):
    """A defect whose place a crew knows better than the estimate, which keeps its id there, come what may.

    other: of a split one, the id of its other half. sort: of a known thing (`detection.assets.SORTS`), which is no work.
    """

    __tablename__ = "pinned_defects"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    latitude: Mapped[float]
    longitude: Mapped[float]
    heading: Mapped[float | None]
    other: Mapped[str | None] = mapped_column(String(64))
    sort: Mapped[str | None] = mapped_column(String(16))
    at: Mapped[float]
    by: Mapped[str] = mapped_column(String(64))


class DefectPhoto(Base):
    """A photo that a crew took of a defect: its bytes in the row, so that they are in every copy and go with one DELETE.

    defect_id: the one that it was taken of, whatever that one is merged into. sha256: of what was sent. at: when it was added.
    small, jpeg: last, so that reading the rest of a row reads none of them.
    """

    __tablename__ = "defect_photos"
    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    defect_id: Mapped[str] = mapped_column(String(64))
    at: Mapped[float]
    by: Mapped[str] = mapped_column(String(64))
    sha256: Mapped[str] = mapped_column(String(64))
    width: Mapped[int]
    height: Mapped[int]
    small: Mapped[bytes]
    jpeg: Mapped[bytes]
    __table_args__ = (Index("ix_defect_photos_defect", "defect_id", "sha256", unique=True),)


class LiveHead(Base):
    """The one row that says how many live events there were: writers take turns at it, so numbers come to light in order."""

    __tablename__ = "live_head"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int]


class LiveEvent(Base):
    """What anyone may see changed; boxes: JSON, a list of [west, south, east, north]. Old ones are deleted."""

    __tablename__ = "live_events"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[float]
    boxes: Mapped[str] = mapped_column(Text)


class Report(Base):
    """What somebody told by hand: a driver's device, or anyone (device_id NULL).

    receipt_sha256: of the secret by which its writer asks what became of it. status, answer: what a crew says of it, where no
    defect says it; changed_at: when.
    """

    __tablename__ = "reports"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    device_id: Mapped[str | None] = mapped_column(ForeignKey("devices.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[float] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(16))
    latitude: Mapped[float]
    longitude: Mapped[float]
    note: Mapped[str] = mapped_column(Text)
    receipt_sha256: Mapped[str | None] = mapped_column(String(64))
    status: Mapped[str] = mapped_column(String(16), server_default="new")
    answer: Mapped[str] = mapped_column(Text, server_default="")
    changed_at: Mapped[float | None]
    __table_args__ = (Index("ix_reports_place", "latitude", "longitude"),)
