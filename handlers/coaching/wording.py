"""Decisions, amounts and days as people read them, in the form of their channel.

SMS: $29.99/month, one tier, opens May 3. Telegram: $29.99 a month, One tier, Opens Sun 3 May 2026.
"""

from __future__ import annotations

from datetime import date

from bot.core.model_text import clean
from bot.engine.turn import Turn

_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "AUD": "A$", "CAD": "C$", "INR": "₹", "JPY": "¥"}
_WITHOUT_MINOR = frozenset({"JPY", "KRW", "CLP", "VND"})
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December")  # fmt: skip


def money(amount_minor: int, currency: str, *, short: bool = False) -> str:
    """Write an amount; `short` leaves out cents that are none."""
    sign = _SIGNS.get(currency)
    if currency in _WITHOUT_MINOR:
        number = f"{amount_minor:,}"
    elif short and amount_minor % 100 == 0:
        number = f"{amount_minor // 100:,}"
    else:
        number = f"{amount_minor // 100:,}.{amount_minor % 100:02d}"
    return f"{sign}{number}" if sign else f"{number} {currency}"


def price(turn: Turn, canonical: str) -> str:
    """Write `USD 2900/month` as $29/month by SMS and $29.00 a month elsewhere; tiers are joined by "and"."""
    shown = [_one_price(turn, one) for one in canonical.split(" + ")]
    return turn.text("coaching.and").join(shown)


def _one_price(turn: Turn, canonical: str) -> str:
    currency, _, rest = canonical.partition(" ")
    minor, _, period = rest.partition("/")
    if minor == "0":
        return turn.text("coaching.free")
    return turn.text(f"coaching.per_{period}", amount=money(int(minor), currency, short=turn.channel == "sms"))


def prices(canonical: str) -> list[tuple[int, str, str]]:
    """Return the amounts of a canonical price: minor units, currency, period."""
    found = []
    for one in canonical.split(" + "):
        currency, _, rest = one.partition(" ")
        minor, _, period = rest.partition("/")
        found.append((int(minor), currency, period))
    return found


def value(turn: Turn, category: str, canonical: str, text: str | None = None) -> str:
    """Write the value of a decision as it stands in a list."""
    if category == "pricing":
        return price(turn, canonical)
    if category == "timeline":
        return turn.text("coaching.opens", day=day(turn, canonical))
    if category == "structure":
        kind, _, number = canonical.partition(":")
        if number:
            return turn.text("coaching.tiers", number=number)
        return turn.text(f"coaching.{kind}")
    if category == "content":
        return ", ".join(_benefit(turn, one) for one in canonical.split(", "))
    key = f"coaching.value_{canonical}"
    if canonical == "other":
        return clean(text or "") or turn.text(key)
    return turn.text(key) if turn.registry.catalogue.has(key) else text or canonical


def _benefit(turn: Turn, item: str) -> str:
    name, _, cadence = item.partition("@")
    key = f"coaching.benefit_{name}"
    shown = turn.text(key) if turn.registry.catalogue.has(key) else name.replace("_", " ")
    return f"{cadence} {shown}" if cadence else shown


def in_sentence(turn: Turn, category: str, canonical: str, text: str | None = None) -> str:
    """Write a value inside a sentence: Discord, $29.00 a month, one tier, opens 3 May."""
    if category == "timeline":
        return turn.text("coaching.opens_short", day=short_day(turn, canonical))
    shown = value(turn, category, canonical, text)
    return shown if category in ("platform", "pricing") else shown[:1].lower() + shown[1:]


def parsed(canonical: str) -> date | None:
    """Return the day of a canonical date, None for a whole month."""
    return date.fromisoformat(canonical) if len(canonical) == 10 else None


def month_name(canonical: str) -> str:
    """Write `2026-05` as May 2026."""
    year, month = canonical.split("-")[:2]
    return f"{_MONTHS[int(month) - 1]} {year}"


def day(turn: Turn, canonical: str) -> str:
    """Write a canonical date with its month spelled: May 3 by SMS, Sun 3 May 2026 elsewhere."""
    found = parsed(canonical)
    if found is None:
        return month_name(canonical)
    if turn.channel == "sms":
        year = f", {found.year}" if found.year != turn.now.year else ""
        return f"{_MONTHS[found.month - 1]} {found.day}{year}"
    return f"{_DAYS[found.weekday()]} {found.day} {_MONTHS[found.month - 1]} {found.year}"


def short_day(turn: Turn, canonical: str) -> str:
    """Write a canonical date in few words: May 3 by SMS, 3 May elsewhere."""
    found = parsed(canonical)
    if found is None:
        return month_name(canonical)
    name = _MONTHS[found.month - 1]
    year = f" {found.year}" if found.year != turn.now.year else ""
    return f"{name} {found.day}{year}" if turn.channel == "sms" else f"{found.day} {name}{year}"


def hours(turn: Turn, minutes: int) -> str:
    """Write how long something takes: 45 min, 5 h, 2.5 h."""
    if minutes < 60:
        return turn.text("coaching.minutes", number=minutes)
    number = f"{minutes / 60:.1f}".removesuffix(".0")
    return turn.text("coaching.hours", number=number)
