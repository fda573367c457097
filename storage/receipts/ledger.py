"""The tables of the ledger: transactions and the parts of those that are split.

`ix_ledger_transaction_date` and `..._category` hold every plain column that a filter or a sum may ask for, so that
counting a search reads the index alone; texts are fetched for the rows of one page.
"""

from __future__ import annotations

import sqlalchemy as sa

from storage.receipts.columns import key, owner
from storage.schema import Moment, metadata, one_of, partial_index

KINDS = ("expense", "refund", "income", "transfer")
STATES = ("pending", "posted", "void")
_FILTERED = ("state", "kind", "currency", "amount_minor", "size_milli", "pictured", "receipt_id", "account_id", "split")

transaction = sa.Table(
    "ledger_transaction",
    metadata,
    key(),
    owner(),
    sa.Column("date", sa.Date, nullable=False),
    sa.Column("minute", sa.Integer),
    sa.Column("amount_minor", sa.BigInteger, nullable=False),
    sa.Column("size_milli", sa.BigInteger, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("category_id", sa.BigInteger),
    sa.Column("split", sa.Boolean, nullable=False),
    sa.Column("account_id", sa.BigInteger),
    sa.Column("receipt_id", sa.BigInteger),
    sa.Column("source_id", sa.BigInteger),
    sa.Column("bank_line_id", sa.BigInteger),
    sa.Column("pictured", sa.Boolean, nullable=False),
    sa.Column("merchant_hash", sa.LargeBinary),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("updated_at", Moment, nullable=False),
    sa.Index("ix_ledger_transaction_date", "person_id", "date", "id", "category_id", *_FILTERED),
    sa.Index("ix_ledger_transaction_category", "person_id", "category_id", "date", "id", *_FILTERED),
    sa.Index("ix_ledger_transaction_merchant", "person_id", "merchant_hash", "date", "id"),
    sa.Index("ix_ledger_transaction_amount", "person_id", "amount_minor", "currency", "kind", "date"),
    partial_index(
        "uq_ledger_transaction_receipt", "person_id", "receipt_id", unique=True,
        where="receipt_id IS NOT NULL AND kind <> 'transfer'",
    ),
    partial_index(
        "uq_ledger_transaction_cash_back", "person_id", "receipt_id", unique=True,
        where="receipt_id IS NOT NULL AND kind = 'transfer'",
    ),
    sa.Index("ix_ledger_transaction_receipt", "person_id", "receipt_id"),
    partial_index("ix_ledger_transaction_bank_line", "person_id", "bank_line_id", where="bank_line_id IS NOT NULL"),
    one_of("kind", *KINDS),
    one_of("state", *STATES),
)  # fmt: skip


def theirs(person_id: int) -> sa.ColumnElement[bool]:
    """Return the check of ownership for rows that are found by id: `+ 0` keeps it from being used as the way in.

    Without statistics SQLite believes that a person has ten rows, and would read all of them rather than ten ids.
    """
    return transaction.c.person_id + 0 == person_id


part = sa.Table(
    "ledger_part",
    metadata,
    owner(primary_key=True),
    sa.Column("transaction_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("date", sa.Date, nullable=False),
    sa.Column("category_id", sa.BigInteger),
    sa.Column("amount_minor", sa.BigInteger, nullable=False),
    sa.Index("ix_ledger_part_date", "person_id", "date"),
    sa.Index("ix_ledger_part_category", "person_id", "category_id", "date"),
)
