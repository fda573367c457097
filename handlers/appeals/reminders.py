"""Reminders as timers: idle drafts, the last order day, the end of a link, the next level, a late notice (REM-1..9).

Every reminder looks at the case again when it falls due and says nothing when it no longer fits. Quiet hours and
opt-outs are the delivery worker's business: a reminder leaves as a nudge. None of them presses.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bot.engine.turn import Turn
from handlers.appeals import gating, records
from handlers.appeals.alarms import alarm
from handlers.appeals.case_files import case_row, facts_of
from handlers.appeals.deadlines import Plan
from handlers.appeals.mail_calendar import packaged_calendar
from handlers.appeals.next_level import next_level
from handlers.appeals.stages import BEFORE_PAYMENT, move, stage_of
from handlers.appeals.ways import ways, ways_link
from handlers.appeals.wording import day
from storage.appeals import followups, letters, payments
from storage.schema import moment as moment_of

NINE = time(9)
IDLE = (timedelta(hours=24), timedelta(hours=72), timedelta(days=27), timedelta(days=30))
NOTICE_EVERY, NOTICE_MOST = timedelta(days=14), 3
NEXT_LEVEL_DAYS = (12, 5)


def at_nine(value: date, zone: str) -> datetime:
    """Return nine in the morning of a day in a zone."""
    return datetime.combine(value, NINE, ZoneInfo(zone))


def stop(turn: Turn, case_id: int) -> None:
    """Cancel what would remind of a case."""
    for kind in ("idle", "mail_by", "notice", "decision", "next_level"):
        turn.cancel_timers(f"{kind}:{case_id}:")


# -- REM-1, ST-23: idle drafts -----------------------------------------------------------------------------------------


def idle(turn: Turn, case_id: int) -> None:
    """Begin to count the silence about a draft."""
    turn.timer("appeals.idle", f"idle:{case_id}:", turn.now + IDLE[0], case=case_id, n=0)


def idle_due(turn: Turn) -> None:
    """Remind of an idle draft after 24 and 72 hours and on day 27; abandon it after 30 days (ST-23)."""
    case_id, n = int(turn.event.payload["case"]), int(turn.event.payload["n"])
    row = case_row(turn, case_id)
    if row.stage not in BEFORE_PAYMENT:
        return
    since = _last_word(turn, row)
    if turn.now < since + IDLE[n]:
        if n:
            n = 0
        turn.timer("appeals.idle", f"idle:{case_id}:", since + IDLE[n], case=case_id, n=n)
        return
    if n == len(IDLE) - 1:
        move(turn, case_id, "abandoned", trigger="job")
        return
    turn.timer("appeals.idle", f"idle:{case_id}:", since + IDLE[n + 1], case=case_id, n=n + 1)
    if n == 2:
        ends = (since + IDLE[3]).date()
        turn.notify("appeals.remind.deleted", purpose="nudge", code=row.code, day=day(ends))
    elif row.stage != "ready":
        _remind_idle(turn, row, first=n == 0)


def _remind_idle(turn: Turn, row: sa.Row[Any], *, first: bool) -> None:
    """Tell that a draft is kept; the second time with the last day, if it is known and still ahead (rule UX-4)."""
    city, dates = records.city_of(turn.work, row.city_id), gating.plan_of(turn, facts_of(turn.work, row))
    name = city.name if city else ""
    ahead = dates.deadline if dates and dates.days_left is not None and dates.days_left >= 0 else None
    if first:
        turn.notify("appeals.remind.idle", purpose="nudge", code=row.code, city=name)
    elif ahead is not None:
        turn.notify("appeals.remind.idle_again", purpose="nudge", code=row.code, city=name, day=day(ahead))
    else:
        turn.notify("appeals.remind.idle_undated", purpose="nudge", code=row.code, city=name)


def _last_word(turn: Turn, row: sa.Row[Any]) -> datetime:
    heard = turn.address.last_in_at if turn.address else None
    touched: datetime = row.touched_at
    return max(touched, moment_of(heard)) if heard else touched


# -- REM-2: the last order day -----------------------------------------------------------------------------------------


def before_mail_by(turn: Turn, case_id: int) -> None:
    """Remind of the last order day of an approved letter: 5 and 2 business days before, and on the day."""
    row = case_row(turn, case_id)
    facts = facts_of(turn.work, row)
    dates = gating.plan_of(turn, facts)
    plan = dates.of(facts.mail) if dates else None
    if dates is None or plan is None:
        return
    for left in (5, 2, 0):
        due = at_nine(packaged_calendar().latest_start(plan.mail_by, left), dates.timezone)
        if due > turn.now:
            turn.timer("appeals.mail_by", f"mail_by:{case_id}:{left}", due, case=case_id, left=left)


def mail_by_due(turn: Turn) -> None:
    """Tell the last order day and the classes that are still possible."""
    case_id, left = int(turn.event.payload["case"]), int(turn.event.payload["left"])
    row = case_row(turn, case_id)
    if row.stage not in ("ready", "awaiting_payment"):
        return
    facts = facts_of(turn.work, row)
    dates = gating.plan_of(turn, facts)
    plan = dates.of(facts.mail) if dates else None
    if (
        dates is None
        or plan is None
        or not dates.offered
        or not followups.happens(turn.work, case_id, "mail_by", left, turn.now)
    ):
        return
    classes = ", ".join(turn.text(f"appeals.class.{entry.mail_class.value}") for entry in dates.offered)
    key = f"appeals.remind.mail_by.{left}"
    turn.notify(key, purpose="nudge", code=row.code, day=day(plan.mail_by), classes=classes)


# -- REM-3: the end of a link ------------------------------------------------------------------------------------------


def before_expiry(turn: Turn, payment: sa.Row[Any]) -> None:
    """Remind of a pay link once, two hours before it ends."""
    due = payment.expires_at - timedelta(hours=2)
    if due > turn.now:
        turn.timer("appeals.link_ends", f"pay:{payment.id}:ends", due, payment=payment.id)


# -- REM-9: unmailed orders --------------------------------------------------------------------------------------------


def before_late(turn: Turn, payment: sa.Row[Any], dates: Plan) -> None:
    """Let the operators hear of an order that is not mailed one day before its last order day."""
    plan = next((entry for entry in dates.classes if entry.mail_class.value == payment.mail_class), None)
    if plan is not None:
        due = max(at_nine(plan.mail_by - timedelta(days=1), dates.timezone), turn.now + timedelta(hours=1))
        turn.timer("appeals.unmailed", f"unmailed:{payment.id}", due, payment=payment.id)


def unmailed_due(turn: Turn) -> None:
    """Alarm when the order is still not mailed."""
    payment = payments.load(turn.work, int(turn.event.payload["payment"]))
    newest = letters.newest(turn.work, payment.id) if payment else None
    if payment is not None and stage_of(turn, payment.case_id) in ("paid", "paid_blocked") and newest is not None:
        key = f"unmailed:{payment.id}"
        alarm(turn, "unmailed", payment.case_id, key=key, payment=payment.id, letter=newest.id, status=newest.status)


# -- REM-7: the next level ---------------------------------------------------------------------------------------------


def before_next_level(turn: Turn, case_id: int, last: date, zone: str) -> list[date]:
    """Remind of the next level's last day, 12 and 5 days before; return the days that lie ahead."""
    days = []
    for before in NEXT_LEVEL_DAYS:
        due = at_nine(last - timedelta(days=before), zone)
        if due > turn.now:
            days.append(due.date())
            turn.timer(
                "appeals.next_level",
                f"next_level:{case_id}:{before}",
                due,
                case=case_id,
                before=before,
                last=last.isoformat(),
            )
    return days


def next_level_due(turn: Turn) -> None:
    """Tell date, cost and route of the next level (REM-7)."""
    payload = turn.event.payload
    row = case_row(turn, int(payload["case"]))
    if row.stage != "decided" or not followups.happens(
        turn.work, row.id, "next_level", int(payload["before"]), turn.now
    ):
        return
    city, ahead = records.city_of(turn.work, row.city_id), next_level(turn, row, row.decided_on)
    found = ways(turn, city)
    on_page = turn.channel == "sms" and bool(found)
    turn.notify(
        "appeals.remind.next_level",
        purpose="nudge",
        link=("appeals.remind.ways", ways_link(turn, found)) if on_page else None,
        code=row.code,
        city=city.name if city else "",
        day=day(date.fromisoformat(payload["last"])),
        cost=ahead.cost if ahead and ahead.cost else turn.text("appeals.next.cost_unknown"),
        ways="; ".join(found) or turn.text("appeals.next.no_routes"),
    )


# -- REM-8: waiting for a late notice ----------------------------------------------------------------------------------


def wait_for_notice(turn: Turn, case_id: int) -> None:
    """Ask every 14 days, three times at most, whether a late notice came (DL-3)."""
    turn.timer("appeals.notice", f"notice:{case_id}:", turn.now + NOTICE_EVERY, case=case_id, n=1)


def notice_due(turn: Turn) -> None:
    """Ask whether the late notice came."""
    case_id, n = int(turn.event.payload["case"]), int(turn.event.payload["n"])
    row = case_row(turn, case_id)
    if row.stage != "informed" or not followups.happens(turn.work, case_id, "notice", n, turn.now):
        return
    turn.notify("appeals.remind.notice", purpose="nudge", code=row.code)
    if n < NOTICE_MOST:
        turn.timer("appeals.notice", f"notice:{case_id}:", turn.now + NOTICE_EVERY, case=case_id, n=n + 1)
