"""Making a code: its terms read from a line of words, and judged before anything is stored (CP-1, CP-9).

20% ends=2027-01-31 uses=100 per=1 most=5.00 min=10.00 for=letter,plan.pro plans=basic on=sms,telegram first
5.00 USD days=30          receipts.read+100 days=90          name="Spring mailing"
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from handlers.billing.catalogue import Catalogue
from handlers.billing.coupons.limits import Role
from storage.billing.coupons.codes import Terms

_PERCENT = re.compile(r"(-?\d{1,6}(?:\.\d{1,2})?)\s*%")
_AMOUNT = re.compile(r"(\d{1,9}(?:\.\d{1,2})?)([A-Za-z]{3})")
_GRANT = re.compile(r"([a-z]+\.[a-z_]+)\+(\d{1,6})")
_CURRENCY = re.compile(r"[A-Z]{3}")
_CHANNELS = ("sms", "telegram", "console", "web")


class Unclear(ValueError):
    """The words name no terms, or none that may be; the message says which, for staff."""


def read(words: str, now: datetime) -> Terms:
    """Return the terms that a line states; raise Unclear naming the word that is wrong."""
    try:
        parts = shlex.split(words)
    except ValueError as error:
        raise Unclear("a quotation mark is open") from error
    if len(parts) > 1 and re.fullmatch(r"[\d.]+", parts[0]) and _CURRENCY.fullmatch(parts[1].upper()):
        parts = [parts[0] + parts[1], *parts[2:]]
    if not parts:
        raise Unclear("what does it give? 20%, 5.00USD or receipts.read+100")
    terms = _given(parts[0], now)
    options = _options(parts[1:])
    currency = options.get("currency", terms.currency)
    for name, value in options.items():
        if name != "currency":
            terms = replace(terms, **_option(name, value, now, (currency or "").upper()))
    return replace(terms, currency=currency.upper() if currency else None)


def _given(word: str, now: datetime) -> Terms:
    if found := _PERCENT.fullmatch(word):
        return Terms("percent", now, bps=int(Decimal(found[1]) * 100))
    if found := _AMOUNT.fullmatch(word):
        currency = found[2].upper()
        return Terms("amount", now, amount_minor=_minor(found[1], currency), currency=currency)
    if found := _GRANT.fullmatch(word):
        return Terms("grant", now, feature=found[1], quantity=int(found[2]))
    raise Unclear(f"{word}: neither 20%, 5.00USD nor receipts.read+100")


def _options(words: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for word in words:
        name, _, value = word.partition("=")
        if name in found:
            raise Unclear(f"{name} is there twice")
        found[name] = value
    return found


def _option(name: str, value: str, now: datetime, currency: str) -> dict[str, Any]:
    match name:
        case "starts":
            return {"starts_at": _day(value)}
        case "ends":
            return {"ends_at": _day(value)}
        case "days":
            return {"ends_at": now + timedelta(days=_whole(name, value))}
        case "uses":
            return {"max_uses": _whole(name, value)}
        case "per":
            return {"max_per_person": _whole(name, value)}
        case "most":
            return {"most_off_minor": _minor(value, currency)}
        case "min":
            return {"least_price_minor": _minor(value, currency)}
        case "for":
            return {"products": _list(value)}
        case "plans":
            return {"plans": _list(value)}
        case "on":
            return {"channels": _list(value)}
        case "name":
            return {"name": value}
        case "first" if not value:
            return {"first_purchase": True}
        case _:
            raise Unclear(f"{name}: not known")


def _list(value: str) -> tuple[str, ...]:
    return tuple(one for one in value.lower().split(",") if one)


def _day(value: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(value), time(), UTC)
    except ValueError as error:
        raise Unclear(f"{value} is no day like 2027-01-31") from error


def _whole(name: str, value: str) -> int:
    if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= 1_000_000:
        raise Unclear(f"{name}={value}: a whole number from 1")
    return int(value)


def _minor(value: str, currency: str) -> int:
    """Return an amount in minor units; Stars have none."""
    if not currency:
        raise Unclear("an amount needs its currency: currency=USD")
    try:
        minor = Decimal(value) * (1 if currency == "XTR" else 100)
    except InvalidOperation as error:
        raise Unclear(f"{value} is no amount") from error
    if minor != int(minor) or minor <= 0:
        raise Unclear(f"{value} is no amount")
    return int(minor)


def judge(terms: Terms, role: Role, catalogue: Catalogue) -> str:
    """Return why such a code may not be made, empty when it may."""
    return _shape(terms, catalogue) or _scope(terms, catalogue) or _allowed(terms, role)


def _shape(terms: Terms, catalogue: Catalogue) -> str:
    if terms.bps is not None and not 0 < terms.bps <= 10_000:
        return "a percentage is above 0 and at most 100"
    if terms.ends_at is not None and terms.ends_at <= terms.starts_at:
        return "it would end before it starts"
    if terms.kind == "grant":
        known = catalogue.features.get(terms.feature or "")
        if known is None or known.kind != "quota":
            return f"{terms.feature} is no quota"
        return "" if terms.quantity else "how much of it?"
    return ""


def _scope(terms: Terms, catalogue: Catalogue) -> str:
    products = {*catalogue.products, *(f"plan.{key}" for key in catalogue.newest)}
    known = products | {key.partition(".")[0] for key in products}
    for word in (*(set(terms.products) - known), *(set(terms.plans) - set(catalogue.newest))):
        return f"{word}: no such product or plan"
    for word in set(terms.channels) - set(_CHANNELS):
        return f"{word}: no such channel"
    return ""


def _allowed(terms: Terms, role: Role) -> str:
    """Return what of a role's limits is missing or exceeded; all that are stated are required (CP-1)."""
    if role.most_bps is not None and (terms.bps is None or terms.bps > role.most_bps):
        return f"your role gives a percentage of at most {role.most_bps / 100:g}"
    if role.most_uses is not None and (terms.max_uses is None or terms.max_uses > role.most_uses):
        return f"your role needs uses= of at most {role.most_uses}"
    if role.most_days is not None:
        life = None if terms.ends_at is None else terms.ends_at - terms.starts_at
        if life is None or life > timedelta(days=role.most_days):
            return f"your role needs an end within {role.most_days} days"
    return ""
