"""What operators may do with orders, as plain functions: their commands check who asks and call these.

Every one is audited in the commit of the change, passes the same gates and the same claim as the automatic path, and
never sends to an address that is not in the draft that was approved (NEVER-1, FUL-9, FUL-10, FUL-12). What is given
from an operator's own turn happens a moment later in the turn of the person it is about.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
import sqlalchemy as sa

from bot.core.calls import Done
from bot.core.calls.lob import CancelLetter
from bot.core.errors import Refusal
from bot.engine.results import outcome_of
from bot.engine.turn import Turn
from handlers.appeals import fulfilment, orders, refunds
from handlers.appeals.case_files import case_row, facts_of, sealed
from handlers.appeals.gating import PAUSE, is_paused
from handlers.appeals.numbers import NumberStatus
from handlers.appeals.overview import CaseLine, case_line
from handlers.appeals.stages import BEFORE_PAYMENT, stage_of
from storage import switches, timers
from storage.appeals import cases, letters, payments, status_log

PAUSED_BY, OFF_WANTED_BY = "pause_all_mail.on_by", "pause_all_mail.off_by"


def _payment(turn: Turn, payment_id: int) -> sa.Row[Any]:
    payment = payments.load(turn.work, payment_id)
    if payment is None:
        raise Refusal("appeals.operator.no_payment")
    return payment


def retry_fulfilment(turn: Turn, payment_id: int, *, actor: str) -> str:
    """Try a blocked or stuck order again and return what happened; a mailed one answers with its letter (FUL-9)."""
    payment = _payment(turn, payment_id)
    if _elsewhere(turn, payment.person_id, do="retry", subject=payment_id, actor=actor):
        return "ordered"
    turn.audit("letter.retry", f"payment:{payment_id}", actor=actor)
    newest = letters.newest(turn.work, payment_id)
    if newest is not None and newest.lob_id is not None and newest.status not in ("failed", "cancelled"):
        return f"already mailed: {newest.lob_id}"
    stage = stage_of(turn, payment.case_id)
    if stage not in ("paid", "paid_blocked") or payment.status != "paid":
        return f"nothing to do in {stage}"
    if stage == "paid_blocked":
        reason = fulfilment.refusal(turn, payment, newest) if newest is not None else None
        if reason is not None:
            return f"refused: {reason}"
        orders.unblock(turn, payment, trigger=actor, reason="operator")
        return "queued"
    if newest is not None and newest.status in ("unknown", "sending"):
        turn.timer("appeals.letter_search", f"search:{newest.id}", turn.now, letter=newest.id)
        return "searching"
    timers.set_timer(
        turn.work, kind="appeals.mail", key=f"mail:{payment_id}", due=turn.now, person_id=payment.person_id,
        body=orjson.dumps({"payment": payment_id}),
    )  # fmt: skip
    return "queued"


def _elsewhere(turn: Turn, person_id: int, **order: str | int | None) -> bool:
    """Hand an order over to the queue of the person it is about, unless this is their turn: their messages, their
    timers and the answers of their calls belong there. An order that came from here is never handed over again."""
    if turn.person_id == person_id or turn.event.kind.startswith("appeals.operator"):
        return False
    timers.set_timer(
        turn.work, kind="appeals.operator", key=f"operator:{turn.work.ids.next()}", due=turn.now, person_id=person_id,
        body=orjson.dumps(order),
    )  # fmt: skip
    return True


def _note(turn: Turn, sealed: str) -> str:
    """Return the note of an order, which is sealed even while it waits in a queue."""
    return turn.work.seal.open(bytes.fromhex(sealed)).decode() if sealed else ""


def ordered(turn: Turn) -> None:
    """Do what an operator ordered, in the turn of the person it is about."""
    order = turn.event.payload
    subject, actor = int(order["subject"]), str(order["actor"])
    try:
        match order["do"]:
            case "remail":
                remail(turn, subject, actor=actor)
            case "cancel":
                cancel_letter(turn, subject, actor=actor)
            case "refund":
                note = _note(turn, str(order.get("note") or ""))
                if not refund(turn, subject, order["amount"], actor=actor, reason=str(order["reason"]), note=note):
                    raise Refusal("appeals.operator.refund_too_much")
            case "retry":
                retry_fulfilment(turn, subject, actor=actor)
            case _:
                raise LookupError("no such order")
    except Refusal as refusal:
        turn.alert("order_refused", key=f"order:{turn.event.key}", order=order["do"], reason=refusal.key)


def remail(turn: Turn, case_id: int, *, actor: str) -> str:
    """Post a returned letter once more, free (ST-17): same draft, new letter row, all gates."""
    row = case_row(turn, case_id)
    if _elsewhere(turn, row.person_id, do="remail", subject=case_id, actor=actor):
        return "ordered"
    paid = payments.of_case(turn.work, case_id, ("paid", "partially_refunded"))
    if row.stage != "returned" or not paid:
        raise Refusal("appeals.operator.not_returned")
    newest = letters.newest(turn.work, paid[0].id)
    if newest is None or newest.status != "returned":
        return "already queued"
    reason = fulfilment.refusal(turn, paid[0], newest)
    turn.audit("letter.remail", f"case:{case_id}", actor=actor, refused=reason)
    if reason is not None:
        return f"refused: {reason}"
    letter_id = orders.print_again(turn, paid[0])
    fulfilment.post_again(turn, paid[0], letter_id)
    return "queued"


def cancel_letter(turn: Turn, letter_id: int, *, actor: str) -> None:
    """Ask Lob to delete a letter, within its window of minutes; the answer decides (FUL-12)."""
    letter = letters.load(turn.work, letter_id)
    if letter is None or letter.lob_id is None:
        raise Refusal("appeals.operator.no_letter")
    owner = case_row(turn, letter.case_id).person_id
    if _elsewhere(turn, owner, do="cancel", subject=letter_id, actor=actor):
        return
    turn.audit("letter.cancel", f"letter:{letter_id}", actor=actor)
    turn.call(
        CancelLetter(letter.lob_id), then="appeals.letter_cancelled", context={"letter": letter_id}, policy="ask_first"
    )


def letter_cancelled(turn: Turn) -> None:
    """Refund a letter that Lob deleted; say so when it is too late."""
    letter = letters.load(turn.work, int(turn.event.payload["context"]["letter"]))
    if letter is None:
        raise LookupError("no such letter")
    if not isinstance(outcome_of(turn), Done):
        turn.alert("cancel_too_late", key=f"cancel:{letter.id}:{turn.inbox_id}", letter=letter.id)
        turn.notify("appeals.cancel.too_late")
        return
    if not letters.move(turn.work, letter.id, was=("accepted", "rendered", "mailed", "in_transit"), to="cancelled"):
        return
    payment = payments.load(turn.work, letter.payment_id)
    if payment is None:
        raise LookupError("a letter without a payment")
    if stage_of(turn, letter.case_id) == "submitted":
        orders.block(turn, letter.case_id, "letter_cancelled", payment=payment, refunds_itself=False)
    refunds.give_back(turn, payment, "letter_cancelled", told="appeals.refund.cancelled")


def refund(turn: Turn, payment_id: int, amount_minor: int | None, *, actor: str, reason: str, note: str = "") -> bool:
    """Refund a payment by an operator, whose caps and code the command has checked (REF-5, REF-6, REF-10).

    `note` is what the operator wrote beside the reason (PY-5): kept sealed with the refund, never sent to anybody.
    """
    payment = _payment(turn, payment_id)
    if _elsewhere(
        turn, payment.person_id, do="refund", subject=payment_id, actor=actor, amount=amount_minor, reason=reason,
        note=turn.work.seal.seal(note.encode()).hex() if note else "",
    ):  # fmt: skip
        return True
    turn.audit("pay.refund", f"payment:{payment_id}", actor=actor, amount=amount_minor, reason=reason)
    newest = letters.newest(turn.work, payment_id)
    if newest is not None and newest.status in ("sending", "unknown"):
        raise Refusal("appeals.operator.letter_uncertain")
    done = refunds.give_back(
        turn,
        payment,
        reason,
        told="appeals.refund.operator",
        amount_minor=amount_minor,
        by=actor,
        approved_by=actor,
        note=note,
    )
    if done and newest is not None and amount_minor in (None, payment.charged_minor):
        letters.move(turn.work, newest.id, was=("queued", "retry", "blocked"), to="cancelled")
        turn.cancel_timers(f"mail:{payment_id}")
    return done


def pause_mail(turn: Turn, *, actor: str) -> None:
    """Stop all mail at once (FUL-10); letters between two tries are held back as well."""
    switches.turn_switch(turn.work, PAUSE, "on", actor=actor)
    switches.turn_switch(turn.work, PAUSED_BY, actor, actor=actor)
    switches.turn_switch(turn.work, OFF_WANTED_BY, "", actor=actor)
    for letter in letters.in_status(turn.work, "sending"):
        if fulfilment.hold_back(turn, letter):
            _due_now(turn, letter.payment_id)
    turn.audit("mail.pause", actor=actor)
    turn.alert("mail_paused", key=f"mail_paused:{turn.inbox_id}", by=actor)


def resume_mail(turn: Turn, *, actor: str, alone: bool = False) -> bool:
    """Let mail go on when a second operator agrees; True when it does. `alone` is the demo's only operator."""
    if not is_paused(turn.work):
        return True
    first = switches.switch_value(turn.work, OFF_WANTED_BY)
    turn.audit("mail.resume", actor=actor)
    if not alone and (not first or first == actor):
        switches.turn_switch(turn.work, OFF_WANTED_BY, actor, actor=actor)
        return False
    switches.turn_switch(turn.work, PAUSE, "off", actor=actor)
    switches.turn_switch(turn.work, OFF_WANTED_BY, "", actor=actor)
    for letter in letters.in_status(turn.work, *letters.CLAIMABLE):
        held = payments.load(turn.work, letter.payment_id)
        hold_ended = held is not None and held.paid_at is not None and _hold_is_over(turn, held)
        if hold_ended:
            _due_now(turn, letter.payment_id)
    return True


def _hold_is_over(turn: Turn, payment: sa.Row[Any]) -> bool:
    from handlers.appeals.settings import settings_of

    return bool(turn.now >= payment.paid_at + settings_of(turn.registry).mail_hold)


def _due_now(turn: Turn, payment_id: int) -> None:
    payment = payments.load(turn.work, payment_id)
    if payment is not None:
        timers.set_timer(
            turn.work, kind="appeals.mail", key=f"mail:{payment_id}", due=turn.now, person_id=payment.person_id,
            body=orjson.dumps({"payment": payment_id}),
        )  # fmt: skip


def approve_number(turn: Turn, case_id: int, *, actor: str) -> None:
    """Let a number into a letter that the format check rejected (NUM-5, AC-12)."""
    row = case_row(turn, case_id)
    if row.stage not in (*BEFORE_PAYMENT, "informed"):
        raise Refusal("appeals.operator.too_late")
    facts = facts_of(turn.work, row).model_copy(update={"number_status": NumberStatus.OPERATOR_APPROVED.value})
    cases.change(turn.work, case_id, facts=sealed(turn.work, facts), number_status=NumberStatus.OPERATOR_APPROVED.value)
    turn.audit("number.approve", f"case:{case_id}", actor=actor)


@dataclass(frozen=True, slots=True)
class CaseShown:
    """A case as an operator sees it: no name, no address, no words; the history by rule."""

    line: CaseLine
    person_id: int
    payments: list[tuple[int, str, int, int]]
    letters: list[tuple[int, str, str | None, str | None]]
    history: list[str]
    same_citation: list[str]


def case_find(turn: Turn, code: str, *, actor: str) -> int | None:
    """Return the id of a case by its code or a receipt number."""
    turn.audit("case.find", f"code:{code}", actor=actor)
    row = cases.by_code(turn.work, code.strip().upper())
    if row is not None:
        return int(row.id)
    payment = payments.by_receipt(turn.work, code.strip().upper())
    return None if payment is None else int(payment.case_id)


def case_show(turn: Turn, case_id: int, *, actor: str) -> CaseShown:
    """Return a case for an operator, audited; cases of other persons with the same citation are named (4.1)."""
    turn.audit("case.show", f"case:{case_id}", actor=actor)
    row, work = case_row(turn, case_id), turn.work
    facts = facts_of(work, row)
    same = cases.of_citation(work, row.city_id, facts.number) if row.city_id and facts.number else []
    return CaseShown(
        line=case_line(turn.work, row),
        person_id=row.person_id,
        payments=[(p.id, p.status, p.charged_minor, p.refunded_minor) for p in payments.of_case(work, case_id)],
        letters=[(x.id, x.status, x.lob_id, x.error_code) for x in letters.of_case(work, case_id)],
        history=[
            f"{e.at:%Y-%m-%d %H:%M} {e.axis}: {e.was} -> {e.now} {e.rule or ''}".rstrip()
            for e in status_log.of_case(work, case_id)
        ],
        same_citation=[other.code for other in same if other.id != case_id],
    )
