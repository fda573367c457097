"""A coupon on a letter: set aside with the pay link, counted when the money comes, given back when it does not (CP-7).

Who knows codes is the business layer (`bot.engine.discounts`); without one nothing ever comes off.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from bot.engine.discounts import Basket, Discount
from bot.engine.turn import Turn
from handlers.appeals.deadlines import MailClass
from handlers.appeals.settings import settings_of
from storage.appeals import payments


def _key(payment_id: int) -> str:
    return f"letter:{payment_id}"


def reserve(turn: Turn, payment_id: int, mail: MailClass) -> Discount:
    """Return what a letter of a class costs this person, and say in a line of its own what a code did."""
    settings = settings_of(turn.registry)
    price = settings.price(mail)
    basket = Basket(f"letter.{mail.value}", price.amount_minor, price.currency, settings.tax_bps)
    found = turn.registry.discounts.reserve(turn, basket, _key(payment_id))
    if found.told:
        turn.notify("appeals.pay.code", purpose="reply", told=found.told)
    return found


def redeem(turn: Turn, payment: sa.Row[Any]) -> None:
    """Count the use: its payment came in."""
    turn.registry.discounts.redeem(turn, _key(payment.id))


def release(turn: Turn, payment: sa.Row[Any]) -> None:
    """Give the use back: its payment is over."""
    turn.registry.discounts.release(turn, _key(payment.id))


def refunded(turn: Turn, payment: sa.Row[Any]) -> None:
    """Tell that all of a payment went back."""
    if payment.paid_at is not None:
        turn.registry.discounts.refunded(turn, _key(payment.id), payment.paid_at)


def reprice(turn: Turn) -> bool:
    """Close the open links of a person who told a code; each is made anew with it when Stripe closed the old one."""
    from handlers.appeals import checkouts

    mine = payments.of_person(turn.work, turn.person.id, ("created", "open"))
    waiting = [one for one in mine if one.closing is None]
    for payment in waiting:
        checkouts.renew(turn, payment, payment.draft_id)
    return bool(waiting)
