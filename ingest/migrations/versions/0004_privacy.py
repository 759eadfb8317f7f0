"""Privacy: chunks whose bytes are kept no longer, trips whose ends the server withholds, tombstones of what was erased."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "chunks_gone",
        sa.Column("trip_id", sa.String(36), sa.ForeignKey("trips.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("sha256", sa.String(64), nullable=False),
    )
    op.add_column("trips", sa.Column("cut", sa.String(16)))
    op.add_column("trips", sa.Column("traces_deleted_at", sa.Double))
    op.create_table(
        "tombstones",
        sa.Column("hash", sa.String(64), primary_key=True),
        sa.Column("key_name", sa.String(16), nullable=False),
        sa.Column("made_on", sa.Double, nullable=False),
    )
    op.create_table(
        "device_cells",
        sa.Column("device_id", sa.String(36), sa.ForeignKey("devices.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("size_m", sa.Double, primary_key=True),
        sa.Column("row", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("column", sa.Integer, primary_key=True, autoincrement=False),
    )
