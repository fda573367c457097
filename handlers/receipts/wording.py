"""Amounts, days, categories and purchases as people read them in messages.

Trader Joe's $26.23, Mar 15, Supermarket
"""

from __future__ import annotations

from datetime import date

from bot.engine.turn import Turn
from handlers.receipts.categories import Tree
from handlers.receipts.categories.deciding import Reason
from handlers.receipts.currencies import format_amount
from handlers.receipts.fields import Fields
from handlers.receipts.owner import Owner

MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December")  # fmt: skip


def day(turn: Turn, value: date, today: date) -> str:
    """Write a date as "today", "Mar 15", or "Dec 28, 2025" when it is of another year."""
    if value == today:
        return turn.text("receipts.today")
    return f"{value:%b} {value.day}" if value.year == today.year else f"{value:%b} {value.day}, {value.year}"


def month(value: date, today: date) -> str:
    """Write a month as "March", or "March 2025" when it is of another year."""
    name = MONTHS[value.month - 1]
    return name if value.year == today.year else f"{name} {value.year}"


def money(amount_minor: int, currency: str) -> str:
    """Write an amount with its sign and currency."""
    return format_amount(amount_minor, currency)


def name_of(turn: Turn, fields: Fields) -> str:
    """Return what a purchase is called: its merchant, else what it was, else what kind of thing it is."""
    if fields.name:
        return fields.name
    if fields.description:
        return fields.description[:1].upper() + fields.description[1:60]
    return turn.text(f"receipts.kind.{fields.kind}")


def priced(turn: Turn, fields: Fields) -> str:
    """Write a purchase with its amount, as "Shell $41.77"; money back as "Amazon refund $19.99"."""
    name = name_of(turn, fields)
    if fields.amount is None:
        return name
    amount = money(abs(fields.amount) if fields.kind in ("refund", "income") else fields.amount, fields.currency.value)
    key = "receipts.refund" if fields.kind == "refund" and fields.name else "receipts.priced"
    return turn.text(key, name=name, amount=amount)


def category_name(turn: Turn, tree: Tree, category_id: int | None) -> str:
    """Return what a category is called, Uncategorised for none."""
    node = tree.get(category_id) if category_id is not None else None
    return node.name if node else turn.text("receipts.uncategorised")


def line(turn: Turn, owner: Owner, tree: Tree, fields: Fields) -> str:
    """Write all that a draft will be saved with."""
    parts = [priced(turn, fields)]
    if fields.day is not None:
        parts.append(day(turn, fields.day, owner.today))
    if fields.amount is not None:
        parts.append(_category(turn, tree, fields))
    text = ", ".join(parts)
    if fields.tags:
        text += " " + " ".join(f"#{tag}" for tag in fields.tags)
    return f"{text} ({fields.note})" if fields.note else text


def _category(turn: Turn, tree: Tree, fields: Fields) -> str:
    if fields.split:
        currency = fields.currency.value
        return " + ".join(
            f"{category_name(turn, tree, one.category_id)} {money(one.amount, currency)}" for one in fields.split
        )
    name = category_name(turn, tree, fields.category_id)
    learnt = fields.reason is not None and Reason.parse(fields.reason).kind == "merchant_rule"
    return turn.text("receipts.as_last_time", category=name) if learnt else name
