"""When a draft that waits is spoken of: after a day, on day 27, and on day 30, when it is deleted (rule DRF-4)."""

from __future__ import annotations

from datetime import datetime, timedelta

import orjson

from storage import timers
from storage.work import Work

TIMER = "receipts.draft"
NUDGE, NOTICE, END = timedelta(hours=24), timedelta(days=27), timedelta(days=30)
MILESTONES = (NUDGE, NOTICE, END)
WARNED = END - NOTICE
"""How long before its deletion a draft is announced, at least."""


def watch(work: Work, person_id: int, receipt_id: int) -> None:
    """Begin to count the silence about a draft, whichever way it came in."""
    look(work, person_id, receipt_id, n=0, due=work.now + NUDGE)


def look(work: Work, person_id: int, receipt_id: int, *, n: int, due: datetime) -> None:
    """Look at a draft at a moment, for its n-th milestone."""
    body = orjson.dumps({"receipt": receipt_id, "n": n})
    timers.set_timer(work, kind=TIMER, key=f"receipt:{receipt_id}:waits", due=due, person_id=person_id, body=body)
