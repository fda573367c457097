"""the instant at which a plan ends, what a letter was paid with"""

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


def downgrade() -> None:
    """Migrations only move forward; a backup is the way back."""
    raise NotImplementedError
