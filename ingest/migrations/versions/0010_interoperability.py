"""How often the roads have changed, for tiles that are kept; webhooks with their outbox; what was pushed by Open311."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "roads_version",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("number", sa.BigInteger, nullable=False),
    )
    op.execute("INSERT INTO roads_version (id, number) VALUES (1, 0)")
    op.create_table(
        "webhooks",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("secret", sa.String(64), nullable=False),
        sa.Column("events", sa.Text, nullable=False),
        sa.Column("created_at", sa.Double, nullable=False),
    )
    op.create_table(
        "webhook_messages",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("webhook_id", sa.String(16), sa.ForeignKey("webhooks.id", ondelete="CASCADE"), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.Column("due_at", sa.Double),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("error", sa.Text),
    )
    op.create_index("ix_webhook_messages_webhook_id", "webhook_messages", ["webhook_id"])
    op.create_index("ix_webhook_messages_due_at", "webhook_messages", ["due_at"])
    op.create_table(
        "open311_pushes",
        sa.Column("endpoint", sa.String(200), primary_key=True),
        sa.Column("defect_id", sa.String(64), primary_key=True),
        sa.Column("asked_at", sa.Double, nullable=False),
        sa.Column("service_request_id", sa.String(200)),
        sa.Column("closed_at", sa.Double),
    )
