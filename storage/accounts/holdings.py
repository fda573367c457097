"""What a person has, counted: a merge names it before it is confirmed, and who has nothing is an address only."""

from __future__ import annotations

import sqlalchemy as sa

from storage.appeals.cases import case
from storage.billing.grants import grant
from storage.billing.subscriptions import subscription
from storage.coaching.projects import project
from storage.receipts.bank_items import bank_item
from storage.receipts.ledger import transaction
from storage.receipts.receipts import receipt
from storage.schema import word
from storage.support.tickets import ticket
from storage.work import Work

_BOUGHT = grant.c.source.in_([word(one) for one in ("pack", "goodwill", "coupon")])
_COUNTED = {
    "case": (case, sa.true()),
    "receipt": (receipt, sa.true()),
    "entry": (transaction, transaction.c.receipt_id.is_(None)),
    "bank": (bank_item, sa.true()),
    "project": (project, sa.true()),
    "ticket": (ticket, sa.true()),
    "plan": (subscription, sa.true()),
    "pack": (grant, _BOUGHT),
}


def of_person(work: Work, person_id: int) -> dict[str, int]:
    """Return how many of each thing a person has; nothing that they have none of."""
    counts = {
        name: sa.select(sa.func.count()).select_from(table).where(table.c.person_id == person_id, which)
        for name, (table, which) in _COUNTED.items()
    }
    row = work.rows(sa.select(*(query.scalar_subquery().label(name) for name, query in counts.items())))[0]
    return {name: int(row._mapping[name]) for name in counts if row._mapping[name]}
