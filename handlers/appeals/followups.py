"""What is watched and asked after mailing: a letter that does not arrive, and the city's decision (REM-5, REM-6).

The decision is asked for when the city should have answered, then twice more, 30 days apart; silence for another 30
days closes the case with its outcome unknown (ST-20). Outcomes come from the person, never from silence (REM-10).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.engine import steps
from bot.engine.turn import Turn
from handlers.appeals import records, reminders
from handlers.appeals.alarms import alarm
from handlers.appeals.case_files import case_row
from handlers.appeals.mail_calendar import packaged_calendar
from handlers.appeals.settings import settings_of
from handlers.appeals.stages import move
from storage.appeals import cases, followups, letters, status_log
from storage.schema import moment

ASKS = 3
AGAIN = timedelta(days=30)
BUSY = timedelta(hours=1)
LATE_DAYS = {"certified": 5, "standard": 10}
SCANS = ("mailed", "in_transit", "in_local_area", "processed_for_delivery", "re_routed", "delivered", "returned")


def _zone(turn: Turn, row: sa.Row[Any]) -> str:
    city = records.city_of(turn.work, row.city_id)
    return city.timezone if city else "America/New_York"


def decision_days(turn: Turn, row: sa.Row[Any]) -> int:
    """Return how long the city may take to answer."""
    city = records.city_of(turn.work, row.city_id)
    return (city.decision_time.max_days if city else None) or settings_of(turn.registry).decision_days


def after_mailing(turn: Turn, letter: sa.Row[Any], arrival: date) -> None:
    """Set the watch over the letter's way and the first question about the decision, from the planned arrival."""
    row = case_row(turn, letter.case_id)
    zone = _zone(turn, row)
    late = packaged_calendar().add(arrival, LATE_DAYS[letter.mail_class])
    turn.timer("appeals.letter_late", f"late:{letter.id}", reminders.at_nine(late, zone), letter=letter.id)
    _ask_on(turn, row, arrival + timedelta(days=decision_days(turn, row)))


def ask_after_delivery(turn: Turn, case_id: int, delivered: datetime) -> None:
    """Count the city's time from the delivery instead."""
    row = case_row(turn, case_id)
    city = records.city_of(turn.work, row.city_id)
    local = delivered.astimezone(city.zone) if city else delivered
    _ask_on(turn, row, local.date() + timedelta(days=decision_days(turn, row)))


def _ask_on(turn: Turn, row: sa.Row[Any], when: date) -> None:
    due = max(reminders.at_nine(when, _zone(turn, row)), turn.now)
    turn.timer("appeals.decision", f"decision:{row.id}:", due, case=row.id, n=1)


def late_due(turn: Turn) -> None:
    """Let an operator look at a letter without the scan that was due, then tell the person (REM-5)."""
    letter = letters.load(turn.work, int(turn.event.payload["letter"]))
    if letter is None or case_row(turn, letter.case_id).stage != "submitted":
        return
    if letter.status == "delivered" or (letter.mail_class == "standard" and letter.status in SCANS):
        return
    row = case_row(turn, letter.case_id)
    alarm(turn, "letter_late", row.id, key=f"letter_late:{letter.id}", letter=letter.id, status=letter.status)
    turn.notify("appeals.post.late", code=row.code)


def decision_due(turn: Turn) -> None:
    """Ask whether the city answered; after the third silence close the case (REM-6, ST-20)."""
    case_id, n = int(turn.event.payload["case"]), int(turn.event.payload["n"])
    row = case_row(turn, case_id)
    if row.stage not in ("submitted", "returned"):
        return
    if n > ASKS:
        _close_unknown(turn, row)
        return
    if _is_busy(turn, case_id):
        turn.timer("appeals.decision", f"decision:{case_id}:", turn.now + BUSY, case=case_id, n=n)
        return
    turn.timer("appeals.decision", f"decision:{case_id}:", turn.now + AGAIN, case=case_id, n=n + 1)
    if not followups.happens(turn.work, case_id, "decision", _asked(turn, case_id) + 1, turn.now):
        return
    top = turn.conversation.top
    if top is None or top.flow != "decision":
        steps.open_flow(turn, "decision", draft={"case_id": case_id})
    turn.asks = True


def _asked(turn: Turn, case_id: int) -> int:
    return len(followups.of_case(turn.work, case_id, "decision"))


def _is_busy(turn: Turn, case_id: int) -> bool:
    """Tell whether the person is in the middle of something: a call is waited for, or they wrote within the hour."""
    top = turn.conversation.top
    if top is None:
        return False
    if top.flow == "decision" and int(top.draft.get("case_id") or 0) != case_id:
        return True
    heard = turn.address.last_in_at if turn.address else None
    return top.call is not None or (heard is not None and turn.now - moment(heard) < BUSY)


def _close_unknown(turn: Turn, row: sa.Row[Any]) -> None:
    if row.stage != "submitted":
        return
    cases.change(turn.work, row.id, outcome="unknown")
    move(turn, row.id, "closed", trigger="job", reason="no_answer")
    top = turn.conversation.top
    if top is not None and top.flow == "decision" and int(top.draft.get("case_id") or 0) == row.id:
        turn.conversation.frames.pop()
        turn.conversation.prompt = None
    turn.notify("appeals.decision.closed_unknown", code=row.code)


def not_yet(turn: Turn, case_id: int) -> None:
    """Ask again in 30 days, as often as the person answers."""
    followups.answered(turn.work, case_id, "decision", "not_yet")
    turn.timer("appeals.decision", f"decision:{case_id}:", turn.now + AGAIN, case=case_id, n=1)


def decided(
    turn: Turn, case_id: int, outcome: str, *, decided_on: date | None = None, after_minor: int | None = None
) -> None:
    """Keep what the person reports of the city's decision (ST-19, ST-26)."""
    row = case_row(turn, case_id)
    followups.answered(turn.work, case_id, "decision", outcome)
    turn.cancel_timers(f"decision:{case_id}:")
    if row.stage != "decided":
        move(turn, case_id, "decided", trigger="user", reason=outcome)
    cases.change(turn.work, case_id, outcome=outcome, decided_on=decided_on, amount_after_minor=after_minor)
    status_log.note(turn.work, case_id, axis="outcome", was=row.outcome, now=outcome, actor="user", cause=turn.inbox_id)
