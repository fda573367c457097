"""From an offer to its payment: accept, decline, discount, expire, pay (QT-3, QT-4, QT-8).

Each move is one conditional update at the version that was read; whoever comes second finds what the first made.
"""

from __future__ import annotations

from bot.core.errors import Permanent, Refusal
from bot.engine.orders import Line, Paid, Wanted
from bot.engine.turn import Turn
from handlers.quotes import making, wording
from handlers.quotes.settings import settings_of
from storage.quotes import contacts, quotes, versions
from storage.quotes.quotes import Quote
from storage.quotes.versions import Buyer, Version

PURPOSE = "quote"


def is_over(turn: Turn, row: Quote) -> bool:
    """Tell whether a quote's days are over, also when the timer that says so is late."""
    return bool(row.state == "expired" or (row.state in quotes.OPEN and turn.now >= row.expires_at))


def _alive(turn: Turn, row: Quote) -> None:
    if is_over(turn, row):
        raise Refusal("quotes.expired", code=quotes.code(row.number), day=wording.day(turn, row.expires_at))


def offered(turn: Turn, row: Quote) -> Quote:
    """Note that the current version goes out: it is locked, and a later one of the same quote is a negotiation."""
    _alive(turn, row)
    if row.state in quotes.OFFERED:
        return row
    state = "negotiated" if versions.was_offered(turn.work, row.id) else "sent"
    if not quotes.move(turn.work, row, state, among=("draft",)):
        raise Refusal("quotes.is_closed", code=quotes.code(row.number), state=turn.text(f"quotes.is_{row.state}"))
    versions.lock(turn.work, row.id, making.version_of(turn, row), _buyer(turn, row))
    turn.audit("quote.send", f"quote:{row.number}", version=row.current)
    return making.load(turn, row.id)


def _buyer(turn: Turn, row: Quote) -> Buyer:
    known = contacts.load(turn.work, row.person_id, row.contact_id) if row.contact_id else None
    if known is None:
        return Buyer()
    tax_id = [turn.text("quotes.paper_tax_id", number=known.tax_id)] if known.tax_id else []
    return Buyer([*known.block, *tax_id], known.payment_days)


def accept(turn: Turn, row: Quote, version: int | None = None) -> None:
    """Accept the current version once and give the pay link; an older version is refused with the current one."""
    if version is not None and version != row.current:
        raise Refusal("quotes.old_version", code=quotes.code(row.number), version=version, current=row.current)
    if row.state in ("accepted", "paid"):
        turn.say("quotes.accepted_already", code=quotes.code(row.number))
        pay(turn, row)
        return
    _alive(turn, row)
    if not quotes.move(turn.work, row, "accepted", among=quotes.OFFERED):
        raise Refusal("quotes.not_sent", code=quotes.code(row.number), number=row.number)
    found = making.version_of(turn, row)
    turn.audit("quote.accept", f"quote:{row.number}", version=row.current, total=found.total_minor)
    turn.say("quotes.accepted", code=quotes.code(row.number), version=row.current)
    pay(turn, making.load(turn, row.id))


def pay(turn: Turn, row: Quote) -> None:
    """Give the pay link of an accepted quote; after its days no session is opened, and that is said (A117)."""
    code = quotes.code(row.number)
    if row.state == "paid":
        turn.say("quotes.paid_already", code=code)
        return
    _alive(turn, row)
    if row.state != "accepted":
        raise Refusal("quotes.not_accepted", code=code, number=row.number)
    if turn.registry.till is None:
        turn.say("quotes.no_till", code=code)
        return
    url = turn.work.seal.open(row.link).decode() if row.link else _opened(turn, row)
    found = making.version_of(turn, row)
    total, until = wording.money(found.total_minor, found.currency), wording.day(turn, row.expires_at)
    turn.notify(
        "quotes.pay", purpose="reply", link=("quotes.pay_button", url), code=code, total=total, until=until
    )  # fmt: skip


def _opened(turn: Turn, row: Quote) -> str:
    """Open the order of the accepted version: once, for the quote's life (QT-3)."""
    till, found = turn.registry.till, making.version_of(turn, row)
    assert till is not None  # noqa: S101
    opened = till.open(turn, wanted(turn, row, found))
    if opened.total_minor != found.total_minor:
        raise Permanent("the till would charge another amount than the quote says")
    quotes.note(turn.work, row.id, order_id=opened.id, link=turn.work.seal.seal(opened.url.encode()))
    return opened.url


def wanted(turn: Turn, row: Quote, found: Version) -> Wanted:
    """Return what is ordered: the items, the discount, and the tax as the quote has it. Boxes are goods, no digits."""
    lines = [Line(item.named, item.amount_minor, item.quantity) for item in found.items]
    if found.discount_minor:
        lines.append(Line(turn.text("quotes.paper_discount"), -found.discount_minor))
    return Wanted(
        purpose=PURPOSE, reference=f"{row.number}.{found.number}", lines=tuple(lines), currency=found.currency,
        is_physical=True, expires_at=row.expires_at, tax_bps=found.tax_bps, title=quotes.code(row.number),
    )  # fmt: skip


def paid(turn: Turn, order: Paid) -> None:
    """Note that a quote was paid, once, and tell its owner; money for one that is over counts all the same."""
    number, _, _ = order.reference.partition(".")
    row = quotes.of_number(turn.work, int(number))
    if row is None:
        raise Permanent("a payment for no quote")
    if quotes.move(turn.work, row, "paid", among=("accepted", "expired", "declined", *quotes.OFFERED)):
        turn.notify("quotes.paid", code=quotes.code(row.number), total=wording.money(order.total_minor, order.currency))


def decline(turn: Turn, row: Quote) -> None:
    """Note that nothing came of an offer; one that is accepted stays so."""
    if not quotes.move(turn.work, row, "declined", among=("draft", *quotes.OFFERED)):
        raise Refusal("quotes.is_closed", code=quotes.code(row.number), state=turn.text(f"quotes.is_{row.state}"))
    turn.audit("quote.decline", f"quote:{row.number}", version=row.current)
    turn.say("quotes.declined", code=quotes.code(row.number))


def expired(turn: Turn) -> None:
    """End a quote whose days are over, and say so if it was out."""
    turn.silent = True
    row = quotes.load(turn.work, int(turn.event.payload["quote"]))
    if row is None or turn.now < row.expires_at or not quotes.move(turn.work, row, "expired", among=quotes.OPEN):
        return
    if row.state != "draft":
        turn.notify("quotes.over", code=quotes.code(row.number), number=row.number)


def discount(turn: Turn, row: Quote, bps: int) -> Quote | None:
    """Take off what the author may; wish for more, which somebody with `quote.approve` grants (QT-8)."""
    terms = settings_of(turn.registry).usual.terms
    found = making.version_of(turn, row)
    if bps <= terms.author_discount_bps:
        return making.amend(turn, row, making.items_of(found), discount_bps=bps)
    _alive(turn, row)
    if row.state not in ("draft", *quotes.OFFERED):
        raise Refusal("quotes.is_closed", code=quotes.code(row.number), state=turn.text(f"quotes.is_{row.state}"))
    quotes.note(turn.work, row.id, wished_bps=bps)
    code, share = quotes.code(row.number), wording.percent(bps)
    turn.alert("quote_discount", key=f"quote:{row.number}:{row.current}:{bps}", quote=code, discount=share)
    turn.say("quotes.wished", code=code, percent=share, most=wording.percent(terms.author_discount_bps))
    return None


def granted(turn: Turn) -> None:
    """Make the version with a discount that was granted, in its owner's queue; or tell that it was not."""
    turn.silent = True
    row = quotes.load(turn.work, int(turn.event.payload["quote"]))
    bps = int(turn.event.payload["bps"])
    if row is None or row.state not in ("draft", *quotes.OFFERED):
        return
    code, share = quotes.code(row.number), wording.percent(bps)
    if not turn.event.payload["granted"]:
        turn.notify("quotes.refused_discount", code=code, percent=share)
        return
    after = making.amend(turn, row, making.items_of(making.version_of(turn, row)), discount_bps=bps)
    total = wording.money(making.version_of(turn, after).total_minor, making.version_of(turn, after).currency)
    turn.notify("quotes.granted", code=code, percent=share, version=after.current, total=total, number=row.number)
