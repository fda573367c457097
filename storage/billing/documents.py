"""Receipts, invoices and credit notes with numbers of ours: gap-free per series and year, never changed (PY-6, PY-7).

A number is drawn by one conditional statement in the transaction that stores its document, so a turn that fails gives
its number back. What a document says is a sealed snapshot: the same snapshot makes the same file.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from storage.billing.columns import key, owner
from storage.schema import Id, Moment, metadata, one_of
from storage.upsert import upsert
from storage.work import Work

KINDS = ("receipt", "invoice", "credit_note")

document = sa.Table(
    "billing_document",
    metadata,
    key(),
    owner(),
    sa.Column("order_id", Id, sa.ForeignKey("pay_order.id")),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("series", sa.Text, nullable=False),
    sa.Column("fiscal_year", sa.Text, nullable=False),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("credits", sa.BigInteger),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("total_minor", sa.BigInteger, nullable=False),
    sa.Column("snapshot", sa.LargeBinary, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Index("uq_billing_document_number", "series", "fiscal_year", "number", unique=True),
    sa.Index("uq_billing_document_source", "source", unique=True),
    sa.Index("ix_billing_document_person", "person_id", "id"),
    sa.Index("ix_billing_document_order", "order_id", "id"),
    one_of("kind", *KINDS),
    sa.CheckConstraint("(kind = 'credit_note') = (credits IS NOT NULL)", name="credit_names_its_document"),
)

counter = sa.Table(
    "document_counter",
    metadata,
    sa.Column("series", sa.Text, primary_key=True),
    sa.Column("fiscal_year", sa.Text, primary_key=True),
    sa.Column("last", sa.BigInteger, nullable=False),
)


def draw(work: Work, series: str, fiscal_year: str) -> int:
    """Return the next number of a series in a year; it belongs to this transaction until that commits."""
    insert = upsert(counter).values(series=series, fiscal_year=fiscal_year, last=1)
    following = insert.on_conflict_do_update(
        index_elements=["series", "fiscal_year"], set_={"last": counter.c.last + 1}
    )
    return int(work.claim(following.returning(counter.c.last)).one().last)


def add(work: Work, person_id: int, *, series: str, fiscal_year: str, source: str, **values: Any) -> sa.Row[Any]:
    """Store a document under the next number; the one of the same source again, if there is one."""
    known = by_source(work, source)
    if known is not None:
        return known
    row = {
        "id": work.new_id(), "person_id": person_id, "series": series, "fiscal_year": fiscal_year, "source": source,
        "number": draw(work, series, fiscal_year), "at": work.now,
    } | values  # fmt: skip
    return work.claim(document.insert().values(row).returning(*document.c)).one()


def label(row: sa.Row[Any]) -> str:
    """Return a document's number as it is printed: `R-2026-000001`."""
    return f"{row.series}-{row.fiscal_year}-{row.number:06d}"


def by_source(work: Work, source: str) -> sa.Row[Any] | None:
    """Return the document that was made for something."""
    return work.row(sa.select(document).where(document.c.source == source))


def by_label(work: Work, person_id: int, written: str) -> sa.Row[Any] | None:
    """Return a person's document by its printed number."""
    row = by_number(work, written)
    return row if row is not None and row.person_id == person_id else None


def by_number(work: Work, written: str) -> sa.Row[Any] | None:
    """Return a document by its printed number, whosever it is (for staff)."""
    series, _, rest = written.strip().upper().partition("-")
    year, _, number = rest.rpartition("-")
    if not (number.isascii() and number.isdigit() and len(number) < 16):
        return None
    this = (document.c.series == series, document.c.fiscal_year == year, document.c.number == int(number))
    return work.row(sa.select(document).where(*this))


def load(work: Work, document_id: int) -> sa.Row[Any] | None:
    """Return a document."""
    return work.row(sa.select(document).where(document.c.id == document_id))


def of_order(work: Work, order_id: int) -> list[sa.Row[Any]]:
    """Return an order's documents, oldest first."""
    return work.rows(sa.select(document).where(document.c.order_id == order_id).order_by(document.c.id))


def of_person(work: Work, person_id: int, limit: int) -> list[sa.Row[Any]]:
    """Return a person's newest documents."""
    return work.rows(
        sa.select(document).where(document.c.person_id == person_id).order_by(document.c.id.desc()).limit(limit)
    )
