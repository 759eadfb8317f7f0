"""What is known of the roads: as estimated, and as the city told it."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ingest.store.schema.base import Base


class AssetRow(Base):
    """Columns of `detection.assets.Assets`, in the order of the city's file."""

    __tablename__ = "assets"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[str] = mapped_column(String(64))
    latitude: Mapped[float]
    longitude: Mapped[float]
    sort: Mapped[str] = mapped_column(String(16))
    heading: Mapped[float | None]
    radius: Mapped[float]
    __table_args__ = (Index("ix_assets_latitude", "latitude"),)


class Jolt(Base):
    """The jolts of the surveys as rows, for queries and exports; the survey's arrays are what counts."""

    __tablename__ = "jolts"
    trip_id: Mapped[str] = mapped_column(ForeignKey("trips.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    t_s: Mapped[float]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    heading: Mapped[float | None]
    speed: Mapped[float | None]
    severity: Mapped[float]
    peak: Mapped[float]
    kind: Mapped[str] = mapped_column(String(16))
    confidence: Mapped[float]
    __table_args__ = (Index("ix_jolts_place", "latitude", "longitude"),)


class Defect(Base):
    """Columns of `detection.Defects`; replaced tile by tile, `tile` being the one whose estimate it is of.

    equity: the other ranking (`detection.priority`). feature: its GeoJSON up to the status, as the API tells it; NULL of an
    older Cahot, until the next estimate.
    """

    __tablename__ = "defects"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    latitude: Mapped[float]
    longitude: Mapped[float]
    kind: Mapped[str] = mapped_column(String(16))
    severity: Mapped[float]
    confidence: Mapped[float]
    hits: Mapped[int]
    passes: Mapped[int]
    devices: Mapped[int]
    hit_rate: Mapped[float]
    heading: Mapped[float | None]
    radius: Mapped[float]
    first_seen: Mapped[float | None]
    last_seen: Mapped[float | None]
    status: Mapped[str] = mapped_column(String(16))
    priority: Mapped[float]
    tile: Mapped[int | None] = mapped_column(BigInteger)
    equity: Mapped[float | None]
    feature: Mapped[str | None] = mapped_column(Text)
    __table_args__ = (
        Index("ix_defects_place", "latitude", "longitude"),
        Index("ix_defects_tile", "tile"),
        Index("ix_defects_priority", "priority", "id"),
        Index("ix_defects_equity", "equity", "id"),
    )


class DefectFacts(Base):
    """What else an estimate says of a defect: `told` is JSON: the terms of its priority, the probability of each kind, its
    size, and what its passes say where it seems mended."""

    __tablename__ = "defect_facts"
    defect_id: Mapped[str] = mapped_column(ForeignKey("defects.id", ondelete="CASCADE"), primary_key=True)
    told: Mapped[str] = mapped_column(Text)


class DefectDay(Base):
    """The history of a defect: who passed and who hit it, up to and including the day that begins at `day`."""

    __tablename__ = "defect_days"
    defect_id: Mapped[str] = mapped_column(ForeignKey("defects.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[float] = mapped_column(primary_key=True)
    passes: Mapped[int]
    hits: Mapped[int]
    devices: Mapped[int]


class RoadsVersion(Base):
    """The one row that says how often defects, what was said of them, or streets have changed."""

    __tablename__ = "roads_version"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(BigInteger)


class CommonTrack(Base):
    """A piece of street that at least k devices drove; `line` is a JSON list of [longitude, latitude]."""

    __tablename__ = "common_tracks"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    south: Mapped[float]
    north: Mapped[float]
    west: Mapped[float]
    east: Mapped[float]
    passes: Mapped[int]
    devices: Mapped[int]
    roughness: Mapped[float]
    line: Mapped[str] = mapped_column(Text)
    __table_args__ = (Index("ix_common_tracks_place", "south", "west"),)


class Crossing(Base):
    """Columns of `detection.crossings.Crossings`, in order from south to north; `told` is a JSON list, an object each arm that is
    driven towards it, by the names of `detection.crossings.Approaches`."""

    __tablename__ = "crossings"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    latitude: Mapped[float]
    longitude: Mapped[float]
    arms: Mapped[int]
    devices: Mapped[int]
    approaches: Mapped[int]
    braking: Mapped[float]
    low: Mapped[float]
    high: Mapped[float]
    told: Mapped[str] = mapped_column(Text)
    __table_args__ = (Index("ix_crossings_place", "latitude", "longitude"),)
