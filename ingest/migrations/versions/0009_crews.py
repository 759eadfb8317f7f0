"""Crews' tool: two rankings, terms, assigned and joined and parted defects, reports of anyone, live events."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("defects", sa.Column("equity", sa.Double))
    op.add_column("defects", sa.Column("feature", sa.Text))
    for column in ("priority", "equity"):
        op.create_index(f"ix_defects_{column}", "defects", [column, "id"])
    op.create_table(
        "defect_facts",
        sa.Column("defect_id", sa.String(64), sa.ForeignKey("defects.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("told", sa.Text, nullable=False),
    )
    op.add_column("defect_marks", sa.Column("assignee", sa.String(64)))
    op.add_column("defect_changes", sa.Column("what", sa.String(16), nullable=False, server_default="status"))
    op.add_column("defect_changes", sa.Column("told", sa.Text))
    _one_and_two()
    _reports()
    op.create_table(
        "live_head",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("number", sa.Integer, nullable=False),
    )
    op.execute("INSERT INTO live_head (id, number) VALUES (0, 0)")
    op.create_table(
        "live_events",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("boxes", sa.Text, nullable=False),
    )


def _one_and_two() -> None:
    def place() -> list[sa.Column[Any]]:
        known = [sa.Column(name, sa.Double, nullable=False) for name in ("latitude", "longitude")]
        return [*known, sa.Column("heading", sa.Double), sa.Column("at", sa.Double, nullable=False)]

    op.create_table(
        "merged_defects",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("into", sa.String(64), nullable=False, index=True),
        *place(),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("devices", sa.Integer, nullable=False),
    )
    op.create_table(
        "pinned_defects",
        sa.Column("id", sa.String(64), primary_key=True),
        *place(),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("other", sa.String(64)),
        sa.Column("sort", sa.String(16)),
    )


def _reports() -> None:
    with op.batch_alter_table("reports") as table:  # SQLite cannot make a column optional: the table is copied
        table.alter_column("device_id", existing_type=sa.String(36), nullable=True)
        table.add_column(sa.Column("receipt_sha256", sa.String(64)))
        table.add_column(sa.Column("status", sa.String(16), nullable=False, server_default="new"))
        table.add_column(sa.Column("answer", sa.Text, nullable=False, server_default=""))
        table.add_column(sa.Column("changed_at", sa.Double))
    op.create_index("ix_reports_place", "reports", ["latitude", "longitude"])
