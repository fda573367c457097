"""Whether a purchase is in the books already (rules DUP-1 to DUP-5).

The newer one is flagged and points at the older; what the person called different stays different. Two coffees of the
same price at 8:10 and 15:30 are two, two at 8:10 and 8:14 are asked about.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from handlers.receipts.fields import Fields
from handlers.receipts.merchants import merchant_key
from storage.receipts import documents, duplicates
from storage.work import Work

APART_MINUTES = 10
"""Printed times further apart than this are two purchases (DUP-3)."""


def older_of(
    work: Work, person_id: int, fields: Fields, *, than: int | None = None, perceptual_hash: int | None = None
) -> int | None:
    """Return the id of the oldest receipt that this may be once more, None when it is like none."""
    key = merchant_key(fields.name) if fields.name else None
    number = fields.receipt_number.value if fields.receipt_number else None
    alike = duplicates.candidates(work, person_id, than=than, merchant_key=key, day=fields.day, number=number)
    found = [row.id for row in alike if _is_same(row, fields, work, person_id)]
    if perceptual_hash is not None and fields.amount is not None:
        near = documents.alike(
            work, person_id, perceptual_hash=perceptual_hash, total_minor=fields.amount, currency=fields.currency.value
        )
        found += [one for one in near if one != than and not _settled(work, person_id, one, than)]
    return min(found, default=None)


def _settled(work: Work, person_id: int, older: int, newer: int | None) -> bool:
    return newer is not None and duplicates.pair_is_different(work, person_id, newer, older)


def _is_same(row: sa.Row[Any], fields: Fields, work: Work, person_id: int) -> bool:
    same_number = row.number_hash is not None and row.number_hash == duplicates.number_hash(
        work, person_id, fields.receipt_number.value if fields.receipt_number else None
    )
    if same_number:
        return True
    if (row.total_minor, row.currency, row.date) != (fields.amount, fields.currency.value, fields.day):
        return False
    if row.minute is None or fields.minute is None:
        return True
    return abs(int(row.minute) - fields.minute) <= APART_MINUTES
