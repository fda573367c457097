"""The arithmetic of the reports (RP-1). Pure; money is integer minor units, and currencies are never added.

MRR      what running subscriptions bring a month: yearly ones a twelfth each, rounded half up
churn    subscriptions that ended in a month / those that were live at its start
revenue  what was paid less what of it went back, by the date of the payment
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from storage.reports.selling import Running, Taken
from storage.schema import moment

STARS = "XTR"


@dataclass(frozen=True, slots=True)
class Price:
    """What a version of a plan costs, by currency: a month, a year, and thirty days in Stars."""

    month: Mapping[str, int] = field(default_factory=dict)
    year: Mapping[str, int] = field(default_factory=dict)
    days_30: Mapping[str, int] = field(default_factory=dict)


Prices = Mapping[tuple[str, int], Price]
"""By plan and version."""


@dataclass(frozen=True, slots=True)
class Mrr:
    """Money a month by currency, the subscriptions it comes from, by plan too, and those that have no price here."""

    amounts: Mapping[str, int]
    by_plan: Mapping[tuple[str, str], int]
    count: int
    unpriced: int


def a_month_of(year_minor: int) -> int:
    """Return a twelfth, rounded half up."""
    return (2 * year_minor + 12) // 24


def mrr(running: Iterable[Running], prices: Prices, currency: str) -> Mrr:
    """Add up active and grace subscriptions; trials and gifts bring nothing, Stars are a currency of their own.

    Each brings what its own row says that it costs. Only one whose row tells no price costs what the catalogue says.
    """
    amounts, by_plan = Counter[str](), Counter[tuple[str, str]]()
    count = unpriced = 0
    for one in running:
        if one.state not in ("active", "grace") or one.gateway == "comp":
            continue
        code = STARS if one.gateway == "stars" else currency
        each, code = _told(one, code) or (_monthly(one, prices.get((one.plan, one.version), Price()), code), code)
        if each is None:
            unpriced += one.count
            continue
        count += one.count
        amounts[code] += each * one.count
        by_plan[one.plan, code] += each * one.count
    return Mrr(dict(amounts), dict(by_plan), count, unpriced)


def _told(one: Running, currency: str) -> tuple[int, str] | None:
    """Return what one of them brings a month by its own price; None where its row tells none."""
    if one.amount_minor is None:
        return None
    return a_month_of(one.amount_minor) if one.is_yearly else one.amount_minor, one.currency or currency


def _monthly(one: Running, price: Price, currency: str) -> int | None:
    if one.gateway == "stars":
        return price.days_30.get(currency)
    if not one.is_yearly:
        return price.month.get(currency)
    year = price.year.get(currency)
    return None if year is None else a_month_of(year)


def share_bps(part: int, whole: int) -> int | None:
    """Return a share in basis points, rounded half up; None of nothing."""
    return (20_000 * part + whole) // (2 * whole) if whole else None


def percent(part: int, whole: int) -> str:
    """Return a share as it is told, with one digit after the point."""
    share = share_bps(part, whole)
    return "-" if share is None else f"{(share + 5) // 10 / 10:g}%"


@dataclass(frozen=True, slots=True)
class Day:
    """The money of a civil day in one currency."""

    day: date
    currency: str
    count: int
    paid_minor: int
    refunded_minor: int

    @property
    def revenue_minor(self) -> int:
        """What stays."""
        return self.paid_minor - self.refunded_minor


def revenue(taken: Iterable[Taken], zone: str) -> list[Day]:
    """Return the money by civil day of a zone and currency, in order."""
    there = ZoneInfo(zone)
    sums: dict[tuple[date, str], list[int]] = {}
    for one in taken:
        day = moment(one.at).astimezone(there).date()
        into = sums.setdefault((day, one.currency), [0, 0, 0])
        for n, more in enumerate((one.count, one.paid_minor, one.refunded_minor)):
            into[n] += more
    return [Day(day, currency, *sums[day, currency]) for day, currency in sorted(sums)]


def totals(days: Iterable[Day]) -> dict[str, tuple[int, int, int]]:
    """Return count, paid and refunded of each currency."""
    found: dict[str, tuple[int, int, int]] = {}
    for one in days:
        count, paid, back = found.get(one.currency, (0, 0, 0))
        found[one.currency] = (count + one.count, paid + one.paid_minor, back + one.refunded_minor)
    return dict(sorted(found.items()))
