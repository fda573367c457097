"""Moving everything of one category to another, which is how categories are merged and deleted (rule CAT-4)."""

from __future__ import annotations

import sqlalchemy as sa

from storage.receipts import book, categories, totals
from storage.receipts.budgets import budget
from storage.receipts.columns import note
from storage.receipts.ledger import part, transaction
from storage.receipts.line_items import line_item
from storage.receipts.rules import lesson, rule
from storage.work import Work


def is_used(work: Work, person_id: int, category_id: int) -> bool:
    """Tell whether a transaction or a part is in a category."""
    for table in (transaction, part):
        mine = (table.c.person_id == person_id, table.c.category_id == category_id)
        if work.row(sa.select(table.c.person_id).where(*mine).limit(1)) is not None:
            return True
    return False


def merge(work: Work, person_id: int, category_id: int, into: int | None) -> bool:
    """Move all that is in a category to another (None: Uncategorised) and delete it; False for unknown ones.

    Its children are moved under the other one by the caller beforehand. Budgets of the category end.
    """
    if category_id == into or not categories.known(work, person_id, [category_id, into]):
        return False
    months = totals.months_of(work, person_id, [category_id])
    for table in (transaction, part, line_item, rule, lesson):
        mine = (table.c.person_id == person_id, table.c.category_id == category_id)
        values = {"category_id": into} | ({"updated_at": work.now} if table is transaction else {})
        work.claim(table.update().where(*mine).values(values))
    work.claim(budget.delete().where(budget.c.person_id == person_id, budget.c.category_id == category_id))
    totals.refresh(work, person_id, months)
    categories.drop(work, person_id, [category_id])
    note(work, person_id, "category.merge", f"category:{category_id}", into=into)
    book.touch_all(work, person_id)
    return True
