"""bills that a person is to be reminded of"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Move the schema forward."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "receipt_bill",
        sa.Column("id", number, autoincrement=False, nullable=False),
        sa.Column("person_id", number, autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "state = 'offered' OR state = 'set' OR state = 'ended'", name=op.f("ck_receipt_bill_state_known")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_receipt_bill_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt_bill")),
    )
    with op.batch_alter_table("receipt_bill", schema=None) as batch_op:
        batch_op.create_index("ix_receipt_bill_day", ["person_id", "day"], unique=False)


def downgrade() -> None:
    """Migrations only move forward; a backup is the way back."""
    raise NotImplementedError
