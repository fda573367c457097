"""A line of the books as people read it: `Mar 15 Trader Joe's $26.23 R7K2`."""

from __future__ import annotations

from bot.engine.turn import Turn
from handlers.receipts import wording
from handlers.receipts.flow.books.opened import Books
from storage.receipts.transactions import Transaction

LONGEST_ON_SMS = 24


def name_of(turn: Turn, one: Transaction) -> str:
    """Return what a transaction is called: its merchant, else what it was, else its kind."""
    if one.merchant:
        return one.merchant
    if one.description:
        return one.description[:1].upper() + one.description[1:60]
    return turn.text(f"receipts.kind.{one.kind}")


def amount_of(turn: Turn, one: Transaction) -> str:
    """Write an amount, with its kind where it is no plain expense."""
    if one.kind == "expense":
        return wording.money(one.amount_minor, one.currency)
    return turn.text(f"books.amount_{one.kind}", amount=wording.money(abs(one.amount_minor), one.currency))


def line(turn: Turn, books: Books, one: Transaction, code: str | None) -> str:
    """Write a transaction with its day and, where it came from a receipt, its code."""
    name, day = name_of(turn, one), wording.day(turn, one.date, books.owner.today)
    sms = turn.channel == "sms"
    if sms and len(name) > LONGEST_ON_SMS:
        name = name[: LONGEST_ON_SMS - 1].rstrip() + "."
    parts = [day[:1].upper() + day[1:], name, amount_of(turn, one)]
    if one.state == "pending":
        parts.append(turn.text("books.is_pending"))
    text = " ".join(parts)
    if not sms:
        text += f", {wording.category_name(turn, books.tree, one.category_id)}"
    return f"{text} {code}" if code else text
