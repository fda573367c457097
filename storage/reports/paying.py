"""How payments went: asked for, paid, declined and why, given back, disputed; and what coupons did (PY-14, CP-10).

A payment counts in the span in which it was asked for, by gateway and currency; four tables hold them: orders, letters,
invoices of plans, renewals for Stars. An offer that nobody tapped was never asked for, and counts nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

import sqlalchemy as sa

from storage.appeals.payments import TAKEN, payment
from storage.billing.charges import charge, went_back
from storage.billing.coupons import figures
from storage.billing.coupons.codes import coupon
from storage.billing.coupons.figures import Best, Figures
from storage.billing.coupons.uses import REDEEMED, use
from storage.billing.orders import TAKEN as PAID
from storage.billing.orders import order
from storage.billing.plan_changes import plan_log
from storage.billing.plan_invoices import PAID as SETTLED
from storage.billing.plan_invoices import plan_invoice
from storage.disputes import dispute
from storage.reports.during import During, grouped
from storage.reports.selling import STARS

BEST = 10


@dataclass(frozen=True, slots=True)
class Asked:
    """Payments of one gateway in one currency; `declined` counts tries, the others payments."""

    gateway: str
    currency: str
    asked: int
    paid: int
    declined: int
    refunds: int
    refunded_minor: int
    disputes: int


COLUMNS = tuple(one.name for one in fields(Asked))


def asked(connection: sa.Connection, span: During) -> list[Asked]:
    """Return how payments went, by gateway and currency."""
    sums: dict[tuple[str, str], list[int]] = {}
    for rows in (_orders, _letters, _invoices, _renewals):
        for gateway, currency, *counts in connection.execute(rows(span)):
            into = sums.setdefault((str(gateway), str(currency)), [0] * (len(COLUMNS) - 2))
            for n, more in enumerate(counts):
                into[n] += int(more or 0)
    return [Asked(*key, *counts) for key, counts in sorted(sums.items())]


def _number(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.sum(sa.case((condition, 1), else_=0))


def _orders(span: During) -> sa.Select[Any]:
    own = order.c
    tried = sa.or_(own.minted > 0, own.paid_at.is_not(None), own.failures > 0)
    counts = (
        sa.func.count(), _number(own.state.in_(PAID)), sa.func.sum(own.failures), _number(own.refunded_minor > 0),
        sa.func.sum(own.refunded_minor), _number(own.dispute.is_not(None)),
    )  # fmt: skip
    chosen = sa.select(own.gateway, own.currency, *counts)
    return chosen.where(span.of(own.id), tried, own.gateway != "none").group_by(own.gateway, own.currency)


def _letters(span: During) -> sa.Select[Any]:
    own = payment.c
    tried = sa.or_(own.session_id.is_not(None), own.charged_minor > 0)
    debits = sa.case((own.status == "failed", 1), else_=0)  # a bank debit that came back is told of the session alone
    counts = (
        sa.func.count(), _number(own.status.in_(TAKEN)), sa.func.sum(own.failures + debits),
        _number(own.refunded_minor > 0), sa.func.sum(own.refunded_minor), _number(own.disputed),
    )  # fmt: skip
    chosen = sa.select(sa.literal("stripe"), own.currency, *counts)
    return chosen.where(span.of(own.id), tried).group_by(own.currency)


def _invoices(span: During) -> sa.Select[Any]:
    own = plan_invoice.c
    back, done = own.refunded_minor > 0, own.status.in_(SETTLED)
    declined = own.attempts - sa.case((done, 1), else_=0)
    counts = (
        sa.func.count(), _number(done), sa.func.sum(sa.case((declined > 0, declined), else_=0)), _number(back),
        sa.func.sum(own.refunded_minor), _number(_is_disputed(own.id)),
    )  # fmt: skip
    chosen = sa.select(sa.literal("stripe"), own.currency, *counts)
    return chosen.where(span.of(own.id), own.amount_minor > 0).group_by(own.currency)


def _is_disputed(invoice_id: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
    return sa.exists().where(dispute.c.kind == "plan", dispute.c.subject == invoice_id)


def _renewals(span: During) -> sa.Select[Any]:
    own, none, count, back = charge.c, sa.literal(0), sa.func.count(), went_back()
    columns: tuple[sa.ColumnElement[Any], ...] = (
        sa.literal("stars"), sa.literal(STARS), count, count, none, _number(back),
        sa.func.sum(sa.case((back, own.amount), else_=0)), none,
    )  # fmt: skip
    return sa.select(*columns).where(span.of(own.id), own.kind == "renewal", own.held.is_(None)).having(count > 0)


def reasons(connection: sa.Connection, span: During) -> dict[str, int]:
    """Return why orders and letters that were asked for are not paid: the gateway's last word, else how they ended."""
    sums: dict[str, int] = {}
    for table, state, asked_for, done in (
        (order, order.c.state, order.c.minted > 0, PAID),
        (payment, payment.c.status, payment.c.session_id.is_not(None), TAKEN),
    ):
        why = sa.func.coalesce(table.c.failure_code, table.c.closing, state)
        unpaid = (span.of(table.c.id), asked_for, state.not_in((*done, "processing")))
        columns: tuple[sa.ColumnElement[Any], ...] = (why, sa.func.count())
        for name, number in grouped(connection, sa.select(*columns).where(*unpaid).group_by(why)).items():
            sums[name] = sums.get(name, 0) + number
    return sums


def dunning(connection: sa.Connection, span: During) -> dict[str, int]:
    """Return how often the charge of a plan failed, and how often it was recovered."""
    own = plan_log.c
    kinds = own.kind.in_(("payment_failed", "recovered"))
    return grouped(connection, sa.select(own.kind, sa.func.count()).where(span.of(own.id), kinds).group_by(own.kind))


# -- coupons -----------------------------------------------------------------------------------------------------------


def issued(connection: sa.Connection, span: During) -> int:
    """Return how many codes were made."""
    return int(connection.execute(sa.select(sa.func.count()).where(span.of(coupon.c.id))).scalar() or 0)


def uses(connection: sa.Connection, span: During) -> list[Figures]:
    """Return what became of the uses that were set aside, one row a currency."""
    chosen = sa.select(*figures.FIGURES).where(span.of(use.c.id))
    return figures.told(connection.execute(chosen.group_by(use.c.currency).order_by(use.c.currency)))


def best(connection: sa.Connection, span: During) -> list[Best]:
    """Return the codes that were redeemed most, each currency of a code by itself."""
    redeemed = sa.func.count()
    one = (use.c.coupon_id + sa.literal_column("0")).label("one")  # by the range of time, not by the index of codes
    chosen = sa.select(one, use.c.currency, redeemed.label("n"), sa.func.sum(use.c.discount_minor).label("off"))
    most = chosen.where(span.of(use.c.id), use.c.state == REDEEMED).group_by(one, use.c.currency)
    rows = list(connection.execute(most.order_by(redeemed.desc(), one).limit(BEST)))
    named = dict(_codes(connection, [row.one for row in rows]))
    return [Best(named[row.one], row.currency, int(row.n), int(row.off)) for row in rows]


def _codes(connection: sa.Connection, ids: list[int]) -> Iterable[tuple[int, str]]:
    found = connection.execute(sa.select(coupon.c.id, coupon.c.code).where(coupon.c.id.in_(ids)))
    return [(int(row[0]), str(row[1])) for row in found]
