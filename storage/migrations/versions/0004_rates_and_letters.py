"""rates of all processes, drafts in quarantine, passes to pages"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.schema
from storage.migrations.receipts.columns import of_person, person

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Move the schema forward."""
    _rates()
    _quarantine()
    _passes()


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


def _passes() -> None:
    """Tokens that prove a person to a page, and the addresses that proved to be theirs."""
    op.create_table(
        "entry_pass",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        person(),
        sa.Column("address_id", sa.BigInteger(), nullable=True),
        sa.Column("about", sa.LargeBinary(), nullable=True),
        sa.Column("expires_at", storage.schema.Moment(), nullable=False),
        sa.Column("used_at", storage.schema.Moment(), nullable=True),
        sa.CheckConstraint(
            "kind = 'verify' OR kind = 'sign_in' OR kind = 'session' OR kind = 'mails_off'",
            name=op.f("ck_entry_pass_kind_known"),
        ),
        of_person("entry_pass"),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_entry_pass")),
    )
    op.create_index("ix_entry_pass_person", "entry_pass", ["person_id", "kind"], unique=False)
    op.create_index("ix_entry_pass_expires", "entry_pass", ["expires_at"], unique=False)
    op.add_column("mail_sender", sa.Column("verified_at", storage.schema.Moment(), nullable=True))
    op.add_column("mail_sender", sa.Column("muted_at", storage.schema.Moment(), nullable=True))
