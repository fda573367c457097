"""the instant at which a plan ends, what a letter was paid with, what of a plan's money went back"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.schema

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Move the schema forward. An instant that Stripe was given before comes with the next look at its plan."""
    with op.batch_alter_table("subscription", schema=None) as batch_op:
        batch_op.add_column(sa.Column("ends_at", storage.schema.Moment(), nullable=True))
    with op.batch_alter_table("appeal_payment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("method", sa.Text(), nullable=True))
    with op.batch_alter_table("plan_invoice", schema=None) as batch_op:
        batch_op.add_column(sa.Column("refunded_minor", sa.BigInteger(), server_default="0", nullable=False))
    op.execute(sa.text("UPDATE plan_invoice SET refunded_minor = amount_minor WHERE status = 'refunded'"))


def downgrade() -> None:
    """Migrations only move forward; a backup is the way back."""
    raise NotImplementedError
