"""Photos that crews took of defects."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "defect_photos",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("defect_id", sa.String(64), nullable=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("width", "height")),
        *(sa.Column(name, sa.LargeBinary, nullable=False) for name in ("small", "jpeg")),
    )
    op.create_index("ix_defect_photos_defect", "defect_photos", ["defect_id", "sha256"], unique=True)
