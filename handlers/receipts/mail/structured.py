"""Orders and invoices that a shop wrote into its page for machines (JSON-LD), believed only as far as the page agrees.

What a reader cannot see may be anything, so a total counts only when the same amount stands in the visible lines
(rule EML-5).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson

from bot.core.calls.mail import MailOrder
from handlers.receipts.currencies import exponent, is_currency
from handlers.receipts.reading.amounts import amounts_in

_KINDS = frozenset({"order", "invoice", "receipt"})
_MOST_NODES = 500


def order_of(blocks: Sequence[str], lines: Sequence[str]) -> MailOrder | None:
    """Return the first order or invoice whose total the reader sees too."""
    for block in blocks:
        try:
            told = orjson.loads(block.strip())
        except orjson.JSONDecodeError:
            continue
        for thing in _things(told):
            order = _order(thing)
            if order is not None and _is_seen(order, lines):
                return order
    return None


def _things(told: Any) -> Iterator[dict[str, Any]]:
    waiting, count = [told], 0
    while waiting and count < _MOST_NODES:
        thing, count = waiting.pop(0), count + 1
        if isinstance(thing, list):
            waiting[:0] = thing[:_MOST_NODES]
        elif isinstance(thing, dict):
            kinds = thing.get("@type")
            named = {str(kind).rsplit("/", 1)[-1].lower() for kind in (kinds if isinstance(kinds, list) else [kinds])}
            if named & _KINDS:
                yield thing
            waiting += [
                thing[name] for name in ("@graph", "mainEntity", "partOfInvoice", "partOfOrder") if name in thing
            ]


def _order(thing: dict[str, Any]) -> MailOrder | None:
    total = _price(thing) or _price(thing.get("totalPaymentDue")) or _price(thing.get("priceSpecification"))
    total = total or _offers(thing.get("acceptedOffer"))
    if total is None:
        return None
    who = next((name for key in ("merchant", "seller", "broker", "provider") if (name := _name(thing.get(key)))), "")
    number = str(thing.get("orderNumber") or thing.get("confirmationNumber") or thing.get("accountId") or "")[:40]
    day = re.match(r"\d{4}-\d{2}-\d{2}", str(thing.get("orderDate") or thing.get("dateIssued") or ""))
    return MailOrder(*total, merchant=who[:100], number=number, day=day[0] if day else "")


def _price(thing: Any) -> tuple[int, str] | None:
    """Return minor units and currency of anything that has a price."""
    if isinstance(thing, list):
        thing = thing[0] if len(thing) == 1 else None
    if not isinstance(thing, dict):
        return None
    value = next((thing[key] for key in ("totalPrice", "price", "value") if key in thing), None)
    code = str(next((thing[key] for key in ("priceCurrency", "currency") if key in thing), "")).upper()
    if value is None or not is_currency(code):
        return None
    try:
        amount = Decimal(re.sub(r"[^\d.,-]", "", str(value)).replace(",", ""))
        minor = amount.scaleb(exponent(code))
    except (InvalidOperation, ValueError):
        return None
    return (int(minor), code) if minor == minor.to_integral_value() and 0 < abs(minor) < 10**12 else None


def _offers(offers: Any) -> tuple[int, str] | None:
    """Return the price of the one thing ordered; several do not add up to what was paid (shipping, tax)."""
    return _price(offers) if not isinstance(offers, list) or len(offers) == 1 else None


def _name(thing: Any) -> str:
    name = thing.get("name") if isinstance(thing, dict) else thing
    return name.strip() if isinstance(name, str) else ""


def _is_seen(order: MailOrder, lines: Sequence[str]) -> bool:
    places = exponent(order.currency)
    return any(
        abs(amount.minor) == abs(order.total_minor)
        for line in lines
        for amount in amounts_in(line[:500], places, whole_is_money=places == 0)
    )
