"""movements between a person's own accounts"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.schema

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Move the schema forward."""
    op.create_table(
        "bank_transfer",
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("out_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("in_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.CheckConstraint(
            "verdict = 'joined' OR verdict = 'maybe' OR verdict = 'no' OR verdict = 'gone'",
            name=op.f("ck_bank_transfer_verdict_known"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_bank_transfer_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("person_id", "out_id", "in_id", name=op.f("pk_bank_transfer")),
    )
    with op.batch_alter_table("bank_transfer", schema=None) as batch_op:
        batch_op.create_index("ix_bank_transfer_date", ["person_id", "date"], unique=False)
        batch_op.create_index("ix_bank_transfer_in", ["person_id", "in_id"], unique=False)


def downgrade() -> None:
    """Migrations only move forward; a backup is the way back."""
    raise NotImplementedError
