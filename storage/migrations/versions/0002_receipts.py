"""receipts and the ledger"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.schema

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Move the schema forward."""
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

    op.create_table(
        "ledger_account",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
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
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_ledger_account_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_account")),
    )
    with op.batch_alter_table("ledger_account", schema=None) as batch_op:
        batch_op.create_index("uq_ledger_account_hash", ["person_id", "account_hash"], unique=True)

    op.create_table(
        "ledger_book",
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_ledger_book_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_ledger_book")),
    )
    op.create_table(
        "ledger_budget",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("category_id", sa.BigInteger(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("rollover", sa.Boolean(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.CheckConstraint("period = 'week' OR period = 'month'", name=op.f("ck_ledger_budget_period_known")),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_ledger_budget_amount_positive")),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_ledger_budget_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_budget")),
    )
    with op.batch_alter_table("ledger_budget", schema=None) as batch_op:
        batch_op.create_index("uq_ledger_budget_scope", ["person_id", "category_id", "period", "currency"], unique=True)

    op.create_table(
        "ledger_budget_alert",
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("budget_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("percent", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_ledger_budget_alert_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("person_id", "budget_id", "start", "percent", name=op.f("pk_ledger_budget_alert")),
    )
    op.create_table(
        "ledger_category",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
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
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_ledger_category_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_category")),
    )
    with op.batch_alter_table("ledger_category", schema=None) as batch_op:
        batch_op.create_index("uq_ledger_category_key", ["person_id", "key"], unique=True)
        batch_op.create_index("uq_ledger_category_name", ["person_id", "parent_id", "name_hash"], unique=True)

    op.create_table(
        "ledger_lesson",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("pattern_hash", sa.LargeBinary(), nullable=False),
        sa.Column("category_id", sa.BigInteger(), nullable=True),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_ledger_lesson_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_lesson")),
    )
    with op.batch_alter_table("ledger_lesson", schema=None) as batch_op:
        batch_op.create_index("ix_ledger_lesson_pattern", ["person_id", "pattern_hash", "id"], unique=False)

    op.create_table(
        "ledger_part",
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("transaction_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("category_id", sa.BigInteger(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_ledger_part_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("person_id", "transaction_id", "seq", name=op.f("pk_ledger_part")),
    )
    with op.batch_alter_table("ledger_part", schema=None) as batch_op:
        batch_op.create_index("ix_ledger_part_category", ["person_id", "category_id", "date"], unique=False)
        batch_op.create_index("ix_ledger_part_date", ["person_id", "date"], unique=False)

    op.create_table(
        "ledger_rule",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
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
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_ledger_rule_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_rule")),
    )
    with op.batch_alter_table("ledger_rule", schema=None) as batch_op:
        batch_op.create_index("ix_ledger_rule_category", ["person_id", "category_id"], unique=False)
        batch_op.create_index("uq_ledger_rule_pattern", ["person_id", "kind", "pattern_hash"], unique=True)

    op.create_table(
        "ledger_total",
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
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
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_ledger_total_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint(
            "person_id", "grain", "start", "currency", "kind", "state", "category_id", name=op.f("pk_ledger_total")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "ledger_transaction",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
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
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_ledger_transaction_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
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

    op.create_table(
        "receipt",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("source_id", sa.BigInteger(), nullable=True),
        sa.Column("fields", sa.LargeBinary(), nullable=False),
        sa.Column("date", sa.Date(), nullable=True),
        sa.Column("minute", sa.Integer(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("total_minor", sa.BigInteger(), nullable=True),
        sa.Column("merchant_hash", sa.LargeBinary(), nullable=True),
        sa.Column("number_hash", sa.LargeBinary(), nullable=True),
        sa.Column("phone_hash", sa.LargeBinary(), nullable=True),
        sa.Column("confidence_percent", sa.Integer(), nullable=True),
        sa.Column("older_id", sa.BigInteger(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", storage.schema.Moment(), nullable=False),
        sa.Column("state_at", storage.schema.Moment(), nullable=False),
        sa.CheckConstraint(
            "state = 'draft' OR state = 'needs_review' OR state = 'confirmed' OR state = 'rejected' OR state = 'failed'",
            name=op.f("ck_receipt_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_receipt_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt")),
    )
    with op.batch_alter_table("receipt", schema=None) as batch_op:
        batch_op.create_index("ix_receipt_merchant", ["person_id", "merchant_hash", "date"], unique=False)
        batch_op.create_index("ix_receipt_number", ["person_id", "number_hash"], unique=False)
        batch_op.create_index("ix_receipt_phone", ["person_id", "phone_hash"], unique=False)
        batch_op.create_index("ix_receipt_state", ["person_id", "state", "id"], unique=False)
        batch_op.create_index("ix_receipt_total", ["person_id", "total_minor", "currency"], unique=False)
        batch_op.create_index("uq_receipt_code", ["person_id", "code"], unique=True)

    op.create_table(
        "receipt_different",
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("older_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("newer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_receipt_different_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("person_id", "older_id", "newer_id", name=op.f("pk_receipt_different")),
    )
    op.create_table(
        "receipt_document",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("source_id", sa.BigInteger(), nullable=True),
        sa.Column("receipt_id", sa.BigInteger(), nullable=True),
        sa.Column("page_order", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.Column("perceptual_hash", sa.BigInteger(), nullable=True),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("blob_id", sa.BigInteger(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_receipt_document_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt_document")),
    )
    with op.batch_alter_table("receipt_document", schema=None) as batch_op:
        batch_op.create_index("ix_receipt_document_receipt", ["person_id", "receipt_id", "page_order"], unique=False)
        batch_op.create_index("uq_receipt_document_content", ["person_id", "content_hash"], unique=True)

    op.create_table(
        "receipt_history",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("receipt_id", sa.BigInteger(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("before", sa.LargeBinary(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.Column("undone_at", storage.schema.Moment(), nullable=True),
        sa.CheckConstraint(
            "act = 'confirm' OR act = 'edit' OR act = 'delete'", name=op.f("ck_receipt_history_act_known")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_receipt_history_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt_history")),
    )
    with op.batch_alter_table("receipt_history", schema=None) as batch_op:
        batch_op.create_index("ix_receipt_history_receipt", ["person_id", "receipt_id", "id"], unique=False)

    op.create_table(
        "receipt_line_item",
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("receipt_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("category_id", sa.BigInteger(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("kind = 'item' OR kind = 'tax'", name=op.f("ck_receipt_line_item_kind_known")),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_receipt_line_item_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("person_id", "receipt_id", "seq", name=op.f("pk_receipt_line_item")),
    )
    op.create_table(
        "receipt_reading",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("reader", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("cost_micros", sa.BigInteger(), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=True),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.CheckConstraint(
            "reader = 'rule' OR reader = 'local_ocr' OR reader = 'claude' OR reader = 'google_vision'",
            name=op.f("ck_receipt_reading_reader_known"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_receipt_reading_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt_reading")),
    )
    with op.batch_alter_table("receipt_reading", schema=None) as batch_op:
        batch_op.create_index("uq_receipt_reading_once", ["person_id", "document_id", "reader", "version"], unique=True)

    op.create_table(
        "receipt_source",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("provider_hash", sa.LargeBinary(), nullable=False),
        sa.Column("media_index", sa.Integer(), nullable=False),
        sa.Column("received_at", storage.schema.Moment(), nullable=False),
        sa.CheckConstraint(
            "kind = 'photo' OR kind = 'mms' OR kind = 'pdf' OR kind = 'text' OR kind = 'voice' OR kind = 'bank_text' OR kind = 'email' OR kind = 'mailbox' OR kind = 'bank' OR kind = 'api' OR kind = 'import'",
            name=op.f("ck_receipt_source_kind_known"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_receipt_source_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt_source")),
    )
    with op.batch_alter_table("receipt_source", schema=None) as batch_op:
        batch_op.create_index(
            "uq_receipt_source_provider", ["person_id", "kind", "provider_hash", "media_index"], unique=True
        )
    _preferences()
    _later()
    _bank()
    _mail()
    _api()
    _exports()
    _months()


def _months() -> None:
    """When each month of a ledger changed last."""
    op.create_table(
        "ledger_month",
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_ledger_month_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("person_id", "start", name=op.f("pk_ledger_month")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("ledger_month", schema=None) as batch_op:
        batch_op.create_index("ix_ledger_month_revision", ["person_id", "revision", "start"], unique=False)


def _preferences() -> None:
    op.create_table(
        "receipt_preference",
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("week_start", sa.Integer(), nullable=False),
        sa.Column("auto", sa.Boolean(), nullable=False),
        sa.Column("cloud", sa.Text(), nullable=False),
        sa.Column("dark", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "cloud = 'ask' OR cloud = 'on' OR cloud = 'off'", name=op.f("ck_receipt_preference_cloud_known")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_receipt_preference_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_receipt_preference")),
    )


def _api() -> None:
    """Tokens of the HTTP API, and the answers that it keeps for a day."""
    op.create_table(
        "api_token",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("writes", sa.Boolean(), nullable=False),
        sa.Column("made_at", storage.schema.Moment(), nullable=False),
        sa.Column("expires_at", storage.schema.Moment(), nullable=False),
        sa.Column("dropped_at", storage.schema.Moment(), nullable=True),
        sa.Column("used_at", storage.schema.Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_api_token_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
    )
    with op.batch_alter_table("api_token", schema=None) as batch_op:
        batch_op.create_index("uq_api_token_number", ["person_id", "number"], unique=True)
        batch_op.create_index("uq_api_token_hash", ["hash"], unique=True)

    op.create_table(
        "api_reply",
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        sa.Column("asked", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_api_reply_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("person_id", "key_hash", name=op.f("pk_api_reply")),
    )


def _exports() -> None:
    """Exports, what they sent, names of rows outside, programs that a person's books are sent to."""
    op.create_table(
        "ledger_export",
        sa.Column("id", _id(), autoincrement=False, nullable=False),
        sa.Column("person_id", _id(), nullable=False, autoincrement=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("start", sa.Date(), nullable=True),
        sa.Column("end", sa.Date(), nullable=True),
        sa.Column("fresh", sa.Boolean(), nullable=False),
        sa.Column("mark_revision", sa.Integer(), nullable=False),
        sa.Column("code", sa.LargeBinary(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sent", sa.LargeBinary(), nullable=True),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.CheckConstraint(
            "state = 'making' OR state = 'made' OR state = 'ended' OR state = 'locked'",
            name=op.f("ck_ledger_export_state_known"),
        ),
        _owned("ledger_export"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_export")),
    )
    with op.batch_alter_table("ledger_export", schema=None) as batch_op:
        batch_op.create_index("ix_ledger_export_person", ["person_id", "id"], unique=False)
        batch_op.create_index(
            "uq_ledger_export_open",
            ["person_id", "kind"],
            unique=True,
            sqlite_where=sa.text("state = 'making'"),
            postgresql_where=sa.text("state = 'making'"),
        )

    op.create_table(
        "ledger_export_file",
        sa.Column("person_id", _id(), nullable=False, autoincrement=False),
        sa.Column("export_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("blob_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("taken_at", storage.schema.Moment(), nullable=True),
        _owned("ledger_export_file"),
        sa.PrimaryKeyConstraint("person_id", "export_id", "seq", name=op.f("pk_ledger_export_file")),
    )
    op.create_table(
        "ledger_export_mark",
        sa.Column("person_id", _id(), nullable=False, autoincrement=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("blob_id", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        _owned("ledger_export_mark"),
        sa.PrimaryKeyConstraint("person_id", "kind", name=op.f("pk_ledger_export_mark")),
    )
    op.create_table(
        "ledger_external",
        sa.Column("person_id", _id(), nullable=False, autoincrement=False),
        sa.Column("thing", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("row_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "thing = 'entry' OR thing = 'category' OR thing = 'account' OR thing = 'rule' OR thing = 'budget' OR thing = 'picture'",
            name=op.f("ck_ledger_external_thing_known"),
        ),
        _owned("ledger_external"),
        sa.PrimaryKeyConstraint("person_id", "thing", "hash", name=op.f("pk_ledger_external")),
    )
    with op.batch_alter_table("ledger_external", schema=None) as batch_op:
        batch_op.create_index("ix_ledger_external_row", ["person_id", "thing", "row_id"], unique=False)

    op.create_table(
        "ledger_connection",
        sa.Column("person_id", _id(), nullable=False, autoincrement=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.CheckConstraint("kind = 'firefly' OR kind = 'actual'", name=op.f("ck_ledger_connection_kind_known")),
        _owned("ledger_connection"),
        sa.PrimaryKeyConstraint("person_id", "kind", name=op.f("pk_ledger_connection")),
    )


def _id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _owned(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_person_id_person")
    return sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=name, initially="DEFERRED", deferrable=True)


def _mail() -> None:
    op.create_table(
        "mail_address",
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("local_hash", sa.LargeBinary(), nullable=False),
        sa.Column("local", sa.LargeBinary(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_mail_address_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_mail_address")),
        sa.UniqueConstraint("local_hash", name=op.f("uq_mail_address_local_hash")),
    )
    op.create_table(
        "mail_consent",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("address_id", sa.BigInteger(), nullable=False),
        sa.Column("link_hash", sa.LargeBinary(), nullable=False),
        sa.Column("state_hash", sa.LargeBinary(), nullable=True),
        sa.Column("cookie_hash", sa.LargeBinary(), nullable=True),
        sa.Column("verifier", sa.LargeBinary(), nullable=True),
        sa.Column("expires_at", storage.schema.Moment(), nullable=False),
        sa.Column("used_at", storage.schema.Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_mail_consent_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_consent")),
        sa.UniqueConstraint("link_hash", name=op.f("uq_mail_consent_link_hash")),
        sa.UniqueConstraint("state_hash", name=op.f("uq_mail_consent_state_hash")),
    )
    with op.batch_alter_table("mail_consent", schema=None) as batch_op:
        batch_op.create_index("ix_mail_consent_person", ["person_id", "expires_at"], unique=False)

    op.create_table(
        "mail_import",
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("mailbox_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("receipt_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_mail_import_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("person_id", "mailbox_id", "receipt_id", name=op.f("pk_mail_import")),
    )
    op.create_table(
        "mail_quarantine",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("message_hash", sa.LargeBinary(), nullable=False),
        sa.Column("sender", sa.LargeBinary(), nullable=False),
        sa.Column("own", sa.Boolean(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("blob_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.CheckConstraint(
            "state = 'waiting' OR state = 'kept' OR state = 'dropped'", name=op.f("ck_mail_quarantine_state_known")
        ),
        sa.CheckConstraint(
            "why = 'sender' OR why = 'failed' OR why = 'unproven'", name=op.f("ck_mail_quarantine_why_known")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_mail_quarantine_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_quarantine")),
    )
    with op.batch_alter_table("mail_quarantine", schema=None) as batch_op:
        batch_op.create_index("ix_mail_quarantine_state", ["person_id", "state", "id"], unique=False)
        batch_op.create_index("uq_mail_quarantine_message", ["person_id", "message_hash"], unique=True)

    op.create_table(
        "mail_seen",
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("message_hash", sa.LargeBinary(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_mail_seen_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("person_id", "message_hash", name=op.f("pk_mail_seen")),
    )
    op.create_table(
        "mail_sender",
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("address_hash", sa.LargeBinary(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("own", sa.Boolean(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_mail_sender_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("person_id", "address_hash", name=op.f("pk_mail_sender")),
    )
    op.create_table(
        "mailbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("address_hash", sa.LargeBinary(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("secret_blob", sa.BigInteger(), nullable=True),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("next_at", storage.schema.Moment(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.CheckConstraint("kind = 'imap' OR kind = 'gmail'", name=op.f("ck_mailbox_kind_known")),
        sa.CheckConstraint(
            "state = 'good' OR state = 'needs_login' OR state = 'revoked'", name=op.f("ck_mailbox_state_known")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_mailbox_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailbox")),
    )
    with op.batch_alter_table("mailbox", schema=None) as batch_op:
        batch_op.create_index("ix_mailbox_next", ["state", "next_at"], unique=False)
        batch_op.create_index("uq_mailbox_address", ["person_id", "kind", "address_hash"], unique=True)


def _bank() -> None:
    """Make the tables of bank sync, and the way from a bank line to its ledger row."""
    op.create_table(
        "bank_account",
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("vendor_hash", sa.LargeBinary(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_bank_account_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("person_id", "vendor_hash", name=op.f("pk_bank_account")),
    )
    with op.batch_alter_table("bank_account", schema=None) as batch_op:
        batch_op.create_index("ix_bank_account_item", ["person_id", "item_id"], unique=False)

    op.create_table(
        "bank_alias",
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("line_name_hash", sa.LargeBinary(), nullable=False),
        sa.Column("merchant_hash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_bank_alias_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("person_id", "line_name_hash", "merchant_hash", name=op.f("pk_bank_alias")),
    )
    op.create_table(
        "bank_item",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
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
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_bank_item_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_item")),
    )
    with op.batch_alter_table("bank_item", schema=None) as batch_op:
        batch_op.create_index("ix_bank_item_state", ["person_id", "state"], unique=False)

    op.create_table(
        "bank_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
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
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_bank_line_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_line")),
    )
    with op.batch_alter_table("bank_line", schema=None) as batch_op:
        batch_op.create_index("ix_bank_line_item", ["person_id", "item_id"], unique=False)
        batch_op.create_index("ix_bank_line_receipt", ["person_id", "receipt_id"], unique=False)
        batch_op.create_index("ix_bank_line_state", ["person_id", "state", "date"], unique=False)
        batch_op.create_index("uq_bank_line_hash", ["person_id", "line_hash"], unique=True)

    op.create_table(
        "bank_link",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
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
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_bank_link_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_link")),
    )
    with op.batch_alter_table("bank_link", schema=None) as batch_op:
        batch_op.create_index("ix_bank_link_state", ["person_id", "state", "id"], unique=False)

    op.create_table(
        "bank_pair",
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
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
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_bank_pair_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("person_id", "line_id", "receipt_id", name=op.f("pk_bank_pair")),
    )
    with op.batch_alter_table("bank_pair", schema=None) as batch_op:
        batch_op.create_index("ix_bank_pair_receipt", ["person_id", "receipt_id"], unique=False)
        batch_op.create_index("ix_bank_pair_verdict", ["person_id", "verdict", "at"], unique=False)

    op.create_table(
        "bank_reference",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("target", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind = 'link' OR kind = 'item'", name=op.f("ck_bank_reference_kind_known")),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_bank_reference_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_bank_reference")),
    )
    with op.batch_alter_table("bank_reference", schema=None) as batch_op:
        batch_op.create_index("ix_bank_reference_target", ["person_id", "target"], unique=False)

    with op.batch_alter_table("ledger_transaction", schema=None) as batch_op:
        batch_op.create_index(
            "ix_ledger_transaction_bank_line",
            ["person_id", "bank_line_id"],
            unique=False,
            sqlite_where=sa.text("bank_line_id IS NOT NULL"),
            postgresql_where=sa.text("bank_line_id IS NOT NULL"),
        )

    _drop_answered_index()


def _later() -> None:
    """Make what happens by schedule: digests, reminders, expenses that come again, and what is past its life."""
    op.create_table(
        "receipt_digest",
        _person(),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("unanswered", sa.Integer(), nullable=False),
        sa.Column("asked", sa.Boolean(), nullable=False),
        sa.Column("sent_at", storage.schema.Moment(), nullable=True),
        sa.CheckConstraint(
            "kind = 'daily' OR kind = 'weekly' OR kind = 'monthly'", name=op.f("ck_receipt_digest_kind_known")
        ),
        _of_person("receipt_digest"),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_receipt_digest")),
    )
    op.create_table(
        "receipt_reminder",
        _person(),
        sa.Column("receipt_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.CheckConstraint("kind = 'return' OR kind = 'warranty'", name=op.f("ck_receipt_reminder_kind_known")),
        _of_person("receipt_reminder"),
        sa.PrimaryKeyConstraint("person_id", "receipt_id", "kind", name=op.f("pk_receipt_reminder")),
    )
    op.create_table(
        "ledger_series",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        _person(),
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
        _of_person("ledger_series"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_series")),
    )
    with op.batch_alter_table("ledger_series", schema=None) as batch_op:
        batch_op.create_index("uq_ledger_series_merchant", ["person_id", "merchant_hash"], unique=True)
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


def _person() -> sa.Column[int]:
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column("person_id", kind, autoincrement=False, nullable=False)


def _of_person(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["person_id"],
        ["person.id"],
        name=op.f(f"fk_{table}_person_id_person"),
        initially="DEFERRED",
        deferrable=True,
    )


def downgrade() -> None:
    """Migrations only move forward; a backup is the way back."""
    raise NotImplementedError


def _drop_answered_index() -> None:
    """A reply in a webhook's response bears its event's id now."""
    op.drop_index("ix_outbox_answered", table_name="outbox")
