"""How many pay links a person had made since an instant, for whatever they were (OR-4)."""

from __future__ import annotations

from datetime import datetime

from storage.appeals import payments
from storage.billing import orders, purchases
from storage.work import Work


def made_since(work: Work, person_id: int, since: datetime) -> int:
    """Return the number of links to pay for letters, orders and plans together."""
    return sum(count(work, person_id, since) for count in (payments.made_since, orders.made_since, purchases.recent))
