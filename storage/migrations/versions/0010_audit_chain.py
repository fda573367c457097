"""the audit as a chain: numbers, hashes, segments, and triggers that refuse changes; two indexes for reports"""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_CLOSED_ENTRY = (
    "EXISTS (SELECT 1 FROM audit_chain c JOIN audit_segment s ON c.seq <= s.last_seq WHERE c.entry_id = OLD.id)"
)
_CLOSED_LINK = (
    "EXISTS (SELECT 1 FROM audit_segment s WHERE OLD.seq <= s.last_seq) "
    "AND NOT EXISTS (SELECT 1 FROM audit a WHERE a.id = OLD.entry_id)"
)
_MAY_GO = {"audit": _CLOSED_ENTRY, "audit_chain": _CLOSED_LINK, "audit_segment": "1 = 0"}


def upgrade() -> None:
    """Move the schema forward."""
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_object")
        batch_op.add_column(sa.Column("risk", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("outcome", sa.Text(), server_default="ok", nullable=False))
        batch_op.add_column(sa.Column("factor", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("correlation", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("origin", sa.Text(), nullable=True))
        batch_op.create_check_constraint(
            op.f("ck_audit_outcome_known"),
            "outcome = 'ok' OR outcome = 'denied' OR outcome = 'failed' OR outcome = 'expired'",
        )
    op.create_table(
        "audit_chain",
        sa.Column("seq", _ID, autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=True),
        sa.Column("prev_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_chain")),
    )
    with op.batch_alter_table("audit_chain", schema=None) as batch_op:
        batch_op.create_index("uq_audit_chain_entry", ["entry_id"], unique=True)
        batch_op.create_index("ix_audit_chain_action", ["action", "entry_id"], unique=False)
        batch_op.create_index("ix_audit_chain_actor", ["actor", "entry_id"], unique=False)
        batch_op.create_index("ix_audit_chain_object", ["object", "entry_id"], unique=False)
    op.create_table(
        "audit_segment",
        sa.Column("last_seq", _ID, autoincrement=False, nullable=False),
        sa.Column("first_seq", sa.BigInteger(), nullable=False),
        sa.Column("end_hash", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("last_seq", name=op.f("pk_audit_segment")),
    )
    op.create_index("ix_subscription_state", "subscription", ["state", "as_of"], unique=False)
    op.create_index("ix_appeal_payment_paid", "appeal_payment", ["paid_at"], unique=False)
    triggers = _for_sqlite if op.get_bind().dialect.name == "sqlite" else _for_postgres
    for table in _MAY_GO:
        for statement in triggers(table):
            op.execute(statement)


def _for_sqlite(table: str) -> Iterator[str]:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    yield f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}"
    yield f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} WHEN NOT ({_MAY_GO[table]}) {refuse}"


def _for_postgres(table: str) -> Iterator[str]:
    refuse = f"RAISE EXCEPTION '{table} is append-only'"
    yield (
        f"CREATE OR REPLACE FUNCTION {table}_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP = 'DELETE' THEN IF {_MAY_GO[table]} THEN RETURN OLD; END IF; END IF; {refuse}; END $$"
    )
    rows = f"BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_guard()"
    whole = f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {table}_guard()"
    yield f"CREATE TRIGGER {table}_no_change {rows}"
    yield f"CREATE TRIGGER {table}_no_truncate {whole}"


def downgrade() -> None:
    """Migrations only move forward; a backup is the way back."""
    raise NotImplementedError
