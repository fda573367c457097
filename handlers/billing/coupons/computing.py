"""What a code takes off a price (CP-5): half up, never more than the price, never a total that no gateway takes."""

from __future__ import annotations

from handlers.billing.orders.pricing import totals
from handlers.billing.tax import Rate
from storage.billing.coupons.codes import Terms


def off(terms: Terms, price_minor: int, *, tax_bps: int, minimum: int) -> int:
    """Return the discount on a price before tax; `minimum` is the least total that the gateway charges.

    A total between nothing and that minimum would be refused, so the discount shrinks until the total reaches it.
    """
    return totals(price_minor, _stated(terms, price_minor), Rate(bps=tax_bps), minimum).discount_minor


def _stated(terms: Terms, price_minor: int) -> int:
    match terms.kind:
        case "percent":
            found = (price_minor * (terms.bps or 0) + 5_000) // 10_000
        case "amount":
            found = terms.amount_minor or 0
        case _:
            return 0
    return found if terms.most_off_minor is None else min(found, terms.most_off_minor)
