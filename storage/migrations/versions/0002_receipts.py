"""receipts and the ledger

What is made stands by subject in `storage/migrations/receipts/`.
"""

from __future__ import annotations

from alembic import op

from storage.migrations.receipts import api, bank, exports, later, ledger, mail, months, papers, preferences

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Move the schema forward."""
    for subject in (ledger, papers, preferences, later, bank):
        subject.make()
    _drop_answered_index()
    for subject in (mail, api, exports, months):
        subject.make()


def downgrade() -> None:
    """Migrations only move forward; a backup is the way back."""
    raise NotImplementedError


def _drop_answered_index() -> None:
    """A reply in a webhook's response bears its event's id now."""
    op.drop_index("ix_outbox_answered", table_name="outbox")
