"""Changes of a plan that runs: more at once and for money, less when the period ends (SB-7), ending and keeping (SB-9).

Stripe does it; what is true afterwards is looked at, and the person is told of what changed in our row (SB-17).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from bot.core.calls import Done
from bot.core.calls.subscriptions import (
    ChangePlan,
    EndAtPeriodEnd,
    EndNow,
    KeepRenewing,
    MoveTrialEnd,
    ReleaseSchedule,
    ScheduleChange,
)
from bot.core.errors import Refusal
from bot.engine.results import outcome_of
from bot.engine.turn import Turn
from handlers.billing.subscriptions import telling, watching
from handlers.billing.subscriptions.offers import Offer
from handlers.billing.subscriptions.reminding import BLOCKED_FROM
from storage import disputes
from storage.billing import plan_changes

GOOD_FOR = timedelta(minutes=10)
LIMIT = timedelta(hours=1)
"""A change that Stripe cannot take within this is given up; its key lives far longer."""
CHANGED = "billing.plan_changed"


def refuse(turn: Turn, live: sa.Row[Any]) -> None:
    """Raise Refusal for a plan that cannot be changed now: disputed, late with its money, ending, not of Stripe."""
    if live.gateway != "stripe":
        raise Refusal("billing.sub.gift_runs", **telling.words(turn, live))
    if disputes.bars(turn.work, turn.person.id, "plan"):
        raise Refusal("billing.sub.disputed")
    if live.state == "grace" and turn.now - live.grace_since >= BLOCKED_FROM:
        raise Refusal("billing.sub.blocked")
    if live.cancel_at_period_end:
        raise Refusal("billing.sub.ending", **telling.words(turn, live))


def is_stale(turn: Turn, row: sa.Row[Any]) -> bool:
    """Tell whether a preview is too old to be paid for."""
    return bool(row.kind == "upgrade" and (row.state != "shown" or turn.now - row.at > GOOD_FOR))


def confirm(turn: Turn, row: sa.Row[Any], live: sa.Row[Any], one: Offer) -> None:
    """Order a change once, prorated at the second of its preview."""
    was = "shown" if row.kind == "upgrade" else "asked"
    if not plan_changes.move(turn.work, row, was=was, to="confirmed"):
        return
    price = one.at_gateway(turn)
    call: ChangePlan | ScheduleChange = ScheduleChange(live.gateway_ref, price, live.schedule_ref)
    if row.kind == "upgrade":
        at = int(row.prorated_at.timestamp())
        call = ChangePlan(live.gateway_ref, live.item_ref, price, at, live.schedule_ref)
    context = {"ref": live.gateway_ref, "change": row.id}
    turn.call(call, key=f"change:{row.id}", then=CHANGED, context=context, limit=LIMIT)


def end_later(turn: Turn, live: sa.Row[Any]) -> None:
    """Let a plan end with its period; Stripe confirms it before anybody is told (SB-17)."""
    _order(turn, live, EndAtPeriodEnd(live.gateway_ref, live.schedule_ref), "end")


def end_now(turn: Turn, live: sa.Row[Any], *, asked: str = "them") -> None:
    """End a plan at once; `asked` other than by them, a failure is tried again and is no news to the person."""
    _order(turn, live, EndNow(live.gateway_ref), "end_now", asked=asked)


def keep(turn: Turn, live: sa.Row[Any]) -> None:
    """Take back an end, or a change, that was planned for the end of the period."""
    if live.cancel_at_period_end:
        _order(turn, live, KeepRenewing(live.gateway_ref), "keep")
    else:
        _order(turn, live, ReleaseSchedule(live.schedule_ref), "release")


def move_trial(turn: Turn, live: sa.Row[Any], days: int) -> None:
    """Let a trial last longer."""
    ends = live.trial_end + timedelta(days=days)
    _order(turn, live, MoveTrialEnd(live.gateway_ref, int(ends.timestamp())), "trial")


def _order(turn: Turn, live: sa.Row[Any], call: Any, what: str, *, asked: str = "them") -> None:
    key = f"plan:{live.id}:{what}:{turn.inbox_id}"
    turn.call(call, key=key, then=CHANGED, context={"ref": live.gateway_ref, "asked": asked}, limit=LIMIT)


def changed(turn: Turn) -> None:
    """Take Stripe's answer to a change: look at what is true now, and say where it did not happen."""
    context, outcome = turn.event.payload["context"], outcome_of(turn)
    done = isinstance(outcome, Done)
    row = plan_changes.load(turn.work, turn.person.id, int(context["change"])) if "change" in context else None
    if row is not None:
        plan_changes.move(turn.work, row, was="confirmed", to="done" if done else "failed")
    watching.look(turn, str(context["ref"]))
    if done:
        return
    code = getattr(outcome, "code", "")
    if row is not None and row.kind == "upgrade":
        turn.notify("billing.sub.not_changed", purpose="reply", plan=telling.named(turn, row.plan))
    elif context.get("asked", "them") == "them":
        turn.notify("billing.sub.not_done", purpose="reply")
    if code not in ("card_declined", "timed_out", "gave_up"):
        turn.alert("plan_change_refused", key=f"plan_change:{turn.event.key}", code=code, subscription=context["ref"])
