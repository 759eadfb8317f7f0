"""The first tables: devices, trips, chunks, jobs, surveys, jolts, defects and common tracks."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _arrivals()
    _jobs()
    _surveys()
    _defects()
    _common_tracks()


def _arrivals() -> None:
    op.create_table(
        "devices",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("token_sha256", sa.String(64), nullable=False, unique=True),
        sa.Column("created_at", sa.Double, nullable=False),
    )
    op.create_table(
        "trips",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("device_id", sa.String(36), sa.ForeignKey("devices.id", ondelete="CASCADE"), nullable=False, index=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.Column("finished_at", sa.Double),
        sa.Column("chunks", sa.Integer),
        sa.Column("reason", sa.Text),
    )
    op.create_table(
        "chunks",
        _trip_key(),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("received_at", sa.Double, nullable=False),
    )


def _jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("trip_id", sa.String(36), sa.ForeignKey("trips.id", ondelete="CASCADE"), index=True),
        sa.Column("due_at", sa.Double, nullable=False, index=True),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("lease", sa.String(32)),
        sa.Column("lease_until", sa.Double),
        sa.Column("error", sa.Text),
    )


def _surveys() -> None:
    op.create_table(
        "surveys",
        _trip_key(),
        sa.Column("shape", sa.String(64), nullable=False),
        sa.Column("jolts", sa.Integer, nullable=False),
        sa.Column("driven_m", sa.Double, nullable=False),
        sa.Column("driven_s", sa.Double, nullable=False),
        sa.Column("surveyed_at", sa.Double, nullable=False),
        sa.Column("arrays", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "jolts",
        _trip_key(),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("t_s", sa.Double, nullable=False),
        *(sa.Column(name, sa.Double) for name in ("latitude", "longitude", "heading", "speed")),
        sa.Column("severity", sa.Double, nullable=False),
        sa.Column("peak", sa.Double, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("confidence", sa.Double, nullable=False),
    )
    op.create_index("ix_jolts_place", "jolts", ["latitude", "longitude"])


def _defects() -> None:
    op.create_table(
        "defects",
        sa.Column("id", sa.String(64), primary_key=True),
        *(sa.Column(name, sa.Double, nullable=False) for name in ("latitude", "longitude")),
        sa.Column("kind", sa.String(16), nullable=False),
        *(sa.Column(name, sa.Double, nullable=False) for name in ("severity", "confidence")),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("hits", "passes", "devices")),
        sa.Column("hit_rate", sa.Double, nullable=False),
        sa.Column("heading", sa.Double),
        sa.Column("radius", sa.Double, nullable=False),
        *(sa.Column(name, sa.Double) for name in ("first_seen", "last_seen")),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("priority", sa.Double, nullable=False),
    )
    op.create_index("ix_defects_place", "defects", ["latitude", "longitude"])
    op.create_table(
        "defect_days",
        sa.Column("defect_id", sa.String(64), sa.ForeignKey("defects.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("day", sa.Double, primary_key=True),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("passes", "hits", "devices")),
    )


def _common_tracks() -> None:
    op.create_table(
        "common_tracks",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        *(sa.Column(name, sa.Double, nullable=False) for name in ("south", "north", "west", "east")),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("passes", "devices")),
        sa.Column("roughness", sa.Double, nullable=False),
        sa.Column("line", sa.Text, nullable=False),
    )
    op.create_index("ix_common_tracks_place", "common_tracks", ["south", "west"])


def _trip_key() -> sa.Column[str]:
    return sa.Column("trip_id", sa.String(36), sa.ForeignKey("trips.id", ondelete="CASCADE"), primary_key=True)
