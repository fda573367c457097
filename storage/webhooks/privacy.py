"""What goes when a person deletes their data: the deliveries that name them."""

from __future__ import annotations

import sqlalchemy as sa

from storage.webhooks.deliveries import delivery
from storage.webhooks.subscriptions import subscription
from storage.work import Work

TABLES: tuple[sa.Table, ...] = (delivery, subscription)


def erase(work: Work, person_id: int) -> None:
    """Delete what was told of a person, and whom they told."""
    work.claim(subscription.delete().where(subscription.c.person_id == person_id))
    work.claim(delivery.delete().where(delivery.c.person_id == person_id))
