"""Packs: more of a quota, bought once and good for a year (PL-1, section 2).

    U> pack
    B> PACK 1: 100 more receipts to read, $5.00. PACK 2: 200 more coach messages, $6.00. Each lasts 12 months.
    U> pack 1
    B> 100 more receipts to read: $5.00. Total $5.00. ... https://.../p/...

A pack is a grant that is burnt last. A refund, or a dispute, ends what is unused of it; what was used stays used.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from itertools import count

from bot.core.errors import Refusal
from bot.core.money import Money
from bot.engine.orders import Line, Paid, Wanted
from bot.engine.turn import Turn
from handlers.billing import reading
from handlers.billing.catalogue import Catalogue, Pack, Product
from handlers.billing.orders import offering
from handlers.billing.periods import month_after
from storage.billing import grants, ledger, orders
from storage.billing.grants import Grant

PURPOSE = "pack"
LASTS = timedelta(days=7)
_LIST = re.compile(r"/?(?:packs?|buy(?: (?:a )?packs?| more)?|more packs?)", re.I)
_ONE = re.compile(r"/?(?:packs?|buy)\s+(?:(?:a|the|pack|more|\d+)\s+)*(?P<which>[1-9]|[a-z ]+?)(?:\s+pack)?", re.I)
_COUPON = re.compile(r"\s+(?:with\s+)?(?:code|coupon)\s+(?P<code>\S.*)", re.I)
_WORDS = {"receipts.read": ("receipt", "photo", "picture"), "coaching.messages": ("coach", "message")}


def packs(catalogue: Catalogue) -> list[tuple[str, Product, Pack]]:
    """Return the packs that are sold, in the order of the catalogue."""
    return [(key, one, one.grants) for key, one in catalogue.products.items() if one.grants is not None]


def heard(turn: Turn, text: str, catalogue: Catalogue) -> bool:
    """Take PACK, BUY, PACK 1, BUY RECEIPTS."""
    words = " ".join(text.split()).rstrip(".!?")
    coupon = _COUPON.search(words)
    if coupon:
        words = words[: coupon.start()]
    if _LIST.fullmatch(words):
        _list(turn, catalogue)
        return True
    found = _ONE.fullmatch(words)
    key = _which(catalogue, found["which"]) if found else None
    if key is None:
        return False
    _buy(turn, catalogue, key, coupon["code"] if coupon else "")
    return True


def _which(catalogue: Catalogue, said: str) -> str | None:
    sold = packs(catalogue)
    if said.isdigit():
        return sold[int(said) - 1][0] if int(said) <= len(sold) else None
    named = said.casefold()
    return next((key for key, _, pack in sold if any(word in named for word in _WORDS.get(pack.feature, ()))), None)


def title(turn: Turn, pack: Pack) -> str:
    """Return what a pack adds, in words."""
    return turn.text(f"billing.pack.{pack.feature}", amount=pack.amount)


def _price(product: Product) -> Money:
    currency = next((one for one in product.price if one != "XTR"), "USD")
    return Money(product.price.get(currency, 0), currency)


def _told(turn: Turn, product: Product) -> Money:
    """Return the price where the person is: inside Telegram in Stars, and nothing of another way to pay (section 6)."""
    stars = product.price.get("XTR")
    return Money(stars, "XTR") if turn.channel == "telegram" and stars is not None else _price(product)


def offered(turn: Turn, catalogue: Catalogue, feature: str) -> str:
    """Return the words for buying more of a quota; nothing where it cannot be bought here."""
    for number, (_, product, pack) in zip(count(1), packs(catalogue), strict=False):
        if pack.feature == feature and offering.sells(turn, stars=product.price.get("XTR")):
            return turn.text("billing.pack.more", number=number, amount=pack.amount, price=_told(turn, product))
    return ""


def _list(turn: Turn, catalogue: Catalogue) -> None:
    sold = [
        turn.text("billing.pack.line", number=number, title=title(turn, pack), price=_told(turn, product))
        for number, (_, product, pack) in zip(count(1), packs(catalogue), strict=False)
        if offering.sells(turn, stars=product.price.get("XTR"))
    ]
    if not sold:
        raise Refusal("billing.order.not_here")
    turn.say("billing.pack.list", lines=" ".join(sold))


def _buy(turn: Turn, catalogue: Catalogue, key: str, coupon: str) -> None:
    """Open the order of a pack and offer it (PY-1); each purchase is a purpose of its own."""
    product = catalogue.products[key]
    pack = product.grants
    if pack is None or turn.registry.till is None:
        return
    price, what = _price(product), title(turn, pack)
    number = orders.bought(turn.work, turn.person.id, PURPOSE, f"{key}:") + 1
    wanted = Wanted(
        PURPOSE, f"{key}:{number}", (Line(what, price.amount_minor),), price.currency, is_physical=False,
        expires_at=turn.now + LASTS, stars=product.price.get("XTR"), coupon=coupon, title=what,
    )  # fmt: skip
    offering.offer(turn, turn.registry.till.open(turn, wanted), rule="billing.pack.rule")


def fulfil(turn: Turn, paid: Paid, catalogue: Catalogue) -> None:
    """Add what a pack gives, once."""
    pack = _of(catalogue, paid)
    ends = month_after(turn.now, pack.months)
    made = Grant(pack.feature, "pack", paid.reference, "", turn.now, ends, pack.amount)
    grants.give(turn.work, turn.person.id, made)
    reading.booked(turn)


def take_back(turn: Turn, paid: Paid) -> None:
    """End what is unused of a pack; what is reserved just now may still be settled."""
    for grant_id, feature, unused in grants.end(turn.work, turn.person.id, "pack", paid.reference):
        ledger.revoke(turn.work, turn.person.id, feature, f"order:{paid.id}:{turn.inbox_id}", [(grant_id, unused)])
    reading.booked(turn)


def give_again(turn: Turn, paid: Paid, catalogue: Catalogue) -> None:
    """Let a pack count again until its own end."""
    for row in grants.of_source(turn.work, turn.person.id, "pack", paid.reference):
        ends = _ends(row.effective_at, _of(catalogue, paid))
        grants.reopen(turn.work, turn.person.id, "pack", paid.reference, ends)
    reading.booked(turn)


def _ends(began: datetime, pack: Pack) -> datetime:
    return month_after(began, pack.months)


def _of(catalogue: Catalogue, paid: Paid) -> Pack:
    """Return the pack of an order; raise Refusal when the catalogue lost it since."""
    product = catalogue.products.get(paid.reference.partition(":")[0])
    if product is None or product.grants is None:
        raise Refusal("billing.order.too_late")
    return product.grants
