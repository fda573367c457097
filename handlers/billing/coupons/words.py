"""COUPON and a code: it is checked, and counts for the person's next payment (CP-2 to CP-6).

U> coupon spring 20
B> Code SPRING20: 20 percent off. It counts for your next payment; NO COUPON drops it.
U> coupon sprung 20
B> This code does not work here.
U> no coupon
B> No code counts for your next payment.
"""

from __future__ import annotations

import re

from bot.core.money import Money
from bot.engine.turn import Turn
from handlers.billing import reading, telling
from handlers.billing.coupons import trying
from handlers.billing.coupons.checks import Failure
from handlers.billing.periods import month_after
from storage.billing import grants
from storage.billing.coupons import codes, tries, uses
from storage.billing.coupons.codes import Coupon
from storage.billing.coupons.uses import Priced
from storage.billing.grants import Grant

LIFE_MONTHS = 12
"""How long what a code grants lives, as what a pack does."""

_TOLD = re.compile(r"/?(?:coupon|cup[oó]n|promo(?: ?code)?)(?:@\w+)?(?: code)?[: ]+(\S+(?: \S+){0,2})", re.I)
_DROP = re.compile(r"/?(?:no coupon|coupon off|remove (?:my )?coupon|drop (?:my )?coupon)", re.I)
_SHOW = re.compile(r"/?(?:my |mi )?(?:coupon|cup[oó]n)(?:@\w+)?", re.I)


def heard(turn: Turn, text: str) -> bool:
    """Take COUPON with a code, COUPON alone, and NO COUPON."""
    words = " ".join(text.split())
    if _DROP.fullmatch(words):
        dropped = tries.drop(turn.work, turn.person.id)
        if dropped:
            _made_anew(turn)
        turn.say("billing.coupon.dropped")
        return True
    if _SHOW.fullmatch(words):
        _show(turn)
        return True
    told = _TOLD.fullmatch(words)
    if told is None:
        return False
    _tell(turn, told[1])
    return True


def _show(turn: Turn) -> None:
    known = tries.chosen(turn.work, turn.person.id)
    found = codes.load(turn.work, known) if known is not None else None
    failed = trying.why_not(turn, found, None) if found is not None else None
    if found is None:
        turn.say("billing.coupon.none")
    elif failed is not None:
        turn.lines.append(trying.said(turn, failed))
    else:
        turn.say("billing.coupon.counts", code=found.code, what=gives(turn, found))


def _tell(turn: Turn, typed: str) -> None:
    found, failed = trying.typed(turn, typed)
    if found is None or failed is not None:
        turn.lines.append(trying.said(turn, failed or Failure.UNKNOWN))
    elif found.terms.kind == "grant":
        _give(turn, found)
    else:
        tries.choose(turn.work, turn.person.id, found.id)
        key = "billing.coupon.now" if _made_anew(turn) else "billing.coupon.counts"
        turn.say(key, code=found.code, what=gives(turn, found))


def _made_anew(turn: Turn) -> bool:
    """Let services that wait for a payment ask for it anew, with what the code takes off."""
    followed = [again(turn) for again in turn.registry.repricers]
    return any(followed)


def _give(turn: Turn, of: Coupon) -> None:
    """Redeem a code that gives quota, at once."""
    terms, person_id = of.terms, turn.person.id
    operation = f"grant:{of.id}:{turn.inbox_id}"
    refused = uses.reserve(turn.work, person_id, of, Priced(operation, terms.feature or "", "", 0, 0))
    if refused:
        turn.lines.append(trying.said(turn, Failure(refused)))
        return
    uses.redeem(turn.work, operation)
    ends = month_after(turn.now, LIFE_MONTHS)
    made = Grant(terms.feature or "", "coupon", operation, "", turn.now, ends, terms.quantity)
    grants.give(turn.work, person_id, made)
    reading.booked(turn)
    turn.say("billing.coupon.given", code=of.code, what=gives(turn, of), at=telling.day(turn, ends))


def gives(turn: Turn, of: Coupon) -> str:
    """Return what a code gives, in few words."""
    terms = of.terms
    match terms.kind:
        case "percent":
            return turn.text("billing.coupon.percent", percent=f"{(terms.bps or 0) / 100:g}")
        case "amount":
            amount = Money(terms.amount_minor or 0, terms.currency or "")
            return turn.text("billing.coupon.amount", amount=amount)
        case _:
            what = turn.text(f"billing.what.{terms.feature}")
            return turn.text("billing.coupon.grant", amount=terms.quantity, what=what)
