"""What is told by the calendar: money that is owed (SB-10), a renewal by the year (SB-11), the end of a trial (SB-12).

Timers are set when our row changes, look at it again when they fall due, and tell each thing once. None speaks in
quiet hours: it waits for the next opening, and then looks again.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.core.calls import Done
from bot.core.calls.subscriptions import EndNow
from bot.core.quiet import Hours, place_of, telegram_hours
from bot.engine.results import outcome_of
from bot.engine.turn import Turn
from handlers.billing import reading
from handlers.billing.subscriptions import purchasing, telling
from storage import quiet_time
from storage.billing import plan_changes, plan_invoices, subscriptions

DAYS = (0, 3, 7, 14, 21)
"""Days of grace on which something is said; on the last one we end the plan at Stripe."""
BLOCKED_FROM = timedelta(days=7)
"""From here on plans cannot be changed."""
RENEWAL = timedelta(days=30)
TRIAL_ENDS = timedelta(days=3)
OVER = "billing.dunning_over"
AGAIN = timedelta(hours=1)
DUNNING, COMING, GIFT = "billing.dunning", "billing.coming", "billing.gift_over"


def plan(turn: Turn, row: sa.Row[Any], kinds: list[str]) -> None:
    """Set the timers that follow from what happened to a row, and take back those that it made useless."""
    prefix = f"plan:{row.id}:"
    if row.state != "grace":
        turn.cancel_timers(f"{prefix}dunning:")
    elif "payment_failed" in kinds:
        _plan_dunning(turn, row)
    if row.state == "trial" and not _was_told(turn, row):
        _plan_coming(turn, row, row.trial_end - TRIAL_ENDS)
    elif row.state == "active" and kinds and row.every == "year":
        _plan_coming(turn, row, row.period_end - RENEWAL)


def _plan_coming(turn: Turn, row: sa.Row[Any], due: datetime) -> None:
    """Set the timer of a renewal or of a trial's end, which may have moved without anything else having happened."""
    turn.timer(COMING, f"plan:{row.id}:coming", max(due, turn.now), subscription=row.id)


def _mark(row: sa.Row[Any]) -> str:
    end = row.trial_end if row.state == "trial" else row.period_end
    return f"{end:%Y-%m-%dT%H:%M}"


def _was_told(turn: Turn, row: sa.Row[Any]) -> bool:
    return plan_changes.was_told(turn.work, turn.person.id, row.id, row.state, _mark(row))


def _plan_dunning(turn: Turn, row: sa.Row[Any]) -> None:
    """Set a timer for each day; of those that are over already only the last one speaks."""
    late = [days for days in DAYS if row.grace_since + timedelta(days=days) <= turn.now]
    for days in [*late[-1:], *(one for one in DAYS if one not in late)]:
        due = max(row.grace_since + timedelta(days=days), turn.now)
        turn.timer(DUNNING, f"plan:{row.id}:dunning:{days}", due, subscription=row.id, day=days)


def dunning_due(turn: Turn) -> None:
    """Say what is owed, when the row still says so; on the last day end the plan at Stripe as well."""
    days = int(turn.event.payload["day"])
    row = subscriptions.load(turn.work, turn.person.id, int(turn.event.payload["subscription"]))
    turn.silent = True
    if row is None or row.state != "grace" or row.grace_since + timedelta(days=days) > turn.now:
        return
    mark = f"{row.grace_since:%Y-%m-%dT%H:%M}:{days}"
    if days == DAYS[-1]:
        context = {"ref": row.gateway_ref, "subscription": row.id, "day": days}
        turn.call(EndNow(row.gateway_ref), key=f"dunning:{row.id}:{mark}:{turn.inbox_id}", then=OVER, context=context)
        return
    if _waits(turn, DUNNING, f"plan:{row.id}:dunning:{days}", subscription=row.id, day=days):
        return
    if plan_changes.tell_once(turn.work, turn.person.id, row.id, "dunning", mark):
        turn.notify(_dunning_key(days), **_owed(turn, row))


def over(turn: Turn) -> str:
    """Return the subscription to look at; an end that Stripe did not take is tried again, and is nobody's news."""
    turn.silent = True
    context, outcome = turn.event.payload["context"], outcome_of(turn)
    if not isinstance(outcome, Done):
        number, days = int(context["subscription"]), int(context["day"])
        turn.timer(DUNNING, f"plan:{number}:dunning:{days}", turn.now + AGAIN, subscription=number, day=days)
        code = getattr(outcome, "code", "")
        turn.alert("plan_change_refused", key=f"plan_dunning:{number}", code=code, subscription=context["ref"])
    return str(context["ref"])


def _dunning_key(days: int) -> str:
    return "billing.sub.owed_first" if days == 0 else f"billing.sub.owed_{days}"


def _owed(turn: Turn, row: sa.Row[Any]) -> dict[str, Any]:
    invoice = plan_invoices.newest(turn.work, turn.person.id, row.id)
    free_at = row.grace_since + timedelta(days=14)
    following = invoice.next_attempt_at if invoice is not None else None
    return {
        **telling.words(turn, row),
        "tries": invoice.attempts if invoice is not None else 1,
        "next": turn.text("billing.sub.next_try", at=telling.day(turn, following)) if following else "",
        "free_at": telling.day(turn, free_at),
    }


def coming_due(turn: Turn) -> None:
    """Tell that a trial ends or that a year renews, once for each end, and only while it really will."""
    row = subscriptions.load(turn.work, turn.person.id, int(turn.event.payload["subscription"]))
    turn.silent = True
    if row is None or not subscriptions.renews(row) or row.state not in ("trial", "active"):
        return
    end = row.trial_end if row.state == "trial" else row.period_end
    if not _is_near(row, end - turn.now):
        return
    if _waits(turn, COMING, f"plan:{row.id}:coming", subscription=row.id):
        return
    if plan_changes.tell_once(turn.work, turn.person.id, row.id, row.state, _mark(row)):
        key = "billing.sub.trial_ends" if row.state == "trial" else "billing.sub.renews"
        turn.notify(key, **telling.words(turn, row))


def _is_near(row: sa.Row[Any], left: timedelta) -> bool:
    if row.state == "trial":
        return timedelta() < left <= TRIAL_ENDS
    return row.every == "year" and timedelta() < left <= RENEWAL


def gift_over(turn: Turn) -> None:
    """Tell that a gift is over, once it is."""
    row = subscriptions.load(turn.work, turn.person.id, int(turn.event.payload["subscription"]))
    turn.silent = True
    purchasing.end_gifts(turn)
    if row is not None and plan_changes.tell_once(turn.work, turn.person.id, row.id, "gift", "over"):
        turn.notify("billing.sub.over", **telling.words(turn, row))


# -- quiet hours -------------------------------------------------------------------------------------------------------


def _waits(turn: Turn, kind: str, key: str, /, **body: Any) -> bool:
    """Put something off to the next opening; False when it may be said now. Nothing goes to who opted out."""
    if turn.address is None or turn.address.state != "active":
        return True
    opens = opening(turn)
    if opens <= turn.now:
        return False
    turn.timer(kind, key, opens, **body)
    return True


def opening(turn: Turn) -> datetime:
    """Return the next instant at which we may speak first at the person's address."""
    address = turn.address
    if address is None:
        return turn.now
    own = quiet_time.of(turn.work, turn.person.id)
    if address.channel == "sms":
        hours = Hours(place_of(address.handle))
    else:
        hours = telegram_hours(turn.person.zone or reading.zone(turn))
    hours = replace(hours, quiet=quiet_time.span(*own)) if own is not None else hours
    return hours.release(turn.now, str(address.id)) or turn.now + timedelta(days=1)
