"""Money that came in: Stripe's events and answers, in any order, any number of times, days late (PAY-5, PAY-6).

An event is a hint. The payment is found by our id in it, the amount is compared with our row, and whatever is in
doubt is read again at Stripe. Money is never kept without a letter: what cannot be honoured is refunded in full.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa

from bot.core.calls import Done
from bot.core.calls.stripe import Checkout, ReadCheckout
from bot.core.errors import Permanent
from bot.core.events import Event
from bot.core.money import Money
from bot.engine.copies import mail_copy
from bot.engine.house import our_day
from bot.engine.results import outcome_of
from bot.engine.turn import Turn
from handlers.appeals import checkouts, discounts, expiry, orders, refunds
from handlers.appeals.alarms import alarm
from handlers.appeals.settings import settings_of
from handlers.appeals.stages import move, stage_of
from handlers.appeals.usability import Mode
from storage import inbox
from storage.appeals import payments, status_log
from storage.work import Work

HONOURED = ("created", "open", "processing", "failed")


@dataclass(frozen=True, slots=True)
class Seen:
    """A Checkout Session as an event or a look at Stripe showed it; `tax_minor` is None where it was not told.

    `method` is what was paid with, which only a look tells.
    """

    session_id: str
    paid: bool
    expired: bool
    amount_minor: int
    currency: str
    intent: str | None
    tax_minor: int | None = None
    method: str | None = None


def thing_of(event: Event) -> Mapping[str, Any]:
    """Return the object that a Stripe event is about."""
    payload = event.payload
    thing = payload.get("object")
    if not isinstance(thing, dict):
        data = payload.get("data")
        thing = data.get("object") if isinstance(data, dict) else None
    return thing if isinstance(thing, dict) else {}


def _number(value: object) -> int | None:
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20 else None


def payment_of(work: Work, thing: Mapping[str, Any]) -> sa.Row[Any] | None:
    """Find our payment by the ids that we gave Stripe, then by Stripe's own."""
    metadata = thing.get("metadata") if isinstance(thing.get("metadata"), dict) else {}
    for value in ((metadata or {}).get("payment_id"), thing.get("client_reference_id")):
        number = _number(value)
        found = payments.load(work, number) if number is not None else None
        if found is not None:
            return found
    session, names_nobody = thing.get("id"), not metadata and not thing.get("client_reference_id")
    found = payments.by_session(work, session) if isinstance(session, str) and names_nobody else None
    intent = _intent(thing.get("payment_intent"))
    return payments.by_intent(work, intent) if found is None and intent is not None else found


def person_of(work: Work, event: Event) -> int | None:
    """Return the person whom a Stripe event is about (the engine's finder)."""
    found = payment_of(work, thing_of(event))
    return None if found is None else int(found.person_id)


def is_ours(work: Work, event: Event) -> bool:
    """Tell whether a Stripe event belongs to appeals: it bears our ids, or the intent of one of our payments."""
    thing = thing_of(event)
    metadata = thing.get("metadata")
    named = isinstance(metadata, dict) and ("intake_id" in metadata or "refund_id" in metadata)
    return named or payment_of(work, thing) is not None


def in_this_mode(turn: Turn) -> bool:
    """Tell whether an event is of our mode; a test event never touches live rows, nor the other way round."""
    live = thing_of(turn.event).get("livemode", turn.event.payload.get("livemode"))
    if live is None or bool(live) == (settings_of(turn.registry).mode is Mode.LIVE):
        return True
    turn.alert("wrong_mode", key=f"wrong_mode:stripe:{turn.event.key}", event=turn.event.kind)
    return False


def session_event(turn: Turn) -> None:
    """Take an event about a Checkout Session: completed, paid or failed later, expired."""
    thing = thing_of(turn.event)
    payment = payment_of(turn.work, thing)
    if payment is None:
        money_without_order(turn)
        return
    seen = Seen(
        session_id=str(thing.get("id") or ""),
        paid=thing.get("payment_status") == "paid",
        expired=thing.get("status") == "expired" or turn.event.kind == "checkout.session.expired",
        amount_minor=int(thing.get("amount_total") or 0),
        currency=str(thing.get("currency") or "").upper(),
        intent=_intent(thing.get("payment_intent")),
        tax_minor=_tax(thing.get("total_details")),
    )
    if turn.event.kind == "checkout.session.async_payment_failed":
        _failed(turn, payment)
    elif turn.event.kind == "checkout.session.completed" and not seen.paid:
        _processing(turn, payment)
    else:
        settle(turn, payment, seen, certain=False)


def _tax(details: object) -> int | None:
    found = details.get("amount_tax") if isinstance(details, dict) else None
    return found if isinstance(found, int) else None


def _intent(value: object) -> str | None:
    if isinstance(value, dict):
        value = value.get("id")
    return value if isinstance(value, str) else None


def checkout_read(turn: Turn) -> None:
    """Take what Stripe says of a session that we read again, or closed."""
    payment = payments.load(turn.work, int(turn.event.payload["context"]["payment"]))
    outcome = outcome_of(turn)
    if payment is None:
        raise LookupError("no such payment")
    if not isinstance(outcome, Done) or not isinstance(outcome.result, Checkout):
        told = turn.event.payload["context"].get("told")
        turn.silent = payment.status in payments.TAKEN and not told
        if turn.silent:  # only what its receipt might say is missing
            return
        alarm(turn, "checkout_unread", payment.case_id, key=f"checkout_unread:{payment.id}", payment=payment.id)
        if told:  # signed by Stripe; what it left out stays unknown
            settle(turn, payment, Seen(**told), certain=True)
        return
    session = outcome.result
    seen = Seen(
        session_id=session.session_id,
        paid=session.payment_status == "paid",
        expired=session.status == "expired",
        amount_minor=session.amount_minor,
        currency=session.currency.upper(),
        intent=session.payment_intent,
        tax_minor=session.tax_minor,
        method=session.method,
    )
    if session.status == "complete" and not seen.paid:
        _processing(turn, payment)
    else:
        settle(turn, payment, seen, certain=True)


def read_again(turn: Turn, payment: sa.Row[Any]) -> None:
    """Ask Stripe how a session stands now; the answer comes to `checkout_read`."""
    if payment.session_id:
        turn.call(ReadCheckout(payment.session_id), then="appeals.checkout_read", context={"payment": payment.id})


def check_due(turn: Turn) -> None:
    """Look at a session whose end passed without any word from Stripe (PAY-7)."""
    payment = payments.load(turn.work, int(turn.event.payload["payment"]))
    if payment is not None and payment.status in ("open", "processing"):
        read_again(turn, payment)


def free_due(turn: Turn) -> None:
    """Take a payment of nothing, which a code pays for in full and no page was made for (CP-5)."""
    payment = payments.load(turn.work, int(turn.event.payload["payment"]))
    if payment is None or payment.total_minor or payment.status != "created":
        return
    if payment.closing is not None:
        expiry.expired(turn, payment)
        return
    settle(turn, payment, Seen("", True, False, 0, payment.currency, None), certain=True)


def settle(turn: Turn, payment: sa.Row[Any], seen: Seen, *, certain: bool) -> None:
    """Bring our rows to what a session shows; `certain` says that it was just read at Stripe."""
    if seen.paid:
        _paid(turn, payment, seen, certain=certain)
    elif seen.expired and payment.session_id in (None, seen.session_id):
        expiry.expired(turn, payment)


def _paid(turn: Turn, payment: sa.Row[Any], seen: Seen, *, certain: bool) -> None:
    if payment.status in payments.TAKEN:
        if payment.session_id not in (None, seen.session_id):
            _second_session(turn, payment, seen)
        elif seen.method is not None:
            _name_method(turn, payment, seen.method)
        return
    fits = (seen.amount_minor, seen.currency) == (payment.total_minor, payment.currency)
    if not certain and (not fits or _untold(turn, seen)):
        if payment.session_id is None:
            payments.change(turn.work, payment.id, session_id=seen.session_id)
        context = {"payment": payment.id, "told": asdict(seen)}
        turn.call(ReadCheckout(seen.session_id), then="appeals.checkout_read", context=context)
        return
    was = payment.status
    if not _take(turn, payment, seen):
        return
    row = payments.load(turn.work, payment.id)
    if row is None:
        raise LookupError("a payment vanished")
    _honour(turn, row, was=was, fits=fits)
    if not certain:
        read_again(turn, row)


def _name_method(turn: Turn, payment: sa.Row[Any], method: str) -> None:
    """Keep what was paid with for the receipt (PY-6); who had their data deleted has no link any more, nor this."""
    turn.silent = True
    if payment.method is None and payment.link is not None:
        payments.change(turn.work, payment.id, method=method)


def _untold(turn: Turn, seen: Seen) -> bool:
    """Tell whether an event left out what a receipt, or a way back for the money, needs."""
    return seen.intent is None or (seen.tax_minor is None and settings_of(turn.registry).stripe_tax)


def _included(turn: Turn, payment: sa.Row[Any], seen: Seen) -> int:
    """Return the tax in what was paid: where Stripe works it out it is known now, and the total stays (PY-1, PY-12)."""
    found = seen.tax_minor
    believed = settings_of(turn.registry).stripe_tax and found is not None and 0 <= found <= payment.total_minor
    return found if believed and found is not None else int(payment.tax_minor)


def _take(turn: Turn, payment: sa.Row[Any], seen: Seen) -> bool:
    receipt = _receipt(turn.work)
    taken = payments.move(
        turn.work,
        payment.id,
        was=("created", "open", "processing", "expired", "failed"),
        to="paid",
        paid_at=turn.now,
        charged_minor=seen.amount_minor,
        intent=seen.intent,
        session_id=seen.session_id or None,
        receipt=receipt,
        tax_minor=_included(turn, payment, seen),
        method=seen.method,
    )
    if taken:
        turn.tell("payment.paid", payment=payment.id, case=payment.case_id)
        turn.cancel_timers(f"pay:{payment.id}:")
        discounts.redeem(turn, payment)
        what = f"{turn.text('appeals.paid_for')}, {receipt}"
        mail_copy(turn, "paid", total=Money(seen.amount_minor, seen.currency), what=what, day=our_day(turn))
        status_log.note(
            turn.work,
            payment.case_id,
            axis="payment",
            was=payment.status,
            now="paid",
            actor="vendor",
            cause=turn.inbox_id,
        )
    return taken


def _receipt(work: Work) -> str:
    while True:
        receipt = f"R-{work.ids.code(6)}"
        if payments.by_receipt(work, receipt) is None:
            return receipt


def _honour(turn: Turn, payment: sa.Row[Any], *, was: str, fits: bool) -> None:
    """Turn a payment into an order, or send it back: after withdrawal or expiry, and as the second of a case."""
    case_id, stage = payment.case_id, stage_of(turn, payment.case_id)
    others = [p for p in payments.of_case(turn.work, case_id, ("paid", "refund_pending")) if p.id != payment.id]
    if others:
        refunds.give_back(turn, payment, "duplicate", told="appeals.refund.duplicate")
    elif stage not in ("ready", "awaiting_payment") or was not in HONOURED or payment.closing == "withdraw":
        if stage in ("ready", "awaiting_payment") and payment.closing == "withdraw":
            move(turn, case_id, "withdrawn", trigger="user")
        refunds.give_back(turn, payment, "not_wanted", told="appeals.refund.late_payment")
    else:
        checkouts.close(turn, case_id, why="duplicate")
        orders.place(turn, payment, blocked=None if fits else "amount_mismatch")


def _second_session(turn: Turn, payment: sa.Row[Any], seen: Seen) -> None:
    """Refund a second session that was paid for one payment row; it gets a row of its own to be refunded from."""
    if payments.by_session(turn.work, seen.session_id) is not None:
        return
    double = turn.work.ids.next()
    kept = ("case_id", "person_id", "draft_id", "mail_class", "amount_minor", "discount_minor", "tax_minor",
        "total_minor", "currency", "terms_version", "terms_at")  # fmt: skip
    payments.add(
        turn.work, double, session_id=None, expires_at=turn.now, closing="duplicate",
        **{name: getattr(payment, name) for name in kept},
    )  # fmt: skip
    row = payments.load(turn.work, double)
    if row is not None and _take(turn, row, seen):
        fresh = payments.load(turn.work, double)
        if fresh is not None:
            refunds.give_back(turn, fresh, "duplicate", told="appeals.refund.duplicate")


def _processing(turn: Turn, payment: sa.Row[Any]) -> None:
    if payments.move(turn.work, payment.id, was=("created", "open"), to="processing"):
        if stage_of(turn, payment.case_id) == "ready":
            move(turn, payment.case_id, "awaiting_payment", trigger="vendor")
        turn.notify("appeals.pay.processing", purpose="reply")


def _failed(turn: Turn, payment: sa.Row[Any]) -> None:
    if payments.move(turn.work, payment.id, was=("created", "open", "processing"), to="failed"):
        expiry.go_on(turn, payment, told="appeals.pay.failed")


def declined(turn: Turn) -> None:
    """Keep why a card was declined, and tell the person once; the link stays good until it ends (PY-14)."""
    turn.silent = True
    payment, error = payment_of(turn.work, thing_of(turn.event)), thing_of(turn.event).get("last_payment_error")
    if payment is None or payment.status not in payments.OPEN:
        return
    told = error if isinstance(error, dict) else {}
    code = str(told.get("decline_code") or told.get("code") or "")[:40]
    payments.change(turn.work, payment.id, failures=payment.failures + 1, failure_code=code or payment.failure_code)
    if payment.failures == 0 and payment.link is not None:
        total, link = Money(payment.total_minor, payment.currency), turn.work.seal.open(payment.link).decode()
        turn.notify("appeals.pay.declined", purpose="reply", total=total, link=("appeals.pay.button", link))


def money_without_order(turn: Turn) -> None:
    """Keep a paid event of a payment that we do not know as a dead letter, and alarm (PAY-6)."""
    thing = thing_of(turn.event)
    if thing.get("payment_status") != "paid":
        return
    stored = inbox.load(turn.work, turn.inbox_id)
    if stored is not None and stored.state == "waiting":
        raise Permanent("money without order")
    turn.work.put(
        inbox.PARK,
        {
            "inbox_id": turn.inbox_id,
            "state": "dead",
            "attempts": 1,
            "due_at": turn.work.now_us,
            "error": "money without order",
            "body": turn.work.seal.seal(turn.event.dump()),
        },
    )
    turn.alert("money_without_order", key=f"money:{turn.event.key}", inbox=turn.inbox_id)


def amount(payment: sa.Row[Any]) -> Money:
    """Return what was charged."""
    return Money(payment.charged_minor or payment.total_minor, payment.currency)
