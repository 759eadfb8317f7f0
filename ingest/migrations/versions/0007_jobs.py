"""Jobs that can wait: trips made anew give way to those that a phone has just sent."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("jobs", sa.Column("rank", sa.Integer, nullable=False, server_default="0"))
    op.create_index("ix_jobs_order", "jobs", ["rank", "due_at", "name"])
