"""Whether a case of a person is about to miss its deadline: then their ticket about it is urgent (SP-4)."""

from __future__ import annotations

from datetime import timedelta

from storage.appeals import cases
from storage.work import Work

NEAR = timedelta(hours=48)
_OPEN = ("intake", "review", "ready", "awaiting_payment", "paid", "paid_blocked")


def is_pressing(work: Work, person_id: int) -> bool:
    """Tell whether a case that was not mailed yet has its last day, a civil date, within 48 hours."""
    today = work.now.date()
    last = (work.now + NEAR).date()
    rows = cases.of_person(work, person_id, stages=_OPEN)
    return any(row.deadline is not None and today <= row.deadline <= last for row in rows)
