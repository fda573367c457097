"""What a person may, said to them: the value, the reason, the reset, and what would allow more (RS-8)."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.core.prompts import Ask, Choice
from bot.engine.rights import Decision, Reason, Value
from bot.engine.turn import Turn
from handlers.billing import packs, reading
from handlers.billing.access import access
from handlers.billing.resolver import Snapshot
from storage.billing.overrides import EVERY

PLANS = "plans"
"""The name of the button that opens the plans."""
_REFUSED = {
    Reason.DISABLED: "billing.disabled",
    Reason.SUSPENDED: "billing.suspended",
    Reason.DENIED: "billing.denied",
}


def told(turn: Turn, of: Snapshot, feature: str, found: Decision) -> str:
    """Return one or two sentences about a feature; nothing about one that nobody knows."""
    known = of.catalogue.features.get(feature)
    if known is None:
        return ""
    what = turn.text(f"billing.what.{feature}")
    if found.reason in _REFUSED:
        return f"{turn.text(_REFUSED[found.reason], what=what)} {_end(turn, of, feature, found)}".rstrip()
    plan = plan_named(turn, of)
    if known.kind == "quota":
        return _quota(turn, of, feature, found, plan=plan, what=what)
    line = turn.text("billing.value", plan=plan, what=what, value=_shown(turn, found.value))
    is_enough = found.allows and (known.kind != "limit" or found.value is None)  # beyond a limit more is wanted (RS-8)
    return line if is_enough else f"{line} {_more(turn, of, feature)}".rstrip()


def _end(turn: Turn, of: Snapshot, feature: str, found: Decision) -> str:
    """Return when a denial ends by itself; a switch and a suspension stand until somebody ends them."""
    mine = [one for one in of.overrides if one.operation == "deny" and one.feature in (feature, EVERY)]
    ends = [one.expires_at for one in mine if one.is_live(turn.now)]
    denied = found.reason is Reason.DENIED and ends
    return turn.text("billing.denied_until", at=day(turn, max(ends))) if denied else ""


def _shown(turn: Turn, value: Value) -> str:
    if value is None:
        return turn.text("billing.unlimited")
    if isinstance(value, bool):
        return turn.text("billing.yes" if value else "billing.no")
    return str(value)


def plan_named(turn: Turn, of: Snapshot) -> str:
    """Return the name of the plan that a person is on."""
    found = access(of.catalogue, of.subscription, of.overrides, turn.now).plan or of.catalogue.free
    return turn.text(f"billing.plan.{found.key}")


def day(turn: Turn, at: datetime) -> str:
    """Return a day as the person's calendar has it."""
    local = at.astimezone(ZoneInfo(reading.zone(turn)))
    return f"{local.day} {local:%b}"


def _quota(turn: Turn, of: Snapshot, feature: str, found: Decision, *, plan: str, what: str) -> str:
    if found.value is None:
        return turn.text("billing.without_limit", plan=plan, what=what)
    used, most = reading.used(turn, of, feature), int(found.value)
    if not most:
        line = turn.text("billing.value", plan=plan, what=what, value="0")
        return f"{line} {_more(turn, of, feature)}".rstrip()
    line = turn.text(
        "billing.used", plan=plan, what=what, used=used, most=most, at=day(turn, reading.period(turn, of).ends)
    )
    if used < most:
        return line
    ways = (line, _more(turn, of, feature), packs.offered(turn, of.catalogue, feature))
    return " ".join(way for way in ways if way)


def _more(turn: Turn, of: Snapshot, feature: str) -> str:
    """Return what would allow it, or more of it: a plan, else our staff."""
    on = access(of.catalogue, of.subscription, of.overrides, turn.now).plan or of.catalogue.free
    plan = of.catalogue.cheapest_with(feature, on)
    if plan is None:
        return turn.text("billing.more_staff")
    name, value = turn.text(f"billing.plan.{plan.key}"), plan.value(feature)
    if value is True:
        line = turn.text("billing.more_switch", plan=name)
    else:
        line = turn.text("billing.more", plan=name, value=_shown(turn, value))
    _said(turn).add(line)
    return line


def _said(turn: Turn) -> set[str]:
    """Return what this turn worded of better plans; not all of it need be shown."""
    return turn.work.once(("billing", "more", turn.event.key), set)


def offer_plans(turn: Turn, argument: str) -> bool:
    """Put one button under an answer that names a better plan, where there are buttons; SMS has the word (RS-8)."""
    shown = "\n".join(turn.lines)
    if turn.channel == "telegram" and turn.offer is None and any(line in shown for line in _said(turn)):
        turn.offer = Ask("billing.nothing_more", choices=(Choice("plans", key="billing.plans_button", standing=PLANS),))
    return False
