"""Letters that a person's plan includes: no payment is asked for, and one of the month's letters is used (PL-1, LG-5).

    U> ok
    B> Included in your plan, nothing to pay. Receipt R-K7M2QX, case K7M2Q. It prints in 10 minutes. ...

The letter is reserved when it is ordered, used when the printer has it, free again when it is not mailed. Beyond the
quota a letter is sold, never refused. A certified one is always sold. Its payment row comes to nothing, so what follows
a payment follows it too.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.engine.rights import Booked, Unlimited
from bot.engine.turn import Turn
from handlers.appeals import expiry, orders
from handlers.appeals.deadlines import MailClass
from handlers.appeals.settings import settings_of
from storage.appeals import letters, payments, status_log
from storage.work import Work

FEATURE = "appeals.letters"


def _operation(payment_id: int) -> str:
    return f"letter:{payment_id}"


def is_included(payment: sa.Row[Any]) -> bool:
    """Tell whether a payment row stands for a letter of the plan; one that a code made free has a price."""
    return not payment.amount_minor


def take(
    turn: Turn, row: sa.Row[Any], draft: sa.Row[Any], mail: MailClass, *, expires: datetime, terms_version: str
) -> int | None:
    """Reserve a letter of the plan and return its payment row; None when the plan has none left, or there is no plan.

    The order follows in a turn of its own, as after a payment.
    """
    if mail is not MailClass.STANDARD or isinstance(turn.registry.rights, Unlimited):
        return None
    payment_id = turn.work.ids.next()
    if turn.registry.rights.reserve(turn, FEATURE, _operation(payment_id)) is not Booked.GRANTED:
        return None
    payments.add(
        turn.work, payment_id, case_id=row.id, person_id=row.person_id, draft_id=draft.id, mail_class=mail.value,
        amount_minor=0, tax_minor=0, total_minor=0, currency=settings_of(turn.registry).currency, link=None,
        expires_at=expires, terms_version=terms_version, terms_at=turn.now,
    )  # fmt: skip
    status_log.note(turn.work, row.id, axis="payment", was=None, now="created", actor="user", cause=turn.inbox_id)
    turn.timer("appeals.included", f"pay:{payment_id}:included", turn.now, payment=payment_id)
    return payment_id


def due(turn: Turn) -> None:
    """Make the order of an included letter, unless it was called off meanwhile."""
    payment = payments.load(turn.work, int(turn.event.payload["payment"]))
    if payment is None or payment.status != "created":
        return
    if payment.closing is not None:
        payments.move(turn.work, payment.id, was=("created",), to="expired")
        release(turn, payment)
        expiry.go_on(turn, payment, told="appeals.pay.expired")
        return
    taken = payments.move(
        turn.work, payment.id, was=("created",), to="paid", paid_at=turn.now, receipt=_receipt(turn.work)
    )
    fresh = payments.load(turn.work, payment.id)
    if taken and fresh is not None:
        status_log.note(
            turn.work, payment.case_id, axis="payment", was="created", now="paid", actor="engine", cause=turn.inbox_id,
            reason="included",
        )  # fmt: skip
        orders.place(turn, fresh)


def _receipt(work: Work) -> str:
    while True:
        receipt = f"R-{work.ids.code(6)}"
        if payments.by_receipt(work, receipt) is None:
            return receipt


def mailed(turn: Turn, letter: sa.Row[Any]) -> None:
    """Use the reserved letter up, once, when the printer has it."""
    payment = payments.load(turn.work, letter.payment_id)
    if payment is not None and is_included(payment):
        turn.registry.rights.settle(turn, FEATURE, _operation(payment.id), used=1)


def release(turn: Turn, payment: sa.Row[Any]) -> None:
    """Give the reserved letter back to the month."""
    newest = letters.newest(turn.work, payment.id)
    if newest is None or newest.lob_id is None:
        turn.registry.rights.settle(turn, FEATURE, _operation(payment.id), used=0)
