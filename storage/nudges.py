"""What was sent to a person unasked, and what of it they answered (rule SMS-36).

Rows are found over a person's addresses, whose messages have an index; one that a carrier took has its number.
"""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from storage.inbox import inbox
from storage.outbox import outbox
from storage.people import address
from storage.work import Work

PURPOSES = ("nudge", "offer")
_HELD_US = timedelta(days=14) // timedelta(microseconds=1)
"""A nudge is sent at most this long after it was written."""


def _sent(person_id: int, since_us: int) -> sa.Select[tuple[int]]:
    return (
        sa.select(outbox.c.due_at)
        .join(address, address.c.id == outbox.c.address_id)
        .where(
            address.c.person_id == person_id,
            outbox.c.vendor_id.is_not(None),
            outbox.c.at >= since_us - _HELD_US,
            outbox.c.due_at >= since_us,
            outbox.c.purpose.in_(PURPOSES),
        )
    )


def sent_at(work: Work, person_id: int, since_us: int) -> list[int]:
    """Return when nudges were sent to a person since a moment, newest first."""
    return [int(row.due_at) for row in work.rows(_sent(person_id, since_us).order_by(outbox.c.due_at.desc()))]


def unanswered(work: Work, person_id: int, inbox_id: int) -> int:
    """Return how many nudges of one subject were sent since the person last wrote.

    The subject is the kind of the event that bore them (`appeals.idle`); `inbox_id` names one such event.
    """
    heard = work.row(sa.select(sa.func.max(address.c.last_in_at)).where(address.c.person_id == person_id))
    since_us = int(heard[0] or 0) if heard is not None else 0
    subject = sa.select(inbox.c.kind).where(inbox.c.id == inbox_id).scalar_subquery()
    about = _sent(person_id, since_us).join(inbox, inbox.c.id == outbox.c.inbox_id).where(inbox.c.kind == subject)
    return len(work.rows(about))
