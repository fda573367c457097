"""what a plan is paid by"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Move the schema forward. What is known of a card comes with the next look at its plan."""
    with op.batch_alter_table("subscription", schema=None) as batch_op:
        batch_op.add_column(sa.Column("method", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    """Migrations only move forward; a backup is the way back."""
    raise NotImplementedError
