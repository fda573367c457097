"""Whether a waiting message may leave now: asked when it is claimed, not when it was queued (rules SMS-22, SMS-37).

Calls always may. Messages that expired are dropped, messages to an opted-out address are cancelled, and what we start
ourselves waits for the person's window.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from jobs.window import opening, unwanted
from storage import nudges
from storage.outbox import outbox
from storage.people import address, person
from storage.schema import word
from storage.work import Work

_query = (
    sa.select(
        outbox.c.id,
        outbox.c.lane,
        outbox.c.at,
        outbox.c.kind,
        outbox.c.purpose,
        outbox.c.expires_at,
        outbox.c.person_id,
        outbox.c.inbox_id,
        address.c.id.label("address_id"),
        address.c.state,
        address.c.channel,
        address.c.handle,
        address.c.last_in_at,
        person.c.zone,
        person.c.place,
        person.c.quiet_from,
        person.c.quiet_to,
    )
    .select_from(
        outbox.outerjoin(address, address.c.id == outbox.c.lane).outerjoin(person, person.c.id == outbox.c.person_id)
    )
    .where(outbox.c.id == sa.bindparam("outbox_id"))
)

PROACTIVE = ("notice", "nudge", "offer")
HOUR_US = 3_600_000_000
STALE_US = 3 * 24 * HOUR_US
"""How long after it was written a reminder may still be sent."""


def judge(work: Work, outbox_id: int) -> dict[str, Any] | None:
    """Return the column values that keep a row from leaving, or None when it may go."""
    row = work.row(_query, {"outbox_id": outbox_id})
    if row is None or row.kind != "message":
        return None
    if row.state in ("opted_out", "unreachable", "frozen") and row.purpose != "code":
        return {"state": "cancelled", "error": row.state}
    if row.expires_at is not None and work.now_us > row.expires_at:
        return {"state": "expired"}
    if row.purpose in PROACTIVE:
        if (why := unwanted(work, row)) is not None:
            return {"state": "cancelled", "error": why}
        due = opening(work, row)
        if due is not None:
            return _postponed(work, row, due)
    return None


def _postponed(work: Work, row: sa.Row[Any], due: int) -> dict[str, Any]:
    """Put a message off, and keep those behind it from expiring meanwhile: none is lost to the night (rule SMS-13).

    A reminder that its fellows have held up for days would come too late to be true, and is dropped instead.
    """
    if row.purpose in nudges.PURPOSES and due > row.at + STALE_US:
        return {"state": "expired", "error": "too many others"}
    expires = due + HOUR_US
    waiting = sa.and_(
        outbox.c.lane == row.lane,
        outbox.c.id > row.id,
        outbox.c.state == word("ready"),
        outbox.c.attempts == 0,
        outbox.c.purpose.in_(PROACTIVE),
        outbox.c.expires_at < expires,
    )
    work.claim(outbox.update().where(waiting).values(expires_at=expires))
    return {"due_at": due, "expires_at": max(row.expires_at or 0, expires)}
