"""Receipts: what was read, their pages, their history, where they came from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.schema
from storage.migrations.receipts.columns import of_person, person, row_id


def make() -> None:
    """Make these tables."""
    _receipt()
    _receipt_different()
    _receipt_document()
    _receipt_history()
    _receipt_line_item()
    _receipt_reading()
    _receipt_source()


def _receipt() -> None:
    op.create_table(
        "receipt",
        row_id(),
        person(),
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
        sa.Column("confidence_percent", sa.Integer(), nullable=True),
        sa.Column("older_id", sa.BigInteger(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", storage.schema.Moment(), nullable=False),
        sa.Column("state_at", storage.schema.Moment(), nullable=False),
        sa.CheckConstraint(
            "state = 'draft' OR state = 'needs_review' OR state = 'confirmed' OR state = 'rejected' OR state = 'failed'",
            name=op.f("ck_receipt_state_known"),
        ),
        of_person("receipt"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt")),
    )
    with op.batch_alter_table("receipt", schema=None) as batch_op:
        batch_op.create_index("ix_receipt_merchant", ["person_id", "merchant_hash", "date"], unique=False)
        batch_op.create_index("ix_receipt_number", ["person_id", "number_hash"], unique=False)
        batch_op.create_index("ix_receipt_state", ["person_id", "state", "id"], unique=False)
        batch_op.create_index("ix_receipt_total", ["person_id", "total_minor", "currency"], unique=False)
        batch_op.create_index("uq_receipt_code", ["person_id", "code"], unique=True)


def _receipt_different() -> None:
    op.create_table(
        "receipt_different",
        person(),
        sa.Column("older_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("newer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        of_person("receipt_different"),
        sa.PrimaryKeyConstraint("person_id", "older_id", "newer_id", name=op.f("pk_receipt_different")),
    )


def _receipt_document() -> None:
    op.create_table(
        "receipt_document",
        row_id(),
        person(),
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
        of_person("receipt_document"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt_document")),
    )
    with op.batch_alter_table("receipt_document", schema=None) as batch_op:
        batch_op.create_index("ix_receipt_document_receipt", ["person_id", "receipt_id", "page_order"], unique=False)
        batch_op.create_index("uq_receipt_document_content", ["person_id", "content_hash"], unique=True)


def _receipt_history() -> None:
    op.create_table(
        "receipt_history",
        row_id(),
        person(),
        sa.Column("receipt_id", sa.BigInteger(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("before", sa.LargeBinary(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.Column("undone_at", storage.schema.Moment(), nullable=True),
        sa.CheckConstraint(
            "act = 'confirm' OR act = 'edit' OR act = 'delete'", name=op.f("ck_receipt_history_act_known")
        ),
        of_person("receipt_history"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt_history")),
    )
    with op.batch_alter_table("receipt_history", schema=None) as batch_op:
        batch_op.create_index("ix_receipt_history_receipt", ["person_id", "receipt_id", "id"], unique=False)


def _receipt_line_item() -> None:
    op.create_table(
        "receipt_line_item",
        person(),
        sa.Column("receipt_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("category_id", sa.BigInteger(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("kind = 'item' OR kind = 'tax'", name=op.f("ck_receipt_line_item_kind_known")),
        of_person("receipt_line_item"),
        sa.PrimaryKeyConstraint("person_id", "receipt_id", "seq", name=op.f("pk_receipt_line_item")),
    )


def _receipt_reading() -> None:
    op.create_table(
        "receipt_reading",
        row_id(),
        person(),
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
        of_person("receipt_reading"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt_reading")),
    )
    with op.batch_alter_table("receipt_reading", schema=None) as batch_op:
        batch_op.create_index("uq_receipt_reading_once", ["person_id", "document_id", "reader", "version"], unique=True)


def _receipt_source() -> None:
    op.create_table(
        "receipt_source",
        row_id(),
        person(),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("provider_hash", sa.LargeBinary(), nullable=False),
        sa.Column("media_index", sa.Integer(), nullable=False),
        sa.Column("received_at", storage.schema.Moment(), nullable=False),
        sa.CheckConstraint(
            "kind = 'photo' OR kind = 'mms' OR kind = 'pdf' OR kind = 'text' OR kind = 'voice' OR kind = 'bank_text' OR kind = 'email' OR kind = 'mailbox' OR kind = 'bank' OR kind = 'api' OR kind = 'import'",
            name=op.f("ck_receipt_source_kind_known"),
        ),
        of_person("receipt_source"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt_source")),
    )
    with op.batch_alter_table("receipt_source", schema=None) as batch_op:
        batch_op.create_index(
            "uq_receipt_source_provider", ["person_id", "kind", "provider_hash", "media_index"], unique=True
        )
