"""A letter that Lob has: recorded, the case moved on, the person told once (FUL-7, ST-14)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from bot.core.calls.lob import PostedLetter
from bot.engine.copies import mail_copy
from bot.engine.turn import Turn
from handlers.appeals import followups, gating, included
from handlers.appeals.case_files import facts_of
from handlers.appeals.deadlines import MailClass
from handlers.appeals.mail_calendar import packaged_calendar
from handlers.appeals.settings import settings_of
from handlers.appeals.stages import move, stage_of
from handlers.appeals.wording import day
from storage.appeals import drafts, letters, payments, status_log

WATCH = timedelta(days=3)


def record(turn: Turn, letter: sa.Row[Any], found: PostedLetter) -> None:
    """Write down what Lob made of a letter, move the case, tell the person once (FUL-7, ST-14)."""
    work = turn.work
    tracking = found.tracking_number
    known = {
        "lob_id": found.lob_id,
        "test_mode": found.test_mode,
        "tracking": work.seal.seal(tracking.encode()) if tracking else None,
        "expected_delivery": _date(found.expected_delivery),
        "error_code": None,
    }
    if letter.lob_id is not None:
        return
    taken = letters.move(
        work,
        letter.id,
        was=("queued", "sending", "unknown", "retry", "blocked"),
        to="accepted",
        accepted_at=turn.now,
        **known,
    )
    if not taken:
        turn.alert("letter_after_end", key=f"letter_after_end:{letter.id}", letter=letter.id)
        return
    turn.cancel_timers(f"search:{letter.id}")
    status_log.note(
        work, letter.case_id, axis="letter", was=letter.status, now="accepted", actor="vendor", cause=turn.inbox_id
    )
    included.mailed(turn, letter)
    stage = stage_of(turn, letter.case_id)
    if stage == "paid_blocked":
        payment = payments.load(work, letter.payment_id)
        move(turn, letter.case_id, "paid", trigger="vendor", reason="found_at_vendor")
        turn.cancel_timers(f"blocked:{payment.id if payment else 0}:")
        stage = "paid"
    if stage in ("paid", "returned"):
        move(turn, letter.case_id, "submitted", trigger="vendor")
    else:
        turn.alert("mailed_outside_order", key=f"mailed_outside:{letter.id}", letter=letter.id, stage=stage)
    fresh = letters.load(work, letter.id)
    if fresh is not None:
        arrival = arrival_of(turn, fresh)
        _tell_mailed(turn, fresh, arrival)
        turn.tell("case.mailed", case=letter.case_id, letter=letter.id)
        followups.after_mailing(turn, fresh, arrival)
    turn.timer("appeals.letter_watch", f"watch:{letter.id}", turn.now + WATCH, letter=letter.id, n=1)


def _date(text: str | None) -> date | None:
    try:
        return date.fromisoformat((text or "")[:10])
    except ValueError:
        return None


def _tell_mailed(turn: Turn, letter: sa.Row[Any], arrival: date) -> None:
    certified = letter.mail_class == "certified" and letter.tracking is not None
    number = turn.work.seal.open(letter.tracking).decode() if letter.tracking else ""
    shown = f"TEST {number}" if letter.test_mode else number
    turn.notify(
        "appeals.mailed.certified" if certified else "appeals.mailed.standard",
        policy="ask_first",
        tracking=shown,
        arrival=day(arrival),
    )
    mail_copy(turn, "posted", arrival=day(arrival), tracking=f"USPS {shown}" if certified else "")


def arrival_of(turn: Turn, letter: sa.Row[Any]) -> date:
    """Return the planned arrival of a letter that is at the printer, as its dates were promised (DL-8)."""
    payment, draft = payments.load(turn.work, letter.payment_id), drafts.load(turn.work, letter.draft_id)
    dates = gating.plan_of(turn, facts_of(turn.work, draft), paid_at=payment.paid_at) if payment and draft else None
    plan = dates.of(MailClass(letter.mail_class)) if dates else None
    if plan is not None:
        return plan.planned_arrival
    calendar, times = packaged_calendar(), settings_of(turn.registry).times
    return calendar.add(calendar.on_or_after(turn.now.date()), times.print_days + times.transit_days)
