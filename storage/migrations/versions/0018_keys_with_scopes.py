"""what a key of the API opens, and from where"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Move the schema forward. A key that is there already opens what it opened: the books, from everywhere."""
    with op.batch_alter_table("api_token", schema=None) as batch_op:
        batch_op.add_column(sa.Column("scopes", sa.Text(), server_default="receipts", nullable=False))
        batch_op.add_column(sa.Column("networks", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    """Migrations only move forward; a backup is the way back."""
    raise NotImplementedError
