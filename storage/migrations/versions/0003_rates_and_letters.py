"""rates of all processes, drafts in quarantine"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.schema
from storage.migrations.receipts.columns import of_person, person

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Move the schema forward."""
    _rates()
    _quarantine()


def downgrade() -> None:
    """Migrations only move forward; a backup is the way back."""
    raise NotImplementedError


def _rates() -> None:
    """How often a token of the HTTP API may ask, for all processes together."""
    op.create_table(
        "api_rate",
        person(),
        sa.Column("token_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("full_at", storage.schema.Moment(), nullable=False),
        of_person("api_rate"),
        sa.PrimaryKeyConstraint("person_id", "token_id", name=op.f("pk_api_rate")),
    )


def _quarantine() -> None:
    """A mail that waits for its person's word has a draft, and does not wait for ever."""
    op.add_column("mail_quarantine", sa.Column("draft", sa.LargeBinary(), nullable=True))
    op.create_index("ix_mail_quarantine_at", "mail_quarantine", ["at"], unique=False)
