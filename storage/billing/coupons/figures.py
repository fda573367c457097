"""What coupons brought, counted in the database and never over two currencies (CP-10)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.core.ids import Ids
from storage.billing.coupons.codes import coupon
from storage.billing.coupons.uses import REDEEMED, RELEASED, RESERVED, use
from storage.work import Work


@dataclass(frozen=True, slots=True)
class Figures:
    """Uses in one currency by what became of them; sums are those of redeemed ones, before tax."""

    currency: str
    reserved: int
    redeemed: int
    released: int
    late: int
    discount_minor: int
    net_minor: int
    persons: int


@dataclass(frozen=True, slots=True)
class Best:
    """One of the codes that were redeemed most."""

    code: str
    currency: str
    redeemed: int
    discount_minor: int


def _number(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)


def _sum(amount: sa.ColumnElement[Any]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((use.c.state == REDEEMED, amount), else_=0)), 0)


def lately(work: Work, since: datetime) -> list[Figures]:
    """Return the figures of all uses that were set aside since an instant, one row a currency."""
    return _summed(work, sa.select(*FIGURES).where(use.c.id >= Ids.floor(since)))


def of(work: Work, where: sa.ColumnElement[bool]) -> list[Figures]:
    """Return the figures of the coupons that are meant, one row a currency."""
    return _summed(work, sa.select(*FIGURES).join(coupon, coupon.c.id == use.c.coupon_id).where(where))


FIGURES = (
    use.c.currency,
    _number(use.c.state == RESERVED).label("reserved"),
    _number(use.c.state == REDEEMED).label("redeemed"),
    _number(use.c.state == RELEASED).label("released"),
    _number(use.c.is_late).label("late"),
    _sum(use.c.discount_minor).label("discount"),
    _sum(use.c.price_minor - use.c.discount_minor).label("net"),
    sa.func.count(sa.distinct(sa.case((use.c.state == REDEEMED, use.c.person_id)))).label("persons"),
)


def _summed(work: Work, uses: sa.Select[Any]) -> list[Figures]:
    return told(work.rows(uses.group_by(use.c.currency).order_by(use.c.currency)))


def told(rows: Iterable[sa.Row[Any]]) -> list[Figures]:
    """Return what the database counted."""
    return [
        Figures(
            row.currency, int(row.reserved), int(row.redeemed), int(row.released), int(row.late), int(row.discount),
            int(row.net), int(row.persons),
        )
        for row in rows
    ]  # fmt: skip


def best(work: Work, since: datetime, limit: int) -> list[Best]:
    """Return the codes redeemed most of those set aside since an instant, a row for each currency of theirs."""
    redeemed = sa.func.count(use.c.id)
    one = (use.c.coupon_id + sa.literal_column("0")).label("one")  # by the range of time, not by the index of codes
    rows = work.rows(
        sa.select(one, use.c.currency, redeemed.label("n"), sa.func.sum(use.c.discount_minor).label("off"))
        .where(use.c.id >= Ids.floor(since), use.c.state == REDEEMED)
        .group_by(one, use.c.currency)
        .order_by(redeemed.desc(), one)
        .limit(limit)
    )
    ids = [row.one for row in rows]
    named = {row.id: row.code for row in work.rows(sa.select(coupon.c.id, coupon.c.code).where(coupon.c.id.in_(ids)))}
    return [Best(named[row.one], row.currency, int(row.n), int(row.off)) for row in rows]


def issued(work: Work, where: sa.ColumnElement[bool]) -> int:
    """Return how many codes are meant."""
    row = work.row(sa.select(sa.func.count(coupon.c.id)).where(where))
    return int(row[0]) if row is not None else 0
