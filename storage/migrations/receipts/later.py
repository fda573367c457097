"""What happens by schedule: digests, reminders, expenses that come again, and what is past its life."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.schema
from storage.migrations.receipts.columns import of_person, person, row_id


def make() -> None:
    """Make these tables."""
    _receipt_digest()
    _receipt_reminder()
    _ledger_series()
    _past_its_life()


def _receipt_digest() -> None:
    op.create_table(
        "receipt_digest",
        person(),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("unanswered", sa.Integer(), nullable=False),
        sa.Column("asked", sa.Boolean(), nullable=False),
        sa.Column("sent_at", storage.schema.Moment(), nullable=True),
        sa.CheckConstraint(
            "kind = 'daily' OR kind = 'weekly' OR kind = 'monthly'", name=op.f("ck_receipt_digest_kind_known")
        ),
        of_person("receipt_digest"),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_receipt_digest")),
    )


def _receipt_reminder() -> None:
    op.create_table(
        "receipt_reminder",
        person(),
        sa.Column("receipt_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.CheckConstraint("kind = 'return' OR kind = 'warranty'", name=op.f("ck_receipt_reminder_kind_known")),
        of_person("receipt_reminder"),
        sa.PrimaryKeyConstraint("person_id", "receipt_id", "kind", name=op.f("pk_receipt_reminder")),
    )


def _ledger_series() -> None:
    op.create_table(
        "ledger_series",
        row_id(),
        person(),
        sa.Column("merchant_hash", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("every", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("missed", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "state = 'offered' OR state = 'tracked' OR state = 'ended'", name=op.f("ck_ledger_series_state_known")
        ),
        sa.CheckConstraint(
            "every = 'week' OR every = 'month' OR every = 'year'", name=op.f("ck_ledger_series_every_known")
        ),
        of_person("ledger_series"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_series")),
    )
    with op.batch_alter_table("ledger_series", schema=None) as batch_op:
        batch_op.create_index("uq_ledger_series_merchant", ["person_id", "merchant_hash"], unique=True)


def _past_its_life() -> None:
    with op.batch_alter_table("receipt_document", schema=None) as batch_op:
        batch_op.create_index("ix_receipt_document_blob", ["person_id", "blob_id"], unique=False)
    unread = sa.text("receipt_id IS NULL")
    op.create_index(
        "ix_receipt_document_unread",
        "receipt_document",
        ["person_id", "at"],
        sqlite_where=unread,
        postgresql_where=unread,
    )
    for state in ("rejected", "failed"):
        where = sa.text(f"state = '{state}'")
        op.create_index(
            f"ix_receipt_{state}", "receipt", ["person_id", "state_at"], sqlite_where=where, postgresql_where=where
        )
