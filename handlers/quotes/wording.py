"""How quotes are written: amounts, days, one line for a quote."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.core.money import Money
from bot.engine.house import house
from bot.engine.turn import Turn
from storage.quotes import quotes
from storage.quotes.quotes import Quote
from storage.quotes.versions import Item, Version


def amount(minor: int) -> str:
    """Write an amount without its currency."""
    return f"{minor // 100:,}.{minor % 100:02d}"


def money(minor: int, currency: str) -> str:
    """Write an amount with its currency."""
    return str(Money(minor, currency))


def percent(bps: int) -> str:
    """Write basis points."""
    return f"{bps / 100:g}%"


def day(turn: Turn, moment: datetime) -> str:
    """Write a day in the organisation's zone."""
    local = moment.astimezone(ZoneInfo(house(turn).zone))
    return f"{local:%b} {local.day}, {local.year}"


def line(turn: Turn, row: Quote, found: Version) -> str:
    """Write a quote in one line."""
    return turn.text(
        "quotes.line", code=quotes.code(row.number), version=found.number, state=turn.text(f"quotes.is_{row.state}"),
        total=money(found.total_minor, found.currency), until=day(turn, row.expires_at),
    )  # fmt: skip


def priced(turn: Turn, found: Version) -> str:
    """Write the items of a version and what they come to."""
    lines = [_item(turn, place, item) for place, item in enumerate(found.items, 1)]
    if found.discount_bps:
        off = {"percent": percent(found.discount_bps), "amount": amount(found.discount_minor)}
        lines.append(turn.text("quotes.discounted", subtotal=amount(found.subtotal_minor), **off))
    net = amount(found.subtotal_minor - found.discount_minor)
    total = money(found.total_minor, found.currency)
    said = {"net": net, "percent": percent(found.tax_bps), "tax": amount(found.tax_minor), "total": total}
    return "\n".join([*lines, turn.text("quotes.sums", **said)])


def _item(turn: Turn, place: int, item: Item) -> str:
    said = {"place": place, "text": item.text, "quantity": f"{item.quantity:,}"}
    return turn.text("quotes.item", unit=amount(item.unit_minor), amount=amount(item.amount_minor), **said)
