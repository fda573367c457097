"""why payments of letters fail, and what staff noted beside a refund"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Move the schema forward."""
    with op.batch_alter_table("appeal_payment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("failures", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("failure_code", sa.Text(), nullable=True))

    with op.batch_alter_table("appeal_refund", schema=None) as batch_op:
        batch_op.add_column(sa.Column("note", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    """Migrations only move forward; a backup is the way back."""
    raise NotImplementedError
