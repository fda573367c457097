"""What a look at Stripe means for our row: pure, so that any order of looks and events ends in the same row (SB-4).

    trialing -> trial      active -> active      past_due -> grace      unpaid, paused -> suspended
    incomplete -> pending  incomplete_expired, canceled -> ended        anything else -> unchanged, with an alert

Nothing in a row depends on how we came to know it: the beginning of grace is that of the failed invoice, not ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bot.core.calls.subscriptions import GatewaySubscription
from handlers.billing.catalogue import Catalogue
from handlers.billing.subscriptions import offers

STATES: Mapping[str, str] = {
    "trialing": "trial",
    "active": "active",
    "past_due": "grace",
    "unpaid": "suspended",
    "paused": "suspended",
    "incomplete": "pending",
    "incomplete_expired": "ended",
    "canceled": "ended",
}
LIVE = ("trial", "active", "grace")
Values = dict[str, Any]


def values(seen: GatewaySubscription) -> Values | None:
    """Return the columns that a look tells; None for a status or a price that we do not know."""
    state, named = STATES.get(seen.status), offers.read(seen.lookup_key)
    if state is None or named is None:
        return None
    following = offers.read(seen.next_lookup_key or "") if state in LIVE else None
    return {
        "gateway": "stripe",
        "gateway_ref": seen.subscription_id,
        "customer_ref": seen.customer,
        "item_ref": seen.item_id,
        "price_ref": seen.price_id,
        "plan": named.plan,
        "plan_version": named.version,
        "every": named.every,
        "amount_minor": named.price.amount_minor,
        "currency": named.price.currency,
        "state": state,
        "gateway_status": seen.status,
        "anchor_at": at(seen.anchor),
        "period_start": at(seen.period_start),
        "period_end": at(seen.period_end),
        "cancel_at_period_end": (seen.cancel_at_period_end or seen.cancel_at is not None) and state != "ended",
        "ends_at": _ends_at(seen) if state != "ended" else None,
        "trial_end": at(seen.trial_end) if seen.trial_end else None,
        "grace_since": _failed_at(seen) if state == "grace" else None,
        "schedule_ref": seen.schedule if state in LIVE else None,
        "next_plan": following.plan if following else None,
        "next_every": following.every if following else None,
        "at": at(seen.created),
    }


def at(seconds: int) -> datetime:
    """Return an instant of the gateway's."""
    return datetime.fromtimestamp(seconds, UTC)


def _ends_at(seen: GatewaySubscription) -> datetime | None:
    """Return the instant that is set by itself; with the flag of the period its end is meant, wherever that moves."""
    return at(seen.cancel_at) if seen.cancel_at is not None and not seen.cancel_at_period_end else None


def _failed_at(seen: GatewaySubscription) -> datetime:
    invoice = seen.invoice
    return at((invoice.finalized_at or invoice.created) if invoice else seen.period_start)


def moves(catalogue: Catalogue, before: Values | None, after: Values) -> list[str]:
    """Return what happened between two states of a row, in the words of the log (SB-14)."""
    if before is None or (before["state"] == "pending" and after["state"] != "ended"):
        return _begun(after)
    found = _money(before, after)
    if after["state"] == "ended":
        return ["canceled"] if before["state"] != "ended" else []
    was, now = (before["plan"], before["every"]), (after["plan"], after["every"])
    if was != now:
        up = offers.is_upgrade(catalogue, was, now)
        found = [one for one in found if one != "renewed"] + ["upgraded" if up else "downgraded"]
    elif before["next_plan"] != after["next_plan"] or before["next_every"] != after["next_every"]:
        found.append("downgrade_scheduled" if after["next_plan"] else "downgrade_undone")
    if before["cancel_at_period_end"] != after["cancel_at_period_end"] or _ends_otherwise(before, after):
        found.append("cancel_scheduled" if after["cancel_at_period_end"] else "cancel_undone")
    return found


def _ends_otherwise(before: Values, after: Values) -> bool:
    """Tell whether an instant was set that is another end than the one before."""
    was, now = (one["ends_at"] or one["period_end"] for one in (before, after))
    return bool((before["ends_at"] or after["ends_at"]) and was != now)


def _begun(after: Values) -> list[str]:
    match after["state"]:
        case "trial":
            return ["trial_started"]
        case "active":
            return ["created"]
        case "grace":
            return ["created", "payment_failed"]
        case "suspended":
            return ["created", "paused"]
        case "ended":
            return ["canceled"]
        case _:
            return []


def _money(before: Values, after: Values) -> list[str]:
    was, now = before["state"], after["state"]
    if now == "grace" and (was != "grace" or before["grace_since"] != after["grace_since"]):
        return ["payment_failed"]
    if now == "suspended" and was != "suspended":
        return ["paused"]
    if now == "active" and was in ("grace", "suspended"):
        return ["recovered"]
    if now == "active" and (was == "trial" or after["period_start"] > before["period_start"]):
        return ["renewed"]
    return []


def differs(row: Mapping[str, Any] | None, seen: GatewaySubscription) -> bool:
    """Tell whether a row is not what the gateway has (SB-16); what we cannot read is looked at by the alert's way."""
    found = values(seen)
    if found is None or row is None:
        return True
    return any(row[name] != value for name, value in found.items())
