"""What of the catalogue is sold by Stripe, and the lookup key that names a price there and here alike.

    parley:basic:1:month:USD:900      plan, version, interval, currency, minor units

A price is never changed: another amount is another key. What a gateway shows is read back by its key, so that an
amount never comes from anywhere but the catalogue of its version.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.calls.subscriptions import PlanPrice
from bot.core.money import Money
from bot.engine.turn import Turn
from handlers.billing.catalogue import Catalogue, Plan
from handlers.billing.orders.settings import settings_of

CURRENCY = "USD"
EVERY = ("month", "year")
_MARK = "parley"


@dataclass(frozen=True, slots=True)
class Offer:
    """A plan at an interval."""

    plan: Plan
    every: str
    price: Money

    @property
    def value(self) -> str:
        """How a choice names it."""
        return f"{self.plan.key}:{self.every}"

    @property
    def key(self) -> str:
        """The lookup key of its price."""
        amount = f"{self.price.currency}:{self.price.amount_minor}"
        return f"{_MARK}:{self.plan.key}:{self.plan.version}:{self.every}:{amount}"

    def at_gateway(self, turn: Turn) -> PlanPrice:
        """Return its price as the gateway is asked for it."""
        name = turn.registry.catalogue.text(f"billing.plan.{self.plan.key}", "en", "sms")
        taxed = settings_of(turn.registry).stripe_tax
        amount, currency = self.price.amount_minor, self.price.currency
        return PlanPrice(self.key, f"Parley {name}", amount, currency, self.every, taxed)


@dataclass(frozen=True, slots=True)
class Named:
    """What a lookup key of ours says."""

    plan: str
    version: int
    every: str
    price: Money


def offers(catalogue: Catalogue) -> list[Offer]:
    """Return everything that is sold, cheapest first within its interval."""
    plans = sorted(catalogue.newest.values(), key=lambda one: one.level)
    found = [_offer(plan, every) for every in EVERY for plan in plans]
    return [one for one in found if one is not None]


def offer(catalogue: Catalogue, key: str, every: str, version: int | None = None) -> Offer | None:
    """Return one offer, of the newest version unless another is named; None for what is not sold."""
    plan = catalogue.newest.get(key) if version is None else catalogue.plan(key, version)
    return None if plan is None else _offer(plan, every)


def _offer(plan: Plan, every: str) -> Offer | None:
    amount = {"month": plan.month, "year": plan.year}.get(every, {}).get(CURRENCY, 0)
    return Offer(plan, every, Money(amount, CURRENCY)) if amount > 0 else None


def read(key: str) -> Named | None:
    """Read a lookup key; None for one that is not ours."""
    parts = key.split(":")
    if len(parts) != 6 or parts[0] != _MARK or parts[3] not in EVERY:
        return None
    _, plan, version, every, currency, amount = parts
    if not (version.isascii() and version.isdigit() and amount.isascii() and amount.isdigit()):
        return None
    return Named(plan, int(version), every, Money(int(amount), currency))


def is_upgrade(catalogue: Catalogue, was: tuple[str, str], to: tuple[str, str]) -> bool:
    """Tell whether one (plan, interval) is more than another: a higher level, or the year instead of the month."""
    levels = [catalogue.newest[plan].level if plan in catalogue.newest else 0 for plan, _ in (was, to)]
    if levels[0] != levels[1]:
        return levels[1] > levels[0]
    return (was[1], to[1]) == ("month", "year")
