"""Whether a code counts for a purchase: the checks in their order, the first failure answers (CP-2, CP-3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from storage.billing.coupons.codes import ACTIVE, Coupon


class Failure(StrEnum):
    """Why a code does not count, in the order of the checks."""

    LIMITED = "limited"
    UNKNOWN = "unknown"
    OFF = "off"
    NOT_STARTED = "not_started"
    ENDED = "ended"
    SCOPE = "scope"
    CURRENCY = "currency"
    ASSIGNED = "assigned"
    FIRST_PURCHASE = "first_purchase"
    MINIMUM = "minimum"
    PER_PERSON = "per_person"
    USED_UP = "used_up"


SPOKEN = {
    Failure.LIMITED: "billing.coupon.limited",
    Failure.ENDED: "billing.coupon.ended",
    Failure.SCOPE: "billing.coupon.scope",
    Failure.MINIMUM: "billing.coupon.minimum",
    Failure.PER_PERSON: "billing.coupon.used",
    Failure.USED_UP: "billing.coupon.used",
}
NEUTRAL = "billing.coupon.neutral"
"""Said of every other failure, so that nobody learns which codes there are (CP-3)."""


@dataclass(frozen=True, slots=True)
class Purchase:
    """What a code is to count for. Without a product only what holds for any purchase is asked."""

    product: str
    plan: str
    price_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Asker:
    """Who wants to use it; `held` is how many uses of it they have, `has_bought` whether they ever paid."""

    person_id: int
    channel: str
    held: int
    has_bought: bool


def failure(of: Coupon | None, who: Asker, what: Purchase | None, now: datetime) -> Failure | None:
    """Return the first check that fails; None when the code counts."""
    if of is None:
        return Failure.UNKNOWN
    return _standing(of, now) or _place(of, who, what) or _owner(of, who) or _room(of, who, what)


def _standing(of: Coupon, now: datetime) -> Failure | None:
    terms = of.terms
    if of.status != ACTIVE:
        return Failure.OFF
    if now < terms.starts_at:
        return Failure.NOT_STARTED
    return Failure.ENDED if terms.ends_at is not None and now >= terms.ends_at else None


def _place(of: Coupon, who: Asker, what: Purchase | None) -> Failure | None:
    terms = of.terms
    if terms.channels and who.channel not in terms.channels:
        return Failure.SCOPE
    if what is None:
        return None
    if not _in_scope(terms.products, terms.plans, what):
        return Failure.SCOPE
    wrong = terms.currency is not None and terms.currency != what.currency
    return Failure.CURRENCY if wrong or terms.kind == "grant" else None


def _in_scope(products: tuple[str, ...], plans: tuple[str, ...], what: Purchase) -> bool:
    """Tell whether a purchase is meant: by its whole key, by the part before the dot, or by its plan."""
    if not products and not plans:
        return True
    family = what.product.partition(".")[0]
    return what.product in products or family in products or (what.plan != "" and what.plan in plans)


def _owner(of: Coupon, who: Asker) -> Failure | None:
    if of.assigned_to is not None and of.assigned_to != who.person_id:
        return Failure.ASSIGNED
    return Failure.FIRST_PURCHASE if of.terms.first_purchase and who.has_bought else None


def _room(of: Coupon, who: Asker, what: Purchase | None) -> Failure | None:
    terms = of.terms
    if what is not None and terms.least_price_minor is not None and what.price_minor < terms.least_price_minor:
        return Failure.MINIMUM
    if who.held >= terms.max_per_person:
        return Failure.PER_PERSON
    return Failure.USED_UP if terms.max_uses is not None and of.taken >= terms.max_uses else None
