"""Crossings, as the estimate of everything finds them."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "crossings",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        *(sa.Column(name, sa.Double, nullable=False) for name in ("latitude", "longitude", "braking", "low", "high")),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("arms", "devices", "approaches")),
        sa.Column("told", sa.Text, nullable=False),
    )
    op.create_index("ix_crossings_place", "crossings", ["latitude", "longitude"])
