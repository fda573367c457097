"""Plans that renew for Stars: begun by the first charge, prolonged by each further one, over a day after (TS-4, TS-6).

The mirror row has gateway `stars`; its reference is the first charge, which Telegram wants for every change.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.core.calls import Done
from bot.core.calls.stars import EditStarSubscription, RefundStars
from bot.core.errors import Refusal
from bot.engine.orders import Paid
from bot.engine.results import outcome_of
from bot.engine.turn import Turn
from handlers.billing import reading, telling
from handlers.billing.access import STARS_LATE
from handlers.billing.catalogue import Catalogue, Plan
from handlers.billing.stars.bonus import PERIOD, bonus_days
from storage.billing import charges, plan_changes, purchases, subscriptions
from storage.work import Work

PURPOSE, RETURNED = "stars_plan", "stars.returned"
WORDING = "stars-1"
"""The version of `billing.stars.list` and of Telegram's own sheet, in which the payment is the consent (SB-2)."""


def plan_of(catalogue: Catalogue, reference: str) -> Plan | None:
    """Return the plan that an order's reference names: `basic:1:...`."""
    key, _, rest = reference.partition(":")
    version = rest.partition(":")[0]
    return catalogue.plan(key, int(version)) if version.isdigit() else None


def begin(turn: Turn, paid: Paid, catalogue: Catalogue) -> None:
    """Begin a plan that was paid for; a better one ends the older, whose rest becomes days of it."""
    plan, first = plan_of(catalogue, paid.reference), charges.first_of(turn.work, paid.id)
    old = charges.live_for_stars(turn.work, turn.person.id)
    if plan is None or first is None:
        raise Refusal("billing.stars.expired")
    days, was = 0, None
    if old is not None:
        had = catalogue.plan(old.plan, old.plan_version)
        if had is None or had.level >= plan.level:
            raise Refusal("billing.stars.has_plan")
        days = _rest(old, turn.now, price=paid.total_minor, cost=had.days_30.get("XTR", 0))
        subscriptions.change(turn.work, turn.person.id, old.id, state="ended")
        _log(turn, old, "canceled", cause="upgrade")
        was = _named(old)
        _edit(turn, old, ends=True)
    until = (first.paid_until or turn.now + PERIOD) + timedelta(days=days)
    made = subscriptions.add(
        turn.work, turn.person.id, plan=plan.key, version=plan.version, state="active", gateway="stars",
        gateway_ref=first.charge, period_start=turn.now, period_end=until, every="month",
        amount_minor=paid.total_minor, currency=paid.currency,
    )  # fmt: skip
    if made is None:
        raise Refusal("billing.stars.has_plan")
    charges.give_bonus(turn.work, first.id, days)
    purchases.add_paid(
        turn.work, turn.person.id, plan=plan.key, plan_version=plan.version, every="month",
        amount_minor=paid.total_minor, currency=paid.currency, wording=WORDING, source=f"order:{paid.id}",
    )  # fmt: skip
    begun = charges.plan_row(turn.work, made)
    _log(turn, begun, "upgraded" if was else "created", was=was, amount=paid.total_minor, cause=first.charge)
    _runs(turn, made, plan.key, until, told="billing.stars.began")


def _named(row: sa.Row[Any]) -> str:
    return f"{row.plan}:{row.plan_version}:month"


def _log(
    turn: Turn, row: sa.Row[Any] | None, kind: str, *, was: str | None = None, amount: int | None = None, cause: str
) -> None:
    """Note what happened to a plan, and let those know who listen (SB-14)."""
    if row is None:
        return
    now = None if kind == "canceled" else _named(row)
    plan_changes.log(
        turn.work, row.person_id, row.id, kind, was=was or _named(row) if kind != "created" else None, now=now,
        amount_minor=amount, currency="XTR" if amount is not None else None, cause=cause,
    )  # fmt: skip
    turn.tell("subscription.changed", subscription=row.id)


def _rest(old: sa.Row[Any], now: datetime, *, price: int, cost: int) -> int:
    return bonus_days(paid=cost, price=price, until=old.period_end, now=now)


def _runs(turn: Turn, subscription_id: int, plan: str, until: datetime, *, told: str) -> None:
    """Watch for the end, and say until when it runs."""
    turn.timer("stars.over", f"stars:{subscription_id}", until + STARS_LATE, subscription=subscription_id)
    reading.booked(turn)
    turn.notify(told, plan=turn.text(f"billing.plan.{plan}"), at=telling.day(turn, until))


def renewed(turn: Turn, order: sa.Row[Any], name: str) -> None:
    """Prolong a plan by a further charge, also when it comes late; hold one of another amount (TS-3, TS-4)."""
    first, charge = charges.first_of(turn.work, order.id), charges.named(turn.work, name)
    row = charges.plan_of_charge(turn.work, first.charge) if first is not None else None
    if row is None or first is None or charge is None or charge.amount != order.total_minor:
        charges.hold(turn.work, name, "amount_mismatch" if row is not None else "no_plan")
        turn.alert("stars_held", key=f"stars_held:{name}", charge=name, order=order.id, why="renewal")
        turn.notify("billing.stars.held", policy="ask_first")
        return
    until = (charge.paid_until or _next(row, first)) + timedelta(days=first.bonus_days)
    if row.state == "ended" and charges.live_row(turn.work, turn.person.id) is not None:
        charges.hold(turn.work, name, "replaced")
        turn.alert("stars_held", key=f"stars_held:{name}", charge=name, order=order.id, why="replaced")
        turn.notify("billing.stars.held", policy="ask_first")
        return
    subscriptions.change(
        turn.work, turn.person.id, row.id, state="active", period_start=row.period_end, period_end=until,
        cancel_at_period_end=False,
    )  # fmt: skip
    _log(turn, row, "renewed", amount=charge.amount, cause=name)
    _runs(turn, row.id, row.plan, until, told="billing.stars.renewed")


def is_gone(work: Work, order: sa.Row[Any]) -> bool:
    """Tell whether whoever bought a plan had their data deleted: then nobody is known to have paid for it."""
    first = charges.first_of(work, order.id) if order.purpose == PURPOSE else None
    return first is not None and charges.payer_of(work, first) == charges.NOBODY


def leave_alone(turn: Turn, order: sa.Row[Any], name: str, user_id: int, amount: int) -> None:
    """Give back a charge that Telegram took for a plan whose person is gone, and end the renewal once more."""
    first = charges.first_of(turn.work, order.id)
    fresh = charges.add(
        turn.work, order.person_id, name, payer=user_id, order_id=order.id, amount=amount, kind="renewal", held="gone"
    )  # fmt: skip
    if first is None or not fresh:
        return
    context = {"charge": name}
    turn.call(EditStarSubscription(user_id, first.charge, is_canceled=True), then=RETURNED, context=context)
    turn.call(RefundStars(user_id, name), key=f"stars_back:{name}", then=RETURNED, context=context)
    turn.alert("stars_after_deletion", key=f"stars_after_deletion:{name}", charge=name, order=order.id)


def returned(turn: Turn) -> None:
    """Put before staff what Telegram would not give back, or not stop."""
    turn.silent = True
    name = str(turn.event.payload["context"]["charge"])
    if not isinstance(outcome_of(turn), Done):
        turn.alert("stars_held", key=f"stars_gone:{name}", charge=name, why="gone")


def _next(row: sa.Row[Any], first: sa.Row[Any]) -> datetime:
    until: datetime = row.period_end - timedelta(days=first.bonus_days) + PERIOD
    return until


def over_due(turn: Turn) -> None:
    """End a plan that was not renewed by a day after its end; one that was to end, at its end (A60)."""
    turn.silent = True
    row = charges.plan_row(turn.work, int(turn.event.payload["subscription"]))
    if row is None or row.state != "active":
        return
    ends = row.period_end if row.cancel_at_period_end else row.period_end + STARS_LATE
    if turn.now < ends:
        turn.timer("stars.over", f"stars:{row.id}", ends, subscription=row.id)
        return
    subscriptions.change(turn.work, turn.person.id, row.id, state="ended")
    _log(turn, row, "canceled", cause="end")
    reading.booked(turn)
    turn.notify("billing.stars.over", plan=turn.text(f"billing.plan.{row.plan}"))


def take_back(turn: Turn, paid: Paid) -> None:
    """End a plan whose charge went back, and its renewals."""
    first = charges.first_of(turn.work, paid.id)
    row = charges.plan_of_charge(turn.work, first.charge) if first is not None else None
    if row is not None and row.state == "active":
        subscriptions.change(turn.work, turn.person.id, row.id, state="ended")
        _log(turn, row, "canceled", cause="refund")
        reading.booked(turn)
        _edit(turn, row, ends=True)


def edit(turn: Turn, row: sa.Row[Any], *, ends: bool) -> None:
    """Let a plan end with what is paid, or renew again; it holds when Telegram said so (SB-17)."""
    _edit(turn, row, ends=ends)


def _edit(turn: Turn, row: sa.Row[Any], *, ends: bool) -> None:
    first = charges.named(turn.work, row.gateway_ref)
    if first is None:
        raise LookupError("a plan for Stars without its first charge")
    call = EditStarSubscription(charges.payer_of(turn.work, first), first.charge, ends)
    turn.call(call, then="stars.edited", context={"subscription": row.id, "ends": ends})


def edited(turn: Turn) -> None:
    """Take Telegram's answer to a change of renewal."""
    told = turn.event.payload["context"]
    row = charges.plan_row(turn.work, int(told["subscription"]))
    turn.silent = True
    if row is None:
        return
    if not isinstance(outcome_of(turn), Done):
        key = f"stars_edit:{row.id}:{turn.inbox_id}"
        turn.alert("stars_edit_refused", key=key, subscription=row.id, ends=told["ends"])
        if row.state == "active":
            turn.notify("billing.stars.not_changed", policy="ask_first")
        return
    if row.state != "active":
        return
    subscriptions.change(turn.work, turn.person.id, row.id, cancel_at_period_end=bool(told["ends"]))
    if bool(told["ends"]) != row.cancel_at_period_end:
        _log(turn, row, "cancel_scheduled" if told["ends"] else "cancel_undone", cause=f"inbox:{turn.inbox_id}")
    due = row.period_end if told["ends"] else row.period_end + STARS_LATE
    turn.timer("stars.over", f"stars:{row.id}", due, subscription=row.id)
    key = "billing.stars.ends" if told["ends"] else "billing.stars.goes_on"
    turn.notify(key, plan=turn.text(f"billing.plan.{row.plan}"), at=telling.day(turn, row.period_end))
