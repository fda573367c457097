"""when invoices of plans were paid, and why payments of orders failed"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.schema

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Move the schema forward. An invoice that is paid already was paid on its day: Stripe charges at once."""
    with op.batch_alter_table("pay_order", schema=None) as batch_op:
        batch_op.add_column(sa.Column("failure_code", sa.Text(), nullable=True))
        batch_op.create_index("ix_pay_order_paid", ["paid_at"], unique=False)

    with op.batch_alter_table("plan_invoice", schema=None) as batch_op:
        batch_op.add_column(sa.Column("paid_at", storage.schema.Moment(), nullable=True))
        batch_op.create_index("ix_plan_invoice_paid", ["paid_at"], unique=False)

    op.execute(sa.text("UPDATE plan_invoice SET paid_at = at WHERE status = 'paid'"))


def downgrade() -> None:
    """Migrations only move forward; a backup is the way back."""
    raise NotImplementedError
