"""Making versions: the first of a quote, and one more with every edit (QT-2).

A first version keeps the rates of its day. An edit of what was not sent yet keeps them too; after it was sent, the new
version takes today's rates, and the old one stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import orjson

from bot.core.errors import Refusal
from bot.engine.house import version
from bot.engine.turn import Turn
from handlers.quotes.calculator import Fields, Priced
from handlers.quotes.settings import settings_of
from handlers.quotes.sums import sums
from storage import timers
from storage.quotes import quotes, versions
from storage.quotes.quotes import Quote
from storage.quotes.versions import Item, Version

MOST_ITEMS = 20


def open_quote(turn: Turn, kind: str, fields: Fields) -> Quote | None:
    """Open a quote of one item for the person of this turn; None when this message opened it before."""
    terms = settings_of(turn.registry).of(kind).terms
    expires = turn.now + timedelta(days=terms.valid_days)
    made = quotes.add(turn.work, turn.person.id, source=f"inbox:{turn.inbox_id}", expires=expires)
    if made is None:
        return None
    row = load(turn, made[0])
    return write(turn, row, [(kind, fields)], discount_bps=0)


def load(turn: Turn, quote_id: int) -> Quote:
    """Return a quote that must be there."""
    row = quotes.load(turn.work, quote_id)
    if row is None:
        raise LookupError("the quote is gone")
    return row


def version_of(turn: Turn, row: Quote, number: int | None = None) -> Version:
    """Return a version of a quote, the current one unless another is named; raise Refusal for none."""
    found = versions.load(turn.work, row.id, number or row.current)
    if found is None:
        raise Refusal("quotes.no_version", code=quotes.code(row.number), number=number or row.current)
    return found


def amend(turn: Turn, row: Quote, items: Sequence[tuple[str, Fields]], *, discount_bps: int | None = None) -> Quote:
    """Make the next version; raise Refusal for what is accepted or over, or too long."""
    if row.state not in ("draft", *quotes.OFFERED):
        raise Refusal("quotes.is_closed", code=quotes.code(row.number), state=turn.text(f"quotes.is_{row.state}"))
    if not items or len(items) > MOST_ITEMS:
        raise Refusal("quotes.items", most=MOST_ITEMS)
    before = version_of(turn, row)
    bps = before.discount_bps if discount_bps is None else discount_bps
    return write(turn, row, items, discount_bps=bps, before=before if row.state == "draft" else None)


def write(
    turn: Turn, row: Quote, items: Sequence[tuple[str, Fields]], *, discount_bps: int, before: Version | None = None
) -> Quote:
    """Price the items and store them as the version that counts from now on, for the days of its calculator."""
    known = settings_of(turn.registry)
    terms = known.of(items[0][0]).terms
    rates = dict(before.rates) if before else {}
    for kind, _ in items:
        rates.setdefault(kind, known.of(kind).snapshot())
    priced = [_item(turn, known.of(kind).price(fields, rates[kind]), kind, fields) for kind, fields in items]
    tax_bps = before.tax_bps if before else terms.tax_bps
    found = sums(sum(item.amount_minor for item in priced), discount_bps=discount_bps, tax_bps=tax_bps)
    about, seller = version(turn)
    made = Version(
        number=row.current + 1, items=tuple(priced), currency=terms.currency, subtotal_minor=found.subtotal_minor,
        discount_bps=discount_bps, discount_minor=found.discount_minor, tax_bps=tax_bps, tax_minor=found.tax_minor,
        total_minor=found.total_minor, rates=rates, seller=tuple(seller.block), organisation=about,
    )  # fmt: skip
    expires = turn.now + timedelta(days=terms.valid_days)
    values = {"current": made.number, "expires_at": expires, "wished_bps": None}
    if not quotes.move(turn.work, row, "draft", among=("draft", *quotes.OFFERED), **values):
        raise Refusal("quotes.changed", code=quotes.code(row.number))
    versions.add(turn.work, row.person_id, row.id, made)
    wake(turn, row, "quotes.expire", expires)
    return load(turn, row.id)


def wake(turn: Turn, row: Quote, kind: str, due: datetime, **body: object) -> None:
    """Let something of a quote fall due in its owner's queue, whoever's turn this is."""
    told = orjson.dumps({"quote": row.id, **body})
    timers.set_timer(turn.work, kind=kind, key=f"{kind}:{row.id}", due=due, person_id=row.person_id, body=told)


def _item(turn: Turn, priced: Priced, kind: str, fields: Fields) -> Item:
    details = [turn.text(key, **args) for key, args in priced.details]
    return Item(
        kind, dict(fields), priced.text, priced.quantity, priced.unit_minor, priced.amount_minor,
        offered=priced.offered, details=details,
    )  # fmt: skip


def items_of(found: Version) -> list[tuple[str, Fields]]:
    """Return what a version was priced from."""
    return [(item.kind, dict(item.fields)) for item in found.items]


__all__ = ["amend", "items_of", "load", "open_quote", "version_of", "wake", "write"]
