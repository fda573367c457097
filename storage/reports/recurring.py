"""Subscriptions as they stood at a moment that is past, from the log of what happened to them (RP-1, SB-14).

A row of the mirror says how a subscription stands now. How it stood then follows from two rows of its log: the last one
before the moment that told a state, and the last one that told a price.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.core.ids import Ids
from storage.billing.plan_changes import plan_log
from storage.billing.subscriptions import subscription
from storage.reports.during import During
from storage.reports.selling import Running

STATES = {
    "created": "active", "renewed": "active", "recovered": "active", "payment_failed": "grace",
    "trial_started": "trial", "paused": "suspended", "canceled": "ended", "comped": "active",
}  # fmt: skip
"""What each kind of the log says of the state; the others (a change of plan, an end that is planned) leave it."""
PAYING = ("created", "renewed", "recovered", "payment_failed")
REPLACED = "upgrade"
"""The cause of an end that is none: a better plan for Stars took its place."""


def running_then(connection: sa.Connection, span: During) -> list[Running]:
    """Return the subscriptions that ran at the end of a span, alike ones counted; gifts among them, the ended not."""
    return _running(connection, span.end)


def _running(connection: sa.Connection, at: datetime) -> list[Running]:
    then = _then(at)
    alike = (then.c.gateway, then.c.now, then.c.state, then.c.amount_minor, then.c.currency)
    rows: Any = connection.execute(
        sa.select(*alike, sa.func.count()).where(then.c.state.in_(("active", "grace", "trial"))).group_by(*alike)
    )
    found = []
    for gateway, now, state, amount, currency, count in rows:
        plan, version, every = (*str(now).split(":"), "", "")[:3]
        number = int(version) if version.isdigit() else 0
        found.append(Running(gateway, plan, number, state, every == "year", int(count), amount, currency))
    return found


def _then(at: datetime) -> sa.Subquery:
    """Return how each subscription stood: gateway, plan, state, price."""
    before = plan_log.c.id < Ids.floor(at)
    state, price = plan_log.alias(), plan_log.alias()
    told = _last(before, plan_log.c.kind.in_(STATES))
    priced = _last(before, plan_log.c.now.is_not(None), plan_log.c.kind.not_in(("cancel_scheduled", "cancel_undone")))
    word = sa.case(STATES, value=state.c.kind, else_="active").label("state")
    # A better plan for Stars begins as one: nothing else tells its state until it renews.
    joined = (
        priced.join(price, price.c.id == priced.c.id)
        .join(subscription, subscription.c.id == priced.c.subscription_id)
        .outerjoin(told, told.c.subscription_id == priced.c.subscription_id)
        .outerjoin(state, state.c.id == told.c.id)
    )
    columns = (subscription.c.gateway, price.c.now, price.c.amount_minor, price.c.currency, word)
    return sa.select(*columns).select_from(joined).subquery()


def _last(*where: sa.ColumnElement[bool]) -> sa.Subquery:
    newest = sa.func.max(plan_log.c.id).label("id")
    return sa.select(plan_log.c.subscription_id, newest).where(*where).group_by(plan_log.c.subscription_id).subquery()


@dataclass(frozen=True, slots=True)
class Turnover:
    """Paying subscriptions: live at the start of a span, begun in it, ended in it."""

    live_at_start: int
    begun: int
    ended: int


def turnover(connection: sa.Connection, span: During) -> Turnover:
    """Return how subscriptions came and went; gifts and trials that ended unpaid are none."""
    running = _running(connection, span.start)
    live = sum(one.count for one in running if one.gateway != "comp" and one.state != "trial")
    return Turnover(live, _begun(connection, span), _ended(connection, span))


def _paid(kind: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """Tell of a row whether its subscription is paid for from then on; one for Stars always is."""
    return sa.or_(kind.in_(PAYING), sa.and_(kind == "upgraded", subscription.c.gateway == "stars"))


def _begun(connection: sa.Connection, span: During) -> int:
    """Count those whose first payment came in the span; a plan for Stars that took another's place is none."""
    own, earlier = plan_log.c, plan_log.alias()
    first = sa.and_(own.kind.in_(PAYING), span.of(own.id), subscription.c.gateway != "comp")
    known = sa.exists().where(
        earlier.c.person_id == own.person_id, earlier.c.subscription_id == own.subscription_id, earlier.c.id < own.id,
        _paid(earlier.c.kind),
    )  # fmt: skip
    joined = plan_log.join(subscription, subscription.c.id == own.subscription_id)
    counted = sa.select(sa.func.count(own.subscription_id.distinct())).select_from(joined).where(first, ~known)
    return int(connection.execute(counted).scalar() or 0)


def _ended(connection: sa.Connection, span: During) -> int:
    own, earlier = plan_log.c, plan_log.alias()
    over = sa.and_(own.kind == "canceled", span.of(own.id), subscription.c.gateway != "comp")
    was_paid = sa.exists().where(
        earlier.c.person_id == own.person_id, earlier.c.subscription_id == own.subscription_id, earlier.c.id < own.id,
        _paid(earlier.c.kind),
    )  # fmt: skip
    replaced = sa.func.coalesce(own.cause, "") == REPLACED
    joined = plan_log.join(subscription, subscription.c.id == own.subscription_id)
    counted = sa.select(sa.func.count(own.subscription_id.distinct())).select_from(joined)
    return int(connection.execute(counted.where(over, was_paid, ~replaced)).scalar() or 0)
