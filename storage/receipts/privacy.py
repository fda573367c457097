"""What goes when a person deletes a receipt or all their data: rows, files, search words, history (rule SEC-R7)."""

from __future__ import annotations

import sqlalchemy as sa

from storage.receipts import bank_ledger
from storage.receipts.accounts import account
from storage.receipts.bank_items import bank_account, bank_item, bank_link, bank_reference
from storage.receipts.bank_lines import bank_line
from storage.receipts.bank_pairs import bank_alias, bank_pair
from storage.receipts.bank_transfers import bank_transfer
from storage.receipts.bills import bill
from storage.receipts.book import advance, book, month
from storage.receipts.budgets import alert, budget
from storage.receipts.categories import category
from storage.receipts.columns import note
from storage.receipts.connections import connection
from storage.receipts.digests import digest
from storage.receipts.documents import document
from storage.receipts.duplicates import different
from storage.receipts.exports import export, export_file, mark
from storage.receipts.externals import external
from storage.receipts.history import history
from storage.receipts.ledger import part, transaction
from storage.receipts.line_items import line_item
from storage.receipts.preferences import preference
from storage.receipts.rates import rate
from storage.receipts.readings import reading
from storage.receipts.receipts import receipt
from storage.receipts.reminders import reminder
from storage.receipts.replies import reply
from storage.receipts.rules import lesson, rule
from storage.receipts.series import series
from storage.receipts.sources import source
from storage.receipts.tokens import token
from storage.receipts.totals import total
from storage.receipts.transactions import of_receipt, remove
from storage.receipts.words import word
from storage.work import Work

TABLES = (
    word, part, total, transaction, line_item, history, different, reading, document, reminder, bill, receipt, source,
    external, export_file, export, mark, connection, reply, rate, token,
    lesson, rule, series, digest, alert, budget, bank_pair, bank_alias, bank_transfer,
    bank_line, bank_account, bank_reference, bank_link, bank_item,
    account, category, month, book, preference,
)  # fmt: skip
"""Every table of this package."""


def erase(work: Work, person_id: int) -> list[int]:
    """Delete everything of a person and return the ids of the blobs that nothing needs any more."""
    blobs = [row.blob_id for row in work.rows(sa.select(document.c.blob_id).where(document.c.person_id == person_id))]
    for table in TABLES:
        work.claim(table.delete().where(table.c.person_id == person_id))
    return blobs


def erase_receipt(work: Work, person_id: int, receipt_id: int) -> list[int]:
    """Delete a receipt with all that was made from it and return the ids of its blobs; none for an unknown receipt."""
    mine = (receipt.c.person_id == person_id, receipt.c.id == receipt_id)
    if work.row(sa.select(receipt.c.id).where(*mine)) is None:
        return []
    files = work.rows(
        sa.select(document.c.id, document.c.blob_id).where(
            document.c.person_id == person_id, document.c.receipt_id == receipt_id
        )
    )
    made = of_receipt(work, person_id, receipt_id)
    for stored in made:
        remove(work, person_id, stored.id)
    bank_ledger.settle(work, person_id, [one.bank_line_id for one in made])
    work.claim(bank_pair.delete().where(bank_pair.c.person_id == person_id, bank_pair.c.receipt_id == receipt_id))
    pages = [row.id for row in files]
    work.claim(reading.delete().where(reading.c.person_id == person_id, reading.c.document_id.in_(pages)))
    for table in (line_item, history, reminder, document):
        work.claim(table.delete().where(table.c.person_id == person_id, table.c.receipt_id == receipt_id))
    named = (external.c.person_id == person_id, external.c.thing == "entry", external.c.row_id == receipt_id)
    work.claim(external.delete().where(*named))
    pair = sa.or_(different.c.older_id == receipt_id, different.c.newer_id == receipt_id)
    work.claim(different.delete().where(different.c.person_id == person_id, pair))
    pointing = (receipt.c.person_id == person_id, receipt.c.older_id == receipt_id)
    work.claim(receipt.update().where(*pointing).values(older_id=None))
    work.claim(receipt.delete().where(*mine))
    note(work, person_id, "receipt.erase", f"receipt:{receipt_id}")
    advance(work, person_id)
    return [row.blob_id for row in files]
