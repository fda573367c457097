"""What was given up: events whose turn failed five times, and messages that could not be delivered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from storage import inbox as inboxes
from storage.inbox import inbox
from storage.outbox import outbox
from storage.work import Work

HOUR_US = 3_600_000_000


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One of them, without its contents; `box` is `inbox` or `outbox`."""

    box: str
    id: int
    kind: str
    person_id: int | None
    attempts: int
    error: str
    at: int


def _from_inbox(row: sa.Row[Any]) -> DeadLetter:
    kind = f"{row.source}:{row.kind}"
    return DeadLetter("inbox", row.id, kind, row.person_id, row.attempts, row.error or "", row.at)


def _from_outbox(row: sa.Row[Any]) -> DeadLetter:
    kind = f"{row.kind}:{row.purpose}"
    return DeadLetter("outbox", row.id, kind, row.person_id, row.attempts, row.error or "", row.at)


_dead_in = sa.select(inbox).where(inbox.c.state == sa.literal_column("'dead'"))
_dead_out = sa.select(outbox).where(outbox.c.state == sa.literal_column("'dead'"))


def newest(work: Work, limit: int = 15) -> list[DeadLetter]:
    """Return the newest dead letters of both boxes."""
    found = [_from_inbox(r) for r in work.rows(_dead_in.order_by(inbox.c.id.desc()).limit(limit))]
    found += [_from_outbox(r) for r in work.rows(_dead_out.order_by(outbox.c.id.desc()).limit(limit))]
    return sorted(found, key=lambda letter: letter.id, reverse=True)[:limit]


COUNTS = sa.select(
    sa.select(sa.func.count()).select_from(_dead_in.subquery()).scalar_subquery().label("inbox"),
    sa.select(sa.func.count()).select_from(_dead_out.subquery()).scalar_subquery().label("outbox"),
)
"""How many are dead in each box."""


def find(work: Work, letter_id: int) -> DeadLetter | None:
    """Return a dead letter of either box."""
    row = work.row(_dead_in.where(inbox.c.id == letter_id))
    if row is not None:
        return _from_inbox(row)
    row = work.row(_dead_out.where(outbox.c.id == letter_id))
    return None if row is None else _from_outbox(row)


def retry(work: Work, letter: DeadLetter) -> bool:
    """Let it be tried again; False when it is no longer dead, or is a call, whose end its service was told."""
    if letter.box == "inbox":
        return inboxes.revive(work, letter.id)
    if letter.kind.startswith("call:"):
        return False
    again = outbox.update().where(outbox.c.id == letter.id, outbox.c.state == "dead")
    fresh = {"attempts": 0, "due_at": work.now_us, "expires_at": work.now_us + HOUR_US, "first_at": None, "error": None}
    return work.claim(again.values(state="ready", worker=None, **fresh)).rowcount == 1


def drop(work: Work, letter: DeadLetter) -> bool:
    """Give it up for good; False when it is no longer dead."""
    if letter.box == "inbox":
        return inboxes.drop(work, letter.id)
    gone = outbox.update().where(outbox.c.id == letter.id, outbox.c.state == "dead").values(state="dropped")
    return work.claim(gone).rowcount == 1
