"""Pay links: one Checkout Session per payment, one open payment per case (rules PAY-1 to PAY-4, ST-8, ST-9).

The payment row is committed before Stripe is asked. The person gets the link when the session exists. A link that is
no longer wanted is closed at Stripe first, and only then does the case move on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import sqlalchemy as sa

from bot.core.calls import Done, Refused
from bot.core.calls.stripe import Checkout, ExpireCheckout, OpenCheckout
from bot.core.errors import Permanent
from bot.core.limits import Limits
from bot.core.money import Money
from bot.engine import ages
from bot.engine.results import outcome_of
from bot.engine.turn import Turn
from handlers.appeals import discounts, expiry, gating, records, reminders
from handlers.appeals.alarms import alarm
from handlers.appeals.case_files import case_row, facts_of, own_case
from handlers.appeals.deadlines import MailClass
from handlers.appeals.facts import Facts
from handlers.appeals.gates import Refusal, free_routes
from handlers.appeals.settings import settings_of
from handlers.appeals.stages import move, stage_of
from handlers.appeals.wording import day, moment
from storage import disputes
from storage.appeals import drafts, payments, status_log
from storage.billing import pay_links
from storage.links import make_link, revoke_links

TERMS_VERSION = "terms-1"
LONGEST = timedelta(hours=24)
LINK = "appeals.pay.link"
SLOW = timedelta(seconds=20)
SHORTEST = timedelta(minutes=31)
"""Stripe wants 30 minutes at least; the call itself takes some of them."""

PRODUCT = {
    MailClass.STANDARD: "Letter preparation and mailing, standard",
    MailClass.CERTIFIED: "Letter preparation and mailing, certified",
}
Why = Literal["edit", "withdraw", "new", "duplicate", "gate", "record", "age"]


@dataclass(frozen=True, slots=True)
class Requested:
    """What became of the wish to pay: a payment whose link follows, or the gate that refuses.

    `waits` says that an older link is closed first, `sent` that the link leaves with this turn.
    """

    payment_id: int | None = None
    refusal: Refusal | None = None
    waits: bool = False
    sent: bool = False


def request_payment(turn: Turn, case_id: int, draft_id: int, *, terms_version: str = TERMS_VERSION) -> Requested:
    """Offer a payment for an approved draft: gates, payment row, then the call for a session (PAY-2 to PAY-4)."""
    work, row, draft = turn.work, own_case(turn, case_id), drafts.load(turn.work, draft_id)
    if draft is None or draft.case_id != case_id or draft.approved_at is None or draft.void_at is not None:
        raise Permanent("no such approved draft")
    open_payment = next(iter(payments.of_case(work, case_id, payments.OPEN)), None)
    if open_payment is not None:
        return _instead(turn, open_payment, draft_id)
    if row.stage != "ready":
        raise Permanent(f"no pay link for a case in {row.stage}")
    facts = facts_of(work, draft)
    refusal = _refusal(turn, facts, draft)
    if refusal is not None:
        return Requested(refusal=refusal)
    expires = _expires(turn, facts)
    if expires is None:
        city = records.city_of(work, facts.city_id)
        return Requested(refusal=Refusal("G10", "too_late_for_mail", (), free_routes(city)))
    from handlers.appeals import included

    covered = included.take(turn, row, draft, facts.mail, expires=expires, terms_version=terms_version)
    if covered is not None:
        return Requested(covered)
    return Requested(_make(turn, row, draft, facts, expires=expires, terms_version=terms_version))


def _refusal(turn: Turn, facts: Facts, draft: sa.Row[Any]) -> Refusal | None:
    """Ask all gates again; a record that changed since the approval voids it (rule REG-4)."""
    refusal = gating.judge(turn, facts, when="final")
    city = records.city_of(turn.work, facts.city_id)
    if refusal is None and city is not None and city.mailing_version != draft.mailing_version:
        return Refusal("G7", "record_changed", (), free_routes(city))
    if refusal is None and not settings_of(turn.registry).sells:
        return Refusal("G15", "mail_paused", (), free_routes(city))
    if refusal is None and disputes.bars(turn.work, turn.person.id, "letter"):
        return Refusal("PY-9", "disputed", (), free_routes(city))
    if refusal is None and _asks_too_often(turn):
        return Refusal("OR-4", "too_many_links", (), free_routes(city))
    if refusal is None and not ages.may_pay(turn):
        return Refusal("UPL-8", "under_age", (), free_routes(city))
    return refusal


def _asks_too_often(turn: Turn) -> bool:
    """Tell whether this person was sent as many pay links in the last hour as anybody is (OR-4)."""
    most: Limits | None = turn.registry.settings.get(Limits)
    if most is None:
        return False
    return pay_links.made_since(turn.work, turn.person.id, turn.now - timedelta(hours=1)) >= most.pay_links_an_hour


def _expires(turn: Turn, facts: Facts) -> datetime | None:
    """Return when the link ends: in 24 hours or with the last order day, whichever is earlier; None when too near."""
    dates = gating.plan_of(turn, facts)
    closes = dates.order_closes(facts.mail) if dates else None
    if closes is None:
        return None
    expires = min(turn.now + LONGEST, closes.astimezone(turn.now.tzinfo))
    return expires if expires - turn.now >= SHORTEST else None


def _make(
    turn: Turn,
    row: sa.Row[Any],
    draft: sa.Row[Any],
    facts: Facts,
    *,
    expires: datetime,
    terms_version: str,
) -> int:
    work, payment_id = turn.work, turn.work.ids.next()
    price = settings_of(turn.registry).price(facts.mail)
    to_pay = discounts.reserve(turn, payment_id, facts.mail)
    token = make_link(
        work, kind="p", target=payment_id, name="payment", expires=expires + LONGEST, person_id=turn.person_id
    )
    page = f"{turn.registry.public_url}/p/{token}"
    payments.add(
        work,
        payment_id,
        case_id=row.id,
        person_id=row.person_id,
        draft_id=draft.id,
        mail_class=facts.mail.value,
        amount_minor=price.amount_minor,
        discount_minor=to_pay.amount_minor,
        tax_minor=to_pay.tax_minor,
        total_minor=to_pay.total_minor,
        currency=price.currency,
        link=work.seal.seal(page.encode()),
        expires_at=expires,
        terms_version=terms_version,
        terms_at=turn.now,
    )
    status_log.note(work, row.id, axis="payment", was=None, now="created", actor="user", cause=turn.inbox_id)
    if to_pay.total_minor:
        _open(turn, payment_id, facts.mail, page=page)
    else:
        turn.timer("appeals.free", f"pay:{payment_id}:free", turn.now, payment=payment_id)
    return payment_id


def _open(turn: Turn, payment_id: int, mail: MailClass, *, page: str) -> None:
    """Ask Stripe for the session of a payment."""
    payment = payments.load(turn.work, payment_id)
    if payment is None:
        raise LookupError("no such payment")
    named = {"payment_id": payment_id, "intake_id": payment.case_id, "draft_id": payment.draft_id, "v": 1}
    call = OpenCheckout(
        reference=str(payment_id),
        amount_minor=payment.total_minor,
        currency=payment.currency.lower(),
        product_name=PRODUCT[mail],
        success_url=f"{turn.registry.public_url}/paid",
        cancel_url=page,
        expires_at=int(payment.expires_at.timestamp()),
        metadata={name: str(value) for name, value in named.items()},
        stripe_tax=settings_of(turn.registry).stripe_tax,
    )
    turn.call(
        call,
        key=f"checkout:{payment_id}",
        then="appeals.checkout_opened",
        context={"payment": payment_id},
        policy="ask_first",
        limit=payment.expires_at - turn.now - SHORTEST + timedelta(minutes=1),
    )
    turn.timer("appeals.link_slow", f"pay:{payment_id}:slow", turn.now + SLOW, payment=payment_id)


def _instead(turn: Turn, payment: sa.Row[Any], draft_id: int) -> Requested:
    """Answer the wish to pay while a link is open: the same link again, or a new one after the old one is closed."""
    if payment.draft_id == draft_id and payment.closing is None:
        if payment.status == "open":
            send_link(turn, payment)
        return Requested(payment.id, sent=payment.status == "open")
    renew(turn, payment, draft_id)
    return Requested(payment.id, waits=True)


def renew(turn: Turn, payment: sa.Row[Any], draft_id: int) -> None:
    """Close a link for another one, which is made when Stripe said that the old one is over."""
    payments.change(turn.work, payment.id, next_draft_id=draft_id)
    _close_one(turn, payment, "new")


def send_link(turn: Turn, payment: sa.Row[Any], *, key: str = LINK, purpose: str = "reply") -> None:
    """Send the pay link with item, amounts, dates and the refund rule (PAY-2)."""
    row = case_row(turn, payment.case_id)
    facts, city = facts_of(turn.work, row), records.city_of(turn.work, row.city_id)
    dates = gating.plan_of(turn, facts)
    plan = dates.of(MailClass(payment.mail_class)) if dates else None
    if city is None or dates is None or plan is None or dates.deadline is None:
        return
    turn.notify(
        f"{LINK}_less" if payment.discount_minor and key == LINK else key,
        purpose=purpose,
        ttl=max(payment.expires_at - turn.now, timedelta(minutes=1)),
        item=turn.text(f"appeals.class.{payment.mail_class}"),
        price=Money(payment.amount_minor, payment.currency),
        less=Money(payment.discount_minor, payment.currency),
        tax=_tax(turn, payment),
        total=Money(payment.total_minor, payment.currency),
        arrival=day(plan.planned_arrival),
        deadline=day(dates.deadline),
        until=moment(payment.expires_at, city.timezone),
        link=("appeals.pay.button", turn.work.seal.open(payment.link).decode()),
    )


def _tax(turn: Turn, payment: sa.Row[Any]) -> str:
    """Return the tax as it is told before paying: what Stripe will find in the price is included, never added."""
    if settings_of(turn.registry).stripe_tax:
        return turn.text("appeals.pay.included")
    return str(Money(payment.tax_minor, payment.currency))


def link_slow(turn: Turn) -> None:
    """Say once that the link takes longer (rules CONV-6, UX-24)."""
    payment = payments.load(turn.work, int(turn.event.payload["payment"]))
    if payment is not None and payment.status == "created" and payment.closing is None:
        turn.notify("appeals.pay.slow", purpose="reply")


def checkout_opened(turn: Turn) -> None:
    """Take the session that Stripe made, or tell that nothing was charged (ST-8, DATA-2)."""
    payment = payments.load(turn.work, int(turn.event.payload["context"]["payment"]))
    if payment is None:
        raise LookupError("no such payment")
    turn.cancel_timers(f"pay:{payment.id}:slow")
    outcome = outcome_of(turn)
    if isinstance(outcome, Done) and isinstance(outcome.result, Checkout):
        _opened(turn, payment, outcome.result)
    elif isinstance(outcome, Refused) and payments.move(turn.work, payment.id, was=("created",), to="failed"):
        alarm(
            turn,
            "checkout_refused",
            payment.case_id,
            key=f"checkout:{payment.id}",
            payment=payment.id,
            code=outcome.code,
        )
        expiry.go_on(turn, payment, told="appeals.pay.no_session")


def _opened(turn: Turn, payment: sa.Row[Any], session: Checkout) -> None:
    work = turn.work
    known = {"session_id": session.session_id, "url": work.seal.seal((session.url or "").encode())}
    if not payments.move(work, payment.id, was=("created",), to="open", **known):
        if payment.session_id is None:
            payments.change(work, payment.id, **known)
        return
    status_log.note(
        work, payment.case_id, axis="payment", was="created", now="open", actor="vendor", cause=turn.inbox_id
    )
    turn.timer(
        "appeals.pay_check", f"pay_check:{payment.id}", payment.expires_at + timedelta(minutes=5), payment=payment.id
    )
    fresh = payments.load(work, payment.id)
    if fresh is None:
        return
    if stage_of(turn, payment.case_id) == "ready":
        move(turn, payment.case_id, "awaiting_payment", trigger="vendor")
    if fresh.closing is not None:
        _expire(turn, fresh)
        return
    reminders.before_expiry(turn, fresh)
    send_link(turn, fresh)


def close(turn: Turn, case_id: int, *, why: Why) -> None:
    """Close the open pay links of a case at Stripe; what follows is decided when Stripe answered."""
    for payment in payments.of_case(turn.work, case_id, payments.OPEN):
        _close_one(turn, payment, why)


def _close_one(turn: Turn, payment: sa.Row[Any], why: Why) -> None:
    payments.change(turn.work, payment.id, closing=why)
    revoke_links(turn.work, kind="p", target=payment.id)
    if payment.status == "open" and payment.closing is None:
        _expire(turn, payment)


def _expire(turn: Turn, payment: sa.Row[Any]) -> None:
    turn.call(ExpireCheckout(payment.session_id), then="appeals.checkout_closed", context={"payment": payment.id})


def link_ends(turn: Turn) -> None:
    """Remind of a pay link two hours before it ends, once (REM-3)."""
    payment = payments.load(turn.work, int(turn.event.payload["payment"]))
    if payment is not None and payment.status == "open" and payment.closing is None:
        send_link(turn, payment, key="appeals.remind.link", purpose="nudge")
