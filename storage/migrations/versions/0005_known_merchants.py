"""receipts know the telephone number of their merchant (rule PR-40)"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Move the schema forward."""
    with op.batch_alter_table("receipt") as batch_op:
        batch_op.add_column(sa.Column("phone_hash", sa.LargeBinary(), nullable=True))
        batch_op.create_index("ix_receipt_phone", ["person_id", "phone_hash"], unique=False)


def downgrade() -> None:
    """Migrations only move forward; a backup is the way back."""
    raise NotImplementedError
