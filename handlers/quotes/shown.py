"""A quote as its owner sees it in the chat, with what may be done next."""

from __future__ import annotations

from bot.core.prompts import Ask, Choice
from bot.engine.turn import Turn
from handlers.quotes import making, wording
from handlers.quotes.settings import settings_of
from storage.quotes import contacts, quotes
from storage.quotes.quotes import Quote

BUTTON = "quote"
_WAYS = {"draft": ("send", "drop"), "sent": ("accept", "decline"), "negotiated": ("accept", "decline")}


def version(turn: Turn, row: Quote, number: int | None = None) -> None:
    """Show a version, the current one unless another is named."""
    found = making.version_of(turn, row, number)
    turn.say("quotes.shown", line=wording.line(turn, row, found), priced=wording.priced(turn, found))
    buyer = contacts.load(turn.work, row.person_id, row.contact_id) if row.contact_id else None
    if buyer is not None:
        turn.say("quotes.for", name=buyer.name)
    if found.number != row.current:
        turn.say("quotes.is_old", number=row.current)
        return
    offer(turn, row)


def offer(turn: Turn, row: Quote) -> None:
    """Offer what may be done next: buttons where there are some, words everywhere."""
    ways: tuple[str, ...] = _WAYS.get(row.state, ())
    choices = tuple(
        Choice(way, key=f"quotes.{way}_button", quiet=True, standing=f"{BUTTON}:{way}:{row.number}:{row.current}")
        for way in ways
    )
    if choices:
        turn.offer = Ask(f"quotes.next_{ways[0]}", {"number": row.number}, choices=choices)


def breaks(turn: Turn, row: Quote) -> None:
    """Show unit prices at other quantities, by the rates of the version (QT-8)."""
    found = making.version_of(turn, row)
    for place, item in enumerate(found.items, 1):
        priced = settings_of(turn.registry).of(item.kind).price(item.fields, found.rates[item.kind])
        told = ", ".join(f"{quantity:,} {wording.amount(unit)}" for quantity, unit in priced.breaks)
        turn.say("quotes.breaks", place=place, breaks=told, currency=found.currency)
        for key, args in priced.facts:
            turn.say(key, **args)


def everything(turn: Turn) -> None:
    """List a person's quotes."""
    rows = quotes.of_person(turn.work, turn.person.id)
    for row in rows:
        turn.lines.append(wording.line(turn, row, making.version_of(turn, row)))
    turn.say("quotes.how" if rows else "quotes.none")
