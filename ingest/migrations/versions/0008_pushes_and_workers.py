"""Messages pushed by other apps until they are trips; what each worker did; by what a copied trace is found."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "push_parts",
        sa.Column("trip_id", sa.String(36), primary_key=True),
        sa.Column("device_id", sa.String(36), sa.ForeignKey("devices.id", ondelete="CASCADE"), nullable=False),
        sa.Column("session", sa.String(36), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("last_at", sa.Double, nullable=False),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("messages", "bytes_held")),
        *(sa.Column(name, sa.Double) for name in ("closing_at", "closed_at")),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("lease", sa.String(32)),
        sa.Column("lease_until", sa.Double),
        sa.Column("reason", sa.Text),
    )
    op.create_index("ix_push_parts_device_id", "push_parts", ["device_id"])
    op.create_index("ix_push_parts_session", "push_parts", ["session", "number"], unique=True)
    op.create_index("ix_push_parts_closed", "push_parts", ["closed_at", "last_at"])
    op.create_table(
        "push_messages",
        sa.Column("session", sa.String(36), primary_key=True),
        sa.Column("message_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("trip_id", sa.String(36), sa.ForeignKey("push_parts.trip_id", ondelete="CASCADE"), nullable=False),
        sa.Column("received_at", sa.Double, nullable=False),
        sa.Column("body", sa.LargeBinary),
    )
    op.create_index("ix_push_messages_trip_id", "push_messages", ["trip_id"])
    op.create_table(
        "workers",
        sa.Column("id", sa.String(32), primary_key=True),
        *(sa.Column(name, sa.Double, nullable=False) for name in ("started_at", "seen_at")),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("trips", "rejected")),
        *(sa.Column(name, sa.Double, nullable=False) for name in ("driven_s", "survey_cpu_s")),
        sa.Column("estimates", sa.Integer, nullable=False),
        sa.Column("estimate_s", sa.Double, nullable=False),
    )
    _fingerprints()


def _fingerprints() -> None:
    places = ("begin_s", "end_s", "begin_latitude", "begin_longitude", "end_latitude", "end_longitude")
    op.create_table(
        "fingerprints",
        sa.Column("trip_id", sa.String(36), sa.ForeignKey("trips.id", ondelete="CASCADE"), primary_key=True),
        *(sa.Column(name, sa.Double) for name in places),
        sa.Column("peaks", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "fingerprint_marks",
        sa.Column("trip_id", sa.String(36), sa.ForeignKey("fingerprints.trip_id", ondelete="CASCADE"), primary_key=True),
        sa.Column("mark", sa.BigInteger, primary_key=True, autoincrement=False),
    )
    op.create_index("ix_fingerprint_marks_mark", "fingerprint_marks", ["mark"])
