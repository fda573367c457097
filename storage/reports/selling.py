"""What was sold: the way from a draft to the post, letters, money by currency and time, and subscriptions that run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from storage.appeals.cases import case
from storage.appeals.letters import letter
from storage.appeals.payments import TAKEN, payment
from storage.billing.charges import charge, went_back
from storage.billing.coupons.codes import coupon
from storage.billing.orders import order
from storage.billing.plan_invoices import plan_invoice
from storage.billing.subscriptions import LIVE, subscription
from storage.reports.during import During, grouped

QUARTER_US = 900_000_000
_YEARLY_US = 45 * 24 * 3_600 * 1_000_000
"""A period longer than that is a year, where the row does not say what it is paid by."""


@dataclass(frozen=True, slots=True)
class Funnel:
    """How many cases were begun, and how many of these got how far."""

    drafts: int
    priced: int
    paid: int
    mailed: int


def funnel(connection: sa.Connection, span: During) -> Funnel:
    """Return how far the cases came that were begun in a span."""
    asked = sa.exists().where(payment.c.case_id == case.c.id)
    paid = asked.where(payment.c.paid_at.is_not(None))
    mailed = sa.exists().where(letter.c.case_id == case.c.id, letter.c.accepted_at.is_not(None))
    sums = [sa.func.sum(sa.case((reached, 1), else_=0)) for reached in (asked, paid, mailed)]
    row = connection.execute(sa.select(sa.func.count(), *sums).select_from(case).where(span.of(case.c.id))).one()
    return Funnel(*(int(one or 0) for one in row[:4]))


def coupons(connection: sa.Connection, span: During) -> list[tuple[str | int | None, ...]]:
    """Return each code that was made in a span, oldest first, with what it gives and how often it was taken."""
    gives = (coupon.c.code, coupon.c.batch_id, coupon.c.name, coupon.c.kind, coupon.c.bps, coupon.c.amount_minor)
    more = (coupon.c.currency, coupon.c.feature, coupon.c.quantity, coupon.c.max_uses, coupon.c.taken)
    whose = (coupon.c.assigned_to, coupon.c.status, coupon.c.creator, coupon.c.starts_at, coupon.c.ends_at)
    rows = connection.execute(sa.select(*gives, *more, *whose).where(span.of(coupon.c.id)).order_by(coupon.c.id))
    return [(*row[:14], *(one and f"{one:%Y-%m-%dT%H:%M:%SZ}" for one in row[14:])) for row in rows]


def letters(connection: sa.Connection, span: During) -> dict[str, int]:
    """Return how many letters were made, by class and what became of them."""
    named = letter.c.mail_class + " " + letter.c.status
    return grouped(connection, sa.select(named, sa.func.count()).where(span.of(letter.c.id)).group_by(named))


# -- money ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Taken:
    """What was paid in a quarter of an hour (in microseconds since 1970), and what of it went back since."""

    at: int
    currency: str
    count: int
    paid_minor: int
    refunded_minor: int


def appeals_money(connection: sa.Connection, span: During) -> list[Taken]:
    """Return what appeals took, by the time of payment; quarters of an hour fit the days of every zone."""
    quarter = sa.type_coerce(payment.c.paid_at, sa.BigInteger) // QUARTER_US
    within = (payment.c.paid_at >= span.start, payment.c.paid_at < span.end, payment.c.status.in_(TAKEN))
    rows = connection.execute(
        sa.select(
            quarter,
            payment.c.currency,
            sa.func.count(),
            sa.func.sum(payment.c.charged_minor),
            sa.func.sum(payment.c.refunded_minor),
        )
        .where(*within)
        .group_by(quarter, payment.c.currency)
    )
    return [Taken(int(at) * QUARTER_US, str(code), int(n), int(paid), int(back)) for at, code, n, paid, back in rows]


def orders_money(connection: sa.Connection, span: During) -> list[Taken]:
    """Return what was paid for packs, quotes and plans for Stars, by whatever gateway; what was free is no payment."""
    own = order.c
    within = (own.paid_at >= span.start, own.paid_at < span.end, own.charged_minor > 0)
    return _taken(connection, own.paid_at, own.currency, own.charged_minor, own.refunded_minor, within)


def invoices_money(connection: sa.Connection, span: During) -> list[Taken]:
    """Return what Stripe took for plans, and what of it went back."""
    own = plan_invoice.c
    within = (own.paid_at >= span.start, own.paid_at < span.end, own.amount_minor > 0)
    return _taken(connection, own.paid_at, own.currency, own.amount_minor, own.refunded_minor, within)


def renewals_money(connection: sa.Connection, span: During) -> list[Taken]:
    """Return what plans for Stars brought after their first payment, which is an order."""
    own = charge.c
    within = (span.of(own.id), own.kind == "renewal", own.held.is_(None))
    back = sa.case((went_back(), own.amount), else_=0)
    return _taken(connection, own.at, sa.literal(STARS), own.amount, back, within)


def _taken(
    connection: sa.Connection, at: Any, currency: Any, paid: Any, back: Any, within: tuple[Any, ...]
) -> list[Taken]:
    quarter = (sa.type_coerce(at, sa.BigInteger) // QUARTER_US).label("quarter")
    code = currency.label("code")
    sums = (sa.func.count(), sa.func.sum(paid), sa.func.sum(back))
    rows = connection.execute(sa.select(quarter, code, *sums).where(*within).group_by(quarter, code))
    return [Taken(int(row[0]) * QUARTER_US, str(row[1]), int(row[2]), int(row[3]), int(row[4])) for row in rows]


STARS = "XTR"
MONEY: tuple[Callable[[sa.Connection, During], list[Taken]], ...] = (
    appeals_money, orders_money, invoices_money, renewals_money,
)  # fmt: skip
"""Every table that takes money, once; the reports add them up, and never two currencies."""


def money(connection: sa.Connection, span: During) -> list[Taken]:
    """Return what was taken everywhere."""
    return [one for source in MONEY for one in source(connection, span)]


# -- subscriptions -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Running:
    """Subscriptions that are alike: by gateway, plan, version, state, whether they are paid by the year, and the price.

    The price is what the gateway's own price says, list price of a month, a year or thirty days; None for a row that
    was made without one, which costs what the catalogue says of its version.
    """

    gateway: str
    plan: str
    version: int
    state: str
    is_yearly: bool
    count: int
    amount_minor: int | None = None
    currency: str | None = None


def running(connection: sa.Connection) -> list[Running]:
    """Return the live subscriptions of this moment, alike ones counted; read from the index of live ones."""
    period = sa.type_coerce(subscription.c.period_end, sa.BigInteger) - sa.type_coerce(
        subscription.c.period_start, sa.BigInteger
    )
    own = subscription.c
    untold = sa.and_(own.every.is_(None), period > _YEARLY_US)
    yearly = sa.case((sa.or_(own.every == "year", untold), 1), else_=0).label("yearly")
    alike = (
        subscription.c.gateway,
        subscription.c.plan,
        subscription.c.plan_version,
        subscription.c.state,
    )
    price = (own.amount_minor, own.currency)
    live = sa.text(f"({LIVE})")
    counted = sa.select(*alike, yearly, sa.func.count(), *price).where(live)
    rows: Any = connection.execute(counted.group_by(*alike, yearly, *price))
    return [
        Running(gateway, plan, int(version), state, bool(by_year), int(n), amount, currency)
        for gateway, plan, version, state, by_year, n, amount, currency in rows
    ]
