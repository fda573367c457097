"""Drafts that wait for an answer: one nudge after a day, a notice on day 27, deleted on day 30 (rule DRF-4).

    B> Trader Joe's $26.23 waits for your OK: REVIEW.                        (after 24 hours)
    B> Trader Joe's $26.23 is deleted on Apr 17 unless you save it: REVIEW.  (on day 27)

Several drafts of one day are one message. Nothing is deleted without its notice, and three days must lie between.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bot.core.ids import Ids
from bot.engine.turn import Turn
from handlers.receipts import drafts, wording
from handlers.receipts.flow.flow import owner, tidied
from handlers.receipts.later.milestones import END, MILESTONES, NOTICE, WARNED, look
from storage.receipts import expiry, privacy, receipts
from storage.receipts.receipts import UNDO_FOR, WAITING

TOGETHER = timedelta(hours=12)
"""Drafts that are older than this are named by the nudge of an elder, and get none of their own."""
_NUDGED, _NOTICED = "receipts_nudged", "receipts_noticed"


def due(turn: Turn) -> None:
    """Do what the time of a draft asks for; it is counted from when it was last changed."""
    receipt_id, n = int(turn.event.payload["receipt"]), int(turn.event.payload["n"])
    row = receipts.load(turn.work, turn.person.id, receipt_id)
    if row is None:
        return
    if row.state not in WAITING:
        if turn.now < row.state_at + UNDO_FOR:
            look(turn.work, turn.person.id, receipt_id, n=n, due=row.state_at + UNDO_FOR)
        return
    if turn.now < row.state_at + MILESTONES[n]:
        n = min(n, 1)
        look(turn.work, turn.person.id, receipt_id, n=n, due=row.state_at + MILESTONES[n])
        return
    (_nudge, _announce, _delete)[n](turn, row)


def _nudge(turn: Turn, row: sa.Row[Any]) -> None:
    """Tell once that it waits, together with those that came soon after."""
    look(turn.work, turn.person.id, row.id, n=1, due=row.state_at + NOTICE)
    notes = turn.conversation.notes
    if row.id <= int(notes.get(_NUDGED, 0)) or turn.now >= row.state_at + NOTICE:
        return
    named = [one for one in _waiting(turn) if one.id < Ids.floor(turn.now - TOGETHER)]
    notes[_NUDGED] = max(one.id for one in [*named, row])
    _tell(turn, "nudge", named or [row])


def _announce(turn: Turn, row: sa.Row[Any]) -> None:
    """Tell on which day it is deleted, once a day for all that go on that day."""
    of = owner(turn)
    ends = max(row.state_at + END, turn.now + WARNED)
    look(turn.work, turn.person.id, row.id, n=2, due=ends)
    day = ends.astimezone(ZoneInfo(of.zone)).date()
    if turn.conversation.notes.get(_NOTICED) == day.isoformat():
        return
    turn.conversation.notes[_NOTICED] = day.isoformat()
    last = datetime.combine(of.today + timedelta(days=1), time(), ZoneInfo(of.zone)) - NOTICE
    named = [one for one in _waiting(turn) if one.state_at < last]
    _tell(turn, "notice", named or [row], day=wording.day(turn, day, of.today))


def _tell(turn: Turn, purpose: str, rows: list[sa.Row[Any]], *, day: str = "") -> None:
    many = "" if len(rows) == 1 else "_many"
    name = wording.priced(turn, drafts.load(turn.work, rows[0]))
    turn.notify(f"receipts.later.waits_{purpose}{many}", purpose=purpose, name=name, count=len(rows), day=day)


def _delete(turn: Turn, row: sa.Row[Any]) -> None:
    expiry.delete_files(turn.work, turn.person.id, privacy.erase_receipt(turn.work, turn.person.id, row.id))
    tidied(turn)


def _waiting(turn: Turn) -> list[sa.Row[Any]]:
    return receipts.waiting(turn.work, turn.person.id, drafts.MOST_WAITING)
