"""Which plan a person is on at an instant, as their subscription tells (business rules, section 5; RS-2, RS-6).

trial      the plan, until the trial's end or that of its extension
active     the plan; a gift until its end, Stars until a day after what is paid, a cancelled one until its end
grace      the plan until the fourteenth day, then free
all else   free

An instant that the gateway was given ends all of these.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from handlers.billing.catalogue import Catalogue, Plan
from storage.billing.overrides import Override
from storage.billing.subscriptions import Subscription

GRACE = timedelta(days=14)
STARS_LATE = timedelta(hours=24)
"""How long a renewal for Stars may be late (TS-4)."""


@dataclass(frozen=True, slots=True)
class Access:
    """The plan, None where what is stored makes no sense, and the instant at which it ends."""

    plan: Plan | None
    is_trial: bool = False
    until: datetime | None = None
    subscription: Subscription | None = None
    """The subscription that gives it; None for the free plan."""


def access(catalogue: Catalogue, of: Subscription | None, overrides: Sequence[Override], now: datetime) -> Access:
    """Return what a person is on."""
    free = Access(catalogue.free)
    if of is None or of.state in ("pending", "suspended", "ended"):
        return free
    plan = catalogue.plan(of.plan, of.version)
    match of.state:
        case "trial":
            until = _trial_end(of, overrides, now)
        case "active":
            until = _paid_until(of)
        case "grace":
            until = of.grace_since + GRACE if of.grace_since else None
        case _:
            return Access(None)
    if plan is None or (until is None and of.state != "active"):
        return Access(None)
    if until is not None and of.ends_at is not None:
        until = min(until, of.ends_at)
    if until is not None and now >= until:
        return free
    return Access(plan, of.state == "trial", until, of)


def _trial_end(of: Subscription, overrides: Sequence[Override], now: datetime) -> datetime | None:
    extended = [one.expires_at for one in overrides if one.operation == "trial" and one.is_live(now)]
    return max([of.trial_end, *extended]) if of.trial_end else None


def _paid_until(of: Subscription) -> datetime | None:
    if of.gateway == "stars" and of.period_end is not None:
        return of.period_end if of.cancel_at_period_end else of.period_end + STARS_LATE
    return (of.ends_at or of.period_end) if of.gateway != "stripe" or of.cancel_at_period_end else None
