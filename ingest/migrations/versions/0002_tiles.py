"""Tiles: which ones a survey touches, which ones wait for an estimate; the fleet's calibration; a city's known assets."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "survey_tiles",
        sa.Column("trip_id", sa.String(36), sa.ForeignKey("trips.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("tile", sa.BigInteger, primary_key=True, autoincrement=False),
    )
    op.create_index("ix_survey_tiles_tile", "survey_tiles", ["tile"])
    op.create_table(
        "stale_tiles",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("tile", sa.BigInteger, nullable=False),
    )
    op.add_column("defects", sa.Column("tile", sa.BigInteger))
    op.create_index("ix_defects_tile", "defects", ["tile"])
    _calibrations()
    _assets()


def _calibrations() -> None:
    table = op.create_table(
        "calibrations",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("shape", sa.String(64), nullable=False),
        sa.Column("arrays", sa.LargeBinary),
        sa.Column("surveys", sa.Integer, nullable=False),
        sa.Column("since", sa.Integer, nullable=False),
        sa.Column("made_at", sa.Double, nullable=False),
        sa.Column("expiries", sa.Integer, nullable=False),
    )
    op.bulk_insert(table, [{"id": 1, "shape": "", "surveys": 0, "since": 0, "made_at": 0.0, "expiries": 0}])


def _assets() -> None:
    op.create_table(
        "assets",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("id", sa.String(64), nullable=False),
        *(sa.Column(name, sa.Double, nullable=False) for name in ("latitude", "longitude")),
        sa.Column("sort", sa.String(16), nullable=False),
        sa.Column("heading", sa.Double),
        sa.Column("radius", sa.Double, nullable=False),
    )
    op.create_index("ix_assets_latitude", "assets", ["latitude"])
