"""A renewal for Stars that goes back: all of it, by its own charge, once; the month that it paid ends (TS-5, PY-5).

Its row stands among the refunds of the order that began the plan and is named by the charge. The sums of that order are
those of the first charge, which is given back like any order.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from bot.core.calls import Done, Refused
from bot.core.calls.stars import RefundStars
from bot.core.errors import Refusal
from bot.core.money import Money
from bot.engine.orders import Paid
from bot.engine.registry import Registry
from bot.engine.results import outcome_of
from bot.engine.turn import Turn
from handlers.billing.orders import snapshot
from handlers.billing.stars import plans
from storage.billing import charges, orders, refunds

REFUNDED = "stars.renewal_refunded"


def register(registry: Registry) -> None:
    """Take Telegram's answer."""
    registry.on(f"call:{REFUNDED}")(answered)


def meant(turn: Turn, word: str) -> sa.Row[Any] | None:
    """Return the renewal that staff name by our number or by Telegram's id."""
    known = word.isascii() and word.isdigit() and len(word) < 20
    found = charges.named(turn.work, word) or (charges.load(turn.work, int(word)) if known else None)
    return found if found is not None and found.kind == "renewal" and found.order_id is not None else None


def line(turn: Turn, renewal: sa.Row[Any]) -> str:
    """Say in a line what a renewal is and how it stands."""
    order, state = _order(turn, renewal), state_of(turn, renewal)
    title, amount = snapshot.of(turn.work.seal, order).title or order.purpose, Money(renewal.amount, "XTR")
    held = f", held: {renewal.held}" if renewal.held else ""
    which = f"renewal {renewal.id}: {title}, stars {renewal.charge}"
    return f"{which}, {state}{held}, charged {amount}, of order {order.id}"


def state_of(turn: Turn, renewal: sa.Row[Any]) -> str:
    """Return paid, or what became of the money."""
    known = refunds.by_action(turn.work, renewal.order_id, refunds.of_charge(renewal.charge))
    words = {"requested": "refund_pending", "pending": "refund_pending", "succeeded": "refunded"}
    return "paid" if known is None else words.get(known.state, "paid")


def refuse(turn: Turn, renewal: sa.Row[Any], amount_minor: int | None) -> None:
    """Raise Refusal for a part of it, for what went back, and for one whose payer is not known any more."""
    if amount_minor not in (None, renewal.amount):
        raise Refusal("billing.staff.whole_only", total=Money(renewal.amount, "XTR"))
    if (state := state_of(turn, renewal)) != "paid":
        raise Refusal("billing.staff.no_refund_in", state=state)
    if charges.payer_of(turn.work, renewal) == charges.NOBODY:
        raise Refusal("billing.staff.payer_gone")


def ends(turn: Turn, renewal: sa.Row[Any]) -> bool:
    """Tell whether the plan ends with it: it paid for the month that runs."""
    newest = charges.newest_of(turn.work, renewal.order_id)
    return newest is not None and newest.id == renewal.id and renewal.held is None


def back(turn: Turn, renewal: sa.Row[Any], *, reason: str, actor: str, note: str) -> bool:
    """Give it back; False where that was asked for before and did not fail."""
    row = _claim(turn, renewal, reason=reason, actor=actor, note=turn.work.seal.seal(note.encode()) if note else None)
    if row is None:
        return False
    turn.tell("refund.created", refund=row.id, payment=row.order_id)
    turn.notify("billing.refund.staff", policy="ask_first", total=Money(renewal.amount, "XTR"))
    call = RefundStars(charges.payer_of(turn.work, renewal), renewal.charge)
    key = f"stars_renewal_back:{row.id}:{turn.inbox_id}"
    turn.call(call, key=key, then=REFUNDED, context={"charge": renewal.charge})
    return True


def _claim(turn: Turn, renewal: sa.Row[Any], **about: Any) -> sa.Row[Any] | None:
    """Return the refund's row for whoever asked first; one that failed may be asked for again."""
    work, action, order = turn.work, refunds.of_charge(renewal.charge), _order(turn, renewal)
    made = refunds.add(work, order, action, amount_minor=renewal.amount, **about)
    known = refunds.by_action(work, order.id, action) if made is None else None
    if known is not None and refunds.move(work, known.id, was=("failed",), to="requested", **about):
        return known
    return made


def answered(turn: Turn) -> None:
    """Take Telegram's answer: it went back, or it is for staff."""
    turn.silent = True
    renewal = charges.named(turn.work, str(turn.event.payload["context"]["charge"]))
    if renewal is None:
        return
    outcome = outcome_of(turn)
    if isinstance(outcome, Done):
        _settle(turn, renewal)
        return
    known = refunds.by_action(turn.work, renewal.order_id, refunds.of_charge(renewal.charge))
    if known is not None and refunds.move(turn.work, known.id, was=("requested",), to="failed"):
        code = outcome.code if isinstance(outcome, Refused) else "no_answer"
        key = f"order_refund_failed:{known.id}:{turn.inbox_id}"
        turn.alert("order_refund_failed", key=key, order=renewal.order_id, code=code)
        turn.notify("billing.refund.failed", policy="ask_first")


def seen(turn: Turn, renewal: sa.Row[Any]) -> None:
    """Take a refund that the daily list shows: ours is settled, one that was made elsewhere is adopted."""
    if renewal.order_id is None or renewal.held == "gone":
        return
    if state_of(turn, renewal) == "paid":
        made = _claim(turn, renewal, reason="requested_by_customer", actor="gateway", note=None)
        if made is not None:
            turn.alert("foreign_refund", key=f"foreign_refund:{renewal.charge}", order=renewal.order_id)
            turn.tell("refund.created", refund=made.id, payment=made.order_id)
    _settle(turn, renewal)


def _settle(turn: Turn, renewal: sa.Row[Any]) -> None:
    """Note that it went back, tell the person, and end the month that it paid: once."""
    known = refunds.by_action(turn.work, renewal.order_id, refunds.of_charge(renewal.charge))
    was = ("requested", "pending")
    if known is None or not refunds.move(turn.work, known.id, was=was, to="succeeded", settled_at=turn.now):
        return
    turn.notify("billing.refund.done", policy="ask_first", total=Money(renewal.amount, "XTR"))
    if ends(turn, renewal):
        order = _order(turn, renewal)
        plans.take_back(turn, Paid(order.id, order.purpose, order.reference, order.total_minor, order.currency))


def _order(turn: Turn, renewal: sa.Row[Any]) -> sa.Row[Any]:
    order = orders.load(turn.work, renewal.order_id)
    if order is None:
        raise LookupError("a renewal without its order")
    return order
