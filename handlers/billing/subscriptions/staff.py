"""What staff may do with a person's plan, as rows: /sub show, change, cancel, trial, comp.

What is ordered from a member's own turn happens a moment later in the turn of the person it is about, and is looked at
again there: the state may have changed.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import orjson
import sqlalchemy as sa

from bot.core.errors import Refusal
from bot.core.money import Money
from bot.engine.registry import Registry
from bot.engine.staff import Effect, Member, Risk, StaffCommand
from bot.engine.turn import Turn
from handlers.billing import overriding
from handlers.billing.catalogue import Catalogue
from handlers.billing.subscriptions import changing, methods, offers, reminding, telling
from storage import audit, timers, whom
from storage.billing import overrides, plan_changes, subscriptions
from storage.billing.overrides import EVERY as ALL_FEATURES
from storage.billing.overrides import Override

ORDERED = "billing.plan_staff"
LONGEST_GIFT = timedelta(days=365)
REASON_LEAST = 10
_USAGE = {
    "show": "PERSON",
    "change": "PERSON PLAN month|year",
    "cancel": "PERSON now|end",
    "trial": "PERSON DAYS REASON",
    "comp": "PERSON PLAN DAYS REASON",
}


def register(registry: Registry, catalogue: Catalogue) -> None:
    """Register the rows."""
    rows = (
        ("show", Risk.PERSONAL, "sub.view", show, None),
        ("change", Risk.GRAVE, "sub.change", change, foresee_change),
        ("cancel", Risk.GRAVE, "sub.cancel", cancel, foresee_cancel),
        ("trial", Risk.REVERSIBLE, "sub.trial", trial, None),
        ("comp", Risk.GRAVE, "sub.comp", comp, foresee_comp),
    )
    for name, risk, permission, act, foresee in rows:
        registry.staff_command(
            StaffCommand(
                name=f"sub {name}", risk=risk, permission=permission, usage=f"/sub {name} {_USAGE[name]}",
                target="subscription",
                act=partial(act, catalogue=catalogue),
                foresee=partial(foresee, catalogue=catalogue) if foresee else None,
            )
        )  # fmt: skip


# -- reading -----------------------------------------------------------------------------------------------------------


class _Unfit(Exception):
    """What was typed does not fit; the message is the answer."""


def _person(turn: Turn, word: str) -> int:
    found = whom.meant(turn.work, word)
    if found is None:
        raise _Unfit("There is no such person. /user find NUMBER looks one up; a ticket (T-1042) or a case will do.")
    return found


def _words(said: str, least: int, name: str) -> list[str]:
    words = said.split()
    if len(words) < least:
        raise _Unfit(f"Use /sub {name} {_USAGE[name]}")
    return words


def _days(word: str, most: timedelta) -> int:
    number = int(word) if word.isascii() and word.isdigit() and len(word) < 5 else 0
    if not 0 < number <= most.days:
        raise _Unfit(f"Days are 1 to {most.days}.")
    return number


def _live(turn: Turn, person_id: int, gateway: str = "stripe") -> sa.Row[Any]:
    row = subscriptions.live(turn.work, person_id)
    if row is None or row.gateway != gateway:
        raise _Unfit("The person has no live plan paid by Stripe.")
    return row


def show(turn: Turn, said: str, member: Member, *, catalogue: Catalogue) -> str:
    """Tell how a person's plan stands, and its history."""
    try:
        person_id = _person(turn, _words(said, 1, "show")[0])
    except _Unfit as unfit:
        return str(unfit)
    row = subscriptions.newest(turn.work, person_id)
    if row is None:
        return "Free plan, never another one."
    end = row.ends_at or row.period_end
    until = f" until {end:%Y-%m-%d}" if end else ""
    ends = " (ends then)" if row.cancel_at_period_end else f" (then {row.next_plan})" if row.next_plan else ""
    money = Money(row.amount_minor, row.currency) if row.amount_minor else "no price"
    lines = [f"{row.plan} v{row.plan_version}, {row.gateway}, {row.state} [{row.gateway_status}]{until}{ends}, {money}"]
    if (paid_by := methods.of(turn, row)) is not None:
        lines.append(f"paid by {methods.named(paid_by)} {paid_by.expires}".rstrip())
    for one in plan_changes.logged(turn.work, person_id, row.id)[-10:]:
        lines.append(f"{one.at:%Y-%m-%d %H:%M} {one.kind} {one.now or ''} {one.cause or ''}".rstrip())
    return "\n".join(lines)


# -- changing ----------------------------------------------------------------------------------------------------------


def change(turn: Turn, said: str, member: Member, *, catalogue: Catalogue) -> str:
    """Order another plan: more at once and charged, less at the end of the period."""
    try:
        person_id, row, one = _change(turn, said, catalogue)
    except _Unfit as unfit:
        return str(unfit)
    return _order(turn, person_id, member, do="change", id=row.id, plan=one.plan.key, every=one.every)


def _change(turn: Turn, said: str, catalogue: Catalogue) -> tuple[int, sa.Row[Any], offers.Offer]:
    who, plan, every = _words(said, 3, "change")[:3]
    person_id = _person(turn, who)
    row, one = _live(turn, person_id), offers.offer(catalogue, plan, every)
    if one is None or (one.plan.key, one.every) == (row.plan, row.every):
        raise _Unfit("That plan is not sold so, or the person has it.")
    return person_id, row, one


def foresee_change(turn: Turn, said: str, member: Member, *, catalogue: Catalogue) -> Effect:
    """Say what a change would do."""
    try:
        person_id, row, one = _change(turn, said, catalogue)
    except _Unfit as unfit:
        raise Refusal("billing.give.usage", usage=str(unfit)) from unfit
    up = offers.is_upgrade(catalogue, (row.plan, row.every), (one.plan.key, one.every))
    when = "NOW, CHARGED BY PRORATION" if up else f"ON {row.period_end:%Y-%m-%d}"
    says = f"CHANGE PLAN OF {person_id}: {row.plan} {row.every} -> {one.plan.key} {one.every}, {when}"
    return Effect(says, f"sub change {person_id}", _version(row))


def cancel(turn: Turn, said: str, member: Member, *, catalogue: Catalogue) -> str:
    """Order the end of a plan, now or with its period."""
    try:
        person_id, row, how = _cancel(turn, said)
    except _Unfit as unfit:
        return str(unfit)
    return _order(turn, person_id, member, do=f"cancel_{how}", id=row.id)


def _cancel(turn: Turn, said: str) -> tuple[int, sa.Row[Any], str]:
    who, how = _words(said, 2, "cancel")[:2]
    person_id = _person(turn, who)
    if how not in ("now", "end"):
        raise _Unfit("Say now or end.")
    row = subscriptions.live(turn.work, person_id)
    if row is not None and row.gateway == "comp":
        return person_id, row, how
    return person_id, _live(turn, person_id), how


def foresee_cancel(turn: Turn, said: str, member: Member, *, catalogue: Catalogue) -> Effect:
    """Say what ending would do."""
    try:
        person_id, row, how = _cancel(turn, said)
    except _Unfit as unfit:
        raise Refusal("billing.give.usage", usage=str(unfit)) from unfit
    when = "NOW, NO REFUND" if how == "now" else f"ON {row.period_end:%Y-%m-%d}"
    return Effect(f"END {row.plan} OF {person_id}: {when}", f"sub cancel {person_id}", _version(row))


def trial(turn: Turn, said: str, member: Member, *, catalogue: Catalogue) -> str:
    """Lengthen a trial, once, by 30 days at most (RS-7)."""
    try:
        who, count, *rest = _words(said, 3, "trial")
        person_id = _person(turn, who)
        row, days = _live(turn, person_id), _days(count, overriding.LONG)
        if row.state != "trial":
            raise _Unfit("The plan is not on trial.")
    except _Unfit as unfit:
        return str(unfit)
    reason, ends = " ".join(rest), row.trial_end + timedelta(days=days)
    made = Override(turn.work.new_id(), ALL_FEATURES, "trial", turn.now, min(ends, turn.now + overriding.LONG))
    had = overrides.had(turn.work, person_id, "trial_extension")
    verdict = overriding.judge(catalogue, "trial_extension", made, reason=reason, had_extension=had)
    if verdict.refused:
        return f"Refused: {verdict.refused}."
    overrides.give(turn.work, person_id, made, kind="trial_extension", reason=reason, actor=member.name)
    return _order(turn, person_id, member, do="trial", id=row.id, days=days)


def comp(turn: Turn, said: str, member: Member, *, catalogue: Catalogue) -> str:
    """Give a plan as a gift with an end (SB-15)."""
    try:
        person_id, plan, days, reason = _comp(turn, said, catalogue)
    except _Unfit as unfit:
        return str(unfit)
    return _order(turn, person_id, member, do="comp", plan=plan, days=days, reason=reason)


def _comp(turn: Turn, said: str, catalogue: Catalogue) -> tuple[int, str, int, str]:
    who, plan, count, *rest = _words(said, 4, "comp")
    person_id, days, reason = _person(turn, who), _days(count, LONGEST_GIFT), " ".join(rest)
    if plan not in catalogue.newest or plan == catalogue.free.key:
        raise _Unfit("There is no such plan to give.")
    if len(reason) < REASON_LEAST:
        raise _Unfit(f"A reason has {REASON_LEAST} characters at least.")
    if subscriptions.live(turn.work, person_id) is not None:
        raise _Unfit("The person has a live plan.")
    return person_id, plan, days, reason


def foresee_comp(turn: Turn, said: str, member: Member, *, catalogue: Catalogue) -> Effect:
    """Say what the gift is."""
    try:
        person_id, plan, days, _ = _comp(turn, said, catalogue)
    except _Unfit as unfit:
        raise Refusal("billing.give.usage", usage=str(unfit)) from unfit
    ends = turn.now + timedelta(days=days)
    return Effect(f"GIVE {plan} TO {person_id} UNTIL {ends:%Y-%m-%d}", f"sub comp {person_id}", f"{plan}:{days}:free")


def _version(row: sa.Row[Any]) -> str:
    return f"{row.id}:{row.plan}:{row.every}:{row.state}:{row.cancel_at_period_end}:{row.next_plan}:{row.period_end}"


def _order(turn: Turn, person_id: int, member: Member, **order: Any) -> str:
    body = orjson.dumps({**order, "by": member.name})
    key = f"plan_staff:{person_id}:{turn.inbox_id}"
    timers.set_timer(turn.work, kind=ORDERED, key=key, due=turn.now, person_id=person_id, body=body)
    return "Ordered."


# -- in the person's own turn ------------------------------------------------------------------------------------------


def ordered(turn: Turn, catalogue: Catalogue) -> None:
    """Do what a member ordered, if it still fits."""
    order, live = turn.event.payload, subscriptions.live(turn.work, turn.person.id)
    do, by = str(order["do"]), str(order["by"])
    if do == "comp":
        _give(turn, catalogue, order, by)
        return
    if live is None or live.id != order["id"]:
        turn.alert("staff_order_void", key=f"staff_order_void:{turn.event.key}", do=do, by=by)
        return
    _note(turn, by, do, live.id)
    match do:
        case "change":
            _change_now(turn, catalogue, live, order)
        case "cancel_end" | "cancel_now" if live.gateway == "comp":
            subscriptions.change(turn.work, turn.person.id, live.id, state="ended")
            plan_changes.log(turn.work, turn.person.id, live.id, "canceled", cause=by)
        case "cancel_end":
            changing.end_later(turn, live)
        case "cancel_now":
            changing.end_now(turn, live)
        case "trial":
            changing.move_trial(turn, live, int(order["days"]))


def _note(turn: Turn, by: str, do: str, subscription_id: int) -> None:
    audit.record(turn.work, actor=by, action=f"subscription.{do}", obj=f"subscription:{subscription_id}")


def _change_now(turn: Turn, catalogue: Catalogue, live: sa.Row[Any], order: dict[str, Any]) -> None:
    one = offers.offer(catalogue, str(order["plan"]), str(order["every"]))
    if one is None:
        return
    up = offers.is_upgrade(catalogue, (live.plan, live.every), (one.plan.key, one.every))
    made = plan_changes.add(
        turn.work, turn.person.id, subscription_id=live.id, plan=one.plan.key, plan_version=one.plan.version,
        every=one.every, kind="upgrade" if up else "downgrade",
        prorated_at=turn.now.replace(microsecond=0) if up else None,
    )  # fmt: skip
    row = plan_changes.load(turn.work, turn.person.id, made)
    if row is not None and up:
        plan_changes.move(turn.work, row, was="asked", to="shown")
    if row is not None:
        changing.confirm(turn, row, live, one)


def _give(turn: Turn, catalogue: Catalogue, order: dict[str, Any], by: str) -> None:
    plan, ends = catalogue.newest[str(order["plan"])], turn.now + timedelta(days=int(order["days"]))
    made = subscriptions.add(
        turn.work, turn.person.id, plan=plan.key, version=plan.version, state="active", gateway="comp",
        period_start=turn.now, period_end=ends, cancel_at_period_end=True,
    )  # fmt: skip
    if made is None:
        turn.alert("staff_order_void", key=f"staff_order_void:{turn.event.key}", do="comp", by=by)
        return
    _note(turn, by, "comp", made)
    plan_changes.log(
        turn.work, turn.person.id, made, "comped", now=f"{plan.key}:{plan.version}", cause=f"{by}: {order['reason']}"
    )
    turn.tell("subscription.changed", subscription=made)
    turn.timer(reminding.GIFT, f"plan:{made}:gift", ends, subscription=made)
    row = subscriptions.load(turn.work, turn.person.id, made)
    if row is not None:
        telling.tell(turn, ["comped"], {}, row)
