"""Roles: users and what opens their door, enrolment codes, marks of defects, reports, the append-only audit log."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

REFUSED = "the audit log is append-only"


def upgrade() -> None:
    _devices()
    _users()
    _marks()
    _reports()
    _audit()


def _devices() -> None:
    op.add_column("devices", sa.Column("previous_sha256", sa.String(64)))
    for name in ("previous_until", "last_used", "revoked_at"):
        op.add_column("devices", sa.Column(name, sa.Double))
    op.create_index("ix_devices_previous_sha256", "devices", ["previous_sha256"])
    op.create_table(
        "enrolment_codes",
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.Column("expires_at", sa.Double, nullable=False),
        sa.Column("uses_left", sa.Integer, nullable=False),
    )


def _users() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("name", sa.String(64), nullable=False, unique=True),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("email", sa.String(254)),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.Column("signed_in_at", sa.Double),
    )
    op.create_table(
        "user_keys",
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("user_id", sa.String(36), sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
        sa.Column("sort", sa.String(8), nullable=False),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.Column("expires_at", sa.Double, nullable=False),
    )


def _marks() -> None:
    op.create_table(
        "defect_marks",
        sa.Column("defect_id", sa.String(64), primary_key=True),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("repaired_at", sa.Double),
        sa.Column("verdict", sa.String(16)),
        *(sa.Column(name, sa.Integer) for name in ("silent_passes", "silent_devices", "hits")),
        sa.Column("judged_at", sa.Double),
    )
    op.create_table(
        "defect_changes",
        sa.Column("defect_id", sa.String(64), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        *(sa.Column(name, sa.String(16), nullable=False) for name in ("before", "status")),
        sa.Column("note", sa.Text, nullable=False),
    )


def _reports() -> None:
    op.create_table(
        "reports",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("device_id", sa.String(36), sa.ForeignKey("devices.id", ondelete="CASCADE"), nullable=False, index=True),
        sa.Column("created_at", sa.Double, nullable=False, index=True),
        sa.Column("kind", sa.String(16), nullable=False),
        *(sa.Column(name, sa.Double, nullable=False) for name in ("latitude", "longitude")),
        sa.Column("note", sa.Text, nullable=False),
    )


def _audit() -> None:
    op.create_table(
        "audit_log",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("who", sa.String(80), nullable=False),
        sa.Column("what", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(80), nullable=False),
        *(sa.Column(name, sa.Text) for name in ("before", "after")),
        sa.Column("request_id", sa.String(36)),
        *(sa.Column(name, sa.String(64), nullable=False) for name in ("previous", "sha256")),
    )
    head = op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
    )
    op.bulk_insert(head, [{"id": 1, "number": 0, "sha256": "0" * 64}])
    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL:
        op.execute(statement)


_SQLITE = (
    *(
        f"CREATE TRIGGER audit_log_no_{verb} BEFORE {verb} ON audit_log BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
        for verb in ("UPDATE", "DELETE")
    ),
    f"CREATE TRIGGER audit_head_no_delete BEFORE DELETE ON audit_head BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END",
    "CREATE TRIGGER audit_head_only_grows BEFORE UPDATE ON audit_head WHEN new.number <> old.number + 1 "
    f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END",
)
_POSTGRESQL = (
    f"CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{REFUSED}'; END $$",
    "CREATE TRIGGER audit_log_no_change BEFORE UPDATE OR DELETE ON audit_log FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
    "CREATE TRIGGER audit_log_no_truncate BEFORE TRUNCATE ON audit_log FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
    "CREATE TRIGGER audit_head_no_delete BEFORE DELETE ON audit_head FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
    "CREATE TRIGGER audit_head_no_truncate BEFORE TRUNCATE ON audit_head FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
    "CREATE TRIGGER audit_head_only_grows BEFORE UPDATE ON audit_head FOR EACH ROW "
    "WHEN (NEW.number <> OLD.number + 1) EXECUTE FUNCTION audit_refuse()",
)
