"""Letters that Lob said nothing of: read again every day until their end (rules REC-3 and FUL-11).

A letter that has hung in `sending` without a call under way is searched at Lob. Both run in the queue of the person
whose letter it is, by the service's own handlers.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import orjson
import sqlalchemy as sa

from jobs.reconcile import Reconciler
from storage import timers
from storage.appeals.letters import letter
from storage.appeals.payments import payment
from storage.outbox import outbox
from storage.work import Work

UNDER_WAY = ("accepted", "rendered", "mailed", "in_transit", "in_local_area", "processed_for_delivery", "re_routed")
UNCERTAIN = ("sending", "unknown")
SILENT = timedelta(days=1)
STUCK = timedelta(hours=1)
OLDEST = timedelta(days=120)
LAST_WATCH = 10_000
"""A number of watch beyond the service's own, so that this look sets no timer of its own."""

_person = sa.select(payment.c.person_id).where(payment.c.id == letter.c.payment_id).scalar_subquery().label("person_id")


class LetterNews:
    """Sees to it that no letter is forgotten."""

    def __init__(self, reconciler: Reconciler) -> None:
        self._reconciler = reconciler

    async def run(self) -> None:
        """Let every silent letter be read, and every stuck one be searched."""
        now = self._reconciler.clock.now()
        silent = await self._reconciler.database.read(lambda c: list(c.execute(_silent(now))))
        stuck = await self._reconciler.database.read(lambda c: list(c.execute(_stuck(now))))

        def look(work: Work) -> None:
            for row in silent:
                _set(work, row, "appeals.letter_watch", f"reconcile:letter:{row.id}", n=LAST_WATCH)
            for row in stuck:
                if not _is_open(work, row):
                    _set(work, row, "appeals.letter_search", f"search:{row.id}")

        if silent or stuck:
            await self._reconciler.writers.run(look)


def _silent(now: datetime) -> sa.Select[Any]:
    return (
        sa.select(letter.c.id, _person)
        .where(
            letter.c.status.in_(UNDER_WAY),
            letter.c.lob_id.is_not(None),
            letter.c.accepted_at.between(now - OLDEST, now - SILENT),
        )
        .order_by(letter.c.id)
        .limit(5000)
    )


def _stuck(now: datetime) -> sa.Select[Any]:
    return (
        sa.select(letter.c.id, letter.c.attempts, _person)
        .where(letter.c.status.in_(UNCERTAIN), letter.c.claimed_at < now - STUCK)
        .order_by(letter.c.id)
        .limit(1000)
    )


def _is_open(work: Work, row: sa.Row[Any]) -> bool:
    """Tell whether the letter's own call is still to be made: it ends by itself, and a search must not overtake it."""
    keys = [f"letter:{row.id}", f"letter:{row.id}:{row.attempts}"]
    found = work.row(
        sa.select(outbox.c.id).where(outbox.c.key.in_(keys), outbox.c.state.in_(["ready", "sending"])).limit(1)
    )
    return found is not None


def _set(work: Work, row: sa.Row[Any], kind: str, key: str, **more: int) -> None:
    timers.set_timer(
        work,
        kind=kind,
        key=key,
        due=work.now,
        person_id=row.person_id,
        body=orjson.dumps({"letter": row.id, **more}),
    )
