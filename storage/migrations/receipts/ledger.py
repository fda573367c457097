"""The ledger: words to search it by, accounts, budgets, categories, rules, sums, transactions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.schema
from storage.migrations.receipts.columns import of_person, person, row_id


def make() -> None:
    """Make these tables."""
    _ledger_word()
    _ledger_account()
    _ledger_book()
    _ledger_budget()
    _ledger_budget_alert()
    _ledger_category()
    _ledger_lesson()
    _ledger_part()
    _ledger_rule()
    _ledger_total()
    _ledger_transaction()


def _ledger_word() -> None:
    op.create_table(
        "ledger_word",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("word", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("transaction_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "word", "date", "transaction_id", name=op.f("pk_ledger_word")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("ledger_word", schema=None) as batch_op:
        batch_op.create_index("ix_ledger_word_transaction", ["person_id", "transaction_id"], unique=False)


def _ledger_account() -> None:
    op.create_table(
        "ledger_account",
        row_id(),
        person(),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("last4", sa.LargeBinary(), nullable=True),
        sa.Column("account_hash", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("balance_minor", sa.BigInteger(), nullable=True),
        sa.Column("balance_at", storage.schema.Moment(), nullable=True),
        sa.CheckConstraint(
            "kind = 'cash' OR kind = 'card' OR kind = 'bank'", name=op.f("ck_ledger_account_kind_known")
        ),
        of_person("ledger_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_account")),
    )
    with op.batch_alter_table("ledger_account", schema=None) as batch_op:
        batch_op.create_index("uq_ledger_account_hash", ["person_id", "account_hash"], unique=True)


def _ledger_book() -> None:
    op.create_table(
        "ledger_book",
        person(),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        of_person("ledger_book"),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_ledger_book")),
    )


def _ledger_budget() -> None:
    op.create_table(
        "ledger_budget",
        row_id(),
        person(),
        sa.Column("category_id", sa.BigInteger(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("rollover", sa.Boolean(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.CheckConstraint("period = 'week' OR period = 'month'", name=op.f("ck_ledger_budget_period_known")),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_ledger_budget_amount_positive")),
        of_person("ledger_budget"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_budget")),
    )
    with op.batch_alter_table("ledger_budget", schema=None) as batch_op:
        batch_op.create_index("uq_ledger_budget_scope", ["person_id", "category_id", "period", "currency"], unique=True)


def _ledger_budget_alert() -> None:
    op.create_table(
        "ledger_budget_alert",
        person(),
        sa.Column("budget_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("percent", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        of_person("ledger_budget_alert"),
        sa.PrimaryKeyConstraint("person_id", "budget_id", "start", "percent", name=op.f("pk_ledger_budget_alert")),
    )


def _ledger_category() -> None:
    op.create_table(
        "ledger_category",
        row_id(),
        person(),
        sa.Column("parent_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("name_hash", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("icon", sa.Text(), nullable=True),
        sa.Column("colour", sa.Text(), nullable=True),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind = 'expense' OR kind = 'income' OR kind = 'transfer'", name=op.f("ck_ledger_category_kind_known")
        ),
        of_person("ledger_category"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_category")),
    )
    with op.batch_alter_table("ledger_category", schema=None) as batch_op:
        batch_op.create_index("uq_ledger_category_key", ["person_id", "key"], unique=True)
        batch_op.create_index("uq_ledger_category_name", ["person_id", "parent_id", "name_hash"], unique=True)


def _ledger_lesson() -> None:
    op.create_table(
        "ledger_lesson",
        row_id(),
        person(),
        sa.Column("pattern_hash", sa.LargeBinary(), nullable=False),
        sa.Column("category_id", sa.BigInteger(), nullable=True),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        of_person("ledger_lesson"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_lesson")),
    )
    with op.batch_alter_table("ledger_lesson", schema=None) as batch_op:
        batch_op.create_index("ix_ledger_lesson_pattern", ["person_id", "pattern_hash", "id"], unique=False)


def _ledger_part() -> None:
    op.create_table(
        "ledger_part",
        person(),
        sa.Column("transaction_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("category_id", sa.BigInteger(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        of_person("ledger_part"),
        sa.PrimaryKeyConstraint("person_id", "transaction_id", "seq", name=op.f("pk_ledger_part")),
    )
    with op.batch_alter_table("ledger_part", schema=None) as batch_op:
        batch_op.create_index("ix_ledger_part_category", ["person_id", "category_id", "date"], unique=False)
        batch_op.create_index("ix_ledger_part_date", ["person_id", "date"], unique=False)


def _ledger_rule() -> None:
    op.create_table(
        "ledger_rule",
        row_id(),
        person(),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("pattern_hash", sa.LargeBinary(), nullable=False),
        sa.Column("pattern", sa.LargeBinary(), nullable=False),
        sa.Column("category_id", sa.BigInteger(), nullable=True),
        sa.Column("rename", sa.LargeBinary(), nullable=True),
        sa.Column("tags", sa.LargeBinary(), nullable=True),
        sa.Column("learnt", sa.Boolean(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.CheckConstraint(
            "kind = 'merchant' OR kind = 'text' OR kind = 'alias'", name=op.f("ck_ledger_rule_kind_known")
        ),
        of_person("ledger_rule"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_rule")),
    )
    with op.batch_alter_table("ledger_rule", schema=None) as batch_op:
        batch_op.create_index("ix_ledger_rule_category", ["person_id", "category_id"], unique=False)
        batch_op.create_index("uq_ledger_rule_pattern", ["person_id", "kind", "pattern_hash"], unique=True)


def _ledger_total() -> None:
    op.create_table(
        "ledger_total",
        person(),
        sa.Column("grain", sa.Text(), nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("category_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("most_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("grain = 'month' OR grain = 'year'", name=op.f("ck_ledger_total_grain_known")),
        of_person("ledger_total"),
        sa.PrimaryKeyConstraint(
            "person_id", "grain", "start", "currency", "kind", "state", "category_id", name=op.f("pk_ledger_total")
        ),
        sqlite_with_rowid=False,
    )


def _ledger_transaction() -> None:
    op.create_table(
        "ledger_transaction",
        row_id(),
        person(),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("minute", sa.Integer(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("size_milli", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("category_id", sa.BigInteger(), nullable=True),
        sa.Column("split", sa.Boolean(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("receipt_id", sa.BigInteger(), nullable=True),
        sa.Column("source_id", sa.BigInteger(), nullable=True),
        sa.Column("bank_line_id", sa.BigInteger(), nullable=True),
        sa.Column("pictured", sa.Boolean(), nullable=False),
        sa.Column("merchant_hash", sa.LargeBinary(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("updated_at", storage.schema.Moment(), nullable=False),
        sa.CheckConstraint(
            "kind = 'expense' OR kind = 'refund' OR kind = 'income' OR kind = 'transfer'",
            name=op.f("ck_ledger_transaction_kind_known"),
        ),
        sa.CheckConstraint(
            "state = 'pending' OR state = 'posted' OR state = 'void'", name=op.f("ck_ledger_transaction_state_known")
        ),
        of_person("ledger_transaction"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_transaction")),
    )
    with op.batch_alter_table("ledger_transaction", schema=None) as batch_op:
        batch_op.create_index(
            "ix_ledger_transaction_amount", ["person_id", "amount_minor", "currency", "kind", "date"], unique=False
        )
        batch_op.create_index(
            "ix_ledger_transaction_category",
            [
                "person_id",
                "category_id",
                "date",
                "id",
                "state",
                "kind",
                "currency",
                "amount_minor",
                "size_milli",
                "pictured",
                "receipt_id",
                "account_id",
                "split",
            ],
            unique=False,
        )
        batch_op.create_index(
            "ix_ledger_transaction_date",
            [
                "person_id",
                "date",
                "id",
                "category_id",
                "state",
                "kind",
                "currency",
                "amount_minor",
                "size_milli",
                "pictured",
                "receipt_id",
                "account_id",
                "split",
            ],
            unique=False,
        )
        batch_op.create_index(
            "ix_ledger_transaction_merchant", ["person_id", "merchant_hash", "date", "id"], unique=False
        )
        batch_op.create_index("ix_ledger_transaction_receipt", ["person_id", "receipt_id"], unique=False)
        batch_op.create_index(
            "uq_ledger_transaction_cash_back",
            ["person_id", "receipt_id"],
            unique=True,
            sqlite_where=sa.text("receipt_id IS NOT NULL AND kind = 'transfer'"),
            postgresql_where=sa.text("receipt_id IS NOT NULL AND kind = 'transfer'"),
        )
        batch_op.create_index(
            "uq_ledger_transaction_receipt",
            ["person_id", "receipt_id"],
            unique=True,
            sqlite_where=sa.text("receipt_id IS NOT NULL AND kind <> 'transfer'"),
            postgresql_where=sa.text("receipt_id IS NOT NULL AND kind <> 'transfer'"),
        )
