"""Merchants that a person has bought from before, found by their telephone number or by their name (PR-40).

Numbers and names are looked up by their keyed hashes, a bounded number of them at a time; of each, the newest confirmed
receipt tells what the person calls the merchant. A receipt that was rejected or deleted tells nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from storage.receipts.columns import digest
from storage.receipts.receipts import receipt
from storage.work import Work

MOST_ASKED = 48


def by_phone(work: Work, person_id: int, phones: Iterable[str]) -> dict[str, bytes]:
    """Return number -> the fields of the newest receipt that bears it; numbers are digits as `Draft.phone` has them."""
    return _newest(work, person_id, receipt.c.phone_hash, "phone", phones)


def by_merchant(work: Work, person_id: int, keys: Iterable[str]) -> dict[str, bytes]:
    """Return merchant key -> the fields of the newest receipt of that merchant."""
    return _newest(work, person_id, receipt.c.merchant_hash, "merchant", keys)


def _newest(
    work: Work, person_id: int, column: sa.ColumnElement[Any], kind: str, asked: Iterable[str]
) -> dict[str, bytes]:
    hashes = {digest(work, person_id, kind, one): one for one in list(dict.fromkeys(asked))[:MOST_ASKED] if one}
    if not hashes:
        return {}
    newest = work.rows(
        sa.select(column.label("hash"), sa.func.max(receipt.c.id).label("id"))
        .where(receipt.c.person_id == person_id, column.in_(sorted(hashes)), receipt.c.state == "confirmed")
        .group_by(column)
    )
    asked_by = {int(row.id): hashes[bytes(row.hash)] for row in newest}
    if not asked_by:
        return {}
    found = work.rows(
        sa.select(receipt.c.id, receipt.c.fields).where(receipt.c.person_id == person_id, receipt.c.id.in_(asked_by))
    )
    return {asked_by[int(row.id)]: work.seal.open(row.fields) for row in found}
