"""What is read to answer a person, once a turn, and what their plan gives in the period that runs (RS-9, LG-6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.core.quiet.places import place_of_number
from bot.engine.turn import Turn
from handlers.billing.access import access
from handlers.billing.catalogue import Catalogue
from handlers.billing.periods import Period, calendar_month, stars, subscribed
from handlers.billing.resolver import Snapshot, entitled
from storage import disputes
from storage.billing import grants, ledger, overrides, subscriptions, suspensions
from storage.billing.grants import Grant
from storage.billing.subscriptions import Subscription
from storage.work import Work

DEFAULT_ZONE = "America/Los_Angeles"


def snapshot(turn: Turn, catalogue: Catalogue) -> Snapshot:
    """Return everything that answers to this person depend on."""
    return turn.work.once(_key(turn), lambda: of_person(turn.work, turn.person.id, catalogue))


def booked(turn: Turn) -> None:
    """Let the next question of this turn see what was booked."""
    turn.work.forget(_key(turn))


def _key(turn: Turn) -> tuple[str, str, int]:
    return ("billing", "snapshot", turn.person.id)


def of_person(work: Work, person_id: int, catalogue: Catalogue) -> Snapshot:
    """Return the same of anybody, for staff who look at them."""
    ledger.expire_overdue(work, person_id)
    return replace(entitlements(work, person_id, catalogue), grants=grants.live(work, person_id))


def entitlements(work: Work, person_id: int, catalogue: Catalogue) -> Snapshot:
    """Return what plan and overrides depend on, by reads alone; of quotas it does not tell what is left."""
    return Snapshot(
        catalogue,
        _subscription(work, person_id),
        overrides.standing(work, person_id),
        off=suspensions.switched_off(work),
        suspended=suspensions.is_suspended(work, person_id),
    )


def _subscription(work: Work, person_id: int) -> Subscription | None:
    """Return what the plan follows from; Stripe's gives nothing while its bank disputes it, or took it (PY-9)."""
    found = subscriptions.current(work, person_id)
    if found is None or found.gateway != "stripe" or found.state not in subscriptions.LIVE_STATES:
        return found
    return replace(found, state="suspended") if disputes.bars(work, person_id, "plan") else found


def period(turn: Turn, of: Snapshot) -> Period:
    """Return the period in which this person's quotas are counted now."""
    return period_at(of, zone(turn), turn.now)


def period_at(of: Snapshot, zone: str, now: datetime) -> Period:
    """Return the period in which quotas are counted at an instant, of a person who is at home in a zone."""
    found = access(of.catalogue, of.subscription, of.overrides, now).subscription
    if found is None:
        return calendar_month(zone, now)
    if found.gateway == "stars" and found.period_end is not None:
        return stars(found.period_end, now)
    return subscribed(found.anchor_at, now)


def plan_grant(turn: Turn, of: Snapshot, feature: str) -> Grant:
    """Return what the plan gives of a quota in this period, with overrides; nothing of what is no number."""
    value = entitled(of, feature, turn.now).value
    found = access(of.catalogue, of.subscription, of.overrides, turn.now).subscription
    ref = "free" if found is None else f"subscription:{found.id}"
    now = period(turn, of)
    amount = int(value) if isinstance(value, int) else None
    return Grant(feature, "plan", ref, now.key, now.starts, now.ends, amount, unlimited=value is None)


def used(turn: Turn, of: Snapshot, feature: str) -> int:
    """Return how much of what counts now is used or set aside."""
    plan = plan_grant(turn, of, feature)
    return sum(one.taken for one in ledger.usable(of.grants, plan, turn.now))


def zone(turn: Turn) -> str:
    """Return the person's zone: told, else that of their number."""
    if turn.person.zone:
        return turn.person.zone
    place = place_of_number(turn.address.handle) if turn.address is not None and turn.channel == "sms" else None
    return place.zones[0] if place is not None and place.state is not None else DEFAULT_ZONE
