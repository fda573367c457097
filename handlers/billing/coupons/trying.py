"""A code that somebody typed, or told before: found, checked, and guessed at only so often (CP-2 to CP-4)."""

from __future__ import annotations

from bot.engine.discounts import Basket
from bot.engine.turn import Turn
from handlers.billing.coupons.checks import NEUTRAL, SPOKEN, Asker, Failure, Purchase, failure
from handlers.billing.coupons.limits import limits
from handlers.billing.coupons.typed import folded, is_code, normalised
from storage.billing import first_purchase
from storage.billing.coupons import codes, tries, uses
from storage.billing.coupons.codes import Coupon

Tried = tuple[Coupon | None, Failure | None]


def typed(turn: Turn, text: str, basket: Basket | None = None) -> Tried:
    """Return the coupon of a code as typed, and why it does not count; every failure counts as a guess."""
    guessing, person_id = limits().guessing, turn.person.id
    if tries.misses(turn.work, person_id, guessing.window) >= guessing.failures:
        return None, Failure.LIMITED
    code = normalised(text)
    found = codes.find(turn.work, code, folded(code)) if is_code(code) else None
    failed = why_not(turn, found, basket)
    if failed is not None:
        tries.missed(turn.work, person_id, guessing.window)
    return found, failed


def told_before(turn: Turn, basket: Basket) -> Tried:
    """Return the coupon that the person told before, None without one."""
    known = tries.chosen(turn.work, turn.person.id)
    found = codes.load(turn.work, known) if known is not None else None
    return found, why_not(turn, found, basket) if found is not None else None


def why_not(turn: Turn, found: Coupon | None, basket: Basket | None) -> Failure | None:
    """Return why a coupon does not count for this person and basket."""
    return failure(found, _asker(turn, found), _purchase(basket), turn.now)


def _asker(turn: Turn, found: Coupon | None) -> Asker:
    work, person_id = turn.work, turn.person.id
    held = uses.held(work, person_id, found.id) if found is not None else 0
    asks = found is not None and found.terms.first_purchase
    return Asker(person_id, turn.channel, held, asks and first_purchase.has_bought(work, person_id))


def _purchase(basket: Basket | None) -> Purchase | None:
    if basket is None:
        return None
    return Purchase(basket.product, basket.plan, basket.price_minor, basket.currency)


def said(turn: Turn, failed: Failure) -> str:
    """Return what a person is told of a code that does not count (CP-3)."""
    return turn.text(SPOKEN.get(failed, NEUTRAL), minutes=limits().guessing.minutes)
