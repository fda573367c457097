"""Bank sync, and the way from a bank line to its ledger row."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.schema
from storage.migrations.receipts.columns import of_person, person, row_id


def make() -> None:
    """Make these tables."""
    _bank_account()
    _bank_alias()
    _bank_item()
    _bank_line()
    _bank_link()
    _bank_pair()
    _bank_reference()
    _line_of_transaction()


def _bank_account() -> None:
    op.create_table(
        "bank_account",
        person(),
        sa.Column("vendor_hash", sa.LargeBinary(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        of_person("bank_account"),
        sa.PrimaryKeyConstraint("person_id", "vendor_hash", name=op.f("pk_bank_account")),
    )
    with op.batch_alter_table("bank_account", schema=None) as batch_op:
        batch_op.create_index("ix_bank_account_item", ["person_id", "item_id"], unique=False)


def _bank_alias() -> None:
    op.create_table(
        "bank_alias",
        person(),
        sa.Column("line_name_hash", sa.LargeBinary(), nullable=False),
        sa.Column("merchant_hash", sa.LargeBinary(), nullable=False),
        of_person("bank_alias"),
        sa.PrimaryKeyConstraint("person_id", "line_name_hash", "merchant_hash", name=op.f("pk_bank_alias")),
    )


def _bank_item() -> None:
    op.create_table(
        "bank_item",
        row_id(),
        person(),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("institution", sa.LargeBinary(), nullable=False),
        sa.Column("token_blob", sa.BigInteger(), nullable=True),
        sa.Column("cursor", sa.LargeBinary(), nullable=True),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("linked_on", sa.Date(), nullable=False),
        sa.Column("consent", sa.Text(), nullable=False),
        sa.Column("consent_at", storage.schema.Moment(), nullable=False),
        sa.Column("lease", sa.BigInteger(), nullable=True),
        sa.Column("lease_until", storage.schema.Moment(), nullable=True),
        sa.Column("is_wanted", sa.Boolean(), nullable=False),
        sa.Column("synced_at", storage.schema.Moment(), nullable=True),
        sa.Column("asked_at", storage.schema.Moment(), nullable=True),
        sa.CheckConstraint(
            "state = 'good' OR state = 'needs_login' OR state = 'revoked' OR state = 'disabled'",
            name=op.f("ck_bank_item_state_known"),
        ),
        of_person("bank_item"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_item")),
    )
    with op.batch_alter_table("bank_item", schema=None) as batch_op:
        batch_op.create_index("ix_bank_item_state", ["person_id", "state"], unique=False)


def _bank_line() -> None:
    op.create_table(
        "bank_line",
        row_id(),
        person(),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("line_hash", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("receipt_id", sa.BigInteger(), nullable=True),
        sa.Column("is_history", sa.Boolean(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.CheckConstraint(
            "state = 'pending' OR state = 'posted' OR state = 'void' OR state = 'replaced'",
            name=op.f("ck_bank_line_state_known"),
        ),
        of_person("bank_line"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_line")),
    )
    with op.batch_alter_table("bank_line", schema=None) as batch_op:
        batch_op.create_index("ix_bank_line_item", ["person_id", "item_id"], unique=False)
        batch_op.create_index("ix_bank_line_receipt", ["person_id", "receipt_id"], unique=False)
        batch_op.create_index("ix_bank_line_state", ["person_id", "state", "date"], unique=False)
        batch_op.create_index("uq_bank_line_hash", ["person_id", "line_hash"], unique=True)


def _bank_link() -> None:
    op.create_table(
        "bank_link",
        row_id(),
        person(),
        sa.Column("item_id", sa.BigInteger(), nullable=True),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=True),
        sa.Column("url", sa.LargeBinary(), nullable=True),
        sa.Column("page", sa.LargeBinary(), nullable=True),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.Column("expires_at", storage.schema.Moment(), nullable=False),
        sa.CheckConstraint(
            "state = 'asked' OR state = 'open' OR state = 'exchanging' OR state = 'linked' OR state = 'failed'",
            name=op.f("ck_bank_link_state_known"),
        ),
        of_person("bank_link"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_link")),
    )
    with op.batch_alter_table("bank_link", schema=None) as batch_op:
        batch_op.create_index("ix_bank_link_state", ["person_id", "state", "id"], unique=False)


def _bank_pair() -> None:
    op.create_table(
        "bank_pair",
        person(),
        sa.Column("line_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("receipt_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("tip_minor", sa.BigInteger(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.CheckConstraint(
            "verdict = 'asked' OR verdict = 'matched' OR verdict = 'yes' OR verdict = 'no' OR verdict = 'gone'",
            name=op.f("ck_bank_pair_verdict_known"),
        ),
        of_person("bank_pair"),
        sa.PrimaryKeyConstraint("person_id", "line_id", "receipt_id", name=op.f("pk_bank_pair")),
    )
    with op.batch_alter_table("bank_pair", schema=None) as batch_op:
        batch_op.create_index("ix_bank_pair_receipt", ["person_id", "receipt_id"], unique=False)
        batch_op.create_index("ix_bank_pair_verdict", ["person_id", "verdict", "at"], unique=False)


def _bank_reference() -> None:
    op.create_table(
        "bank_reference",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        person(),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("target", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind = 'link' OR kind = 'item'", name=op.f("ck_bank_reference_kind_known")),
        of_person("bank_reference"),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_bank_reference")),
    )
    with op.batch_alter_table("bank_reference", schema=None) as batch_op:
        batch_op.create_index("ix_bank_reference_target", ["person_id", "target"], unique=False)


def _line_of_transaction() -> None:
    with op.batch_alter_table("ledger_transaction", schema=None) as batch_op:
        batch_op.create_index(
            "ix_ledger_transaction_bank_line",
            ["person_id", "bank_line_id"],
            unique=False,
            sqlite_where=sa.text("bank_line_id IS NOT NULL"),
            postgresql_where=sa.text("bank_line_id IS NOT NULL"),
        )
