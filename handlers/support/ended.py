"""Which clocks an act ended, and whether in time: a row each, for the report (SLA-5).

A response that a resolve cut short was owed to nobody any more; it counts only when it was late already.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from handlers.support.clocks import Clocks
from handlers.support.rulebook import counting, enforced_from
from handlers.support.states import Did, State
from storage.support import outcomes
from storage.work import Work


def note(work: Work, row: sa.Row[Any], clocks: Clocks, *, did: Did, after: State, by: int | None) -> None:
    """Note what ended at this moment, by whom of the staff, unless the ticket is older than our promises."""
    since = enforced_from(work)
    if since is not None and row.opened_at < since:
        return
    for name, clock in (("first", clocks.first), ("next", clocks.next)):
        answered = did in (Did.REPLIED, Did.KEPT)
        if clock is not None and (answered or (after is State.RESOLVED and work.now > clock.due)):
            took = counting(work, row.opened_at).desk.of(clocks.priority).between(clock.began, work.now)
            _write(work, row, name, took=took, met=work.now <= clock.due, by=by)
    if after is State.RESOLVED and row.state != State.RESOLVED:
        used = _used(work, row, clocks)
        met = clocks.missed_at is None and used <= clocks.allowed
        _write(work, row, "resolution", took=used, met=met, by=by)


def _used(work: Work, row: sa.Row[Any], clocks: Clocks) -> timedelta:
    if clocks.used_to is None:
        return clocks.used
    calendar = counting(work, row.opened_at).desk.of(clocks.priority)
    return clocks.used + calendar.between(clocks.used_to, work.now)


def _write(work: Work, row: sa.Row[Any], name: str, *, took: timedelta, met: bool, by: int | None) -> None:
    outcomes.note(work, row, name, operator_id=by, met=met, took_seconds=round(took.total_seconds()))
